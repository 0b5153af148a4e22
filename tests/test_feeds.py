"""Feeds say what was released, whole, to any reader, and nothing else."""

import datetime as dt
import json
import os
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import feedparser
import pytest

from cms.models import Area, Proof
from site_settings.models import PublisherSettings
from syndication.feeds import markup
from syndication.models import Release
from syndication.newsletters.digests import compile_digest

from .every_block import attachment, make_document, make_picture, picture
from .feeds import FIRST, FORMATS, NOON
from .test_feeds_words import MEDIA, SCHEMA

CONTRACT = Path(__file__).parent / "contract"
ORIGIN = "https://localoffer.example"


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


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_reader_gets_the_whole_text_and_who_agreed_it(client, two_items, form):
    news, page = read(client, f"/feeds/all.{form}").entries

    assert page.title == "Getting help with talking and understanding"
    assert page.link == f"{ORIGIN}/items/{FIRST}"
    assert page.summary == "Who can help, and what to try first."
    html = page.content[0].value
    assert "<p>Ring the <b>advice line</b> first.</p>" in html
    assert (
        "Agreed by Shropshire Parent and Carer Council and Parents Opening Doors "
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


@pytest.mark.parametrize("kind", ["all", "news", "withdrawals"])
def test_json_feeds_are_as_their_standard_says(client, two_items, kind):
    SCHEMA.validate(client.get(f"/feeds/{kind}.json").json())


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


def test_each_feed_has_its_own_selection(client, two_items):
    page, news = "Getting help with talking and understanding", two_items[1].title

    assert titles(client, "/feeds/all.json") == [news, page]
    assert titles(client, "/feeds/local-offer.json") == [page]
    assert titles(client, "/feeds/news.json") == [news]
    assert titles(client, "/feeds/issues.json") == []
    assert titles(client, "/feeds/all/shropshire.json") == [news, page]
    assert titles(client, "/feeds/all/telford-and-wrekin.json") == [page]
    assert titles(client, "/feeds/news/telford-and-wrekin.json") == []


def test_newsletter_issues_have_a_feed_of_their_own(client, world, two_items, sign):
    issue = compile_digest()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    made = Release.objects.current().get(item__content_id=issue.content_id)

    assert titles(client, "/feeds/issues.json") == [made.title]
    assert made.title not in titles(client)
    (entry,) = client.get("/feeds/issues.json").json()["items"]
    assert 0 < len(entry["summary"]) <= 300


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

    feed = client.get("/feeds/all/telford-and-wrekin.json").json()

    assert feed["title"] == "Countersign: everything new for Telford and Wrekin"
    assert len(feed["items"]) == 1


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


@pytest.fixture
def with_files(write, release):
    """A public text with a picture, one for its looks alone, and a file."""
    plain = picture(make_picture("Plain"))
    plain["value"] |= {"alt_text": "", "decorative": True}
    body = [plain, picture(make_picture()), attachment(make_document())]
    return json.loads(bytes(release(write(body=body)).payload))["body"]


def test_a_feed_tells_of_pictures_and_files_with_their_true_length(client, with_files):
    _, shown, offered = with_files
    (item,) = client.get("/feeds/all.json").json()["items"]
    (rss_entry,) = read(client, "/feeds/all.rss").entries
    (atom_entry,) = read(client, "/feeds/all.atom").entries
    length = len(client.get(shown["url"].removeprefix(ORIGIN)).content)
    told = {
        shown["url"]: ("image/png", str(length)),
        offered["url"]: ("application/pdf", str(offered["bytes"])),
    }

    assert item["image"] == shown["url"]
    assert {
        one["url"]: (one["mime_type"], str(one["size_in_bytes"]))
        for one in item["attachments"]
    } == told
    # RSS has room for one: a file before a picture.
    (enclosure,) = rss_entry.enclosures
    assert (enclosure.href, enclosure.length) == (
        offered["url"],
        str(offered["bytes"]),
    )
    assert {
        one["url"]: (one["type"], one["filesize"]) for one in rss_entry.media_content
    } == told
    assert [one["medium"] for one in rss_entry.media_content] == ["image", "document"]
    assert {one.href: (one.type, one.length) for one in atom_entry.enclosures} == told
    tree = parse(client.get("/feeds/all.rss").content)
    words = [one.text for one in tree.iter(f"{MEDIA}description")]
    assert words == ["An open door", offered["contents"]]


def test_a_picture_whose_file_is_gone_is_told_without_its_length(
    client, with_files, settings
):
    for one in (settings.MEDIA_ROOT / "frozen").iterdir():
        one.unlink()

    (item,) = client.get("/feeds/all.json").json()["items"]
    shown, _ = item["attachments"]
    assert "size_in_bytes" not in shown
    assert read(client, "/feeds/all.atom").entries


@pytest.mark.parametrize("form", FORMATS)
def test_all_addresses_are_whole(client, two_items, with_files, form):
    """Readers show an entry far from where it came from."""
    body = unescape(client.get(f"/feeds/all.{form}").content.decode())

    found = re.findall(r'(?:href|src|url)="([^"]*)"', body.replace("\\", ""))
    assert found
    assert all(one.startswith(("https://", "mailto:", "tel:")) for one in found)


@pytest.mark.parametrize("form", FORMATS)
def test_every_text_carries_its_credit_and_licence(client, two_items, form):
    licence = (
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"
    )
    credit = (
        "“Getting help with talking and understanding”, version 1, published by "
        "Countersign. Agreed by Shropshire Parent and Carer Council and Parents Opening "
        "Doors on 3 May 2026. Licence: Open Government Licence v3.0. Source: "
        f"{ORIGIN}/items/{FIRST} Check this text: "
    )
    if form == "json":
        item = client.get("/feeds/local-offer.json").json()["items"][0]
        assert credit in item["content_text"]
        told = item["_countersign"]["attribution"]
        assert told["text"].startswith(credit)
        assert told["licence"]["url"] == licence
    else:
        (entry,) = read(client, f"/feeds/local-offer.{form}").entries
        assert entry.rights.startswith(credit)
        assert licence in [one.href for one in entry.links if one.rel == "license"]


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
