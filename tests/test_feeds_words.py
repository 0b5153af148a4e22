"""What may stand in a title is any Unicode: feeds stay well-formed and say the same.

No database is asked here.
"""

import datetime as dt
import json
import random
from html import escape, unescape
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from syndication.checked import Checked
from syndication.feeds import atom, entries, json_feed, rss
from syndication.feeds.entries import Feed
from syndication.receipts import moment, sentence

CONTRACT = Path(__file__).parent / "contract"
ORIGIN = "https://localoffer.example"
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")
ATOM = "{http://www.w3.org/2005/Atom}"
AT = "{http://purl.org/atompub/tombstones/1.0}"
RSS_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "{http://search.yahoo.com/mrss/}"
SCHEMA = Draft202012Validator(
    json.loads((CONTRACT / "json-feed-1.1.json").read_text()),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)
NIGHTLY = settings.get_current_profile_name() == "nightly"
TEXT = st.text(max_size=400)
# A busy machine is no fault of the feed.
any_words = settings(deadline=None, max_examples=5000 if NIGHTLY else 200)


def parse(xml):
    return ElementTree.fromstring(xml)  # noqa: S314 - our own words


def feed_of(title, summary, *sign_offs, note=""):
    """A feed with a text, and with each of the other things that it can say."""
    receipt = {
        "version": 1,
        "fingerprint": "f" * 64,
        "algorithm": "jcs-sha256",
        "url": f"{ORIGIN}/receipts/{'f' * 64}",
        "label": {"slug": "reviewed", "name": title, "reason": summary},
        "forums": list(sign_offs or (agreed(title, NOON),)),
    }
    text = entries.of_release(
        {
            "content_id": str(FIRST),
            "kind": "news",
            "language": "en-GB",
            "title": title,
            "summary": summary,
            "html": "<p>Hello</p>",
            "text": "Hello",
            "areas": [{"slug": "here", "name": title}],
            "body": [
                {
                    "type": "attachment",
                    "title": title,
                    "contents": summary,
                    "url": f"{ORIGIN}/attachments/a.pdf",
                    "media_type": "application/pdf",
                    "bytes": 65,
                }
            ],
        },
        receipt=receipt,
        published=NOON,
        updated=NOON,
        checked=Checked(on=None, assured_on=None, by=None),
        publisher={
            "name": title,
            "licence_name": title,
            "licence_url": "https://example.org/licence",
            "contact_email": "",
            "other_ways": "",
        },
    )
    ending = entries.Ending(
        content_id=SECOND, kind="news", way="notice", at=NOON, note=note
    )
    return Feed(
        title=title,
        description=summary,
        home=f"{ORIGIN}/",
        publisher=title,
        licence_name=title,
        licence_url="https://example.org/licence",
        updated=NOON,
        entries=[
            text,
            entries.in_place_of(ending, published=NOON),
            entries.of_withdrawal(ending, number=7),
            entries.of_announcement(
                "corrected", content_id=FIRST, number=8, at=NOON, title=title
            ),
            entries.of_vanished(SECOND, at=NOON),
            entries.of_moved(SECOND, at=NOON),
        ],
        removals=[entries.Removal(urn="urn:uuid:x", at=NOON, note=note)],
    )


def agreed(forum, at):
    return {
        "slug": "forum",
        "name": forum,
        "role": "forum",
        "decision": "agree",
        "signed_at": moment(at),
    }


def legal(text):
    """What XML can hold of some words."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one
        for one in lines
        if one in "\t\n" or (ord(one) >= 32 and one not in "\ufffe\uffff")
    )


@any_words
@given(title=TEXT, summary=TEXT, note=TEXT)
def test_any_words_make_well_formed_atom(title, summary, note):
    feed = feed_of(title, summary, note=note)
    tree = parse(atom.write(feed, address=ORIGIN))

    entry, _, _, announcement, *_ = tree.findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == legal(title)
    assert entry.findtext(f"{ATOM}summary") == legal(feed.entries[0].excerpt)
    assert entry.find(f"{ATOM}category").get("label") == legal(title)
    assert announcement.findtext(f"{ATOM}title") == f"Corrected: {legal(title)}"
    if note:
        assert tree.findtext(f"{AT}deleted-entry/{AT}comment") == legal(note)


@any_words
@given(title=TEXT, summary=TEXT, note=TEXT)
def test_any_words_make_well_formed_rss(title, summary, note):
    feed = feed_of(title, summary, note=note)
    tree = parse(rss.write(feed, address=ORIGIN))

    item = tree.find("channel/item")
    assert item.findtext("title") == legal(title)
    assert unescape(item.findtext("description")) == legal(feed.entries[0].excerpt)
    assert item.findtext(RSS_CONTENT).startswith("<p>Hello</p>")
    names = [child.tag for child in item]
    assert names.index("description") < names.index(RSS_CONTENT)
    if title:
        assert item.findtext(f"{MEDIA}content/{MEDIA}title") == legal(title)
    if summary:
        assert item.findtext(f"{MEDIA}content/{MEDIA}description") == legal(summary)


@any_words
@given(title=TEXT, summary=TEXT, note=TEXT)
def test_any_words_make_a_json_feed(title, summary, note):
    feed = feed_of(title, summary, note=note)
    told = json.loads(json_feed.write(feed, address=ORIGIN))

    SCHEMA.validate(told)
    item, placeholder, *_ = told["items"]
    assert item["title"] == title
    assert item.get("summary", "") == feed.entries[0].excerpt
    assert placeholder["_countersign"].get("note", "") == note


def many_texts():
    """5,000 texts that have every character of Unicode in them, the same at each run."""
    chance = random.Random(6)  # noqa: S311 - no secret
    every = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
    # Each where something could end that must not.
    traps = [
        "]]>",
        "--",
        "&amp;",
        "&#0;",
        "<![CDATA[",
        "</title>",
        "\\u0000",
        '"',
        "\r\n",
    ]
    for number in range(5000):
        text = every[number::5000]
        text.insert(chance.randrange(len(text)), chance.choice(traps))
        yield "".join(text)


def feed_of_texts(texts):
    return Feed(
        title="",
        description="",
        home=f"{ORIGIN}/",
        publisher="",
        licence_name="",
        licence_url="https://example.org/licence",
        updated=NOON,
        entries=[
            entries.Entry(
                urn=f"urn:x:{number}",
                title=text,
                excerpt=text,
                content_html=escape(text),
                content_text=text,
                published=NOON,
                updated=NOON,
            )
            for number, text in enumerate(texts)
        ],
    )


def test_every_character_comes_back_from_each_format():
    texts = list(many_texts())
    for start in range(0, len(texts), 200):
        some = texts[start : start + 200]
        feed = feed_of_texts(some)
        as_atom = parse(atom.write(feed, address=ORIGIN))
        as_rss = parse(rss.write(feed, address=ORIGIN))
        as_json = json.loads(json_feed.write(feed, address=ORIGIN))

        kept = [legal(one) for one in some]
        for tag in ("title", "summary"):
            found = [one.text for one in as_atom.findall(f"{ATOM}entry/{ATOM}{tag}")]
            assert found == kept
        assert [one.text for one in as_rss.findall("channel/item/title")] == kept
        described = as_rss.findall("channel/item/description")
        assert [unescape(one.text) for one in described] == kept
        for name in ("title", "summary", "content_text"):
            assert [one[name] for one in as_json["items"]] == some


@any_words
@given(summary=st.text(min_size=301, max_size=400))
def test_an_excerpt_is_short(summary):
    assert len(entries.shorten(summary)) <= 300


def test_a_text_without_a_summary_begins_with_its_words():
    assert feed_of("", "").entries[0].excerpt == "Hello"


def test_words_are_no_markup():
    feed = feed_of("<script>", "", note="<script>")

    assert "Agreed by &lt;script&gt; on" in feed.entries[0].content_html
    for entry in feed.entries:
        assert "<script>" not in entry.content_html


def test_forums_that_agreed_on_different_days_are_told_apart():
    next_day = NOON + dt.timedelta(days=1)
    entry, *_ = feed_of(
        "", "", agreed("B", next_day), agreed("A", NOON), agreed("C", next_day)
    ).entries

    assert sentence(entry.receipt) == (
        "Agreed by A on 3 May 2026 and B and C on 4 May 2026."
    )


def test_the_day_is_that_of_the_publisher():
    """Half past eleven at night in Greenwich is the next day in a British summer."""
    late = dt.datetime(2026, 5, 3, 23, 30, tzinfo=dt.UTC)
    entry, *_ = feed_of("", "", agreed("A", late)).entries

    assert sentence(entry.receipt) == "Agreed by A on 4 May 2026."
