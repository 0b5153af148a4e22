"""What a process keeps of its answers is never told after anything changed."""

import pytest
import time_machine
from django.db import connection

from cms import withdrawals
from syndication import releases
from syndication.api import kept
from syndication.api.kept import Page, Pages
from syndication.models import Release

from .uncommitted import withdrawal_not_committed

LIST = "/api/v1/items"
CHANGES = "/api/v1/changes"


@pytest.fixture
def public(write, release):
    page = write()
    release(page)
    return page


def addresses(page):
    return [LIST, f"{LIST}?kind=local-offer&limit=5", f"{LIST}/{page.content_id}"]


def test_asking_again_reads_one_number(public, client, django_assert_num_queries):
    for address in [*addresses(public), CHANGES]:
        first = client.get(address)

        with django_assert_num_queries(1) as asked:
            again = client.get(address)

        assert "syndication_release" not in asked[0]["sql"]
        assert again.content == first.content
        assert dict(again.headers) == dict(first.headers)


@pytest.mark.parametrize("coding", ["gzip", "br", "identity"])
def test_each_coding_is_kept_by_itself(public, client, coding):
    for address in addresses(public):
        client.get(address, headers={"Accept-Encoding": "gzip"})
        client.get(address)

        answer = client.get(address, headers={"Accept-Encoding": coding})

        plain = client.get(address, headers={"Accept-Encoding": "identity"})
        assert answer.headers.get("Content-Encoding", "identity") in (
            coding,
            # There is no list in brotli.
            "identity",
        )
        if "Content-Encoding" not in answer.headers:
            assert answer.content == plain.content


def test_what_is_taken_back_is_gone_at_the_next_request(world, public, client):
    one = f"{LIST}/{public.content_id}"
    before = {address: client.get(address) for address in [*addresses(public), CHANGES]}
    assert client.get(one).status_code == 200

    withdrawals.withdraw(content_id=public.content_id, by=world.pat, reason="A name")

    assert client.get(one).status_code == 410
    assert client.get(LIST).json()["items"] == []
    assert client.get(CHANGES).json()["changes"][-1]["type"] == "withdrawn"
    tag = before[one]["ETag"]
    assert client.get(one, headers={"If-None-Match": tag}).status_code == 410


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets nobody read beside a writer here"
)
@pytest.mark.django_db(transaction=True)
def test_a_page_read_beside_a_withdrawal_is_not_told_after_it(world, public, client):
    one = f"{LIST}/{public.content_id}"
    with withdrawal_not_committed(public.content_id, by=world.pat):
        # It is still public, and is kept so.
        assert client.get(one).status_code == 200
        assert len(client.get(LIST).json()["items"]) == 1

    assert client.get(one).status_code == 410
    assert client.get(LIST).json()["items"] == []


def test_a_new_text_is_there_at_the_next_request(write, release, public, client):
    client.get(LIST)

    release(write(title="Another"))

    assert len(client.get(LIST).json()["items"]) == 2


def test_what_no_change_tells_of_shows_after_a_minute(public, client, settings):
    with time_machine.travel("2026-05-03T12:00Z", tick=False) as clock:
        client.get(LIST)
        settings.PUBLIC_ORIGIN = "https://elsewhere.example"
        assert releases.rebuild_documents() == 1
        clock.shift(30)
        assert "elsewhere.example" not in client.get(LIST).content.decode()

        clock.shift(31)

        assert "elsewhere.example" in client.get(LIST).content.decode()


def test_an_unknown_parameter_is_refused_though_its_page_is_kept(public, client):
    client.get(f"{LIST}?kind=news")

    assert client.get(f"{LIST}?kind=news&knd=news").status_code == 400


def test_a_search_is_kept_for_one_day_only(public, client):
    Release.objects.update(review_by="2026-02-01")
    # 90 days later it counts as long overdue.
    with time_machine.travel("2026-05-02T22:59:50Z", tick=False) as clock:
        assert len(client.get(f"{LIST}?q=talking").json()["items"]) == 1

        clock.shift(15)

        assert client.get(f"{LIST}?q=talking").json()["items"] == []


def test_asking_for_the_same_words_again_reads_one_number(
    public, client, django_assert_num_queries
):
    first = client.get(f"{LIST}?q=talking")

    with django_assert_num_queries(1):
        assert client.get(f"{LIST}?q=talking").content == first.content


def test_no_more_is_kept_than_there_is_room_for():
    pages = Pages(most=100)
    for number in range(10):
        pages.keep(number, Page(number=1, body=b"x" * 30, etag='"a"', tags=()))

    assert pages.size == 90


def test_a_page_takes_the_place_of_the_one_before_it():
    pages = Pages()
    for length in (10, 20):
        pages.keep("items", Page(number=1, body=b"x" * length, etag='"a"', tags=()))

    assert pages.size == 20


def test_a_very_long_page_is_not_kept(monkeypatch):
    monkeypatch.setattr(kept, "LONGEST", 10)
    pages = Pages()

    pages.keep("items", Page(number=1, body=b"x" * 11, etag='"a"', tags=()))

    assert pages.size == 0


def test_an_empty_body_is_never_sent_for_a_whole_one():
    with pytest.raises(ValueError, match="left in the database"):
        Page(number=1, body=b"", etag='"a"', tags=()).told()
