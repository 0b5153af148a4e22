"""The mails themselves: their headers, and the bytes that forums signed in a frame.

One neutral sentence stands in the place of an item that was taken back after the forums
had signed. What else the frame says is in ``frames``.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from cms import mail
from cms.ledger import domain
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication.memory import Memory
from syndication.models import Release

from . import frames, meanwhile, moulds, notes, representation
from .lookups import Prepared
from .models import Issue, Note
from .moulds import Blanks, Mould
from .representation import LEFT_OUT

# By which a mail is known again when a provider writes its own Message-ID.
DELIVERY = "X-Countersign-Delivery"
# A worker takes up a mailing every few seconds, and to make its mail takes a while.
remembered = Memory[Mould](4 * 1024 * 1024)


class NothingLeft(mail.NotToBeSent):
    """Everything in the mail was taken back since it was signed."""

    def __init__(self) -> None:
        super().__init__("every item in it was taken back")


def mould(release: Release, *, gone: frozenset[str] | None = None) -> Mould:
    """Return the mail of a release, made once, with blanks for what is personal.

    Of an issue, or of an item that is mailed by itself as it happens. ``gone`` are the
    items of an issue to leave out (``gone_since``, asked here when not given). Raises
    ``NothingLeft``, ``TooLongForMail`` and ``PlaceholderLost``.
    """
    newsletter, publisher = NewsletterSettings.load(), PublisherSettings.load()
    return _of_release(release, gone, newsletter=newsletter, publisher=publisher)


def mould_of_test(draft: Mapping[str, Any], *, subject: str, warning: str) -> Mould:
    """Return the mail of an issue as it is written now, marked as a test.

    ``draft`` is its representation. Nothing is said of who agreed. Raises as ``mould``
    does.
    """
    gone = meanwhile.no_longer_public(draft["items"])
    if len(gone) == len(draft["items"]):
        raise NothingLeft
    return make(
        draft,
        None,
        draft["sections"],
        gone,
        newsletter=NewsletterSettings.load(),
        publisher=PublisherSettings.load(),
        date=timezone.now(),
        subject=subject,
        warning=warning,
    )


def gone_since(release: Release) -> frozenset[str]:
    """What nobody may see any more of a signed release, by content id. One query.

    Asked again for each batch: an item can be taken back while an issue goes out.
    """
    return meanwhile.no_longer_public(
        _named_in(release, json.loads(bytes(release.payload)))
    )


class Moulds:
    """Keeps the moulds of releases that go out. Keeps settings too: use it briefly."""

    def __init__(self) -> None:
        self.newsletter = NewsletterSettings.load()
        self.publisher = PublisherSettings.load()
        self._named: dict[int, list[dict[str, Any]]] = {}
        self._public: dict[int, Prepared] = {}
        self._made: dict[tuple[int, frozenset[str]], Mould] = {}
        # What was public at the last look, and the mould for it.
        self._last: tuple[int, list[tuple[Any, ...]], Mould] | None = None

    def of(self, release: Release) -> Mould:
        """Return the mould for what is still public of ``release`` at this moment.

        One query each time. Raises as ``mould`` does.
        """
        if release.pk not in self._named:
            signed = json.loads(bytes(release.payload))
            named = self._named[release.pk] = _named_in(release, signed)
            rows = meanwhile.public_versions(item["content_id"] for item in named)
            self._public[release.pk] = Prepared(rows)
        public = self._public[release.pk].ask()
        if self._last is None or self._last[:2] != (release.pk, public):
            self._last = release.pk, public, self._of(release)
        return self._last[2]

    def _of(self, release: Release) -> Mould:
        gone = meanwhile.no_longer_public(self._named[release.pk])
        key = (release.pk, gone)
        if key not in self._made:
            self._made[key] = _of_release(
                release, gone, newsletter=self.newsletter, publisher=self.publisher
            )
        return self._made[key]


class Composer:
    """Makes notes about subscriptions. Keeps settings, so use it briefly."""

    def __init__(self) -> None:
        self.newsletter = NewsletterSettings.load()
        self.publisher = PublisherSettings.load()

    def compose(self, note: Note) -> EmailMultiAlternatives:
        """Return the mail of a note."""
        written = notes.of(note, newsletter=self.newsletter, publisher=self.publisher)
        return mail.message(
            note,
            to=note.subscription.subscriber.email or "",
            subject=written.subject,
            text=written.text,
            html=written.html,
            sender=str(sender_of(self.newsletter)),
            reply_to=self.newsletter.reply_to,
        )


def _of_release(
    release: Release,
    gone: frozenset[str] | None,
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
) -> Mould:
    signed = json.loads(bytes(release.payload))
    if gone is None:
        gone = meanwhile.no_longer_public(_named_in(release, signed))
    if len(gone) == len(_named_in(release, signed)):
        raise NothingLeft
    sections = _sections(release, signed)
    # A mail is all that it is made of.
    key = _digest(
        (signed, release.receipt, sections, sorted(gone), release.released_at),
        (_stored(newsletter), _stored(publisher)),
        (settings.PUBLIC_ORIGIN, settings.DEFAULT_FROM_EMAIL),
    )
    if (made := remembered.get(key)) is None:
        made = make(
            signed,
            release.receipt,
            sections,
            gone,
            newsletter=newsletter,
            publisher=publisher,
            # The moment of the last signature, for whomever it reaches when.
            date=release.released_at,
            subject=one_line(signed["title"]),
        )
        remembered.put(key, made, size=made.size)
    return made


def _digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def _stored(row: Model) -> list[object]:
    return [getattr(row, field.attname) for field in row._meta.concrete_fields]


def make(
    data: Mapping[str, Any],
    receipt: Mapping[str, Any] | None,
    sections: Iterable[Mapping[str, str]],
    gone: frozenset[str],
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
    date: datetime,
    subject: str,
    warning: str = "",
) -> Mould:
    """Return the mail of ``data``, with a neutral sentence for each item of ``gone``.

    Asks the database nothing. Raises ``TooLongForMail`` and ``PlaceholderLost``.
    """
    blanks = Blanks.new()
    frame = frames.render(
        data,
        receipt,
        [
            _left_out(section) if section["content_id"] in gone else section
            for section in sections
        ],
        newsletter=newsletter,
        publisher=publisher,
        unsubscribe=blanks.unsubscribe,
        preferences=blanks.preferences,
        warning=warning,
    )
    frames.check_length(frame.html)
    return moulds.cast(
        subject=subject,
        sender=sender_of(newsletter),
        date=date,
        headers=headers_of(data, newsletter, blanks),
        html=frame.html,
        text=frame.text,
        blanks=blanks,
    )


def _sections(release: Release, signed: Mapping[str, Any]) -> list[Mapping[str, str]]:
    """The signed words of each item: of an issue, or the item that is mailed alone."""
    if release.kind == Issue.kind:
        found: list[Mapping[str, str]] = signed["sections"]
        return found
    read = Release.objects.with_form("email").get(pk=release.pk)
    return [representation.section(json.loads(read.said), release.receipt)]


def _named_in(release: Release, signed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What has to be public still: the items of an issue, or the item itself."""
    if release.kind == Issue.kind:
        items: list[dict[str, Any]] = signed["items"]
        return items
    return [{"content_id": signed["content_id"], "version": release.version}]


def headers_of(
    signed: Mapping[str, Any], newsletter: NewsletterSettings, blanks: Blanks
) -> dict[str, str]:
    """Return the headers of a newsletter besides its address, subject and date."""
    host = domain()
    headers = {
        # RFC 3834: answers of absent people stay away.
        "Auto-Submitted": "auto-generated",
        "Precedence": "list",
        # Without a phrase: it would have to be encoded, the id with it.
        "List-Id": f"<newsletter.{host}>",
        # RFC 8058: one https address, opened by POST without a question.
        "List-Unsubscribe": f"<{blanks.unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Help": f"<{settings.PUBLIC_ORIGIN}{reverse('newsletters:subscribe')}>",
        "List-Archive": f"<{settings.PUBLIC_ORIGIN}{reverse('newsletters:archive')}>",
        "Feedback-ID": _feedback_id(signed, host),
        DELIVERY: blanks.delivery,
    }
    if moulds.is_address(newsletter.reply_to):
        headers["Reply-To"] = newsletter.reply_to
    return headers


def _feedback_id(signed: Mapping[str, Any], host: str) -> str:
    """What complaints are counted by: issue, area, kind, sender. Names no person."""
    areas = [area["slug"] for area in signed["areas"]]
    area = (
        re.sub(r"[^A-Za-z0-9_-]", "", areas[0])[:20] if len(areas) == 1 else "several"
    )
    # Gmail takes five to fifteen signs, and all of it has to fit on one line.
    sender = re.sub(r"[^a-z0-9]", "", host.lower())[:15].ljust(5, "0")
    issue = signed["content_id"].replace("-", "")[:16]
    return f"{issue}:{area}:{signed['kind']}:{sender}"


def _left_out(section: Mapping[str, str]) -> dict[str, str]:
    return {
        "content_id": section["content_id"],
        "html": f"<p>{LEFT_OUT}</p>",
        "text": LEFT_OUT,
    }


def sender_of(newsletter: NewsletterSettings) -> Address:
    """Our own address, under the newsletter's name. Names come from settings only."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(one_line(newsletter.from_name) or name, addr_spec=address)
