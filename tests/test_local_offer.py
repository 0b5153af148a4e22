"""A local offer page tells what families ask, in typed facts, wherever it is read."""

import copy
import datetime as dt
import json
import os
from pathlib import Path
from uuid import UUID

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from cms import corrections, differences, facts, submission, terms
from cms.errors import CorrectionInvalid, MayNotCorrect
from cms.fact_blocks import PlaceBlock, WeeklyBlock
from cms.models import LocalOfferPage, Proof, Term
from site_settings.models import SignOffSettings
from syndication.models import Release

from .services import SERVICE
from .test_bypass import form_of

CONTRACT = Path(__file__).parent / "contract"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ID = UUID("5a1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d11")


@pytest.fixture
def vocabulary(db):
    """The terms that every installation starts with."""
    terms.install()


def term(code):
    return Term.objects.get(code=code)


def days_of(values):
    """Dates of a test are text; a page has days."""
    return {
        name: dt.date.fromisoformat(value)
        if name in ("waiting_as_at", "law_as_at", "review_by")
        else value
        for name, value in values.items()
    }


@pytest.fixture
def service(write, vocabulary):
    """A draft of a service with every fact."""

    def service(**fields):
        page = write(**(days_of(SERVICE) | fields))
        page.terms = [term(code) for code in ("physical", "targeted", "LO-23", "LO-32")]
        page.save_revision(user=page.owner)
        return page

    return service


def as_promised(name, answer):
    """Compare whole; ``CONTRACT=write pytest`` writes the file anew."""
    file = CONTRACT / name
    whole = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("CONTRACT") == "write":
        file.write_text(whole, encoding="utf-8")
    return whole == file.read_text(encoding="utf-8")


def test_a_service_is_read_as_a_whole(service, release):
    with time_machine.travel(NOON, tick=False):
        release(service(content_id=ID))

    answer = json.loads(Client().get(f"/api/v1/items/{ID}").content)

    assert as_promised("item-service.json", answer)


def test_a_page_without_facts_leaves_them_out(write):
    data = write().representation()

    assert not data.keys() & (facts.LABELS.keys() - {"describes"})
    assert None not in data.values()


def test_every_fact_is_in_the_html_and_in_the_plain_text(service):
    data = service().representation()

    for said in (
        "Families of disabled children", "5 to 18", "You live in Shropshire.",
        "Community centre", "1 Example Road, Shrewsbury, Shropshire, SY1 1AA",
        "52.70778", "A quiet room.", "Mondays and Wednesdays: 09:00 to 12:30",
        "24 December 2026 to 1 January 2027: closed (Christmas)",
        "English, British Sign Language", "Ask for an interpreter.",
        "A night away costs £10.", "Tell us your needs.", "School, college or nursery",
        "We ring you within a week.", "about 4 weeks (as at 2 November 2026)",
        "A panel decides every month.", "Talk to the manager first.",
        "Shropshire Council", "Short breaks team", "01632 960102",
        "short.breaks@example.org", "https://example.org/ask", "1 November 2026",
        "Physical disability", "Targeted", "Social care (LO-23)",
    ):  # fmt: skip
        assert said in data["html"], said
        assert said in data["text"], said


def test_the_facts_stand_in_the_order_in_which_parents_ask(service):
    text = service().representation()["text"]

    places = [
        text.index(heading.upper()) for heading, _ in facts.QUESTIONS["local-offer"]
    ]
    assert places == sorted(places)
    assert text.index("WHO TO RING") < places[0]


def test_a_reader_of_the_page_meets_each_fact_once(service, release):
    made = release(service())

    answer = Client().get(f"/items/{made.item.content_id}")
    page = BeautifulSoup(answer.content, "html.parser")
    said = [
        " ".join(one.get_text(" ").split())
        for one in page.main.select("p, li, dt, dd, h1, h2, h3")
    ]
    names = [words.partition(":")[0] for words in said]

    assert {words for words in said if said.count(words) > 1} == set()
    for fact in ("Ages", "Area"):
        assert names.count(fact) == 1


def test_of_an_address_that_is_not_published_only_the_area_gets_out(service, release):
    made = release(service())

    payload = made.payload.decode()
    assert "Zq" not in payload
    assert "52.70001" not in payload
    assert {"withheld": True, "area": "north Shropshire"} in json.loads(payload)[
        "places"
    ]


def test_a_half_written_page_can_be_looked_at(write):
    """The preview shows drafts too, of which nothing has to be there."""
    empty: dict[str, list[tuple[str, dict[str, object]]]] = {
        "places": [("place", {}), ("place", {"withheld": True})],
        "hours": [("weekly", {}), ("holiday", {})],
        "ways_in": [("way", {})],
    }
    values = {
        name: [{"type": kind, "value": value} for kind, value in blocks]
        for name, blocks in empty.items()
    }

    data = write(describes="service", **values).representation()

    assert "The address is not published." in data["text"]


# Submitting


def submit_form(client, page, **values):
    data = form_of(client, page) | values | {"action-submit": "1"}
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)


def test_a_service_is_not_submitted_before_it_tells_what_families_ask(
    world, write, vocabulary, client_of
):
    page = write(describes="service")
    client = client_of(world.editor)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    saved = client.post(address, form_of(client, page))
    refused = submit_form(client, page, what_next="We ring you.")

    assert saved.status_code == 302
    errors = refused.context["form"].errors
    assert set(errors) == {
        *submission.ASKED_OF_A_SERVICE.keys() - {"what_next"},
        "contact_phone",
    }
    assert "We ring you." in refused.content.decode()
    assert not Proof.objects.exists()


def test_information_needs_less(world, write, client_of):
    page = write(describes="information")

    assert submit_form(client_of(world.editor), page).status_code == 302
    assert Proof.objects.open().exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"waiting_time": "4 weeks"}, "waiting_as_at"),
        ({"waiting_as_at": "2026-11-02"}, "waiting_time"),
        ({"waiting_time": "4 weeks", "waiting_as_at": "2999-01-01"}, "waiting_as_at"),
        ({"law_as_at": "2999-01-01"}, "law_as_at"),
        ({"contact_team": "Advice line"}, "contact_phone"),
    ],
)
def test_what_does_not_fit_together_is_said_beside_the_field(
    world, write, client_of, values, field
):
    refused = submit_form(client_of(world.editor), write(), **values)

    assert set(refused.context["form"].errors) == {field}
    assert not Proof.objects.exists()


def test_a_charge_has_an_amount():
    wrong = dict(
        submission.wrong_with_local_offer({"describes": "service", "cost_kind": "paid"})
    )

    assert "cost" in wrong


def test_terms_are_ticked_scheme_by_scheme(world, write, vocabulary, client_of):
    page = write()
    client = client_of(world.editor)
    chosen = {"needs": [term("autism").pk], "statutory_items": [term("LO-22").pk]}

    submit_form(client, page, **chosen)

    said = Proof.objects.open().get().representation["terms"]
    assert [one["code"] for one in said] == ["autism", "LO-22"]


def test_a_need_stands_before_its_parts(world, write, vocabulary, client_of):
    address = reverse("wagtailadmin_pages:edit", args=[write().pk])

    needs = client_of(world.editor).get(address).context["form"].fields["needs"]

    assert [needs.label_from_instance(one) for one in needs.queryset][:3] == [
        "Communication and interaction",
        "Communication and interaction: Autism",
        "Communication and interaction: Developmental language disorder",
    ]


def test_editors_see_what_words_the_law_unchecked(world, write, vocabulary, client_of):
    page = write()
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    shown = client_of(world.editor).get(address).content.decode()

    assert "LO-22 Health (draft of the law, to be checked)" in shown
    assert "LO-08 Approach to teaching" in shown
    assert "LO-08 Approach to teaching (draft" not in shown


def test_a_term_that_is_over_stays_and_cannot_be_chosen_newly(
    world, write, vocabulary, client_of
):
    Term.objects.filter(code__in=["targeted", "universal"]).update(
        valid_to=dt.date(2020, 1, 1)
    )
    page = write()
    page.terms = [term("targeted")]
    page.save_revision(user=world.editor)
    client = client_of(world.editor)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])

    kept = client.post(
        address, form_of(client, page) | {"tiers": [term("targeted").pk]}
    )
    new = client.post(
        address, form_of(client, page) | {"tiers": [term("universal").pk]}
    )

    assert kept.status_code == 302
    assert list(page.get_latest_revision_as_object().terms.all()) == [term("targeted")]
    assert "tiers" in new.context["form"].errors


def test_a_mailbox_of_one_person_is_hinted_at_and_saved(world, write, client_of):
    page = write()
    client = client_of(world.editor)
    address = reverse("wagtailadmin_pages:edit", args=[page.pk])
    values = {"contact_email": "jo.bloggs@example.org"}

    answer = client.post(address, form_of(client, page) | values)

    assert any("one person’s" in str(one) for one in get_messages(answer.wsgi_request))
    draft = LocalOfferPage.objects.get().get_latest_revision_as_object()
    assert draft.contact_email == "jo.bloggs@example.org"


PLACE = SERVICE["places"][0]["value"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"street": ""}, "street"),
        ({"postcode": "12345"}, "postcode"),
        ({"longitude": ""}, "longitude"),
        ({"latitude": "-2.75401", "longitude": "52.70778"}, "latitude"),
        ({"withheld": True, "area": ""}, "area"),
    ],
)
def test_a_place_that_nobody_would_find_is_refused(wrong, field):
    block = PlaceBlock()
    with pytest.raises(ValidationError) as refused:
        block.clean(block.to_python(PLACE | wrong))

    assert field in refused.value.block_errors  # type: ignore[attr-defined]


def test_times_come_in_pairs():
    block = WeeklyBlock()
    value = {"days": ["MO"], "opens": "12:00", "closes": "09:00", "note": ""}

    with pytest.raises(ValidationError) as refused:
        block.clean(block.to_python(value))

    assert set(refused.value.block_errors) == {"closes"}  # type: ignore[attr-defined]


# What forums read of a change


def leaves(value, path=()):
    """The places of everything in a payload that is no group."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    else:
        yield path


def changed_at(data, path):
    """``data`` with another value at ``path``, of the same form where it has one."""
    made = copy.deepcopy(data)
    part = made
    for key in path[:-1]:
        part = part[key]
    old = part[path[-1]]
    if isinstance(old, bool):
        part[path[-1]] = not old
    elif isinstance(old, int):
        part[path[-1]] = old + 1
    elif str(old).startswith("20"):
        part[path[-1]] = "2025" + old[4:]
    else:
        part[path[-1]] = f"{old}x"
    return made


def test_every_change_of_a_fact_is_told_to_forums(service):
    data = service().representation()
    told = {key: data[key] for key in facts.LABELS if key in data}

    for path in leaves(told):
        found = differences.compare(before=data, after=changed_at(data, path))
        labels = [one.label for one in found.changed]
        assert labels == [facts.LABELS[path[0]]], path


def test_a_fact_is_told_once_though_the_text_says_it_too(service):
    page = service()
    before = page.representation()
    page.waiting_time = "about 9 weeks"

    (change,) = differences.compare(before=before, after=page.representation()).changed

    assert change.label == "Waiting time"
    assert "about 9 weeks (as at 2 November 2026)" in change.after


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(facts.LABELS)), json_values, json_values)
def test_whatever_a_fact_becomes_it_is_told(key, old, new):
    before, after = {"kind": "news", key: old}, {"kind": "news", key: new}

    changed = differences.compare(before=before, after=after).changed

    assert bool(changed) == (json.dumps(old) != json.dumps(new))


# Correcting at once


@pytest.fixture
def public(service, release):
    page = service()
    release(page)
    page.refresh_from_db()
    return page


def correct(world, page, values):
    return corrections.correct(
        page=page, values=values, by=world.editor, reason="It was wrong."
    )


@pytest.mark.parametrize(
    "values",
    [
        {"waiting_time": "about 9 weeks", "waiting_as_at": "2026-11-09"},
        {"waiting_time": "", "waiting_as_at": ""},
        {"contact_phone": "01632 960999"},
        {"contact_email": "breaks@example.org"},
        {"law_as_at": "2026-11-20"},
    ],
)
def test_facts_are_corrected_at_once(world, public, values):
    correct(world, public, values)

    payload = Release.objects.current().get().payload.decode()
    for value in filter(None, values.values()):
        assert value in payload


def test_opening_times_are_corrected_at_once(world, public):
    (closes,) = (one for one in corrections.fields(public) if one.value == "12:30")
    assert closes.label == (
        "Closes, “Mondays and Wednesdays: 09:00 to 12:30 (in term time)”"
    )

    correct(world, public, {closes.name: "11:00"})

    assert Release.objects.current().get().before_review
    assert "09:00 to 11:00" in Release.objects.current().get().payload.decode()


@pytest.mark.parametrize(
    "values", [{"waiting_as_at": ""}, {"waiting_as_at": "2999-01-01"}]
)
def test_a_waiting_time_keeps_its_date(world, public, values):
    with pytest.raises(CorrectionInvalid) as refused:
        correct(world, public, values)

    assert set(refused.value.errors) == {"waiting_as_at"}


def test_a_closing_time_before_the_opening_is_no_correction(world, public):
    (closes,) = (one for one in corrections.fields(public) if one.value == "12:30")

    with pytest.raises(CorrectionInvalid):
        correct(world, public, {closes.name: "08:00"})


def test_policy_can_keep_waiting_times_for_forums(world, public):
    SignOffSettings.objects.create(correct_waiting=False)

    with pytest.raises(MayNotCorrect, match="none of them"):
        correct(world, public, {"waiting_time": "about 9 weeks"})


def test_what_is_no_fact_waits_for_forums(service):
    before = service().representation()
    after = before | {"contact": before["contact"] | {"team": "Another team"}}

    assert corrections.beyond_facts(before, after) == ["contact"]
