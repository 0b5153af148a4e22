"""Past issues of the newsletter are found again, and none says what was taken back."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms import terms, withdrawals
from cms.models import Area, Proof
from syndication.edge.models import Purge
from syndication.models import Release
from syndication.newsletters import archive_views
from syndication.newsletters.models import Issue, IssueItem
from syndication.newsletters.representation import LEFT_OUT

from .shared_blocks import everyone_signs

PATH = "/newsletter/issues/"


@pytest.fixture
def publish(world):
    """Sign an issue of releases: ``publish("Title", release, …)``; gives its release."""

    def publish(title, *releases, on=None, **fields):
        # What is released is never edited, so the clock is set before.
        with time_machine.travel(on) if on else nullcontext():
            return published(title, *releases, **fields)

    def published(title, *releases, area="", frequency=""):
        issue = Issue(
            title=title,
            frequency=frequency,
            area=Area.objects.get(slug=area) if area else None,
        )
        issue.items.add(
            *(IssueItem(release=one, sort_order=n) for n, one in enumerate(releases))
        )
        issue.save()
        issue.save_revision(user=world.editor)
        issue.get_workflow().start(issue, world.editor)
        proof = Proof.objects.open().get(content_id=issue.content_id)
        everyone_signs(world, proof)
        return Release.objects.get(item__content_id=issue.content_id)

    return publish


@pytest.fixture
def item(world, write, release):
    """Release a text in Shropshire: ``item("Title", summary=…)``."""

    def item(title, **fields):
        areas = fields.pop("areas", [world.shropshire])
        return release(write(title=title, areas=areas, **fields))

    return item


def show(query="", status=200):
    answer = Client().get(f"{PATH}{query}")
    assert answer.status_code == status
    return BeautifulSoup(answer.content, "html.parser")


def listed(query=""):
    return [one.get_text() for one in show(query).select("main h3")]


def day(year, month=6, number=15):
    return datetime(year, month, number, 12, tzinfo=UTC)


def test_the_newest_issue_stands_first_with_what_is_in_it_and_who_agreed(publish, item):
    publish("May", item("Swimming on Mondays"), on=day(2026, 5))
    later = publish(
        "June", item("A new advice line"), item("Respite"), area="shropshire",
        frequency="weekly", on=day(2026, 6),
    )  # fmt: skip

    page = show()

    assert listed() == ["June", "May"]
    first = page.select_one("main .list > li")
    assert first.a["href"] == f"{PATH}{later.item.content_id}"
    assert [one.get_text() for one in first.ul.find_all("li")] == [
        "A new advice line",
        "Respite",
    ]
    words = first.select_one(".meta").get_text()
    assert words.startswith("15 June 2026, for Shropshire, once a week. ")
    assert "Agreed by" in words
    assert "Shropshire Parent and Carer Council" in words


def test_before_the_first_issue_the_page_says_so(db):
    assert "No issue has come out yet." in show().get_text()


def test_an_issue_that_nobody_signed_is_not_there(world, item):
    issue = Issue(title="A draft")
    issue.items.add(IssueItem(release=item("Swimming"), sort_order=0))
    issue.save()
    issue.save_revision(user=world.editor)
    issue.get_workflow().start(issue, world.editor)

    assert "A draft" not in show().get_text()
    assert "A draft" not in show("?q=draft").get_text()


CHOSEN = {
    "?q=swimming": ["One"],
    "?q=SWIMMING+lessons": ["One"],
    "?q=nothing": [],
    "?year=2025": ["One"],
    "?year=2026": ["Three", "Two"],
    "?area=shropshire": ["Two", "One"],
    "?area=telford-and-wrekin": ["Three"],
    "?often=weekly": ["Three", "One"],
    "?often=monthly": ["Three", "Two"],
    "?q=&year=&area=&often=&page=": ["Three", "Two", "One"],
    "?year=2026&area=telford-and-wrekin&often=weekly&q=respite": ["Three"],
}


def test_issues_are_found_by_words_year_area_and_how_often_they_come(
    world, publish, item
):
    publish(
        "One", item("Swimming", summary="Lessons on Mondays."), frequency="weekly",
        on=day(2025),
    )  # fmt: skip
    publish("Two", item("An advice line"), frequency="monthly", on=day(2026, 5))
    publish("Three", item("Respite", areas=[world.telford]), on=day(2026, 6))

    assert {query: listed(query) for query in CHOSEN} == CHOSEN
    assert "No issue found" in show("?q=nothing").get_text()


def test_the_form_stands_as_it_was_filled_in(world, publish, item):
    publish("One", item("Swimming"), on=day(2026))

    page = show("?q=swim+gala&year=2026&area=shropshire&often=weekly")

    assert page.select_one("#q")["value"] == "swim gala"
    chosen = [one["value"] for one in page.select("option[selected]")]
    assert chosen == ["2026", "shropshire", "weekly"]


def test_an_area_that_was_renamed_keeps_its_issues(world, publish, item):
    publish("One", item("Swimming"))
    world.shropshire.slug = "salop"
    world.shropshire.save()

    assert listed("?area=salop") == ["One"]
    assert listed("?area=shropshire") == ["One"]


def test_new_years_eve_is_in_its_own_year_here(publish, item):
    # In July the clocks here are an hour before those of UTC; in January they are not.
    publish("Old", item("Swimming"), on=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))

    assert listed("?year=2025") == ["Old"]
    assert [one["value"] for one in show().select("#year option")] == ["", "2025"]


def test_an_issue_that_was_taken_back_is_a_notice_without_a_word_of_it(
    world, publish, item
):
    gone = publish("Secret title", item("Swimming"), on=day(2026, 5))
    publish("June", item("Respite"), on=day(2026, 6))

    withdrawals.withdraw(
        content_id=gone.item.content_id,
        by=world.admin,
        reason="Wrong",
        kind="notice",
        public_note="A date in it was wrong.",
    )

    page = show()
    assert listed() == ["June", "The issue of 15 May 2026 was taken back"]
    assert "A date in it was wrong." in page.get_text()
    for query in ("", "?q=secret", "?q=swimming", "?year=2026&area=shropshire"):
        words = str(show(query))
        assert "Secret title" not in words
        assert "Swimming" not in words
    assert listed("?q=title") == []


def test_what_replaces_an_issue_is_led_to(world, publish, item):
    swimming = item("Swimming")
    old, new = publish("Old", swimming, on=day(2026, 5)), publish("New", swimming)

    withdrawals.withdraw(
        content_id=old.item.content_id,
        by=world.admin,
        reason="Wrong",
        kind="redirect",
        to=new.item.content_id,
    )

    link = show().select_one(".list .meta a")
    assert link.get_text() == "Read what replaces it the issue of 15 May 2026"
    answer = Client().get(link["href"])
    assert answer["Location"] == f"{settings.PUBLIC_ORIGIN}/items/{new.item.content_id}"


def test_an_issue_that_vanished_leaves_no_trace(world, publish, item):
    gone = publish("Secret title", item("Swimming"), on=day(2020))

    withdrawals.withdraw(
        content_id=gone.item.content_id, by=world.admin, reason="Danger", kind="vanish"
    )

    page = show()
    assert listed() == []
    assert "No issue has come out yet." in page.get_text()
    # Not even that there was one in that year.
    assert [one["value"] for one in page.select("#year option")] == [""]


@pytest.mark.parametrize("kind", ["gone", "notice", "vanish"])
def test_an_item_that_was_taken_back_is_a_neutral_sentence_in_its_issue(
    world, publish, item, kind
):
    gone = item("Secret item", summary="Hidden words")
    publish("June", gone, item("Respite"))
    assert listed("?q=hidden") == ["June"]

    withdrawals.withdraw(
        content_id=gone.item.content_id,
        by=world.admin,
        reason="Wrong",
        kind=kind,
        public_note="" if kind == "vanish" else "Closed",
    )

    words = show().get_text()
    assert LEFT_OUT in words
    assert "Respite" in words
    assert "Secret item" not in words
    assert listed("?q=hidden") == []
    assert listed("?q=secret") == []


def test_of_a_long_issue_the_first_titles_are_told(publish, item):
    publish("June", *(item(f"Item {n}", slug=f"item-{n}") for n in range(8)))

    told = [one.get_text() for one in show().select(".list ul li")]

    assert told == [*(f"Item {n}" for n in range(6)), "and 2 more"]


def test_pages_lead_to_older_issues_and_back(publish, item, monkeypatch):
    monkeypatch.setattr(archive_views, "ON_A_PAGE", 2)
    swimming = item("Swimming")
    for month in range(1, 6):
        publish(f"Issue {month}", swimming, on=day(2026, month))

    seen, at = [], "?q=swimming"
    while at:
        page = show(at)
        seen.append([one.get_text() for one in page.select("main h3")])
        older = page.select_one("a[rel=next]")
        at = older and older["href"].removeprefix(PATH)
        assert at is None or "q=swimming" in at

    assert seen == [["Issue 5", "Issue 4"], ["Issue 3", "Issue 2"], ["Issue 1"]]
    assert "5 issues found, page 3 of 3" in page.get_text()
    newer = page.select_one("a[rel=prev]")["href"].removeprefix(PATH)
    assert listed(newer) == ["Issue 3", "Issue 2"]
    assert show(newer).select_one("a[rel=prev]")["href"] == f"{PATH}?q=swimming"


REFUSED = {
    "?q=...": "Search for 1 to 12 words",
    f"?q={'word+' * 13}": "Search for 1 to 12 words",
    f"?q={'x' * 513}": "must have 1 to 512 characters",
    "?q=a%00b": "no NUL",
    "?year=1999": "“year” must be a whole number from 2000 to 2999",
    "?year=this": "“year” must be a whole number",
    "?area=narnia": "“area” is no area that we know. Choose one from the list",
    "?often=at_once": "“often” must be one of: weekly, monthly",
    "?page=0": "“page” must be a whole number",
    "?page=2": "“page” must be from 1 to 1 here",
    "?colour=red": "does not know the parameter “colour”",
    "?q=a&q=b": "Give “q” only once",
    "?<script>=x": "does not know the parameter “<script>”",
}


@pytest.mark.parametrize(
    ("query", "message"), REFUSED.items(), ids=[str(n) for n in range(len(REFUSED))]
)
def test_what_is_not_understood_is_refused_with_what_to_do(world, query, message):
    page = show(query, status=400)

    problem = page.select_one("[role=alert]")
    assert message in problem.get_text()
    assert problem.a["href"] == PATH
    assert page.script is None


def test_words_are_never_operators(publish, item):
    publish("One", item("Swimming"))

    for query in ("%22", "%22+OR+swimming", "swim*", "NOT+swimming", "-swimming", "'"):
        answer = Client().get(f"{PATH}?q={query}")
        assert answer.status_code in (200, 400)
    assert listed("?q=cycling+OR+swimming") == []
    assert listed("?q=%22swimming%22") == ["One"]


def count(query=""):
    Client().get(f"{PATH}{query}")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        Client().get(f"{PATH}{query}")
    return len(asked)


def test_how_many_queries_it_takes_however_many_issues_there_are(world, publish, item):
    chosen = "?q=swimming&year=2026&area=shropshire&often=weekly"
    swimming = item("Swimming")
    publish("First", swimming, frequency="weekly", on=day(2026, 1))
    few = count(), count(chosen)
    for number in range(2, 9):
        gone = publish(
            f"Number {number}", swimming, frequency="weekly", on=day(2026, number)
        )
        Area.objects.create(name=f"Area {number}", slug=f"area-{number}")
    withdrawals.withdraw(
        content_id=gone.item.content_id, by=world.admin, reason="Wrong"
    )

    assert (count(), count(chosen)) == few
    assert max(few) <= 8


def test_the_page_is_for_everybody_s_cache_and_writes_nothing(publish, item):
    publish("One", item("Swimming"))
    answer = Client().get(PATH)

    again = Client().get(PATH, headers={"if-none-match": answer["ETag"]})

    assert answer["Cache-Control"].startswith("public, max-age=")
    assert answer["Cache-Tag"] == "newsletter"
    assert not answer.cookies
    assert again.status_code == 304
    assert Client().head(PATH)["ETag"] == answer["ETag"]
    assert Client().post(PATH).status_code == 405


def test_caches_forget_the_list_when_an_issue_or_an_item_of_it_goes(
    world, publish, item, settings
):
    gone = item("Swimming")
    publish("One", gone, item("Respite"))
    settings.EDGE_CACHES = ["varnish+http://127.0.0.1:1"]
    Purge.objects.all().delete()

    withdrawals.withdraw(
        content_id=gone.item.content_id, by=world.admin, reason="Wrong"
    )

    hard = Purge.objects.filter(is_hard=True)
    assert any("newsletter" in row.tags and PATH in row.paths for row in hard)


def test_search_engines_list_the_whole_and_no_search(publish, item):
    publish("One", item("Swimming"))

    def robots(query):
        return show(query).select_one("meta[name=robots]")

    assert robots("") is None
    assert robots("?q=swimming")["content"] == "noindex"
    canonical = show().select_one("link[rel=canonical]")["href"]
    assert canonical == f"{settings.PUBLIC_ORIGIN}{PATH}"


def test_every_way_leads_to_past_issues(world):
    terms.install()
    assert Client().get("/newsletter/issues")["Location"] == PATH
    page = BeautifulSoup(Client().get("/newsletter/").content, "html.parser")
    assert page.find("a", href=PATH)


def test_an_hour_makes_no_other_day(publish, item):
    """A page says the day that it was here when an issue came out."""
    publish(
        "July",
        item("Swimming"),
        on=datetime(2026, 7, 1, tzinfo=UTC) - timedelta(minutes=30),
    )

    assert "1 July 2026" in show().get_text()
