"""A feed is made once per change, and never served when it is older than one."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import settings as effort

from cms import corrections, reviews, withdrawals
from cms.models import Area
from site_settings.models import PublisherSettings
from syndication import releases
from syndication.feeds import documents, sweep, window
from syndication.feeds.models import FeedDocument, FeedEdition
from syndication.feeds.selections import Selection
from syndication.models import Release

from .conftest import make_world, submit_draft, write_draft
from .feeds import FIRST, FORMATS, NOON
from .shared_blocks import everyone_signs

NIGHTLY = effort.get_current_profile_name() == "nightly"
TEXTS = 100 if NIGHTLY else 4
ADDRESSES = [f"/feeds/all.{form}" for form in FORMATS] + [
    "/feeds/local-offer/shropshire.rss",
    "/feeds/withdrawals.atom",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_feed_that_was_asked_for_costs_one_query(
    client, two_items, address, django_assert_num_queries
):
    first = client.get(address)

    for headers in ({}, {"If-None-Match": first["ETag"]}, {"Accept-Encoding": "gzip"}):
        with django_assert_num_queries(1):
            client.get(address, headers=headers)
        with django_assert_num_queries(1):
            client.head(address, headers=headers)


def test_making_a_feed_costs_as_much_however_long_it_is(world, write, release, client):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/feeds/all/shropshire.rss").status_code == 200
        return len(asked)

    release(write())
    cost()
    release(write(slug="b"))
    few = cost()
    for number in range(4):
        release(write(slug=f"n{number}"))

    assert cost() == few <= 10


def test_no_query_is_asked_for_a_wrong_address(client, db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/feeds/all.rss?a=1").status_code == 400


def test_a_feed_is_made_once_and_not_for_each_reader(client, two_items, feeds_made):
    for _ in range(3):
        client.get("/feeds/all.rss")

    assert feeds_made == ["all"]


def test_who_has_it_is_told_so_without_reading_it(client, two_items):
    first = client.get("/feeds/all.rss")
    FeedDocument.objects.update(body=b"never read", compressed=b"never read")
    asked = [
        {"If-None-Match": first["ETag"]},
        {"If-None-Match": "*"},
        {"If-Modified-Since": first["Last-Modified"]},
    ]

    for headers in asked:
        documents.remembered.clear()
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/feeds/all.rss", headers=headers).status_code == 304
        with connection.cursor() as cursor:
            cursor.execute(queries[0]["sql"])
            (row,) = cursor.fetchall()
        assert row[-1] is None


# Everything that changes what a feed says.


def correct(stage):
    page = corrections.public_version(stage.page)
    (field,) = (one for one in corrections.fields(page) if "Telephone of" in one.label)
    corrections.correct(
        page=page, values={field.name: "01632 960555"}, by=stage.world.admin, reason="x"
    )


def assure(stage):
    current = Release.objects.current().get(item__content_id=FIRST)
    reviews.assure(
        content_id=FIRST, by=stage.world.editor, fingerprint=current.fingerprint
    )


def rename_publisher(stage):
    PublisherSettings.objects.update_or_create(pk=1, defaults={"name": "Renamed"})
    PublisherSettings.objects.filter(pk=1).update(name="Renamed past all signals")


def rename_area(stage):
    area = Area.objects.get(slug="shropshire")
    area.name = "Salop"
    area.save()


def let_it_become_overdue(stage):
    stage.time.move_to(dt.datetime(2027, 9, 2, 12, tzinfo=dt.UTC), tick=False)


def write_another(stage):
    stage.release(stage.write(title="Another", slug="another"))


def withdraw(stage):
    withdrawals.withdraw(content_id=FIRST, by=stage.world.pat, reason="Wrong")


CAUSES = {
    "a new text": (write_another, "all.json"),
    "a withdrawal": (withdraw, "all.json"),
    "a correction": (correct, "all.json"),
    "an assurance": (assure, "all.json"),
    "the publisher": (rename_publisher, "all.json"),
    "the name of an area": (rename_area, "you-said-we-did/shropshire.json"),
    "the day": (let_it_become_overdue, "all.json"),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_whatever_changes_a_feed_is_there_at_the_next_request(
    client, world, two_items, write, release, time_machine, cause
):
    change, path = CAUSES[cause]
    before = client.get(f"/feeds/{path}")
    assert client.get(f"/feeds/{path}").content == before.content
    time_machine.move_to(NOON + dt.timedelta(days=2), tick=False)

    change(
        SimpleNamespace(
            world=world,
            page=two_items[0],
            write=write,
            release=release,
            time=time_machine,
        )
    )

    after = client.get(f"/feeds/{path}")
    assert after.content != before.content
    assert after["ETag"] != before["ETag"]
    # A reader that asks by date alone learns of it too.
    asked = {"If-Modified-Since": before["Last-Modified"]}
    assert client.get(f"/feeds/{path}", headers=asked).status_code == 200
    asked = {"If-Modified-Since": after["Last-Modified"]}
    assert client.get(f"/feeds/{path}", headers=asked).status_code == 304


def test_receipts_that_are_made_again_show(client, two_items, settings):
    client.get("/feeds/all.rss")
    settings.PUBLIC_ORIGIN = "https://moved.example"
    # Read between the two: the receipts are still the old ones.
    assert "https://localoffer.example/receipts/" in client.get("/feeds/all.rss").text

    releases.rebuild_documents()

    feed = client.get("/feeds/all.rss").text
    assert "https://localoffer.example/receipts/" not in feed
    assert "https://moved.example/receipts/" in feed


def test_a_program_with_other_words_makes_them_again(
    client, two_items, feeds_made, monkeypatch
):
    client.get("/feeds/all.rss")
    documents._fingerprint.cache_clear()
    monkeypatch.setattr(documents, "_words", lambda: "other words")

    client.get("/feeds/all.rss")

    documents._fingerprint.cache_clear()
    assert feeds_made == ["all", "all"]


def test_what_changes_nothing_keeps_bytes_and_dates(
    client, two_items, world, time_machine
):
    before = client.get("/feeds/news.rss")
    time_machine.move_to(NOON + dt.timedelta(days=5), tick=False)
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong")

    after = client.get("/feeds/news.rss")

    assert after.headers == before.headers
    assert after.content == before.content


# Several at once.


def test_a_feed_made_of_old_releases_is_not_served(
    client, two_items, world, monkeypatch
):
    """Something is withdrawn while another process makes the feed."""
    make = window.current

    def slowly(selection, publisher):
        feed = make(selection, publisher)
        withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong")
        return feed

    monkeypatch.setattr(window, "current", slowly)
    assert b"Getting help" in client.get("/feeds/all.rss").content
    monkeypatch.setattr(window, "current", make)

    assert b"Getting help" not in client.get("/feeds/all.rss").content


def test_who_comes_late_does_not_put_an_old_feed_in_the_place_of_a_new_one(
    client, two_items, world, feeds_made
):
    _, old = documents.read("all.rss", held=(), since=None, coding="")
    feed = window.current(Selection("all"), old.as_publisher())
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong")
    new = client.get("/feeds/all.rss")
    feeds_made.clear()

    documents.write("all.rss", "rss", feed, "https://localoffer.example/", old)

    assert client.get("/feeds/all.rss").content == new.content
    assert feeds_made == []


def test_a_feed_that_cannot_be_kept_is_answered_all_the_same(
    client, two_items, monkeypatch, caplog
):
    def busy(*args):
        raise OperationalError("database is locked")

    monkeypatch.setattr(documents, "_keep", busy)

    answer = client.get("/feeds/all.rss")

    assert answer.status_code == 200
    assert answer["Last-Modified"] == "Mon, 04 May 2026 12:00:00 GMT"
    assert "could not be kept" in caplog.text
    assert not FeedDocument.objects.exists()


@pytest.mark.parametrize("hours", [1, 49])
def test_what_nobody_asks_for_any_more_keeps_no_words(
    client, two_items, world, write, release, time_machine, hours
):
    time_machine.move_to(NOON + dt.timedelta(days=5), tick=False)
    before = client.get("/feeds/all.rss")
    release(write(title="Another"))
    time_machine.shift(dt.timedelta(hours=hours))

    sweep.sweep()

    kept = FeedDocument.objects.get(path="all.rss")
    assert bool(kept.body) is (hours == 1)
    # Whoever asks by date alone is still told of what changed meanwhile.
    since = {"If-Modified-Since": before["Last-Modified"]}
    after = client.get("/feeds/all.rss", headers=since)
    assert after.status_code == 200
    assert "Another" in after.content.decode()
    assert after["Last-Modified"] != before["Last-Modified"]


def test_a_feed_of_today_is_left_alone(client, two_items, time_machine):
    time_machine.move_to(NOON + dt.timedelta(days=5), tick=False)
    client.get("/feeds/all.rss")

    sweep.sweep()

    assert FeedDocument.objects.get(path="all.rss").body


def test_unknown_feeds_are_not_kept(client, two_items):
    for address in ("/feeds/nonsense.rss", "/feeds/all/nowhere.atom"):
        assert client.get(address).status_code == 404

    assert not FeedDocument.objects.exists()


def test_rows_say_what_they_are(client, two_items):
    client.get("/feeds/all.rss")
    documents.start_edition()

    assert str(FeedDocument.objects.get()) == "all.rss"
    assert int(str(FeedEdition.objects.get())) >= 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="SQLite lets one transaction write at a time",
)
def test_readers_never_see_what_was_taken_back_before_they_asked():
    """Four readers, while one text after the other comes and goes."""
    world = make_world()
    gone: list[str] = []
    seen: list[str] = []
    stop = threading.Event()

    def read(path):
        client, count = Client(), 0
        while not stop.is_set():
            before = list(gone)
            said = client.get(path).content.decode()
            seen.extend(title for title in before if title in said)
            count += 1
        connection.close()
        return count

    paths = ("all.rss", "all.atom", "local-offer.json", "all/shropshire.rss")
    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read, f"/feeds/{path}") for path in paths]
        try:
            for number in range(TEXTS):
                title = f"Text number {number} of many"
                page = write_draft(world, title=title, slug=f"n{number}")
                everyone_signs(world, submit_draft(world, page))
                withdrawals.withdraw(
                    content_id=page.content_id, by=world.pat, reason="Wrong"
                )
                gone.append(title)
        finally:
            stop.set()
        counts = [one.result() for one in readers]

    assert min(counts) > 0
    assert seen == []
    assert [client_sees(path) for path in paths] == [[]] * 4


def client_sees(path):
    said = Client().get(f"/feeds/{path}").content.decode()
    return [number for number in range(TEXTS) if f"number {number} of many" in said]
