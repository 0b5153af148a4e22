"""An address that is to end says so a year before, wherever a program may look."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.test import Client

from syndication.api import openapi, views
from syndication.oruk.public import PublicView as OfTheStandard
from syndication.partner_api.keyed import PrivateView
from syndication.rest.retirement import Retirement

ENDING = Retirement(
    deprecated_on=date(2026, 11, 1),
    ends_on=date(2027, 11, 2),
    explained_at="/api/v1/docs#versions",
)
PAGE = f"<{settings.PUBLIC_ORIGIN}/api/v1/docs#versions>"


def says_so(answer):
    assert answer["Deprecation"] == "@1793491200"
    assert answer["Sunset"] == "Tue, 02 Nov 2027 00:00:00 GMT"
    assert f'{PAGE}; rel="deprecation"; type="text/html"' in answer["Link"]
    assert f'{PAGE}; rel="sunset"; type="text/html"' in answer["Link"]
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
    assert "2027-11-02" in told


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
