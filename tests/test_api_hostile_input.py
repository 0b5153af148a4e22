"""Whatever is sent to an address for programs, the answer is one that programs read."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.conf import settings
from django.core.signing import Signer
from django.test import Client

from .loopback import free_port

PARTNERS, STANDARD = "/api/v1", "/oruk/v3"
NOBODYS = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"
TEN_MEGABYTES = 10_000_000
COPIES = f"{PARTNERS}/reconcile"


def refused(answer, status, code):
    """Check what every refusal is like, here and there; gives its members."""
    assert answer.status_code == status, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert len(answer.content) < 2000
    members = answer.json()
    assert members["status"] == status
    assert members["code"] == code
    assert members["title"]
    assert members["detail"]
    assert members["type"] in (
        "about:blank",
        f"{settings.PUBLIC_ORIGIN}/api/v1/docs#{code}",
    )
    return members


def ask(path, query="", method="GET", **more):
    """An answer, also where the test client would raise what the server answers."""
    client = Client(raise_request_exception=False)
    return client.generic(method, path, QUERY_STRING=query, **more)


def send(body, media_type="application/json", **more):
    data = body.encode() if isinstance(body, str) else body
    more = {"CONTENT_TYPE": media_type, "CONTENT_LENGTH": str(len(data))} | more
    return ask(COPIES, method="POST", data=data, **more)


# What is wrong with it, where, the query, the code and the parameter it names.
QUERIES = [
    ("a value of 10 MB", "items", "q=" + "a" * TEN_MEGABYTES, "invalid", "q"),
    ("a cursor of 10 MB", "changes", "cursor=" + "a" * TEN_MEGABYTES, "invalid", "cursor"),
    ("a name of 10 MB", "export", "a" * TEN_MEGABYTES + "=1", "unknown", "a" * 60),
    ("a value with a NUL", "items", "area=a%00b", "invalid", "area"),
    ("a name with a NUL", "items", "%00=1", "unknown", "\0"),
    ("words with a NUL", "items", "q=advice%00", "invalid", "q"),
    ("bytes that are no UTF-8", "items", "q=%ff%fe", "invalid", "q"),
    ("half a character", "items", "q=%ED%A0%80", "invalid", "q"),
    ("a name that is no UTF-8", "items", "%ff=1", "unknown", "\N{REPLACEMENT CHARACTER}"),
    ("half an escape", "items", "kind=%", "invalid", "kind"),
    ("no escape", "items", "area=%zz", "invalid", "area"),
    ("a name alone", "items", "q", "invalid", "q"),
    ("no name", "items", "=news", "unknown", ""),
    ("a name in capitals", "items", "Kind=news", "unknown", "Kind"),
    ("a filter within a filter", "items", "filter[a][b][c]=1", "unknown", "filter[a][b][c]"),
    ("a way to compare", "items", "updated_since[gte]=1", "unknown", "updated_since[gte]"),
    ("the same twice", "items", "kind=news&kind=news", "repeated", "kind"),
    ("one name, two values", "export", "area=a&area=b", "repeated", "area"),
    ("a cursor twice", "changes", "cursor=a&cursor=b", "repeated", "cursor"),
    ("a day that is none", "items", "reviewed_since=2026-02-30", "invalid", "reviewed_since"),
    ("the day zero", "items", "reviewed_since=0000-00-00", "invalid", "reviewed_since"),
    ("a day in words", "items", "reviewed_since=today", "invalid", "reviewed_since"),
    ("a moment as a day", "items", "reviewed_since=2026-11-01T00:00:00Z", "invalid", "reviewed_since"),
    ("a moment without its offset", "items", "updated_since=2026-11-01T00:00:00", "invalid", "updated_since"),
    ("a moment with a space", "items", "updated_since=2026-11-01T00:00:00+01:00", "invalid", "updated_since"),
    ("an hour that is none", "items", "updated_since=2026-11-01T25:00:00Z", "invalid", "updated_since"),
    ("an offset that is none", "items", "updated_since=2026-11-01T00:00:00%2B99:99", "invalid", "updated_since"),
    ("a moment before all time", "items", "updated_since=0001-01-01T00:00:00%2B23:59", "invalid", "updated_since"),
    ("a moment after all time", "items", "updated_since=9999-12-31T23:59:59-23:59", "invalid", "updated_since"),
    ("no word in it", "items", "q=%22%28%2A", "invalid", "q"),
    ("13 words", "items", "q=" + "a+" * 13, "invalid", "q"),
    ("a number in other digits", "items", "limit=%D9%A1", "invalid", "limit"),
    ("a number with an exponent", "items", "limit=1e1", "invalid", "limit"),
    ("a number of 400 digits", "items", "age=" + "9" * 400, "invalid", "age"),
    ("less than nothing", "changes", "limit=-1", "invalid", "limit"),
    ("the version zero", f"items/{NOBODYS}", "version=0", "invalid", "version"),
    ("another order", "items", "order=-title", "invalid", "order"),
    ("relevance of nothing", "items", "order=relevance", "invalid", "order"),
]  # fmt: skip
OF_THE_STANDARD = [
    ("a value of 10 MB", "services", "search=" + "a" * TEN_MEGABYTES, "invalid", "search"),
    ("a name of 10 MB", "taxonomies", "a" * TEN_MEGABYTES + "=1", "unknown", "a" * 60),
    ("a value with a NUL", "services", "search=a%00b", "invalid", "search"),
    ("bytes that are no UTF-8", "services", "search=%ff%fe", "invalid", "search"),
    ("the same twice", "services", "page=1&page=1", "repeated", "page"),
    ("a page of no list", "services", "page=0", "invalid", "page"),
    ("a page in other digits", "services", "page=%D9%A1", "invalid", "page"),
    ("more than a page holds", "services", "per_page=101", "invalid", "per_page"),
    ("a moment that is none", "services", "modified_after=2026-02-30", "invalid", "modified_after"),
    ("a moment before all time", "services", "modified_after=0001-01-01T00:00:00%2B23:59", "invalid", "modified_after"),
    ("no postcode", "service_at_locations", "postcode=%00", "invalid", "postcode"),
    ("a distance below nothing", "service_at_locations", "postcode=SY1+1AA&proximity=-1", "invalid", "proximity"),
    ("100 words", "services", "search=" + "a+" * 100, "invalid", "search"),
    ("a filter within a filter", "services", "filter[a][b]=1", "unknown", "filter[a][b]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "query", "code", "parameter"),
    [
        pytest.param(f"{place}/{name}", *rest, id=f"{place} {what}")
        for place, table in ((PARTNERS, QUERIES), (STANDARD, OF_THE_STANDARD))
        for what, name, *rest in table
    ],
)
def test_a_question_that_cannot_be_meant_is_refused_with_the_name_of_what_is_wrong(
    db, django_assert_num_queries, path, query, code, parameter
):
    with django_assert_num_queries(0):
        answer = ask(path, query)

    assert refused(answer, 400, f"{code}_parameter")["parameter"] == parameter


@pytest.mark.parametrize("path", [f"{PARTNERS}/items", f"{STANDARD}/services"])
@pytest.mark.parametrize("query", ["a=1&" * 1001, "a=1&" * 2_500_000])
def test_thousands_of_parameters_are_not_even_read(db, path, query):
    refused(ask(path, query), 400, "bad_request")


@pytest.fixture
def places(db, write, release):
    """Cursors that were truly given out, by what they belong to."""
    release(write("news", title="One"))
    release(write("news", title="Two"))

    def cursor(path):
        return ask(*path.split("?")).json()["next"].rpartition("cursor=")[2]

    return {
        "items": cursor(f"{PARTNERS}/items?limit=1"),
        "items by update": cursor(f"{PARTNERS}/items?limit=1&order=updated"),
        "news": cursor(f"{PARTNERS}/items?limit=1&kind=news"),
        "changes": cursor(f"{PARTNERS}/changes?limit=1"),
        "changes of news": cursor(f"{PARTNERS}/changes?kind=news"),
    }


@pytest.mark.parametrize(
    ("path", "whose", "code"),
    [
        ("items?limit=1", "changes", "bad_cursor"),
        ("changes?limit=1", "items", "bad_cursor"),
        ("items?limit=1", "items by update", "cursor_mismatch"),
        ("items?limit=1", "news", "cursor_mismatch"),
        ("items?limit=1&kind=news", "items", "cursor_mismatch"),
        ("items?limit=1&q=one", "items", "cursor_mismatch"),
        ("changes?area=shropshire", "changes of news", "cursor_mismatch"),
    ],
)
def test_a_cursor_of_something_else_is_refused(places, path, whose, code):
    path, _, query = f"{PARTNERS}/{path}&cursor={places[whose]}".partition("?")

    assert refused(ask(path, query), 400, code)["parameter"] == "cursor"


@pytest.mark.parametrize("name", ["items", "changes"])
@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda cursor: cursor[:-1], id="cut off"),
        pytest.param(lambda cursor: cursor + "A", id="longer"),
        pytest.param(lambda cursor: "." + cursor, id="with a dot before it"),
        pytest.param(lambda cursor: cursor.partition(".")[0], id="without signature"),
        pytest.param(lambda cursor: cursor.partition(".")[0] + ".", id="with an empty one"),
        pytest.param(lambda cursor: cursor.upper(), id="in capitals"),
        pytest.param(lambda cursor: cursor + "%00", id="with a NUL behind it"),
        pytest.param(lambda cursor: cursor + "%20", id="with a space behind it"),
        pytest.param(lambda cursor: cursor + "%ff", id="with half a character"),
    ],
)  # fmt: skip
def test_a_cursor_that_was_tampered_with_is_refused(places, name, change):
    answer = ask(f"{PARTNERS}/{name}", f"limit=1&cursor={change(places[name])}")

    code = "invalid_parameter" if b"NUL" in answer.content else "bad_cursor"
    assert refused(answer, 400, code)["parameter"] == "cursor"


@pytest.mark.parametrize("name", ["items", "changes"])
def test_a_cursor_signed_with_another_secret_is_refused(db, name):
    forged = Signer(
        key="another secret", salt=f"syndication.api.cursors.{name}", sep="."
    ).sign_object([[], [0]])

    answer = ask(f"{PARTNERS}/{name}", urlencode({"cursor": forged}))

    assert refused(answer, 400, "bad_cursor")["parameter"] == "cursor"


def test_a_cursor_still_works_after_the_secret_was_changed_with_care(places, settings):
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new secret"

    answer = ask(f"{PARTNERS}/items", f"limit=1&cursor={places['items']}")

    assert answer.status_code == 200


ONE = f'{{"content_id":"{NOBODYS}","version":1}}'


def copies(*entries):
    return '{"items":[' + ",".join(entries) + "]}"


def version(written):
    return copies(ONE.replace(":1}", f":{written}}}"))


MANY = [
    json.dumps({"content_id": str(UUID(int=n)), "version": 1}) for n in range(10001)
]
# What is wrong with it, and what is sent.
BODIES = [
    ("nothing", b""),
    ("a NUL", b"\0"),
    ("bytes that are no UTF-8", b'{"items":["\xff"]}'),
    ("UTF-16", '{"items":[]}'.encode("utf-16")),
    ("half an object", b'{"items":['),
    ("two values", b'{"items":[]}{"items":[]}'),
    ("a list", b"[]"),
    ("another field", b'{"items":[],"dry_run":true}'),
    ("the same field twice", b'{"items":[],"items":[]}'),
    ("the same field twice inside", copies(ONE[:-1] + ',"version":2}')),
    ("a hundred thousand lists in each other", b'{"items":' + b"[" * 100_000),
    ("a hundred thousand objects in each other", b'{"a":' * 100_000),
    ("a copy twice", copies(ONE, ONE)),
    ("10,001 copies", copies(*MANY)),
    ("half a character", copies(r'{"content_id":"\ud800","version":1}')),
    ("an identity with a NUL", copies(r'{"content_id":"\u0000","version":1}')),
    ("no number", version("NaN")),
    ("a number without end", version("1e999")),
    ("a number of a million digits", version("9" * 1_000_000)),
    ("a fraction", version("1.5")),
    ("a yes", version("true")),
    ("a number in quotes", version('"1"')),
    ("the version zero", version("0")),
    ("a version beyond all", version(2**31)),
]  # fmt: skip


@pytest.mark.parametrize(
    "body", [pytest.param(body, id=what) for what, body in BODIES]
)  # fmt: skip
def test_a_body_that_cannot_be_meant_is_refused(db, django_assert_num_queries, body):
    with django_assert_num_queries(0):
        answer = send(body)

    refused(answer, 400, "invalid_body")


def test_a_whole_number_may_be_written_as_a_fraction(db):
    assert send(version("1.0")).json()["unknown"] == [{"content_id": NOBODYS}]


def test_which_of_the_copies_is_wrong_is_told(db):
    answer = send(copies(ONE, ONE.replace(":1}", ":0}")))

    assert refused(answer, 400, "invalid_body")["place"] == 1


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/problem+json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json\0",
        "é",
    ],
)
def test_a_body_of_another_type_is_refused(db, media_type):
    refused(send(copies(), media_type), 415, "unsupported_media_type")


def test_a_compressed_body_is_refused_rather_than_unpacked(db):
    answer = send(copies(), headers={"content-encoding": "gzip"})

    refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("length", [2_000_001, TEN_MEGABYTES, 10**11])
def test_of_a_body_that_is_too_long_nothing_is_read(db, length):
    answer = send(copies(), CONTENT_LENGTH=str(length))

    refused(answer, 413, "too_large")


@pytest.mark.parametrize("length", ["", "-1", "abc", "1e3", "²", "9" * 40])
def test_a_body_must_say_how_long_it_is(db, length):
    refused(send(copies(), CONTENT_LENGTH=length), 411, "length_required")


def test_a_body_with_a_mark_in_front_is_read(db):
    assert send(b"\xef\xbb\xbf" + copies().encode()).status_code == 200


def test_what_is_asked_for_beside_a_body_is_refused_as_well(db):
    answer = ask(COPIES, "dry_run=1", "POST", content_type="application/json")

    assert refused(answer, 400, "unknown_parameter")["parameter"] == "dry_run"


METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "QUERY"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "path",
    [
        *(
            f"{PARTNERS}/{name}"
            for name in ("items", f"items/{NOBODYS}", "changes", "export", "areas", "docs")
        ),
        STANDARD,
        *(f"{STANDARD}/{name}" for name in ("services", f"services/{NOBODYS}")),
    ],
)  # fmt: skip
def test_another_method_is_refused_and_those_that_work_are_named(db, method, path):
    answer = ask(path, method=method)

    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"])
def test_copies_are_compared_by_post_alone(db, method):
    answer = ask(COPIES, method=method)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v1",
        "/api/v2/items",
        "/api/v1//items",
        "/api/v1/items/%00",
        "/api/v1/items/%ff",
        "/api/v1/items/..%2f..%2fadmin",
        f"/api/v1/items/{NOBODYS.upper()}%0a",
        f"/api/v1/receipts/{'A' * 64}",
        f"/api/v1/receipts/{'0' * 64}%0a",
        "/api/v1/items/" + "a/" * 20_000,
        "/oruk",
        "/oruk/",
        "/oruk/v2/services",
        "/oruk/v3services",
        "/oruk/v3/%00",
        f"/oruk/v3/services/{NOBODYS}%0a",
        "/oruk/v3/services/" + "a" * 100_000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_none_is_not_found(db, path, method):
    refused(ask(path, method=method), 404, "not_found")


@pytest.mark.parametrize("path", [f"{PARTNERS}/items", f"{STANDARD}/services"])
def test_a_foreign_host_is_refused_before_anything_is_read(
    db, django_assert_num_queries, path
):
    with django_assert_num_queries(0):
        answer = ask(path, headers={"host": "evil.example"})

    refused(answer, 400, "bad_request")
    assert answer["Cache-Control"] == "no-store"
    assert b"evil" not in answer.content


def test_people_at_a_foreign_host_get_a_page(db):
    answer = ask("/feeds/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        pytest.param("if-none-match", '"' + "a" * 100_000, id="a long ETag"),
        pytest.param("if-none-match", '"\\', id="half an ETag"),
        pytest.param("if-modified-since", "nope", id="no moment"),
        pytest.param("range", "bytes=0-1", id="a part of it"),
        pytest.param("accept", "x/" * 9000, id="no media type"),
        pytest.param("accept-encoding", "\xff;q=nan, *;q=-1", id="no coding"),
        pytest.param("accept-language", "en," * 9000, id="languages"),
        pytest.param("cookie", "sessionid=" + "a" * 9000, id="a cookie"),
        pytest.param("authorization", "Bearer \xff", id="a key"),
        pytest.param("x-forwarded-host", "evil.example", id="another host"),
        pytest.param("x-http-method-override", "DELETE", id="another method"),
    ],
)
@pytest.mark.parametrize("path", [f"{PARTNERS}/items", f"{STANDARD}/services"])
def test_a_header_that_nobody_understands_changes_nothing(db, path, header, value):
    answer = ask(path, headers={header: value})

    assert answer.status_code == 200
    assert answer.content == ask(path).content
    assert "Set-Cookie" not in answer


@pytest.mark.slow
def test_the_web_server_itself_refuses_what_is_longer_than_it_reads(tmp_path):
    """It answers before any code of ours, so without a body, and serves the next."""
    port = free_port()
    server = subprocess.Popen(  # noqa: S603 - what this very environment has installed
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
            "site_settings.wsgi:application",
        ],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "site_settings.settings.dev",
            "DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3",
            "DATA_DIR": str(tmp_path),
            "LOG_LEVEL": "ERROR",
        },
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        first = _raw(port, b"/livez", patience=30)
        assert first.startswith(b"HTTP/1.1 200")
        for length in (100_000, TEN_MEGABYTES):
            answer = _raw(port, b"/api/v1/items?q=" + b"a" * length)
            status, _, rest = answer.partition(b"\r\n")
            assert status[9:12] in (b"414", b"431")
            assert rest.partition(b"\r\n\r\n")[2] == b""
        assert _raw(port, b"/livez").startswith(b"HTTP/1.1 200")
    finally:
        server.terminate()
        server.wait(timeout=30)


def _raw(port, target, patience=0):
    """What a server says to a GET, even one that hangs up before it has read all."""
    until = time.monotonic() + patience
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            break
    answer = b""
    with connection:
        # It may say no and hang up; the answer is there to be read all the same.
        with contextlib.suppress(OSError):
            connection.sendall(
                b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )  # fmt: skip
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                answer += piece
    return answer
