"""Answers come compressed to whoever takes that, from bytes that were compressed once."""

import gzip
import json
from urllib.parse import urljoin

import brotli
import pytest
from django.test import Client, RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from cms import withdrawals
from syndication import encodings, evidence
from syndication.models import Release

PARTS = st.lists(st.tuples(st.booleans(), st.binary(max_size=300)), max_size=8)


@given(PARTS)
@example([(True, b""), (False, b"")])
@example([(False, bytes(70_000)), (True, bytes(70_000))])
def test_pieces_and_plain_bytes_are_one_stream(parts):
    stream = encodings.Gzip()

    said = encodings.HEAD
    for is_packed, data in parts:
        said += stream.packed(encodings.pack(data)) if is_packed else stream.plain(data)
    said += stream.end()

    assert gzip.decompress(said) == b"".join(data for _, data in parts)


@given(st.binary(max_size=2000))
def test_a_piece_holds_what_was_packed(data):
    assert encodings.unpack(encodings.pack(data)) == data


@given(st.text(max_size=60))
def test_whatever_a_reader_accepts_there_is_an_answer(accepts):
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})

    assert encodings.chosen(request) in ("", "gzip", "br")


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("br ; q = 1", "br"),
        ("gzip;q=0", ""),
        ("gzip;q=0, *", "br"),
        ("*;q=0", ""),
        ("br;q=much, gzip;q=0.1", "gzip"),
        ("br;q=nan", ""),
        ("br;level=1", ""),
        ("deflate", ""),
    ],
)
def test_the_coding_is_the_one_that_a_reader_likes_best(accepts, coding):
    request = RequestFactory().get("/", headers={"Accept-Encoding": accepts})

    assert encodings.chosen(request) == coding


def unpacked(answer):
    data = b"".join(answer) if answer.streaming else answer.content
    unpack = {"gzip": gzip.decompress, "br": brotli.decompress, None: bytes}
    return unpack[answer.get("Content-Encoding")](data)


@pytest.fixture
def released(release, write):
    page = write()
    release(page)
    return page


ADDRESSES = [
    "items/{}",
    "items/{}?version=1",
    "items",
    "items?view=summary",
    "changes",
    "terms",
    "openapi.json",
    "/oruk/v3/services",
]


def address_of(address, page):
    return urljoin("/api/v1/", address.format(page.content_id))


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("accepts", ["gzip", "br", "br, gzip"])
def test_what_comes_compressed_is_the_same(released, address, accepts):
    url = address_of(address, released)
    plain = Client().get(url)

    answer = Client().get(url, headers={"Accept-Encoding": accepts})

    # Lists of whole items are joined from what is stored, which brotli cannot be.
    is_plain = (address, accepts) == ("items", "br")
    assert answer.get("Content-Encoding") == (
        None
        if is_plain
        else accepts.partition(",")[0]
        if address != "items"
        else "gzip"
    )
    assert unpacked(answer) == plain.content
    assert answer["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_tag_names_the_bytes_as_they_were_sent(released, address):
    url = address_of(address, released)
    tags = {}
    for accepts in ("", "gzip"):
        answer = Client().get(url, headers={"Accept-Encoding": accepts})
        tags[accepts] = answer["ETag"]
        again = Client().get(
            url,
            headers={"Accept-Encoding": accepts, "If-None-Match": answer["ETag"]},
        )
        assert (again.status_code, again["ETag"]) == (304, answer["ETag"])
        assert again["Vary"] == "Accept-Encoding"

    assert tags["gzip"] == tags[""][:-1] + '-gzip"'


def test_an_export_comes_compressed_too(released):
    plain = Client().get("/api/v1/export")
    answer = Client().get("/api/v1/export", headers={"Accept-Encoding": "br, gzip"})

    assert answer["Content-Encoding"] == "gzip"
    lines = unpacked(answer).splitlines()
    assert lines[1:] == b"".join(plain).splitlines()[1:]
    assert json.loads(lines[1])["content_id"] == str(released.content_id)
    head = Client().head("/api/v1/export", headers={"Accept-Encoding": "gzip"})
    assert head["Content-Encoding"] == "gzip"


@pytest.mark.parametrize("accepts", ["gzip", "br"])
def test_what_was_taken_back_comes_in_no_coding(released, world, accepts):
    withdrawals.withdraw(content_id=released.content_id, by=world.pat, reason="A name")
    url = f"/api/v1/items/{released.content_id}"

    answer = Client().get(url, headers={"Accept-Encoding": accepts})

    assert answer.status_code == 410
    assert released.title.encode() not in unpacked(answer)


@pytest.mark.parametrize("column", ["document_piece", "document_brotli"])
@pytest.mark.parametrize("stored", [b"", b"nonsense that is long enough", None])
def test_compressed_bytes_that_say_something_else_are_noticed(released, column, stored):
    release = Release.objects.get()
    assert evidence.check(release) == []
    if stored is None:
        other = b'{"title":"Something that nobody signed"}'
        stored = {
            "document_piece": encodings.pack(other),
            "document_brotli": brotli.compress(other),
        }[column]

    setattr(release, column, stored)

    assert evidence.check(release) == [f"its {column} is not what was released"]
