"""The credit that goes with a text wherever it is shown: who, when, under which licence.

Made of what was signed, its receipt and the publisher's settings. Every channel gives it
in these words, as a line, as HTML and as data, so that no copy claims more than is so.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cms import embedding
from cms.models.proofs import AGREED
from cms.rendering import one_line
from cms.representation import every_block

from . import receipts
from .checked import Checked
from .models import permalink
from .publisher import Publisher

# What families agreed to show is theirs: the publisher cannot license it (cms.voices).
EXCEPT = "what children, young people and families say or show of themselves"
# Of the words around a text, and of one that names no language.
LANGUAGE = "en-GB"
# To be raised with every change of the words below: stored credits are then made again.
FORM = 1
LINKED = ("https://", "http://")


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """The credit of one version of a text. Give it as ``text``, ``html`` or ``as_data``.

    ``forums`` are those that stand behind it, and ``signed_on`` is when the last of them
    agreed: nobody and None for a correction that no forum has reviewed. ``statement``
    says it in a sentence, with whoever did not agree.
    """

    title: str
    version: int
    language: str
    publisher_name: str
    publisher_url: str
    forums: tuple[str, ...]
    statement: str
    signed_on: date | None
    last_reviewed: date | None
    review_by: date | None
    licence_name: str
    licence_url: str
    # Whether it holds ``EXCEPT``, to which the licence does not extend.
    has_voices: bool
    source_url: str
    check_url: str

    @property
    def text(self) -> str:
        """All of it in one line of plain text."""
        words = (
            f"“{self.title}”, version {self.version}, published by "
            f"{self.publisher_name}. {self.statement} Licence: {self.licence_name}"
            f"{self._excepted}. Source: {self.source_url} "
            f"Check this text: {self.check_url}"
        )
        return one_line(words)

    @property
    def html(self) -> SafeString:
        """The same as a paragraph, ready to be put below the text. It is in English."""
        other = self.language != LANGUAGE
        return format_html(
            '<p class="countersign-credit" lang="{}">“{}”, version {}, published by {}. '
            "{} Licence: {}{}. {}.</p>",
            LANGUAGE,
            _link(self.source_url, self.title, lang=self.language if other else ""),
            self.version,
            _link(self.publisher_url, self.publisher_name),
            self.statement,
            _link(self.licence_url, self.licence_name, rel="license"),
            self._excepted,
            _link(self.check_url, "Check this text"),
        )

    def as_data(self) -> dict[str, Any]:
        """The same for programs, with ``text`` and ``html``. Days only where there are.

        ``licence`` has ``excludes`` where it does not extend to all of the text.
        """
        licence = {"name": self.licence_name, "url": self.licence_url}
        if self.has_voices:
            licence["excludes"] = EXCEPT
        days = {
            "signed_on": self.signed_on,
            "last_reviewed": self.last_reviewed,
            "review_by": self.review_by,
        }
        return {
            "text": self.text,
            "html": str(self.html),
            "publisher": {"name": self.publisher_name, "url": self.publisher_url},
            "forums": list(self.forums),
            "statement": self.statement,
            **{name: day.isoformat() for name, day in days.items() if day},
            "licence": licence,
            "source_url": self.source_url,
            "check_url": self.check_url,
            "version": self.version,
            "language": self.language,
        }

    @property
    def _excepted(self) -> str:
        return f", except for {EXCEPT}" if self.has_voices else ""


def of(
    data: Mapping[str, Any],
    receipt: Mapping[str, Any],
    *,
    publisher: Publisher,
    days: Checked,
) -> Attribution:
    """Return the credit of a released text. Asks the database nothing.

    ``data`` is what the channel gets of it, because that decides whether voices of
    families are in it; ``days`` are those of ``checked.of`` or ``checked.days_of``.
    """
    return Attribution(
        title=data["title"],
        version=receipt["version"],
        language=data.get("language", LANGUAGE),
        publisher_name=publisher["name"],
        publisher_url=f"{settings.PUBLIC_ORIGIN}/",
        forums=tuple(receipts.agreed(receipt)),
        statement=receipts.sentence(receipt),
        signed_on=_signed_on(receipt),
        last_reviewed=days.on,
        review_by=days.by,
        licence_name=publisher["licence_name"],
        licence_url=publisher["licence_url"],
        has_voices=holds_voices(data),
        source_url=permalink(data["content_id"]),
        check_url=receipt["url"],
    )


def basis(publisher: Publisher) -> str:
    """Return a fingerprint of all that a credit depends on besides the release."""
    told = [
        FORM,
        *(publisher[name] for name in ("name", "licence_name", "licence_url")),
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def holds_voices(data: Mapping[str, Any]) -> bool:
    """Whether a text has voices in it, which the publisher's licence does not cover."""
    return any(block["type"] == "voice" for block in every_block(data.get("body", ())))


def sources(data: Mapping[str, Any]) -> list[str]:
    """The pages of what a text repeats: the items of an issue, its shared blocks."""
    repeated = [*data.get("items", ()), *embedding.shared(data.get("body", ()))]
    return [permalink(one) for one in dict.fromkeys(o["content_id"] for o in repeated)]


def _signed_on(receipt: Mapping[str, Any]) -> date | None:
    signed = [
        datetime.fromisoformat(one["signed_at"])
        for one in receipt["forums"]
        if one["decision"] in AGREED
    ]
    if not signed:
        return None
    return timezone.localdate(max(signed), timezone.get_default_timezone())


def _link(url: str, words: str, *, rel: str = "", lang: str = "") -> str:
    """A link in HTML; the words alone where the address is not one for a browser."""
    if not url.startswith(LINKED):
        return format_html("{}", words)
    return format_html(
        '<a href="{}"{}{}>{}</a>',
        url,
        format_html(' rel="{}"', rel) if rel else "",
        # Which way it is written follows from the words, as in the text itself.
        format_html(' lang="{}" dir="auto"', lang) if lang else "",
        words,
    )
