"""How feeds are asked for: often, by many, and with what they got before."""

import datetime as dt
import gzip

import pytest

from cms import withdrawals

from .feeds import FIRST, FORMATS, NOON, SECOND


@pytest.mark.parametrize("form", FORMATS)
def test_three_polls_cost_one_body(client, two_items, form, time_machine):
    first = client.get(f"/feeds/all.{form}")
    time_machine.move_to(NOON + dt.timedelta(days=30), tick=False)

    for _ in range(2):
        again = client.get(
            f"/feeds/all.{form}", headers={"If-None-Match": first["ETag"]}
        )
        assert again.status_code == 304
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        assert again["Cache-Control"] == first["Cache-Control"]
        assert again["Last-Modified"] == first["Last-Modified"]
    assert client.get(f"/feeds/all.{form}").content == first.content


def test_a_tag_that_a_proxy_mangled_still_counts(client, two_items):
    tag = client.get("/feeds/all.rss")["ETag"]

    for sent in (f"W/{tag}", f'{tag[:-1]}-gzip"', f'"other", {tag}', "*"):
        answer = client.get("/feeds/all.rss", headers={"If-None-Match": sent})
        assert answer.status_code == 304, sent


def test_a_reader_may_ask_by_date(client, two_items):
    modified = client.get("/feeds/all.rss")["Last-Modified"]
    assert modified == "Mon, 04 May 2026 12:00:00 GMT"

    def asked(since):
        headers = {"If-Modified-Since": since}
        return client.get("/feeds/all.rss", headers=headers).status_code

    assert asked(modified) == 304
    assert asked("Mon, 04 May 2026 11:59:59 GMT") == 200
    assert asked("yesterday") == 200


def test_the_tag_wins_over_the_date(client, two_items):
    answer = client.get("/feeds/all.rss")

    headers = {"If-None-Match": '"old"', "If-Modified-Since": answer["Last-Modified"]}

    assert client.get("/feeds/all.rss", headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["/feeds/all.rss", "/feeds/all/shropshire.rss"])
def test_a_reader_that_asks_by_date_learns_of_a_withdrawal(
    client, two_items, world, time_machine, address
):
    """Although the newest entry, and its date, stay as they were."""
    modified = client.get(address)["Last-Modified"]
    time_machine.move_to(NOON + dt.timedelta(days=2), tick=False)
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong number")

    answer = client.get(address, headers={"If-Modified-Since": modified})

    assert answer.status_code == 200
    assert answer["Last-Modified"] == "Tue, 05 May 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    "address", ["/feeds/local-offer.rss", "/feeds/all/telford-and-wrekin.rss"]
)
def test_changes_elsewhere_do_not_touch_a_feed(
    client, two_items, world, time_machine, address
):
    before = client.get(address)
    time_machine.move_to(NOON + dt.timedelta(days=2), tick=False)
    withdrawals.withdraw(content_id=SECOND, by=world.pat, reason="Over")

    assert client.get(address).headers == before.headers


def test_head_is_answered_without_a_body(client, two_items):
    got = client.get("/feeds/all.rss")
    head = client.head("/feeds/all.rss")

    assert head.content == b""
    assert head["ETag"] == got["ETag"]
    assert head["Content-Type"] == "application/rss+xml; charset=utf-8"


def test_feeds_are_only_read(client, db):
    assert client.post("/feeds/all.rss").status_code == 405


def test_an_unknown_parameter_is_refused(client, db):
    answer = client.get("/feeds/all.rss?fbclid=1")

    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize("address", ["/feeds/", "/feeds/all.rss", "/feeds/none.rss"])
def test_any_cache_may_keep_a_feed_for_a_minute(client, two_items, address):
    answer = client.get(address)

    assert answer["Cache-Control"] == "public, max-age=60"
    assert "feeds" in answer["Cache-Tag"].split(",")
    assert not answer.cookies


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_is_sent_compressed_to_who_takes_that(client, two_items, form):
    address = f"/feeds/all.{form}"
    plain = client.get(address)

    packed = client.get(address, headers={"Accept-Encoding": "gzip, br"})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content)
    # Other bytes, another tag; and a cache keeps both.
    assert packed["ETag"] == f'{plain["ETag"][:-1]}-gzip"'
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    again = {"If-None-Match": packed["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(address, headers=again).status_code == 304


def test_other_sites_may_read_a_feed_in_a_browser(client, two_items):
    answer = client.get("/feeds/all.json")

    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_what_a_purge_names_is_told(client, two_items):
    assert client.get("/feeds/news.rss")["Cache-Tag"] == "feeds,feed-news"
    tags = client.get("/feeds/news/shropshire.rss")["Surrogate-Key"]
    assert tags == "feeds feed-news feed-news-shropshire"
