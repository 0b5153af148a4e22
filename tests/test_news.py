"""News has dates: events, surveys that close, and a last day after which it is over."""

import datetime as dt
import json
from uuid import UUID

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import differences, expiry, facts, page_facts, sweep
from cms.models import AuditEntry, NewsItemPage, Notice, Proof
from syndication import closings, surveys
from syndication.errors import NotAReduction
from syndication.management.commands.worker import Loop
from syndication.models import Change, Release

from .services import NEWS
from .test_bypass import form_of
from .test_local_offer import as_promised, changed_at, leaves

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LAST = dt.datetime(2026, 12, 20, 23, tzinfo=dt.UTC)
OVER = dt.datetime(2026, 12, 21, 0, 1, tzinfo=dt.UTC)
ID = UUID("6b1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d12")
ABOUT = UUID("6b1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d13")


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def news(write):
    """A draft of news with an event and a survey."""

    def news(**fields):
        values = NEWS | {"expires_on": dt.date(2026, 12, 20)} | fields
        return write("news", **values)

    return news


def api(content_id=ID):
    return Client().get(f"/api/v1/items/{content_id}")


def test_news_is_read_as_a_whole(clock, write, news, release):
    about = write(content_id=ABOUT, title="Help with talking")
    release(about)
    page = news(content_id=ID, reports_on=[{"type": "page", "value": about.pk}])
    release(page)

    assert as_promised("item-news.json", json.loads(api().content))


def test_news_without_dates_is_as_before(write):
    assert not write("news").representation().keys() & facts.LABELS.keys()


def test_everything_is_in_the_html_and_in_the_plain_text(news):
    data = news().representation()

    for said in (
        "Drop-in", "Thursday 10 December 2026, 10:00", "3 Example Road, Telford",
        "https://example.org/join", "An interpreter is there.", "School travel",
        "https://example.org/survey", "Open until 5 December 2026.",
        "20 December 2026",
    ):  # fmt: skip
        assert said in data["html"], said
        assert said in data["text"], said


def test_what_is_not_public_is_never_named(clock, write, news):
    draft = write(title="A secret plan")
    page = news(reports_on=[{"type": "page", "value": draft.pk}])

    assert "reports_on" not in page.representation()


@pytest.mark.parametrize("count", [1, 4])
def test_it_takes_as_many_queries_for_many_links(
    write, news, release, count, django_assert_num_queries
):
    chosen = [write(title=f"Page {number}") for number in range(count)]
    for one in chosen:
        release(one)
    links = [{"type": "page", "value": one.pk} for one in chosen]
    page = NewsItemPage.objects.get(pk=news(reports_on=links, areas=[]).pk)

    with django_assert_num_queries(4):
        found = page_facts.reported(page)
    assert len(found) == count


def test_every_change_of_it_is_told_to_forums(clock, write, news, release):
    about = write(title="Help with talking")
    release(about)
    data = news(reports_on=[{"type": "page", "value": about.pk}]).representation()
    told = {key: data[key] for key in facts.LABELS if key in data}

    for path in leaves(told):
        found = differences.compare(before=data, after=changed_at(data, path))
        assert [one.label for one in found.changed] == [facts.LABELS[path[0]]], path


def test_half_written_news_can_be_looked_at(write):
    events = [{"type": "event", "value": {}}]
    surveys = [{"type": "survey", "value": {}}]

    data = write("news", events=events, surveys=surveys).representation()

    assert "Survey" in data["text"]


# Submitting


def submit_form(client, page, **values):
    data = form_of(client, page) | values | {"action-submit": "1"}
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)


def event(**values):
    filled = {"name": "Drop-in", "starts": "2030-12-10 10:00", "ends": ""}
    place = dict.fromkeys(
        ("name", "street", "town", "county", "postcode", "latitude", "longitude",
         "access", "area"), "",
    )  # fmt: skip
    block = filled | {"online": "", "access": "Step-free", "place": place} | values
    return nested_form_data({"events": streamfield([("event", block)])})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        (event(online="https://example.org"), "expires_on"),
        (
            event(online="https://example.org") | {"expires_on": "2030-12-01"},
            "expires_on",
        ),
        (event() | {"expires_on": "2030-12-20"}, "events"),
        (
            event(online="https://example.org", ends="2030-12-10 09:00")
            | {"expires_on": "2030-12-20"},
            "events",
        ),
        ({"expires_on": "2020-01-01"}, "expires_on"),
        (
            {"expires_on": "2030-12-20", "release_at": "2030-12-24 10:00"},
            "release_at",
        ),
    ],
)
def test_dates_that_cannot_be_are_said_beside_the_field(
    world, write, client_of, values, field
):
    refused = submit_form(client_of(world.editor), write("news"), **values)

    assert set(refused.context["form"].errors) == {field}
    assert not Proof.objects.exists()


def test_a_half_known_event_is_saved_as_a_draft(world, write, client_of):
    page = write("news")
    client = client_of(world.editor)
    data = form_of(client, page) | event(starts="", access="")

    saved = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)

    assert saved.status_code == 302
    draft = NewsItemPage.objects.get().get_latest_revision_as_object()
    assert draft.events[0].value["name"] == "Drop-in"


def test_a_link_to_what_is_not_public_is_refused(world, write, client_of):
    draft, page = write(title="A plan"), write("news")
    chosen = nested_form_data({"reports_on": streamfield([("page", draft.pk)])})

    refused = submit_form(client_of(world.editor), page, **chosen)

    assert "“A plan” is not public" in str(refused.context["form"].errors["reports_on"])


# Ending by itself


def test_on_its_last_day_it_is_still_there(clock, news, release):
    release(news(content_id=ID))
    clock.move_to(LAST)

    assert expiry.end_due() == 0
    assert api().status_code == 200


def test_after_its_last_day_a_worker_ends_it_in_every_channel(clock, news, release):
    made = release(news(content_id=ID))
    Notice.objects.all().delete()
    clock.move_to(OVER)

    assert api().status_code == 200, "nothing ends it in a request"
    Loop(seconds_between_sweeps=0)._sweep()

    answer = api()
    assert (answer.status_code, answer.json()["code"]) == (410, "item_expired")
    assert b"Meet and Chat" not in Client().get("/feeds/all.rss").content
    shown = Client().get(f"/items/{ID}")
    assert shown.status_code == 410
    assert b"This news is over" in shown.content
    receipt = Client().get(f"/receipts/{made.fingerprint}").content
    assert b"until 20 December 2026" in receipt
    assert (
        Client().get(f"/api/v1/receipts/{made.fingerprint}").json()["status"]
        == "expired"
    )
    assert [*Change.objects.values_list("type", flat=True)] == ["published", "expired"]
    assert not NewsItemPage.objects.get().live
    assert AuditEntry.objects.filter(action="expired").exists()
    assert not Notice.objects.exists(), "nobody has to do anything"


def test_it_ends_once(clock, news, release):
    release(news(content_id=ID))
    clock.move_to(OVER)

    assert [expiry.end_due(), expiry.end_due()] == [1, 0]


def test_a_newer_version_with_a_later_day_stays(clock, news, release, edit, world):
    page = news(content_id=ID)
    release(page)
    release(edit(page, world.editor, expires_on=dt.date(2027, 1, 20)))
    clock.move_to(OVER)

    assert expiry.end_due() == 0
    assert api().status_code == 200


def test_a_newer_version_that_waits_goes_on_waiting(
    clock, news, release, submit, sign, edit, world
):
    page = news(content_id=ID)
    release(page)
    proof = submit(edit(page, world.editor, expires_on=dt.date(2027, 1, 20)))
    clock.move_to(OVER)

    assert expiry.end_due() == 1
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)

    assert api().status_code == 200
    assert Change.objects.order_by("-number").first().type == "restored"


def test_what_is_over_before_everyone_signed_goes_back_to_its_editors(
    clock, news, submit
):
    proof = submit(news())
    clock.move_to(OVER)

    sweep.sweep()

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert "last day passed" in proof.closed_reason


def test_the_record_still_fits_the_signed_bytes(clock, news, release):
    release(news())
    clock.move_to(OVER)
    expiry.end_due()

    call_command("audit_verify")


# Surveys


def test_a_survey_closes_by_itself_after_its_last_day(clock, news, release):
    signed = release(news(content_id=ID))
    clock.move_to(dt.datetime(2026, 12, 6, 1, tzinfo=dt.UTC))

    Loop(seconds_between_sweeps=0)._sweep()

    content = api().json()["content"]
    assert content["surveys"] == [
        {"name": "School travel", "closes": "2026-12-05", "closed": True}
    ]
    assert "https://example.org/survey" not in api().content.decode()
    assert "This survey closed on 5 December 2026." in content["html"]
    receipt = api().json()["receipt"]
    assert receipt["signed_fingerprint"] == signed.fingerprint
    assert len(receipt["forums"]) == 2
    assert closings.close_due() == 0


def test_closing_a_survey_alters_nothing_else(news):
    data = json.loads(json.dumps(news().representation()))
    closed = surveys.closed(data, today=dt.date(2026, 12, 6))["surveys"]

    surveys.check_reduction(data["surveys"], closed)
    for altered in (
        [],
        [closed[0] | {"name": "Another"}],
        [closed[0] | {"url": "https://example.org/other"}],
    ):
        with pytest.raises(NotAReduction):
            surveys.check_reduction(data["surveys"], altered)


def test_a_release_says_when_its_survey_closes(clock, news, release):
    made = release(news())

    assert made.survey_closes_on == dt.date(2026, 12, 5)
    assert Release.objects.get().expires_on == dt.date(2026, 12, 20)
