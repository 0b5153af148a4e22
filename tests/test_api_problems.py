"""Whatever a partner gets wrong is a 400 that says what, in one form."""

import logging
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.db import OperationalError
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

ITEMS = "/api/v1/items"
UNKNOWN = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"


def problem(answer, status, code):
    """Check the form that every error has; gives its members."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    members = answer.json()
    assert members["code"] == code
    assert members["status"] == status
    assert members["type"] == f"{settings.PUBLIC_ORIGIN}/api/v1/docs#{code}"
    assert members["title"]
    assert members["detail"]
    return members


@pytest.fixture
def cursor(db, write, release):
    """A good cursor of the unfiltered list."""
    release(write("news", title="One"))
    release(write("news", title="Two"))
    following = Client().get(f"{ITEMS}?limit=1").json()["next"]
    return following.rpartition("cursor=")[2]


@pytest.mark.parametrize(
    "url",
    [
        f"{ITEMS}?knd=news",
        f"{ITEMS}?kind=news&page=2",
        f"{ITEMS}/{UNKNOWN}?format=xml",
        "/api/v1/changes?stage=primary",
        "/api/v1/areas?limit=1",
        "/api/v1/forums?q=1",
        "/api/v1/topics?q=1",
        f"/api/v1/receipts/{'0' * 64}?v=1",
        "/api/v1/docs?theme=dark",
        "/api/v1/openapi.json?v=1",
    ],
)
def test_an_unknown_parameter_is_refused_and_named(url, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = Client().get(url)

    name = problem(answer, 400, "unknown_parameter")["parameter"]
    assert f"{name}=" in url


def test_a_very_long_parameter_name_is_not_given_back_whole(db):
    answer = Client().get(f"{ITEMS}?{'x' * 5000}=1")

    members = problem(answer, 400, "unknown_parameter")
    assert members["parameter"] == "x" * 60
    assert len(answer.content) < 1000


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("kind=pages", "kind"),
        ("kind=", "kind"),
        ("kind=News", "kind"),
        ("area=not%20a%20slug", "area"),
        ("area=%00", "area"),
        ("area=" + "a" * 51, "area"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.0", "limit"),
        ("limit=" + quote("٣"), "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("cursor=" + "a" * 513, "cursor"),
        ("cursor=a%00b", "cursor"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused(
    db, django_assert_num_queries, query, name
):
    with django_assert_num_queries(0):
        answer = Client().get(f"{ITEMS}?{query}")

    assert problem(answer, 400, "invalid_parameter")["parameter"] == name


def test_a_limit_of_100_is_the_most(db):
    assert Client().get(f"{ITEMS}?limit=100").status_code == 200
    assert Client().get("/api/v1/changes?limit=101").status_code == 400


@pytest.mark.parametrize("name", ["kind", "area", "limit", "cursor"])
def test_a_repeated_parameter_is_refused(db, name):
    answer = Client().get(f"{ITEMS}?{name}=news&{name}=news")

    assert problem(answer, 400, "repeated_parameter")["parameter"] == name


def test_a_good_cursor_is_taken(cursor):
    assert Client().get(f"{ITEMS}?cursor={cursor}").status_code == 200


@pytest.mark.parametrize("filters", ["kind=news", "area=shropshire"])
def test_a_cursor_goes_with_its_filters(cursor, filters):
    answer = Client().get(f"{ITEMS}?{filters}&cursor={cursor}")

    assert problem(answer, 400, "cursor_mismatch")["parameter"] == "cursor"


def test_a_cursor_with_its_filters_left_out_is_refused(cursor):
    following = Client().get(f"{ITEMS}?limit=1&kind=news").json()["next"]

    answer = Client().get(f"{ITEMS}?cursor={following.rpartition('cursor=')[2]}")

    problem(answer, 400, "cursor_mismatch")


def test_a_damaged_cursor_is_refused(cursor):
    for place in range(len(cursor)):
        other = "A" if cursor[place] != "A" else "B"
        damaged = cursor[:place] + other + cursor[place + 1 :]
        problem(Client().get(f"{ITEMS}?cursor={damaged}"), 400, "bad_cursor")


@pytest.mark.parametrize("salt", ["", "django.core.signing", "syndication.api"])
def test_a_cursor_signed_elsewhere_is_refused(db, salt):
    signer = Signer(salt=salt, sep=".") if salt else Signer(sep=".")
    forged = signer.sign_object([[None, None], ["2026-11-22T12:00:00+00:00", 1]])

    answer = Client().get(f"{ITEMS}?{urlencode({'cursor': forged})}")

    assert problem(answer, 400, "bad_cursor")["parameter"] == "cursor"


@pytest.mark.parametrize(
    "path",
    ["", "nope", "items/nope", f"items/{UNKNOWN}/more", "a%0Ab", "a%00b", "%FF", "//"],
)
def test_an_unknown_address_is_a_problem(db, path):
    problem(Client().get(f"/api/v1/{path}"), 404, "not_found")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_an_unknown_address_is_unknown_to_every_method(db, method):
    problem(getattr(Client(), method)("/api/v1/nope"), 404, "not_found")


@pytest.mark.parametrize("path", ["items", f"items/{UNKNOWN}", "docs", "changes"])
def test_a_slash_too_many_names_the_address_without(db, path):
    answer = Client().get(f"/api/v1/{path}/")

    members = problem(answer, 404, "not_found")
    assert members["detail"].endswith(f" {settings.PUBLIC_ORIGIN}/api/v1/{path}")
    assert "Location" not in answer


def test_a_slash_after_an_unknown_address_promises_nothing(db):
    detail = problem(Client().get("/api/v1/nope/"), 404, "not_found")["detail"]

    assert "without a slash" not in detail


def test_an_item_never_released_is_not_found_and_purged_when_it_is(db):
    answer = Client().get(f"{ITEMS}/{UNKNOWN}")

    problem(answer, 404, "item_not_found")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert f"item-{UNKNOWN}" in answer["Cache-Tag"].split(",")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_is_read_only(db, method):
    answer = getattr(Client(), method)(ITEMS)

    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense", ""])
def test_accept_is_never_refused(db, accept):
    answer = Client().get(ITEMS, headers={"accept": accept})

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"


@pytest.mark.parametrize("url", [ITEMS, f"{ITEMS}/{UNKNOWN}", "/api/v1/nope"])
def test_a_browser_may_ask_first(db, url):
    answer = Client().options(
        f"{url}?x=1", headers={"access-control-request-method": "GET"}
    )

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert answer["Access-Control-Allow-Headers"] == "If-None-Match"


def test_a_browser_may_read_answers_and_their_etag(db):
    answer = Client().get(ITEMS, headers={"origin": "https://school.example"})

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Access-Control-Expose-Headers"] == (
        "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
    )
    assert "Access-Control-Allow-Credentials" not in answer


def test_thousands_of_parameters_are_a_bad_request(db):
    problem(Client().get(f"{ITEMS}?" + "a=1&" * 1001), 400, "bad_request")


@pytest.fixture
def broken(monkeypatch):
    """Something of ours does not work."""

    def fail(*args):
        raise RuntimeError("could not connect to 10.0.0.1 as countersign")

    monkeypatch.setattr("syndication.directory.areas", fail)


def test_a_fault_of_ours_is_logged_and_tells_nothing(broken, caplog):
    with caplog.at_level(logging.ERROR, logger="django.request"):
        answer = Client(raise_request_exception=False).get("/api/v1/areas")

    problem(answer, 500, "server_error")
    assert b"10.0.0.1" not in answer.content
    assert answer["Cache-Control"] == "no-store"
    (record,) = caplog.records
    assert "could not connect" in str(record.exc_info)


def test_a_fault_of_ours_reaches_whoever_watches(broken):
    with pytest.raises(RuntimeError):
        Client().get("/api/v1/areas")


def test_a_question_that_takes_the_database_too_long_is_answered_not_left_hanging(
    monkeypatch, caplog
):
    def stopped(*args):
        raise OperationalError("canceling statement due to statement timeout")

    monkeypatch.setattr("syndication.directory.areas", stopped)

    answer = Client(raise_request_exception=False).get("/api/v1/areas")

    problem(answer, 503, "try_later")
    assert answer["Retry-After"] == "30"
    assert answer["Cache-Control"] == "no-store"
    (record,) = caplog.records
    assert "statement timeout" in str(record.exc_info)


def test_a_developer_sees_the_traceback(broken, settings):
    settings.DEBUG = True

    answer = Client(raise_request_exception=False).get("/api/v1/areas")

    assert answer.status_code == 500
    assert b"RuntimeError" in answer.content


def test_other_views_made_with_the_framework_keep_their_own_errors(world, client_of):
    answer = client_of(world.admin).get("/admin/api/main/pages/999999/")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json"


KNOWN = st.sampled_from(["kind", "area", "limit", "cursor"])
VALUES = st.one_of(
    st.text(max_size=40),
    st.integers().map(str),
    st.sampled_from(["news", "shropshire", "20", "issues", "\0", "W10.x"]),
)
PAIRS = st.lists(st.tuples(KNOWN, VALUES), max_size=4).map(urlencode)
NOISE = st.text(st.characters(max_codepoint=255), max_size=60)


@given(query=st.one_of(PAIRS, NOISE), url=st.sampled_from([ITEMS, "/api/v1/changes"]))
@example(query="cursor=" + quote("é.é"), url=ITEMS)
@example(query="cursor=.", url="/api/v1/changes")
@effort(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_query_string_breaks_the_api(db, query, url):
    answer = Client().get(url, QUERY_STRING=query)

    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        problem(answer, 400, answer.json()["code"])


@given(header=st.text(st.characters(max_codepoint=255), max_size=60))
@example(header='"\0"')
@example(header='W/"' + "0" * 3000 + '"')
@effort(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_if_none_match_breaks_the_api(db, header):
    answer = Client().get(f"{ITEMS}/{UNKNOWN}", headers={"if-none-match": header})

    problem(answer, 404, "item_not_found")
