"""What a process remembers of feeds is never told after anything changed."""

import datetime as dt
import gzip
from types import SimpleNamespace

import pytest
from django.db import connection

from cms import withdrawals
from syndication.feeds import documents, sweep, window
from syndication.feeds.models import FeedDocument
from syndication.memory import Memory

from .feeds import FIRST, FORMATS, NOON, SECOND
from .test_feeds_documents import CAUSES
from .uncommitted import withdrawal_not_committed

GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def other(monkeypatch):
    """Let something be answered by a process that remembers other things."""
    memory = Memory[documents.Remembered](documents.MOST)

    def ask(work):
        with monkeypatch.context() as process:
            process.setattr(documents, "remembered", memory)
            return work()

    return ask


def remember(client, address, **headers):
    """Ask twice: for the first time it is made, and then it is read."""
    client.get(address)
    return client.get(address, headers=headers)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_asking_again_reads_what_counts_and_no_document(
    client, two_items, form, headers, django_assert_num_queries
):
    address = f"/feeds/all.{form}"
    first = remember(client, address, **headers)
    asked = [
        (200, headers),
        (304, {"If-None-Match": first["ETag"], **headers}),
        (304, {"If-None-Match": f"W/{first['ETag']}", **headers}),
        (304, {"If-None-Match": "*", **headers}),
        (304, {"If-Modified-Since": first["Last-Modified"], **headers}),
        (200, {"If-None-Match": '"other"', **headers}),
        (200, {"If-Modified-Since": "Sun, 03 May 2026 00:00:00 GMT", **headers}),
    ]

    for status, sent in asked:
        for ask in (client.get, client.head):
            with django_assert_num_queries(1) as queries:
                answer = ask(address, headers=sent)

            assert "feeds_feeddocument" not in queries[0]["sql"]
            assert answer.status_code == status
            if status == 200:
                assert dict(answer.headers) == dict(first.headers)
            else:
                assert "Content-Length" not in answer
                assert answer["ETag"] == first["ETag"]
                assert answer["Vary"] == "Accept-Encoding"
            whole = status == 200 and ask == client.get
            assert answer.content == (first.content if whole else b"")


def test_who_polls_first_gets_nothing_and_the_next_reader_everything(client, two_items):
    first = client.get("/feeds/all.rss")
    poll = {"If-None-Match": first["ETag"]}
    for _ in range(2):
        assert client.get("/feeds/all.rss", headers=poll).status_code == 304

    for _ in range(2):
        assert client.get("/feeds/all.rss").content == first.content


def test_a_body_that_is_remembered_outlives_a_change_that_spares_it(
    client, two_items, world, django_assert_num_queries
):
    before = remember(client, "/feeds/news.rss")
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong")
    poll = {"If-None-Match": before["ETag"]}
    for _ in range(2):
        assert client.get("/feeds/news.rss", headers=poll).status_code == 304

    with django_assert_num_queries(1) as queries:
        assert client.get("/feeds/news.rss").content == before.content

    assert "feeds_feeddocument" not in queries[0]["sql"]


@pytest.mark.parametrize("cause", [one for one in CAUSES if one != "the day"])
@pytest.mark.parametrize("headers", [{}, GZIP], ids=["plain", "gzip"])
def test_whatever_changes_a_feed_is_there_though_it_was_remembered(
    client, world, two_items, write, release, time_machine, cause, headers
):
    change, path = CAUSES[cause]
    before = remember(client, f"/feeds/{path}", **headers)

    change(
        SimpleNamespace(
            world=world,
            page=two_items[0],
            write=write,
            release=release,
            time=time_machine,
        )
    )

    # When nothing is remembered, and when what was made is.
    for _ in range(2):
        after = client.get(f"/feeds/{path}", headers=headers)
        assert after["ETag"][:33] != before["ETag"][:33]
        poll = {"If-None-Match": before["ETag"], **headers}
        assert client.get(f"/feeds/{path}", headers=poll).status_code == 200
        asked = {"If-Modified-Since": before["Last-Modified"], **headers}
        assert client.get(f"/feeds/{path}", headers=asked).status_code == 200


def test_a_feed_is_remembered_for_one_day_only(
    client, two_items, time_machine, feeds_made
):
    # Ten seconds before midnight in London.
    time_machine.move_to(dt.datetime(2026, 5, 5, 22, 59, 50, tzinfo=dt.UTC), tick=False)
    remember(client, "/feeds/all.rss")
    time_machine.shift(15)

    client.get("/feeds/all.rss")

    assert feeds_made == ["all", "all"]


# Several processes.


@pytest.mark.parametrize("form", FORMATS)
def test_what_another_process_took_back_is_gone_at_the_next_request(
    client, two_items, world, form, other
):
    def ask(**headers):
        return client.get(f"/feeds/all.{form}", headers=headers)

    before = remember(client, f"/feeds/all.{form}")
    assert "Getting help" in other(lambda: [ask(), ask()])[1].text

    other(lambda: withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="A name"))

    assert "Getting help" not in ask().text
    assert "Getting help" not in other(ask).text
    for process in (lambda work: work(), other):
        poll = {"If-None-Match": before["ETag"]}
        assert process(lambda poll=poll: ask(**poll)).status_code == 200
    assert dict(ask().headers) == dict(other(ask).headers)


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets nobody read beside a writer here"
)
@pytest.mark.django_db(transaction=True)
def test_a_feed_read_beside_a_withdrawal_is_not_told_after_it(
    world, write, release, client
):
    page = write()
    release(page)
    with withdrawal_not_committed(page.content_id, by=world.pat):
        # It is still public, and is remembered so.
        for _ in range(3):
            assert "Getting help" in client.get("/feeds/all.rss").text

    assert "Getting help" not in client.get("/feeds/all.rss").text


def test_a_database_that_was_put_back_shows_after_a_minute(
    client, two_items, time_machine
):
    before = remember(client, "/feeds/all.rss")
    FeedDocument.objects.update(body=b"As in the copy", etag="a" * 32)
    time_machine.shift(59)
    assert client.get("/feeds/all.rss").content == before.content

    time_machine.shift(2)

    assert client.get("/feeds/all.rss").content == b"As in the copy"


def test_no_more_feeds_are_remembered_than_there_is_room_for(
    client, two_items, monkeypatch
):
    monkeypatch.setattr(documents, "remembered", Memory(30_000))
    bodies = {}
    for path in ("all.rss", "all.atom", "all.json", "news.rss", "news.json"):
        bodies[path] = remember(client, f"/feeds/{path}").content
    assert sum(map(len, bodies.values())) > 30_000

    assert 0 < documents.remembered.size <= 30_000
    for path, body in bodies.items():
        assert client.get(f"/feeds/{path}").content == body


# Archives.

ARCHIVE = "/feeds/archive/0/all.atom"


@pytest.fixture
def archived(client, two_items, monkeypatch):
    """Two documents of one text each."""
    monkeypatch.setattr(window, "ARCHIVED", 1)
    return two_items


def test_an_archive_that_was_asked_for_costs_one_query(
    client, archived, django_assert_num_queries
):
    first = client.get(ARCHIVE)
    packed = client.get(ARCHIVE, headers=GZIP)
    assert gzip.decompress(packed.content) == first.content
    assert "Getting help" in first.text

    for status, sent in [
        (200, {}),
        (200, GZIP),
        (304, {"If-None-Match": first["ETag"]}),
        (304, {"If-None-Match": packed["ETag"], **GZIP}),
        (304, {"If-None-Match": f"W/{first['ETag']}"}),
        (304, {"If-Modified-Since": first["Last-Modified"]}),
    ]:
        for ask in (client.get, client.head):
            with django_assert_num_queries(1):
                answer = ask(ARCHIVE, headers=sent)
            assert answer.status_code == status
            like = packed if "Accept-Encoding" in sent else first
            whole = status == 200 and ask == client.get
            assert answer.content == (like.content if whole else b"")
            assert answer["ETag"] == like["ETag"]
            assert answer["Vary"] == "Accept-Encoding"
            assert answer["Cache-Tag"] == "feeds,feed-all"


def test_an_archive_is_made_once_and_not_for_each_reader(client, archived, feeds_made):
    for _ in range(3):
        client.get(ARCHIVE)

    assert feeds_made == ["all/0"]


def test_archives_are_stored_in_gzip_alone_and_not_remembered(client, archived):
    for _ in range(2):
        client.get(ARCHIVE)

    stored = FeedDocument.objects.get(path="archive/0/all.atom")
    assert bytes(stored.body) == b""
    assert b"Getting help" in gzip.decompress(bytes(stored.compressed))
    assert documents.remembered.size == 0


def test_an_archive_loses_what_another_process_took_back_at_the_next_request(
    client, archived, world, other
):
    before = client.get(ARCHIVE)
    assert "Getting help" in other(lambda: client.get(ARCHIVE)).text

    other(lambda: withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong"))

    for _ in range(2):
        assert "Getting help" not in client.get(ARCHIVE).text
    poll = {"If-None-Match": before["ETag"]}
    assert client.get(ARCHIVE, headers=poll).status_code == 200


def test_who_asks_for_an_archive_by_date_learns_that_it_lost_its_newest_entry(
    client, archived, world, time_machine
):
    """Although what is left in it is older than what was there."""
    before = client.get(ARCHIVE)
    time_machine.move_to(NOON + dt.timedelta(days=2), tick=False)
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong")

    asked = {"If-Modified-Since": before["Last-Modified"]}

    for _ in range(2):
        after = client.get(ARCHIVE, headers=asked)
        assert after.status_code == 200
        assert after["Last-Modified"] == "Tue, 05 May 2026 12:00:00 GMT"


def test_an_archive_tells_of_the_next_one_as_soon_as_there_is_one(
    client, archived, write, release
):
    newest = "/feeds/archive/1/all.atom"
    assert "next-archive" not in client.get(newest).text

    release(write(title="Another", slug="another"))

    assert "/feeds/archive/2/all.atom" in client.get(newest).text


def test_no_hub_is_told_of_in_archives(client, archived, settings):
    settings.WEBSUB_HUBS = ["https://hub.example/"]
    feed = client.get("/feeds/all.atom")
    assert feed.text.count("https://hub.example/") == 1
    assert "https://hub.example/" in feed["Link"]

    for _ in range(2):
        answer = client.get(ARCHIVE)

        assert "hub.example" not in answer.text
        assert "Link" not in answer


def test_an_archive_that_does_not_exist_is_not_stored(client, archived):
    assert client.get("/feeds/archive/7/all.atom").status_code == 404
    assert client.get("/feeds/archive/0/all/nowhere.atom").status_code == 404

    assert not FeedDocument.objects.exists()


def test_archives_that_nobody_asks_for_any_more_keep_no_words(
    client, archived, world, time_machine
):
    client.get(ARCHIVE)
    withdrawals.withdraw(content_id=SECOND, by=world.pat, reason="Over")
    time_machine.shift(dt.timedelta(days=2))

    sweep.sweep()

    stored = FeedDocument.objects.get(path="archive/0/all.atom")
    assert bytes(stored.compressed) == b""
    assert "Getting help" in client.get(ARCHIVE).text
