"""What a feed says, before it is said as RSS, Atom or JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.html import format_html

from syndication import receipts
from syndication.checked import Checked
from syndication.models import permalink


@dataclass(frozen=True, kw_only=True)
class Category:
    """A word that an entry is filed under, in one of our vocabularies."""

    scheme: str
    slug: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One released item. ``content_id`` is its identity for life, in every format."""

    content_id: UUID
    kind: str
    language: str
    title: str
    summary: str
    html: str
    text: str
    published: datetime
    updated: datetime
    categories: tuple[Category, ...]
    # As the partner API gives it.
    receipt: Mapping[str, Any]
    checked: Checked

    @property
    def urn(self) -> str:
        return f"urn:uuid:{self.content_id}"

    @property
    def url(self) -> str:
        return permalink(self.content_id)

    @property
    def other_ways(self) -> str:
        """Where readers find other formats and how to ask for one."""
        return f"{self.url}#other-ways"

    @property
    def authors(self) -> list[str]:
        """The signatories that stand behind it; nobody for an unreviewed correction."""
        return receipts.agreed(self.receipt)

    @property
    def content_html(self) -> str:
        """The signed HTML, then, below a rule, who signed it.

        A correction that nobody has reviewed says so above and below.
        """
        parts = [self.html]
        if changed := receipts.changed_before_review(self.receipt):
            parts.insert(0, format_html("<p><strong>{}.</strong></p>", changed))
        if overdue := self.checked.overdue:
            parts.insert(0, format_html("<p><strong>{}</strong></p>", overdue))
        parts.append(
            format_html(
                '<hr>\n<p>{} <a href="{}">Check this text</a></p>\n<p>{}</p>\n'
                '<p><a href="{}">Other ways to get this</a></p>',
                receipts.sentence(self.receipt),
                self.receipt["url"],
                receipts.label(self.receipt),
                self.other_ways,
            )
        )
        return "\n".join(parts)

    @property
    def content_text(self) -> str:
        """The same as plain text."""
        sentence = receipts.sentence(self.receipt)
        changed = receipts.changed_before_review(self.receipt)
        overdue = self.checked.overdue
        parts = [
            *([overdue] if overdue else []),
            *([f"{changed}."] if changed else []),
            self.text,
            f"--\n{sentence} Check this text: {self.receipt['url']}",
            receipts.label(self.receipt),
            f"Other ways to get this: {self.other_ways}",
        ]
        return "\n\n".join(parts)


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


def of_release(
    *,
    payload: bytes,
    receipt: dict[str, Any],
    published: datetime,
    updated: datetime,
    checked: Checked,
) -> Entry:
    """Return the entry of a release, made from nothing but what was signed.

    ``published`` is when the item's first version came out, ``updated`` this one.
    """
    data = json.loads(payload)
    return Entry(
        content_id=UUID(data["content_id"]),
        kind=data["kind"],
        language=data["language"],
        title=data["title"],
        summary=receipts.flagged(receipt, data.get("summary", "")),
        html=data["html"],
        text=data["text"],
        published=published,
        updated=updated,
        categories=tuple(
            Category(scheme=scheme, slug=term["slug"], name=term["name"])
            for scheme in ("areas", "topics")
            for term in data.get(scheme, ())
        ),
        receipt=receipt,
        checked=checked,
    )
