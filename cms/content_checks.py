"""What a machine can notice in a text before people sign it.

Pure functions over a public representation. They advise: nothing here stops a
signature, because a forum may know better.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from . import identifiability, passages, rendering, structures, submission
from .representation import every_block
from .words import SHOUTED, Register, hints, start

Level: TypeAlias = Literal["fail", "warn"]
Payload: TypeAlias = Mapping[str, Any]

WORDS_IN_A_PARAGRAPH = 100
WORDS_WITHOUT_A_HEADING = 250
DAYS_A_WAIT_IS_TRUE = 183
# Letters that every family knows.
EVERYDAY = {"A&E", "BBC", "GP", "ID", "NHS", "OK", "PDF", "SEND", "TV", "UK"}
SAYS_NOTHING = {"click here", "here", "link", "more", "read more", "this link"}
# Facts that are told in sentences.
PROSE = ("eligibility", "communication", "what_next", "decisions", "complaints")
# The keys of a block that hold sentences.
SENTENCES = ("alt", "hours", "name", "text", "words")


@dataclass(frozen=True)
class Check:
    """Something worth a second look: "fail" should be mended, "warn" weighed."""

    level: Level
    message: str
    # One of ``words.KINDS``, for what is about the words.
    code: str = ""


def check(
    representation: Payload,
    *,
    today: dt.date,
    known: Collection[str] = (),
    register: Register | None = None,
) -> list[Check]:
    """Return what is worth a second look, first what should be mended.

    ``known`` are short names that need no explanation here, as those of the forums;
    ``register`` are letters that somebody wrote down what they stand for.
    """
    blocks = representation.get("body", ())
    texts = list(texts_of(representation))
    found = [
        *_voices(representation),
        *_pictures(blocks),
        *_contacts(blocks),
        *_mailboxes(representation),
        *_waiting(representation, today),
        *_dates(representation, today),
        *_links(blocks),
        *_paragraphs(texts),
        *_headings(blocks),
        *_capitals(texts),
        *of_words(texts, known=known, register=register),
    ]
    return sorted(found, key=lambda one: one.level)


def of_words(
    texts: Iterable[str],
    *,
    known: Collection[str] = (),
    register: Register | None = None,
) -> list[Check]:
    """Return what is worth a second look in the words alone (see ``cms.words``)."""
    return [
        Check("warn", hint.message, hint.code)
        for hint in hints(texts, known=known, register=register)
    ]


def texts_of(item: Payload) -> Iterator[str]:
    """What people wrote, a paragraph at a time, without the addresses of links.

    The sections of a newsletter and shared blocks are left out: each was checked as an
    item of its own.
    """
    for key in ("title", "summary", "audience", "closure", *PROSE):
        if isinstance(item.get(key), str):
            yield from item[key].splitlines() if key in PROSE else [item[key]]
    yield from item.get("introduction", "").splitlines()
    for block in item.get("body", ()):
        yield from _texts_of(block)


def _texts_of(block: Payload) -> Iterator[str]:
    if block["type"] in structures.HTML:
        for passage in passages.of_html(rendering.html([block])):
            yield _plain(passage.source)
        return
    if "html" in block:
        for passage in passages.of_html(block["html"]):
            yield _plain(passage.source)
    for key in SENTENCES:
        if block.get(key):
            yield block[key]


def _plain(html: str) -> str:
    return BeautifulSoup(html.replace("<br", "\n<br"), "html.parser").get_text()


def _voices(item: Payload) -> Iterator[Check]:
    voices = [
        block for block in every_block(item.get("body", ())) if block["type"] == "voice"
    ]
    if voices and (words := identifiability.hint(item, voices)):
        yield Check("warn", words)


def _pictures(blocks: Iterable[Payload]) -> Iterator[Check]:
    without = sum(
        block["type"] == "image" and not block["alt"] and not block["decorative"]
        for block in blocks
    )
    if without:
        yield Check(
            "fail",
            f"{_count(without, 'picture')} without a description: people who do not "
            "see it miss what it says.",
        )


def _contacts(blocks: Iterable[Payload]) -> Iterator[Check]:
    for block in blocks:
        if block["type"] != "contact":
            continue
        lacking = [
            words
            for key, words in (
                ("phone", "telephone number"),
                ("email", "email address"),
            )
            if not block.get(key)
        ]
        if lacking:
            yield Check(
                "fail" if len(lacking) == 2 else "warn",
                f"The contact “{block['name']}” has no {' and no '.join(lacking)}.",
            )


def _mailboxes(item: Payload) -> Iterator[Check]:
    """Mailboxes that seem to be one person's: people leave, and are not to be named."""
    found = [block for block in item.get("body", ()) if block["type"] == "contact"]
    for contact in (*found, item.get("contact", {})):
        email = contact.get("email", "")
        if submission.looks_like_a_person(email):
            yield Check(
                "warn",
                f"{email} looks like one person’s mailbox. Families need one that "
                "stays when that person leaves.",
            )


def _waiting(item: Payload, today: dt.date) -> Iterator[Check]:
    as_at = item.get("waiting", {}).get("as_at")
    if as_at and (today - dt.date.fromisoformat(as_at)).days > DAYS_A_WAIT_IS_TRUE:
        yield Check(
            "warn",
            "The waiting time is more than half a year old. Ask whether it is still so.",
        )


def _dates(item: Payload, today: dt.date) -> Iterator[Check]:
    if "review_by" in item:
        if not item["review_by"]:
            yield Check("warn", "There is no date by which somebody checks this again.")
        elif dt.date.fromisoformat(item["review_by"]) < today:
            yield Check(
                "fail", "The date by which somebody checks this again has passed."
            )
    if "release_at" in item:
        release_at = dt.datetime.fromisoformat(item["release_at"])
        if release_at.date() < today:
            yield Check(
                "warn",
                "The date from which this is public has passed: it is public as soon "
                "as everyone has signed.",
            )


def _links(blocks: Iterable[Payload]) -> Iterator[Check]:
    links = [link for block in blocks for link in _links_of(block)]
    for words, address in links:
        if urlsplit(address).scheme == "http":
            yield Check(
                "warn",
                f"The link “{words}” goes to {address}, which is not secure. Try "
                "https:// instead of http://.",
            )
        if words.casefold().strip(" .…»") in SAYS_NOTHING:
            yield Check("warn", f"The link “{words}” does not say where it goes.")
        if _says_another(words, address):
            yield Check(
                "fail", f"The link says “{words}” and goes somewhere else: {address}"
            )


def _links_of(block: Payload) -> Iterator[tuple[str, str]]:
    html = block.get("html", "")
    if block["type"] in structures.HTML:
        html = rendering.html([block])
    if html:
        for link in BeautifulSoup(html, "html.parser").find_all("a"):
            yield link.get_text().strip(), str(link.get("href", ""))
    if block["type"] == "call_to_action":
        yield block["text"], block["url"]


def _says_another(words: str, address: str) -> bool:
    """Whether the words of a link are themselves an address, and not this one."""
    if " " in words or not re.match(r"(?:https?://|www\.)", words):
        return False
    said = urlsplit(words if "://" in words else f"https://{words}").netloc
    return said.removeprefix("www.") != urlsplit(address).netloc.removeprefix("www.")


def _paragraphs(texts: Iterable[str]) -> Iterator[Check]:
    for text in texts:
        count = len(text.split())
        if count > WORDS_IN_A_PARAGRAPH:
            yield Check(
                "warn",
                f"The paragraph that starts “{start(text)}” has {count} words. Two "
                "shorter ones are easier to read.",
            )


def _headings(blocks: Iterable[Payload]) -> Iterator[Check]:
    run = longest = 0
    for block in blocks:
        if block["type"] == "heading":
            run = 0
        for passage in passages.of_html(block.get("html", "")):
            is_heading = passage.kind in passages.NAMES.values()
            run = 0 if is_heading else run + len(_plain(passage.source).split())
            longest = max(longest, run)
    if longest > WORDS_WITHOUT_A_HEADING:
        yield Check(
            "warn",
            f"{longest} words follow each other without a heading. Headings help to "
            "find the part one needs.",
        )


def _capitals(texts: Iterable[str]) -> Iterator[Check]:
    for text in texts:
        if shouted := SHOUTED.search(text):
            yield Check(
                "warn",
                f"“{start(shouted[0])}” is in capital letters, which are harder to "
                "read and sound like shouting.",
            )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
