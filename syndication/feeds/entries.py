"""What a feed says, before it is said as RSS, Atom or JSON.

An entry is one of three things: a text as it was signed; words of ours in the place of a
text that is not there any more, under the same identity; or a notice beside it, with an
identity of its own, for readers who never look at what they have already seen.
"""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join

from syndication import attribution, library, receipts
from syndication.attribution import Attribution
from syndication.checked import Checked, as_data
from syndication.models import permalink
from syndication.publisher import Publisher
from syndication.receipts import moment

EXCERPT_LENGTH = 300
# Of the words that are ours.
LANGUAGE = attribution.LANGUAGE
TAKE_DOWN = "If you have a copy, please do not rely on it, and take it down."
REPLACE = "If you have a copy, please replace it by the text as it is now."
MOVED = (
    "This text is no longer for this area or about this topic, so it is not updated "
    "here. What became of it stands at its own address."
)
# What a text is called whose title must not be told.
NOUNS = {
    "local-offer": "a page of the Local Offer",
    "news": "a news item",
    "you-said-we-did": "an answer to a comment",
    "issues": "an issue of the newsletter",
}


@dataclass(frozen=True, kw_only=True)
class Category:
    """A word that an entry is filed under, in one of our vocabularies."""

    scheme: str
    slug: str
    name: str

    @property
    def address(self) -> str:
        """Where the vocabulary is listed."""
        return f"{settings.PUBLIC_ORIGIN}/api/v1/{self.scheme}"


@dataclass(frozen=True, kw_only=True)
class Medium:
    """A picture or file that a text shows. ``size`` is None where it is not known."""

    url: str
    # "image" or "document", as Media RSS has it.
    medium: str
    media_type: str
    size: int | None
    title: str = ""
    # What is seen on a picture, in words; what a file holds.
    description: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that a feed says. ``urn`` is its identity for life, in every format."""

    urn: str
    title: str
    excerpt: str
    content_html: str
    content_text: str
    published: datetime
    updated: datetime
    # Where to read on; empty where there is nothing that may be led to.
    url: str = ""
    language: str = LANGUAGE
    authors: tuple[str, ...] = ()
    categories: tuple[Category, ...] = ()
    media: tuple[Medium, ...] = ()
    # None for words of ours.
    credit: Attribution | None = None
    # As the partner API gives it; None for words of ours.
    receipt: Mapping[str, Any] | None = None
    # For programs: what this is, besides its receipt. All of it is plain words.
    state: Mapping[str, str] = field(default_factory=dict)
    # The same for JSON, where more can be said.
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def enclosure(self) -> Medium | None:
        """The one medium that RSS has room for: a file before a picture."""
        known = [one for one in self.media if one.size is not None]
        return next((one for one in known if one.medium == "document"), None) or next(
            iter(known), None
        )


@dataclass(frozen=True, kw_only=True)
class Removal:
    """An identity that readers are to delete, for those that know RFC 6721."""

    urn: str
    at: datetime
    note: str


@dataclass(frozen=True, kw_only=True)
class Archive:
    """Where an archive document stands among the others, by their addresses."""

    current: str
    previous: str = ""
    following: str = ""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A selection of entries and how it names itself."""

    title: str
    description: str
    home: str
    publisher: str
    licence_name: str
    licence_url: str
    updated: datetime
    entries: Sequence[Entry]
    removals: Sequence[Removal] = ()
    # The newest of the archive documents, if there is one; for RFC 5005.
    previous: str = ""
    # Set when this is itself one of them.
    archive: Archive | None = None


def identity(content_id: UUID) -> str:
    """The URN of the entry of an item."""
    return f"urn:uuid:{content_id}"


def of_release(
    data: Mapping[str, Any],
    *,
    receipt: Mapping[str, Any],
    published: datetime,
    updated: datetime,
    checked: Checked,
    publisher: Publisher,
    below: str = "",
    media: Sequence[Medium] = (),
) -> Entry:
    """Return the entry of a release, made from nothing but what was signed.

    ``published`` is when the item's first version came out, ``updated`` this one. HTML
    of ours may stand ``below`` the words, and ``media`` of others beside its own.
    """
    credit = attribution.of(data, receipt, publisher=publisher, days=checked)
    url = permalink(data["content_id"])
    summary = data.get("summary") or " ".join(data["text"].split())
    changed = receipts.changed_before_review(receipt)
    above = [*([checked.overdue] if checked.overdue else [])]
    above += [f"{changed}."] if changed else []
    label = receipts.label(receipt)
    other_ways = f"{url}#other-ways"
    content_html = "\n".join(
        [
            *(format_html("<p><strong>{}</strong></p>", words) for words in above),
            data["html"],
            *([below] if below else []),
            format_html(
                '<hr>\n{}\n<p>{}</p>\n<p><a href="{}">Other ways to get this</a></p>',
                credit.html,
                label,
                other_ways,
            ),
        ]
    )
    content_text = "\n\n".join(
        [
            *above,
            data["text"],
            f"--\n{credit.text}",
            label,
            f"Other ways to get this: {other_ways}",
        ]
    )
    return Entry(
        urn=identity(UUID(data["content_id"])),
        url=url,
        language=data["language"],
        title=data["title"],
        excerpt=shorten(receipts.flagged(receipt, summary)),
        content_html=content_html,
        content_text=content_text,
        published=published,
        updated=updated,
        # Whoever has not agreed is no author of it.
        authors=tuple(receipts.agreed(receipt)),
        categories=tuple(
            Category(scheme=scheme, slug=term["slug"], name=term["name"])
            for scheme in ("areas", "topics")
            for term in data.get(scheme, ())
        ),
        media=(*media_of(data), *media),
        credit=credit,
        receipt=receipt,
        data={
            "content_id": data["content_id"],
            "kind": data["kind"],
            "receipt": receipt,
            "review": as_data(checked),
            "attribution": credit.as_data(),
        },
    )


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What may be told of an item that is not public any more."""

    content_id: UUID
    kind: str
    # One of ``Release.withdrawn_kind``; never that of what vanished.
    way: str
    at: datetime
    note: str = ""
    # A class of reasons, for programs.
    reason: str = ""
    # What replaces it, while that is public.
    to: UUID | None = None
    expires_on: date | None = None

    @property
    def is_over(self) -> bool:
        """Whether its last day passed, which its forums had signed."""
        return self.way == "expired"

    @property
    def title(self) -> str:
        return "This news is over" if self.is_over else "This text was withdrawn"

    @property
    def paragraphs(self) -> list[str]:
        """What its page says, which holds nothing of the content."""
        if self.is_over and self.expires_on:
            until = format_date(self.expires_on, "j F Y")
            shown = (
                f"It was shown until {until}, as the parent carer forums had agreed."
            )
            return [f"{shown} {TAKE_DOWN}"]
        on = receipts.day(moment(self.at))
        return [
            *(line for line in self.note.splitlines() if line.strip()),
            f"It was taken back on {on} and is no longer shown. {TAKE_DOWN}",
        ]

    @property
    def links(self) -> list[tuple[str, str]]:
        if self.to:
            return [("The text that replaces it", permalink(self.to))]
        return [("Its address", permalink(self.content_id))]

    @property
    def state(self) -> dict[str, str]:
        told = {
            "state": "over" if self.is_over else "withdrawn",
            "content_id": str(self.content_id),
            "kind": self.kind,
            "at": moment(self.at),
        }
        if self.reason:
            told["reason"] = self.reason
        if self.to:
            told["replacement"] = str(self.to)
        return told


def in_place_of(ending: Ending, *, published: datetime) -> Entry:
    """Return what stands in the place of a text that was taken back: same identity."""
    return _ours(
        urn=identity(ending.content_id),
        url=permalink(ending.content_id),
        title=ending.title,
        paragraphs=ending.paragraphs,
        links=ending.links,
        published=published,
        updated=ending.at,
        state=ending.state,
        note=ending.note,
    )


def of_vanished(content_id: UUID, *, at: datetime) -> Entry:
    """Return what stands in the place of what vanished.

    It is for somebody's safety: not a word about what it was, when it was or why it
    went, and no link. Who holds nothing under this identity learns nothing.
    """
    return _ours(
        urn=identity(content_id),
        title="No longer available",
        paragraphs=[
            "This text is no longer available. If you have a copy, please take it down."
        ],
        published=at,
        updated=at,
        state={"state": "unavailable", "content_id": str(content_id)},
    )


def of_moved(content_id: UUID, *, at: datetime) -> Entry:
    """Return what stands in the place of a text that is for others now.

    Without its title: what becomes of it later is not told to readers of this feed.
    """
    return _ours(
        urn=identity(content_id),
        url=permalink(content_id),
        title="No longer in this feed",
        paragraphs=[MOVED],
        links=[("Its address", permalink(content_id))],
        published=at,
        updated=at,
        state={"state": "left_selection", "content_id": str(content_id)},
    )


def of_withdrawal(ending: Ending, *, number: int) -> Entry:
    """Return the notice that something was taken back, or is over.

    ``number`` is the place in the change log, which makes its identity.
    """
    noun = NOUNS.get(ending.kind, "a text")
    return _ours(
        urn=_notice(ending.content_id, number),
        url=permalink(ending.content_id),
        title=f"{'Over' if ending.is_over else 'Withdrawn'}: {noun}",
        paragraphs=ending.paragraphs,
        links=ending.links,
        published=ending.at,
        updated=ending.at,
        state=ending.state,
        note=ending.note,
    )


# What is said of a text that is public, by what happened to it.
ANNOUNCED: Mapping[str, tuple[str, str]] = {
    # Of issues alone: those who mail them on never look at one again.
    "updated": ("Changed", "This newsletter was changed on {}."),
    "corrected": ("Corrected", "A fact in this text was changed on {}."),
    "reduced": ("Part taken out", "Something was taken out of this text on {}."),
    "consent_ended": ("Part taken out", "Something was taken out of this text on {}."),
    "restored": ("Public again", "This text is public again since {}."),
}


def of_announcement(
    change: str, *, content_id: UUID, number: int, at: datetime, title: str
) -> Entry:
    """Return the notice that a public text was changed. ``title`` is that of today."""
    head, words = ANNOUNCED[change]
    url = permalink(content_id)
    return _ours(
        urn=_notice(content_id, number),
        url=url,
        title=f"{head}: {title}",
        paragraphs=[f"{words.format(receipts.day(moment(at)))} {REPLACE}"],
        links=[("The text as it is now", url)],
        published=at,
        updated=at,
        state={
            "state": "notice",
            "change": change,
            "content_id": str(content_id),
            "at": moment(at),
        },
    )


def shorten(text: str) -> str:
    """Return at most ``EXCERPT_LENGTH`` characters, cut between words.

    >>> shorten("Short enough.")
    'Short enough.'
    >>> len(shorten("word " * 100)) <= EXCERPT_LENGTH
    True
    """
    if len(text) <= EXCERPT_LENGTH:
        return text
    cut = text[: EXCERPT_LENGTH - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _notice(content_id: UUID, number: int) -> str:
    return f"urn:uuid:{uuid5(content_id, f'change {number}')}"


def _ours(
    *,
    paragraphs: Sequence[str],
    links: Sequence[tuple[str, str]] = (),
    state: Mapping[str, str],
    note: str = "",
    **rest: Any,
) -> Entry:
    """An entry in our own words."""
    html = [format_html("<p>{}</p>", words) for words in paragraphs]
    html += [
        format_html('<p><a href="{}">{}</a></p>', url, name) for name, url in links
    ]
    text = [*paragraphs, *(f"{name}: {url}" for name, url in links)]
    return Entry(
        excerpt=shorten(" ".join(" ".join(paragraphs).split())),
        content_html=format_html_join("\n", "{}", ((one,) for one in html)),
        content_text="\n\n".join(text),
        state=state,
        data={**state, **({"note": note} if note else {})},
        **rest,
    )


def media_of(data: Mapping[str, Any]) -> tuple[Medium, ...]:
    """The pictures and files of a text, each once.

    Not the photographs of families: those agreed to be seen in the text (cms.voices).
    """
    found = {
        block["url"]: _medium(block)
        for block in library.blocks(data)
        if block["type"] in ("image", "diagram", "attachment")
        # What is there for its looks alone says nothing.
        and not block.get("decorative")
    }
    return tuple(found.values())


def _medium(block: Mapping[str, Any]) -> Medium:
    name = block["url"].rpartition("/")[2]
    if block["type"] == "attachment":
        return Medium(
            url=block["url"],
            medium="document",
            media_type=block["media_type"],
            size=block["bytes"],
            title=block["title"],
            description=block.get("contents") or "",
        )
    guessed, _ = mimetypes.guess_type(name)
    return Medium(
        url=block["url"],
        medium="image",
        media_type=guessed or "application/octet-stream",
        size=library.size(name),
        title=block.get("title") or "",
        description=block.get("alt") or "",
        width=block.get("width"),
        height=block.get("height"),
    )
