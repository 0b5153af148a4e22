"""Which of what the law asks for is told where, counted from what is public."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse

from cms import terms, withdrawals
from cms.models import Term
from syndication import coverage
from syndication.coverage import State
from syndication.models import Release

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def tell(world, write):
    """Write a page that tells some statutory items."""
    if not Term.objects.exists():
        terms.install()

    def tell(*codes, **fields):
        page = write(**({"review_by": dt.date(2027, 9, 1)} | fields))
        page.terms = list(Term.objects.of("statutory").filter(code__in=codes))
        page.save_revision(user=world.editor)
        return page

    return tell


def states(today=TODAY):
    return {
        (area.slug, cell.item["code"]): cell.state
        for area in coverage.of_areas(today=today)
        for cell in area.cells
        if cell.state != State.NONE
    }


def test_the_law_asks_for_34_things(world):
    assert terms.install() > 34
    assert terms.install() == 0

    marks = [term.mark for term in Term.objects.of("statutory")]
    assert len(marks) == 34
    assert (marks.count("V"), marks.count("S"), marks.count("M")) == (18, 12, 4)


def test_a_page_tells_what_it_says_in_the_areas_it_is_for(world, tell, release):
    release(tell("LO-22", areas=[world.shropshire]))

    assert states() == {("shropshire", "LO-22"): State.CURRENT}


def test_a_page_that_was_not_checked_in_time_is_stale(world, tell, release):
    release(tell("LO-22", areas=[world.shropshire], review_by=dt.date(2026, 11, 21)))
    release(tell("LO-30", areas=[world.shropshire], review_by=TODAY))

    assert states() == {
        ("shropshire", "LO-22"): State.STALE,
        ("shropshire", "LO-30"): State.CURRENT,
    }


def test_a_page_that_nobody_promised_to_check_is_not_current(world, tell, release):
    made = release(tell("LO-22", areas=[world.shropshire]))
    Release.objects.filter(pk=made.pk).update(review_by=None)

    assert states() == {("shropshire", "LO-22"): State.STALE}


@pytest.mark.parametrize(
    ("days", "offered"),
    [
        ({"valid_from": dt.date(2026, 11, 22)}, True),
        ({"valid_from": dt.date(2026, 11, 23)}, False),
        ({"valid_to": dt.date(2026, 11, 22)}, True),
        ({"valid_to": dt.date(2026, 11, 21)}, False),
    ],
)
def test_a_term_is_in_use_from_its_first_day_to_its_last(world, days, offered):
    Term.objects.create(scheme="tier", code="new", name="New", description="x", **days)

    assert Term.objects.valid(TODAY).filter(code="new").exists() == offered


def test_one_current_page_is_enough(world, tell, release):
    for day in (dt.date(2026, 1, 1), dt.date(2027, 1, 1)):
        release(tell("LO-22", areas=[world.telford], review_by=day))

    assert states() == {("telford-and-wrekin", "LO-22"): State.CURRENT}


def test_drafts_and_what_was_taken_back_tell_nothing(world, tell, release, submit):
    tell("LO-01")
    submit(tell("LO-02"))
    gone = tell("LO-03")
    release(gone)
    withdrawals.withdraw(content_id=gone.content_id, by=world.pat, reason="Closed")

    assert states() == {}


def test_what_is_no_longer_in_force_is_not_asked_for(world, tell):
    Term.objects.filter(code="LO-34").update(valid_to=dt.date(2020, 1, 1))

    (first, *_) = coverage.of_areas(today=TODAY)
    assert len(first.cells) == 33


@pytest.mark.parametrize("pages", [1, 4])
def test_it_takes_as_many_queries_for_many_pages(
    world, tell, release, pages, django_assert_num_queries
):
    for number in range(pages):
        release(tell("LO-22", "LO-30", title=f"Page {number}"))

    with django_assert_num_queries(4):
        coverage.of_areas(today=TODAY)


def test_everybody_can_read_it(world, tell, release):
    release(tell("LO-22", title="Help with talking"))
    client = Client()

    shown = client.get("/coverage/").content.decode()

    assert "Help with talking" in shown
    assert "LO-22, to be checked" in shown
    assert "LO-01, to be checked" not in shown
    assert "/coverage/" in client.get("/").content.decode()
    assert client.get("/coverage").headers["Location"] == "/coverage/"


def test_it_is_a_spreadsheet_too(world, tell, release, client_of):
    release(tell("LO-22", title="=Help", areas=[world.shropshire]))
    address = reverse("countersign_coverage")
    client = client_of(world.pat)

    lines = b"".join(client.get(address, {"as": "csv"}).streaming_content)
    rows = list(csv.DictReader(io.StringIO(lines.decode("utf-8-sig"))))

    assert len(rows) == 68
    (told,) = (row for row in rows if row["Page"])
    assert (told["Code"], told["State"], told["Page"]) == ("LO-22", "Told", "'=Help")
    assert told["Wording"] == "draft, to be checked"
    workbook = b"".join(client.get(address, {"as": "xlsx"}).streaming_content)
    assert workbook.startswith(b"PK")
    assert "Coverage" in client.get("/admin/").content.decode()


def test_terms_are_in_the_api(world):
    terms.install()

    found = Client().get("/api/v1/terms").json()["items"]

    by_code = {(one["scheme"], one["code"]): one for one in found}
    assert by_code["need", "autism"]["parent"] == "communication"
    assert by_code["statutory", "LO-22"]["is_draft"] is True
    assert "is_draft" not in by_code["statutory", "LO-01"]


# The vocabulary in the admin


def test_a_term_that_pages_have_cannot_be_deleted(world, tell, client_of):
    page = tell("LO-22")
    page.save()
    term = Term.objects.get(code="LO-22")
    address = reverse("wagtailsnippets_cms_term:delete", args=[term.pk])

    answer = client_of(world.admin).post(address, follow=True)

    assert "is chosen in pages" in answer.content.decode()
    assert Term.objects.filter(pk=term.pk).exists()


def test_a_part_of_a_part_is_one_too_many(world, tell, client_of):
    part = Term.objects.get(code="autism")
    address = reverse("wagtailsnippets_cms_term:add")
    values = {"scheme": "need", "code": "x", "name": "X", "description": "X"}

    refused = client_of(world.admin).post(
        address, values | {"parent": part.pk, "position": 0}
    )

    assert "two levels" in str(refused.context["form"].errors["parent"])
