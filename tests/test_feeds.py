"""Feeds say what was released, whole, to any reader, and nothing else."""

import datetime as dt
import json
import os
from html import unescape
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cms import withdrawals
from cms.models import Area
from site_settings.models import PublisherSettings
from syndication.checked import Checked
from syndication.feeds import atom, json_feed, markup, rss
from syndication.feeds.entries import Category, Entry, Feed
from syndication.models import Release
from syndication.receipts import moment, sentence

CONTRACT = Path(__file__).parent / "contract"
FORMATS = ("rss", "atom", "json")
ORIGIN = "https://localoffer.example"
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
ATOM = "{http://www.w3.org/2005/Atom}"
RSS_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


def read(client, address="/feeds/all.rss", **headers):
    """What feedparser, strict about faults, makes of a feed."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.content
    parsed = feedparser.parse(answer.content, sanitize_html=False)
    assert parsed.bozo is False
    return parsed


def parse(xml):
    return ElementTree.fromstring(xml)  # noqa: S314 - our own words


def titles(client, address="/feeds/all.json"):
    return [item["title"] for item in client.get(address).json()["items"]]


@pytest.fixture
def two_items(world, write, release, time_machine):
    """A local offer page for both areas, a day later a news item for Shropshire."""
    time_machine.move_to(NOON, tick=False)
    page = write(content_id=FIRST)
    first = release(page)
    time_machine.move_to(NOON + dt.timedelta(days=1), tick=False)
    news = write(
        "news",
        content_id=SECOND,
        title="Half-term places & <more>",
        summary="Swimming & cooking for under-5s, if age < 5.",
        areas=[world.shropshire],
    )
    return page, news, first, release(news)


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_reader_gets_the_whole_text_and_who_agreed_it(client, two_items, form):
    news, page = read(client, f"/feeds/all.{form}").entries

    assert page.title == "Getting help with talking and understanding"
    assert page.link == f"{ORIGIN}/items/{FIRST}"
    assert page.summary == "Who can help, and what to try first."
    html = page.content[0].value
    assert "<p>Ring the <b>advice line</b> first.</p>" in html
    assert (
        "<p>Agreed by Shropshire Parent and Carer Council and Parents Opening Doors "
        "on 3 May 2026." in html
    )
    assert f'<a href="{ORIGIN}/receipts/{two_items[2].fingerprint}">' in html
    assert "Agreed by Shropshire Parent and Carer Council on 4 May 2026." in (
        news.content[0].value
    )


def test_json_feed_has_what_its_standard_requires(client, two_items):
    answer = client.get("/feeds/all.json")
    feed = answer.json()

    assert answer["Content-Type"] == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Countersign: everything new"
    assert feed["feed_url"] == f"{ORIGIN}/feeds/all.json"
    for item in feed["items"]:
        assert item["id"].startswith("urn:uuid:")
        assert item["url"].startswith(ORIGIN)
        assert "Agreed by" in item["content_html"]
        assert "Agreed by" in item["content_text"]


@pytest.mark.parametrize("form", FORMATS)
def test_the_receipt_is_there_for_programs(client, two_items, form):
    answer = client.get(f"/feeds/local-offer.{form}")
    receipt = two_items[2].receipt
    if form == "json":
        told = answer.json()["items"][0]["_countersign"]["receipt"]
    else:
        tree = parse(answer.content)
        found = tree.find(f".//{{{markup.COUNTERSIGN}}}receipt")
        label, *forums = found
        told = dict(found.attrib) | {
            "version": int(found.get("version")),
            "label": dict(label.attrib) | {"reason": label.text},
            "forums": [
                {
                    "slug": forum.get("slug"),
                    "name": forum.text,
                    "role": forum.get("role"),
                    "decision": forum.get("decision"),
                    "signed_at": forum.get("signed"),
                }
                for forum in forums
            ],
        }

    assert told == receipt


def test_an_entry_keeps_its_identity_when_the_text_changes(
    client, two_items, world, edit, release, time_machine
):
    page = two_items[0]
    before = {form: read(client, f"/feeds/all.{form}") for form in ("rss", "atom")}
    time_machine.move_to(NOON + dt.timedelta(days=9), tick=False)

    release(edit(page, world.editor, title="Help with talking"))

    for form, old in before.items():
        new = read(client, f"/feeds/all.{form}")
        assert new.entries[0].id == old.entries[1].id == f"urn:uuid:{FIRST}"
        assert new.entries[0].title == "Help with talking"
        assert new.entries[0].published == old.entries[1].published
        assert new.entries[0].updated_parsed[:3] == (2026, 5, 12)
    assert client.get("/feeds/all.json").json()["items"][0]["id"] == f"urn:uuid:{FIRST}"


def test_a_correction_does_not_double_an_entry(client, two_items, world, edit, release):
    release(edit(two_items[0], world.editor, title="Help with talking"))

    assert len(titles(client)) == 2


@pytest.mark.parametrize("form", FORMATS)
def test_drafts_and_waiting_texts_never_appear(client, write, submit, form):
    write(title="Draft 4711")
    submit(write(title="Waiting 4711"))

    assert b"4711" not in client.get(f"/feeds/all.{form}").content


@pytest.mark.parametrize("form", FORMATS)
def test_withdrawn_items_leave(client, two_items, world, form):
    withdrawals.withdraw(content_id=FIRST, by=world.pat, reason="Wrong number")

    body = client.get(f"/feeds/all.{form}").content

    assert str(SECOND).encode() in body
    assert str(FIRST).encode() not in body
    assert b"Getting help with talking" not in body


def test_each_feed_has_its_own_selection(client, two_items):
    page, news = "Getting help with talking and understanding", two_items[1].title

    assert titles(client, "/feeds/all.json") == [news, page]
    assert titles(client, "/feeds/local-offer.json") == [page]
    assert titles(client, "/feeds/news.json") == [news]
    assert titles(client, "/feeds/issues.json") == []
    assert titles(client, "/feeds/all/shropshire.json") == [news, page]
    assert titles(client, "/feeds/all/telford-and-wrekin.json") == [page]
    assert titles(client, "/feeds/news/telford-and-wrekin.json") == []


def test_newsletter_issues_have_a_feed_of_their_own(client, two_items):
    Release.objects.filter(item__content_id=FIRST).update(kind="issues")

    assert titles(client, "/feeds/issues.json") == [
        "Getting help with talking and understanding"
    ]
    assert titles(client, "/feeds/all.json") == [two_items[1].title]


def test_a_feed_names_the_publisher_and_the_area(client, two_items):
    PublisherSettings.objects.create(name="SEND together")

    feed = client.get("/feeds/news/shropshire.json").json()
    empty = client.get("/feeds/news/telford-and-wrekin.json").json()

    assert feed["title"] == "SEND together: news for Shropshire"
    assert empty["title"] == "SEND together: news for Telford and Wrekin"


def test_reading_does_not_write_the_missing_settings(client, two_items):
    client.get("/feeds/all.rss")
    client.get("/feeds/")

    assert not PublisherSettings.objects.exists()


def test_a_feed_outlives_its_area(client, two_items):
    """Readers keep addresses for years; what was signed for an area stays so."""
    Area.objects.filter(slug="telford-and-wrekin").update(slug="telford")

    assert titles(client, "/feeds/all/telford-and-wrekin.json")


@pytest.mark.parametrize(
    "address",
    [
        "/feeds/nonsense.rss",
        "/feeds/all/nowhere.atom",
        "/feeds/all.xml",
        "/feeds/all/shropshire/x.rss",
    ],
)
def test_an_unknown_selection_is_answered_with_the_list(client, world, address):
    answer = client.get(address)

    assert answer.status_code == 404
    assert "There is no such feed" in answer.text
    assert f"{ORIGIN}/feeds/all.rss" in answer.text


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_feed_is_a_feed(client, db, form):
    answer = client.get(f"/feeds/all.{form}")

    assert answer["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    if form == "json":
        assert answer.json()["items"] == []
    else:
        parsed = feedparser.parse(answer.content)
        assert parsed.bozo is False
        assert parsed.entries == []


def test_only_the_newest_fifty(client, two_items, monkeypatch):
    monkeypatch.setattr("syndication.feeds.window.NEWEST", 1)

    assert titles(client) == [two_items[1].title]


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
    assert "Vary" not in answer
    assert not answer.cookies


@pytest.mark.parametrize("form", FORMATS)
def test_a_feed_costs_two_queries(
    client, two_items, form, django_assert_max_num_queries
):
    for address in (f"/feeds/all.{form}", f"/feeds/all/shropshire.{form}"):
        with django_assert_max_num_queries(2):
            assert client.get(address).status_code == 200


@pytest.mark.parametrize("form", FORMATS)
def test_feeds_are_as_promised(client, two_items, form):
    """The whole feed is a promise to partners: a change shows as a changed file.

    ``CONTRACT=write pytest tests/test_feeds.py`` writes the files anew.
    """
    body = client.get(f"/feeds/all.{form}").content
    file = CONTRACT / f"feed.{form}"
    if os.environ.get("CONTRACT") == "write":
        file.write_bytes(body)

    assert body.decode() == file.read_text()


# No database from here on: what may stand in a title is any Unicode.

TEXT = st.text(max_size=400)
# A busy machine is no fault of the feed.
any_speed = settings(deadline=None)


def feed_of(title, summary, at=NOON, *sign_offs):
    entry = Entry(
        content_id=FIRST,
        kind="news",
        language="en-GB",
        title=title,
        summary=summary,
        html="<p>Hello</p>",
        text="Hello",
        published=at,
        updated=at,
        categories=(Category(scheme="areas", slug="here", name=title),),
        receipt={
            "version": 1,
            "fingerprint": "f" * 64,
            "algorithm": "jcs-sha256",
            "url": f"{ORIGIN}/receipts/{'f' * 64}",
            "label": {"slug": "reviewed", "name": title, "reason": summary},
            "forums": list(sign_offs or (agreed(title, at),)),
        },
        checked=Checked(on=None, assured_on=None, by=None),
    )
    return Feed(
        title=title,
        description=summary,
        home=f"{ORIGIN}/",
        publisher=title,
        licence_name=title,
        licence_url="https://example.org/licence",
        updated=at,
        entries=[entry],
    )


def agreed(forum, at):
    return {
        "slug": "forum",
        "name": forum,
        "role": "forum",
        "decision": "agree",
        "signed_at": moment(at),
    }


def without_what_xml_forbids(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one
        for one in lines
        if one in "\t\n" or (ord(one) >= 32 and one not in "\ufffe\uffff")
    )


@any_speed
@given(title=TEXT, summary=TEXT)
def test_any_words_make_well_formed_atom(title, summary):
    tree = parse(atom.write(feed_of(title, summary), address=ORIGIN))

    entry = tree.find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == without_what_xml_forbids(title)
    assert entry.findtext(f"{ATOM}summary") == without_what_xml_forbids(summary)
    label = entry.find(f"{ATOM}category").get("label")
    assert label == without_what_xml_forbids(title)


@any_speed
@given(title=TEXT, summary=TEXT)
def test_any_words_make_well_formed_rss(title, summary):
    tree = parse(rss.write(feed_of(title, summary), address=ORIGIN))

    item = tree.find("channel/item")
    assert item.findtext("title") == without_what_xml_forbids(title)
    assert unescape(item.findtext("description")) == without_what_xml_forbids(
        rss.shorten(summary)
    )
    assert item.findtext(RSS_CONTENT).startswith("<p>Hello</p>")
    names = [child.tag for child in item]
    assert names.index("description") < names.index(RSS_CONTENT)


@any_speed
@given(title=TEXT, summary=TEXT)
def test_any_words_make_a_json_feed(title, summary):
    (item,) = json.loads(json_feed.write(feed_of(title, summary), address=ORIGIN))[
        "items"
    ]

    assert (item["title"], item["summary"]) == (title, summary)


@any_speed
@given(summary=st.text(min_size=301, max_size=400))
def test_a_description_is_short(summary):
    assert len(rss.shorten(summary)) <= 300


def test_words_are_no_markup_in_the_receipt():
    (entry,) = feed_of("<script>", "").entries

    assert "Agreed by &lt;script&gt; on" in entry.content_html


def test_forums_that_agreed_on_different_days_are_told_apart():
    next_day = NOON + dt.timedelta(days=1)
    (entry,) = feed_of(
        "", "", NOON, agreed("B", next_day), agreed("A", NOON), agreed("C", next_day)
    ).entries

    assert sentence(entry.receipt) == (
        "Agreed by A on 3 May 2026 and B and C on 4 May 2026."
    )


def test_the_day_is_that_of_the_publisher():
    """Half past eleven at night in Greenwich is the next day in a British summer."""
    late = dt.datetime(2026, 5, 3, 23, 30, tzinfo=dt.UTC)
    (entry,) = feed_of("A", "", late).entries

    assert sentence(entry.receipt) == "Agreed by A on 4 May 2026."
