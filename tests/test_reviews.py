"""Checking again what is public: reminders, “still correct”, and what readers are told."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.core import mail as outgoing
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms import audit, canonical, corrections, notices, reviews, sweep, withdrawals
from cms.errors import MayNotAssure, NothingToAssure, StaleProof
from cms.models import Assurance, AuditEntry, LocalOfferPage, Notice, Proof
from site_settings.models import PublisherSettings, ReviewSettings, months_after
from syndication import releases
from syndication.models import Change, Release

from .conftest import (
    make_forum,
    make_member,
    make_world,
    submit_draft,
    write_draft,
)
from .test_web_browser import sign

# Noon in London.
START = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIGNED = date(2027, 9, 1)
TITLE = "Getting help with talking and understanding"
LIST = "/admin/sign-off/reviews/"


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as clock:
        yield clock


@pytest.fixture
def world(world, clock):
    world.second = make_member("second", make_forum("Another forum", "OTHER"))
    settings = ReviewSettings.load()
    settings.second_person = world.second
    settings.save()
    return world


@pytest.fixture
def released(world, write, release):
    return release(write())


def on(clock, day):
    """Let it be noon of a day."""
    clock.move_to(datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def still_correct(release):
    return f"/admin/sign-off/still-correct/{release.item.content_id}/"


def assure(release, by):
    return reviews.assure(
        content_id=release.item.content_id, by=by, fingerprint=release.fingerprint
    )


def api(release):
    answer = Client().get(f"/api/v1/items/{release.item.content_id}")
    assert answer.status_code == 200
    return answer


def public(release):
    answer = Client().get(f"/items/{release.item.content_id}")
    assert answer.status_code == 200
    return answer


# Still correct


def test_one_click_moves_the_day_without_an_edit_or_a_signature(
    world, clock, released, client_of
):
    before = api(released)
    on(clock, SIGNED - timedelta(days=3))
    client = client_of(world.pat)
    screen = client.get(still_correct(released))
    assert TITLE in screen.text
    assert Assurance.objects.count() == 0, "looking records nothing"

    answer = client.post(
        still_correct(released), {"fingerprint": released.fingerprint}, follow=True
    )

    assert "is still correct today" in answer.text
    after = api(released)
    assert after["ETag"] != before["ETag"]
    assert after.json()["content"] == before.json()["content"]
    assert after.json()["version"] == 1
    assert after.json()["receipt"] == before.json()["receipt"]
    assert before.json()["review"] == {
        "last_reviewed": "2026-11-23",
        "review_by": "2027-09-01",
    }
    assert after.json()["review"] == {
        "last_reviewed": "2027-08-29",
        "assured_date": "2027-08-29",
        "review_by": "2028-08-29",
    }
    assert Proof.objects.count() == 1
    page = public(released).text
    assert "Last checked on" in page
    assert "29 August 2027" in page
    assert "29 August 2028" in page
    assert "1 September 2027" not in page


def test_the_answer_of_the_api_is_the_signed_bytes_as_before(world, released):
    assure(released, world.editor)

    document = api(released).content

    content = document.split(b'"content":', 1)[1][:-1]
    assert canonical.fingerprint(content) == released.fingerprint


def test_a_partner_that_holds_the_old_answer_is_sent_the_new_one(world, released):
    etag = api(released)["ETag"]
    assure(released, world.editor)

    answer = Client().get(
        f"/api/v1/items/{released.item.content_id}", headers={"If-None-Match": etag}
    )

    assert answer.status_code == 200


def test_partners_who_follow_the_log_learn_of_it(world, released):
    assure(released, world.editor)

    changes = Client().get("/api/v1/changes").json()["changes"]

    assert [(one["type"], one["version"]) for one in changes] == [
        ("published", 1),
        ("assured", 1),
    ]


def test_the_record_tells_who_and_stays_as_it_was_written(world, released):
    assurance = assure(released, world.pip)

    assert (assurance.by, assurance.forum) == (world.pip, world.pods)
    entry = AuditEntry.objects.order_by("-number").first()
    assert (entry.action, entry.actor) == ("assured", f"pip ({world.pip.pk})")
    assert audit.verify() == []
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Assurance.objects.update(review_by=date(2050, 1, 1))


def test_what_was_moved_by_hand_is_found(world, released):
    Release.objects.update(review_by=date(2050, 1, 1))

    faults = [str(fault) for fault in audit.verify()]

    # The credit names the day as well.
    assert len(faults) == 2
    assert any("review" in fault for fault in faults)


def test_nobody_outside_learns_who_it_was(world, released):
    world.pip.first_name, world.pip.last_name = "Canary", "Zqassured"
    world.pip.save()
    assure(released, world.pip)

    told = b"".join(
        Client().get(path).content
        for path in (
            f"/items/{released.item.content_id}",
            f"/items/{released.item.content_id}.txt",
            f"/api/v1/items/{released.item.content_id}",
            "/api/v1/items",
            "/api/v1/changes",
            "/feeds/all.json",
            f"/receipts/{released.fingerprint}",
        )
    )

    assert b"assured_date" in told
    for secret in (b"Zqassured", b"Canary", b'"pip"'):
        assert secret not in told


def test_only_its_editors_and_its_forums_may_say_so(world, released, client_of, client):
    stranger = make_member("stranger", make_forum("Third forum", "THIRD"))
    assert client.get(still_correct(released)).status_code == 302
    assert client_of(stranger).get(still_correct(released)).status_code == 404
    assert client_of(stranger).post(still_correct(released)).status_code == 404
    with pytest.raises(MayNotAssure):
        assure(released, stranger)
    world.pat.is_active = False
    with pytest.raises(MayNotAssure):
        assure(released, world.pat)

    assert Assurance.objects.count() == 0


def test_a_text_that_was_replaced_meanwhile_is_not_assured(
    world, released, write, edit, release, client_of
):
    page = Proof.objects.get().item
    release(edit(page, world.editor, title="Another title"))

    answer = client_of(world.pat).post(
        still_correct(released), {"fingerprint": released.fingerprint}
    )

    assert answer.status_code == 409
    assert "Another text is public now" in answer.text
    assert "Another title" in answer.text
    with pytest.raises(StaleProof):
        assure(released, world.pat)
    assert Assurance.objects.count() == 0


def test_what_is_not_public_cannot_be_assured(world, write, submit, released):
    proof = submit(write(title="Waiting"))

    with pytest.raises(NothingToAssure):
        reviews.assure(
            content_id=proof.content_id, by=world.editor, fingerprint=proof.fingerprint
        )


def test_news_is_never_due(world, write, release):
    news = release(write("news"))

    with pytest.raises(NothingToAssure):
        assure(news, world.editor)
    assert "review_by" not in api(news).json()["review"]


def test_two_clicks_on_one_day_are_one_assurance(world, released):
    assert assure(released, world.pat) == assure(released, world.pip)

    assert Change.objects.filter(type="assured").count() == 1


def test_an_assurance_never_brings_the_day_forward(world, write, release):
    far = release(write(review_by="2030-01-01"))

    assert assure(far, world.editor).review_by == date(2030, 1, 1)


def test_another_day_that_forums_sign_counts_from_then_on(
    world, clock, released, edit, release
):
    page = Proof.objects.get().item
    assure(released, world.pat)
    assert api(released).json()["review"]["review_by"] == "2027-11-23"
    same = release(edit(page, world.editor, title="Only the title"))
    assert api(same).json()["review"]["assured_date"] == "2026-11-23"
    page.refresh_from_db()

    sooner = release(edit(page, world.editor, review_by=date(2027, 2, 1)))

    assert api(sooner).json()["review"] == {
        "last_reviewed": "2026-11-23",
        "review_by": "2027-02-01",
    }


def test_rebuilding_documents_keeps_the_days(world, released):
    assure(released, world.pat)
    before = api(released).content

    assert releases.rebuild_documents() == 0
    assert api(released).content == before


def test_a_kind_without_a_field_gets_its_day_from_the_settings(world, write, release):
    ReviewSettings.objects.update(months_news=6)

    assert api(release(write("news"))).json()["review"]["review_by"] == "2027-05-23"


def test_a_new_page_is_due_in_the_months_of_the_settings(world):
    ReviewSettings.objects.update(months_local_offer=3)
    assert LocalOfferPage().review_by == date(2027, 2, 23)
    ReviewSettings.objects.update(months_local_offer=0)
    assert LocalOfferPage().review_by is None


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 5, 3), 0, date(2026, 5, 3)),
    ],
)
def test_months_are_counted_as_people_do(day, months, then):
    assert months_after(day, months) == then


# Overdue


def test_readers_are_told_that_nobody_has_checked(clock, released):
    on(clock, SIGNED)
    assert "was due to be checked" not in public(released).text
    on(clock, SIGNED + timedelta(days=1))

    answer = public(released)

    assert (
        "This page was due to be checked by 1 September 2027 and has not been checked "
        "since." in answer.text
    )
    assert "Will be checked by" not in answer.text
    assert "X-Robots-Tag" not in answer
    assert "noindex" not in answer.text
    plain = Client().get(f"/items/{released.item.content_id}.txt").text
    assert "has not been checked since" in plain


def test_a_day_that_had_passed_when_it_was_signed_is_told_as_it_is(write, release):
    late = release(write(review_by="2026-11-01"))

    assert (
        "This page was due to be checked by 1 November 2026. It was read on "
        "23 November 2026, and not since." in public(late).text
    )


def test_what_is_long_overdue_drops_out_of_search_and_lists(world, clock, released):
    last = SIGNED + timedelta(days=90)
    on(clock, last)
    assert "X-Robots-Tag" not in public(released)
    assert list(Release.objects.current().fresh()) == [released]
    assert TITLE in Client().get("/").text
    on(clock, last + timedelta(days=1))

    answer = public(released)

    assert answer["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in answer.text
    assert list(Release.objects.current().fresh()) == []
    assert TITLE not in Client().get("/").text
    # It is still public: a partner's copy is not taken down.
    assert len(Client().get("/api/v1/items").json()["items"]) == 1
    assure(released, world.editor)
    assert "X-Robots-Tag" not in public(released)
    assert list(Release.objects.current().fresh()) == [released]


def test_what_has_no_day_is_always_fresh(clock, write, release):
    news = release(write("news"))
    on(clock, date(2040, 1, 1))

    assert list(Release.objects.current().fresh()) == [news]


def test_an_item_page_still_costs_one_query(released, django_assert_num_queries):
    PublisherSettings.objects.create()
    path = f"/items/{released.item.content_id}"
    # The first time, Django asks SQLite what it can do.
    Client().get(path)
    with django_assert_num_queries(1):
        Client().get(path)
    with django_assert_num_queries(1):
        Client().get(f"{path}.txt")


# Reminders


def told():
    return {
        (one.purpose, one.recipient.username)
        for one in Notice.objects.filter(purpose__startswith="review")
    }


def test_two_people_are_reminded_before_the_day_and_on_it_once_each(
    world, clock, released
):
    Notice.objects.all().delete()
    on(clock, SIGNED - timedelta(days=15))
    sweep.sweep()
    assert told() == set()
    on(clock, SIGNED - timedelta(days=14))
    sweep.remind_of_reviews()
    sweep.remind_of_reviews()
    soon = {("review_soon", "editor"), ("review_soon", "second")}
    assert told() == soon
    assert Notice.objects.count() == 2
    on(clock, SIGNED)
    sweep.remind_of_reviews()
    on(clock, SIGNED + timedelta(days=30))
    sweep.remind_of_reviews()

    assert told() == soon | {("review_due", "editor"), ("review_due", "second")}
    assert Notice.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_reminders_go_out_by_mail_and_lead_to_the_screen(
    transactional_db, clock, settings
):
    world = make_world()
    sign(world, submit_draft(world, write_draft(world)))
    Notice.objects.all().delete()
    outgoing.outbox.clear()
    on(clock, SIGNED + timedelta(days=1))

    sweep.sweep()

    (mail,) = outgoing.outbox
    assert mail.to == ["editor@example.org"]
    assert mail.subject == f"Is it still right? “{TITLE}”"
    proof = Proof.objects.get()
    assert (
        f"{settings.PUBLIC_ORIGIN}/admin/sign-off/still-correct/{proof.content_id}/"
        in mail.body
    )
    assert "1 September 2027" in mail.body


def test_next_year_people_are_reminded_of_the_same_text_again(world, clock, released):
    on(clock, SIGNED)
    sweep.remind_of_reviews()
    assure(released, world.editor)
    Notice.objects.all().update(status="accepted", settled_at=timezone.now())
    sweep.remind_of_reviews()
    first = Notice.objects.filter(purpose="review_due").count()
    on(clock, date(2028, 9, 1))
    sweep.remind_of_reviews()

    assert first == 2
    assert Notice.objects.filter(purpose="review_due").count() == 4


def test_nobody_is_reminded_of_what_was_checked_meanwhile(world, clock, released):
    on(clock, SIGNED - timedelta(days=2))
    sweep.remind_of_reviews()
    notice = Notice.objects.filter(purpose="review_soon")[0]
    assert notices.why_not(notice) == ""

    assure(released, world.pat)

    assert notices.why_not(notice) == "checked or changed meanwhile"


def test_when_the_owner_has_left_others_are_reminded(world, clock, released):
    world.editor.is_active = False
    world.editor.save()
    eve = make_member("eve", world.pacc)
    eve.groups.add(*world.editor.groups.all())
    on(clock, SIGNED)

    sweep.remind_of_reviews()

    assert told() == {("review_due", "second"), ("review_due", "eve")}


def test_without_a_second_person_all_editors_are_reminded(world, clock, released):
    ReviewSettings.objects.update(second_person=None)
    eve = make_member("eve", world.pacc)
    eve.groups.add(*world.editor.groups.all())
    on(clock, SIGNED)

    sweep.remind_of_reviews()

    assert told() == {("review_due", "editor"), ("review_due", "eve")}


def test_what_was_withdrawn_is_not_chased(world, clock, released):
    withdrawals.withdraw(
        content_id=released.item.content_id, by=world.pat, reason="Wrong"
    )
    on(clock, SIGNED)

    sweep.remind_of_reviews()

    assert told() == set()


# The list, the dashboard and the form


def test_an_editor_finds_what_is_stale_and_takes_it_away_as_a_file(
    world, clock, write, release, client_of
):
    release(write(title="Overdue long", review_by="2027-01-01"))
    release(write(title="Overdue", review_by="2027-05-01"))
    release(write(title="Later", review_by="2029-01-01"))
    on(clock, date(2027, 5, 4))
    client = client_of(world.editor)

    html = client.get(LIST).text
    rows = list(
        csv.DictReader(
            io.StringIO(
                b"".join(client.get(LIST, {"as": "csv"}).streaming_content).decode(
                    "utf-8-sig"
                ),
                newline="",
            )
        )
    )

    assert "Later" not in html
    assert html.index("Overdue long") < html.index("for 3 days")
    assert [(row["Item"], row["Days overdue"]) for row in rows] == [
        ("Overdue long", "123"),
        ("Overdue", "3"),
    ]
    assert rows[0]["Owner"] == "editor"
    assert rows[0]["Signed by"] == "PACC, PODS"
    assert "Later" in client.get(LIST, {"show": "all"}).text
    assert client.get(LIST, {"as": "xlsx"}).getvalue()[:2] == b"PK"
    assert client.get(LIST, {"show": "nonsense"}).status_code == 400


def test_a_member_sees_what_their_forum_signed(world, clock, write, release, client_of):
    release(write(title="For Shropshire", areas=[world.shropshire]))
    release(write(title="For Telford", areas=[world.telford]))
    on(clock, SIGNED)

    html = client_of(world.pip).get(LIST).text

    assert "For Telford" in html
    assert "For Shropshire" not in html


def test_the_list_takes_as_many_queries_for_one_as_for_many(
    world, clock, write, release, client_of
):
    client = client_of(world.editor)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(LIST, {"show": "all"})
        return len(captured)

    first = release(write(title="One"))
    queries()
    once = queries()
    assure(first, world.editor)
    for number in range(4):
        assure(release(write(title=f"More {number}")), world.pat)

    assert queries() == once


def test_the_dashboard_and_the_form_say_what_is_due(world, clock, released, client_of):
    page = Proof.objects.get().item
    client = client_of(world.editor)
    assert "Due for review</" not in client.get("/admin/").text.split("<main")[-1]
    on(clock, SIGNED + timedelta(days=1))
    # The session of last year is over.
    client = client_of(world.editor)

    dashboard = client.get("/admin/").text
    form = client.get(f"/admin/pages/{page.pk}/edit/").text

    assert "1 public item is" in " ".join(dashboard.split())
    assert "What is public was to be checked by 1 September 2027." in form
    assert still_correct(released) in form


def test_forums_see_it_on_the_screen_of_the_proof(world, released, client_of):
    assure(released, world.pip)
    proof = Proof.objects.get()

    html = client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/").text

    assert "Found still correct" in html
    assert "by pip (PODS)" in html
    assert still_correct(released) in html


def test_a_correction_that_waits_for_its_forums_is_not_assured(
    world, released, client_of
):
    page = Proof.objects.get().item
    corrections.correct(
        page=page,
        values={"closure": "Closed today"},
        by=world.admin,
        reason="Snow",
    )
    correction = Proof.objects.first()

    with pytest.raises(NothingToAssure):
        reviews.assure(
            content_id=page.content_id,
            by=world.pat,
            fingerprint=correction.fingerprint,
        )
    html = client_of(world.pat).get(still_correct(released)).text
    assert "forums have not answered yet" in html
    assert json.loads(api(released).content)["review"] == {"review_by": "2027-09-01"}
