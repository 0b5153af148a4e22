"""An address that is to end says so a year before, wherever a program may look."""

import re
import textwrap
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client
from jsonschema import Draft202012Validator

from syndication.api import openapi, views
from syndication.oruk.public import PublicView as OfTheStandard
from syndication.partner_api.keyed import PrivateView
from syndication.rest.retirement import Retirement

from .test_api_problems import problem

ENDING = Retirement(
    deprecated_on=date(2026, 11, 1),
    ends_on=date(2027, 11, 2),
    explained_at="/api/v1/docs#versions",
    instead="/api/v2/items",
)
END = datetime(2027, 11, 2, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
NEW = f"{settings.PUBLIC_ORIGIN}/api/v2/items"
PAGE = f"<{settings.PUBLIC_ORIGIN}/api/v1/docs#versions>"


def says_so(answer):
    assert answer["Deprecation"] == "@1793491200"
    assert answer["Sunset"] == "Tue, 02 Nov 2027 00:00:00 GMT"
    assert f'{PAGE}; rel="deprecation"; type="text/html"' in answer["Link"]
    assert f'{PAGE}; rel="sunset"; type="text/html"' in answer["Link"]
    assert f'<{NEW}>; rel="successor-version"' in answer["Link"]
    return True


@pytest.fixture
def fresh_document():
    """The document is made once per process; not so here."""
    openapi.document.cache_clear()
    yield
    openapi.document.cache_clear()


@pytest.fixture
def ending(monkeypatch, fresh_document):
    monkeypatch.setattr(views.ItemList, "retirement", ENDING)


def test_every_answer_says_it_and_keeps_its_other_links(db, write, release, ending):
    release(write("news", title="One"))
    release(write("news", title="Two"))

    answer = Client().get("/api/v1/items?limit=1")

    assert says_so(answer)
    assert answer["Link"].startswith(f'<{answer.json()["next"]}>; rel="next", ')
    known = {"if-none-match": answer["ETag"]}
    again = Client().get("/api/v1/items?limit=1", headers=known)
    assert again.status_code == 304
    assert says_so(again)


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [("get", "?knd=news", 400), ("post", "", 405), ("head", "", 200), ("options", "", 200)],
)  # fmt: skip
def test_refusals_say_it_as_well(db, ending, method, query, status):
    answer = getattr(Client(), method)(f"/api/v1/items{query}")

    assert answer.status_code == status
    assert says_so(answer)


def test_scripts_of_other_sites_may_read_it(db, ending):
    exposed = Client().get("/api/v1/items")["Access-Control-Expose-Headers"]

    assert {"Deprecation", "Sunset", "Link"} <= set(exposed.split(", "))


def test_the_document_and_its_page_say_it(db, ending):
    operation = Client().get("/api/v1/openapi.json").json()["paths"]["/api/v1/items"]

    assert operation["get"]["deprecated"] is True
    assert operation["get"]["x-sunset"] == "2027-11-02"
    page = BeautifulSoup(Client().get("/api/v1/docs").content, "html.parser")
    told = page.find(id="versions").find_next("ul").get_text()
    assert "GET /api/v1/items" in told
    assert "It ends on 2027-11-02; use /api/v2/items instead." in told


def test_nothing_else_says_it(db, ending):
    client = Client()
    document = client.get("/api/v1/openapi.json").json()

    assert "Deprecation" not in client.get("/api/v1/changes")
    assert "deprecated" not in document["paths"]["/api/v1/changes"]["get"]


@pytest.mark.parametrize(
    ("view", "address"),
    [
        (OfTheStandard, "/oruk/v3/services"),
        (OfTheStandard, "/oruk/v3/nope"),
        (PrivateView, "/api/partner/v1/me"),
    ],
)
def test_a_whole_version_can_end(db, monkeypatch, view, address):
    monkeypatch.setattr(view, "retirement", ENDING)

    assert says_so(Client().get(address))


@pytest.mark.parametrize(
    "moment",
    [END, END + DAY, END + 365 * DAY],
    ids=["its end", "a day on", "a year on"],
)
def test_after_its_end_it_says_for_a_year_that_it_ended_and_what_to_use(
    db, ending, moment
):
    with time_machine.travel(moment - SECOND, tick=False):
        before = Client().get("/api/v1/items")
    with time_machine.travel(moment, tick=False):
        answer = Client().get(
            "/api/v1/items?limit=1", headers={"if-none-match": before.get("ETag", "*")}
        )

    assert before.status_code == (200 if moment == END else 410)
    members = problem(answer, 410, "retired")
    assert members["ended_on"] == "2027-11-02"
    assert members["instead"] == NEW
    assert "max-age=60" in answer["Cache-Control"]
    assert says_so(answer)


def test_after_its_end_no_parameter_method_or_body_is_looked_at(db, ending):
    with time_machine.travel(END, tick=False):
        wrong = Client().get("/api/v1/items?knd=news")
        head = Client().head("/api/v1/items")
        posted = Client().post("/api/v1/items")
        asked_by_a_browser = Client().options("/api/v1/items")
        another = Client().get("/api/v1/changes")

    assert (wrong.status_code, head.status_code) == (410, 410)
    assert head.content == b""
    assert posted.status_code == 410
    # Refused, its script could not read the reason.
    assert asked_by_a_browser.status_code == 200
    assert another.status_code == 200


@pytest.mark.parametrize(
    ("view", "address", "kept"),
    [
        (OfTheStandard, "/oruk/v3/services", "public"),
        (PrivateView, "/api/partner/v1/me", "no-store"),
    ],
)
def test_a_whole_version_is_over_at_its_end(db, monkeypatch, view, address, kept):
    monkeypatch.setattr(view, "retirement", ENDING)

    with time_machine.travel(END, tick=False):
        answer = Client().get(address)

    assert answer.status_code == 410
    assert answer.json()["code"] == "retired"
    assert kept in answer["Cache-Control"]
    assert says_so(answer)


def test_the_document_says_what_comes_after_the_end(
    db, monkeypatch, fresh_document, settings
):
    settings.PUBLIC_ORIGIN = "https://another.example"
    monkeypatch.setattr(views.ItemList, "retirement", ENDING)
    monkeypatch.setattr(views.ItemDetail, "retirement", ENDING)
    document = Client().get("/api/v1/openapi.json").json()
    with time_machine.travel(END, tick=False):
        told = Client().get("/api/v1/items").json()

    listed, one = (
        document["paths"][path]["get"]["responses"]["410"]
        for path in ("/api/v1/items", "/api/v1/items/{content_id}")
    )
    assert listed["description"] == f"retired: {told['detail']}"
    (said,) = listed["content"]["application/problem+json"]["examples"].values()
    assert said["value"] == told
    for described in (listed, one):
        shape = described["content"]["application/problem+json"]["schema"]
        Draft202012Validator(shape | document).validate(told)
    assert "item_withdrawn: " in one["description"]
    assert one["description"].endswith(listed["description"])


def test_the_policy_shows_what_is_sent(db, ending):
    policy = (settings.BASE_DIR / "docs" / "api-policy.md").read_text()
    (shown,) = re.findall("```http\n(.*?)```", policy, flags=re.DOTALL)

    answer = Client().get("/api/v1/items?kind=news")

    # One header, on several lines so that it can be read.
    lines = re.sub(",\n +", ", ", textwrap.dedent(shown)).splitlines()
    assert lines == [
        f"{name}: {answer[name]}" for name in ("Deprecation", "Sunset", "Link")
    ]


@pytest.mark.parametrize("ends_on", [date(2026, 11, 1), date(2027, 11, 1)])
def test_nobody_can_be_given_less_than_a_year(ends_on):
    with pytest.raises(ValueError, match="366 days"):
        Retirement(
            deprecated_on=date(2026, 11, 1),
            ends_on=ends_on,
            explained_at="/api/v1/docs",
        )


def test_today_no_address_is_to_end(db, fresh_document):
    assert "No address is to end." in Client().get("/api/v1/docs").content.decode()
