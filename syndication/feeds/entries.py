"""What a feed says, before it is said as RSS, Atom or JSON."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html
from django.utils.text import get_text_list

from syndication.models import permalink
from syndication.receipts import moment


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """One forum's agreement."""

    slug: str
    forum: str
    decision: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """Which forums agreed, to which bytes, and where that can be checked."""

    version: int
    fingerprint: str
    algorithm: str
    url: str
    sign_offs: tuple[SignOff, ...]

    @property
    def sentence(self) -> str:
        """Who agreed and on which day in the publisher's time zone.

        ``Agreed by Forum A and Forum B on 3 May 2026.`` or, of different days,
        ``Agreed by Forum A on 3 May 2026 and Forum B on 5 May 2026.``
        """
        days: dict[str, list[str]] = {}
        for sign_off in sorted(self.sign_offs, key=lambda each: each.at):
            days.setdefault(_day(sign_off.at), []).append(sign_off.forum)
        parts = [
            f"{get_text_list(forums, 'and')} on {day}" for day, forums in days.items()
        ]
        return f"Agreed by {get_text_list(parts, 'and')}."

    def as_data(self) -> dict[str, Any]:
        """The receipt in the words of the partner API."""
        return {
            "version": self.version,
            "fingerprint": self.fingerprint,
            "algorithm": self.algorithm,
            "url": self.url,
            "forums": [
                {
                    "slug": each.slug,
                    "name": each.forum,
                    "decision": each.decision,
                    "signed_at": moment(each.at),
                }
                for each in self.sign_offs
            ],
        }


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
    receipt: Receipt

    @property
    def urn(self) -> str:
        return f"urn:uuid:{self.content_id}"

    @property
    def url(self) -> str:
        return permalink(self.content_id)

    @property
    def content_html(self) -> str:
        """The signed HTML, then, below a rule, who signed it."""
        receipt = format_html(
            '<hr>\n<p>{} <a href="{}">Check this text</a></p>',
            self.receipt.sentence,
            self.receipt.url,
        )
        return f"{self.html}\n{receipt}"

    @property
    def content_text(self) -> str:
        """The signed text, then, below a rule, who signed it."""
        receipt = f"{self.receipt.sentence} Check this text: {self.receipt.url}"
        return f"{self.text}\n\n--\n{receipt}"


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
    *, payload: bytes, receipt: dict[str, Any], published: datetime, updated: datetime
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
        summary=data.get("summary", ""),
        html=data["html"],
        text=data["text"],
        published=published,
        updated=updated,
        categories=tuple(
            Category(scheme=scheme, slug=term["slug"], name=term["name"])
            for scheme in ("areas", "topics")
            for term in data.get(scheme, ())
        ),
        receipt=_receipt(receipt),
    )


def _receipt(data: dict[str, Any]) -> Receipt:
    return Receipt(
        version=data["version"],
        fingerprint=data["fingerprint"],
        algorithm=data["algorithm"],
        url=data["url"],
        sign_offs=tuple(
            SignOff(
                slug=forum["slug"],
                forum=forum["name"],
                decision=forum["decision"],
                at=datetime.fromisoformat(forum["signed_at"]),
            )
            for forum in data["forums"]
        ),
    )


def _day(at: datetime) -> str:
    return format_date(timezone.localtime(at, timezone.get_default_timezone()), "j F Y")
