"""The mails themselves: a fixed frame around the bytes that forums signed.

What the frame adds is the same for every issue: the links to leave and to the web
page, the receipt, and one neutral sentence in the place of an item that was taken
back after the forums had signed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from email.headerregistry import Address
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from cms import mail, rendering
from cms.ledger import domain
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts
from syndication.models import Release, permalink

from . import links, moulds, representation
from .flowed import flow
from .models import Confirmation, Issue
from .moulds import Blanks, Mould
from .representation import LEFT_OUT

# By which a mail is known again when a provider writes its own Message-ID.
DELIVERY = "X-Countersign-Delivery"

ASIDE = "margin: 32px 0 16px; padding-left: 12px; border-left: 4px solid #767680;"
# Mail programs ignore style sheets, so each tag of the signed text gets its own.
STYLES = {
    "<h2>": '<h2 style="margin: 32px 0 8px; font-size: 22px; line-height: 1.3;">',
    "<h3>": '<h3 style="margin: 24px 0 8px; font-size: 19px; line-height: 1.3;">',
    "<p>": '<p style="margin: 0 0 16px;">',
    "<figure>": '<figure style="margin: 0 0 16px;">',
    "<figcaption>": '<figcaption style="margin: 8px 0 0; font-weight: bold;">',
    "<img ": '<img style="max-width: 100%; height: auto;" ',
    "<table>": '<table style="margin: 0 0 16px; border-collapse: collapse;">',
    "<caption>": '<caption style="font-weight: bold; text-align: left;">',
    "<th ": '<th style="border: 1px solid #767680; padding: 6px 8px; text-align: left;" ',
    "<td>": '<td style="border: 1px solid #767680; padding: 6px 8px; text-align: left;">',
    "<a href=": '<a style="color: #00508c; text-decoration: underline;" href=',
}


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
    return _cast(release, gone, newsletter=newsletter, publisher=publisher)


def gone_since(release: Release) -> frozenset[str]:
    """What nobody may see any more of a signed release, by content id. One query.

    Asked again for each batch: an item can be taken back while an issue goes out.
    """
    return _no_longer_public(_named_in(release, json.loads(bytes(release.payload))))


class Moulds:
    """Keeps the moulds of releases that go out. Keeps settings too: use it briefly."""

    def __init__(self) -> None:
        self.newsletter = NewsletterSettings.load()
        self.publisher = PublisherSettings.load()
        self._named: dict[int, list[dict[str, Any]]] = {}
        self._made: dict[tuple[int, frozenset[str]], Mould] = {}

    def of(self, release: Release) -> Mould:
        """Return the mould for what is still public of ``release`` at this moment.

        One query each time. Raises as ``mould`` does.
        """
        if release.pk not in self._named:
            signed = json.loads(bytes(release.payload))
            self._named[release.pk] = _named_in(release, signed)
        gone = _no_longer_public(self._named[release.pk])
        key = (release.pk, gone)
        if key not in self._made:
            self._made[key] = _cast(
                release, gone, newsletter=self.newsletter, publisher=self.publisher
            )
        return self._made[key]


class Composer:
    """Makes requests to confirm. Keeps settings, so use it briefly."""

    def __init__(self) -> None:
        self.newsletter = NewsletterSettings.load()
        self.publisher = PublisherSettings.load()

    def compose(self, confirmation: Confirmation) -> EmailMultiAlternatives:
        """Return the mail that asks somebody to confirm."""
        context = {
            "newsletter": one_line(self.newsletter.title),
            "publisher": one_line(self.publisher.name),
            "confirm": links.to_confirm(confirmation.subscription),
            "days": links.CONFIRM_WITHIN.days,
        }
        return mail.message(
            confirmation,
            to=confirmation.subscription.subscriber.email,
            subject=f"Please confirm: {context['newsletter']}",
            text=render_to_string("newsletters/mail/confirmation.txt", context),
            html=render_to_string("newsletters/mail/confirmation.html", context),
            sender=str(_sender(self.newsletter)),
            reply_to=self.newsletter.reply_to,
        )


def _cast(
    release: Release,
    gone: frozenset[str] | None,
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
) -> Mould:
    signed = json.loads(bytes(release.payload))
    if gone is None:
        gone = _no_longer_public(_named_in(release, signed))
    if len(gone) == len(_named_in(release, signed)):
        raise NothingLeft
    blanks = Blanks.new()
    sections = [
        _left_out(section) if section["content_id"] in gone else section
        for section in _sections(release, signed)
    ]
    context = context_of(
        signed,
        release.receipt,
        sections,
        newsletter=newsletter,
        publisher=publisher,
        unsubscribe=blanks.unsubscribe,
        preferences=blanks.preferences,
    )
    return moulds.cast(
        subject=one_line(signed["title"]),
        sender=_sender(newsletter),
        date=release.released_at,
        headers=_headers(signed, newsletter, blanks),
        html=render_to_string("newsletters/mail/issue.html", context),
        text=flow(render_to_string("newsletters/mail/issue.txt", context)),
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


def _headers(
    signed: Mapping[str, Any], newsletter: NewsletterSettings, blanks: Blanks
) -> dict[str, str]:
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
        "List-Archive": f"<{settings.PUBLIC_ORIGIN}/feeds/{Issue.kind}>",
        "Feedback-ID": _feedback_id(signed, host),
        DELIVERY: blanks.delivery,
    }
    if newsletter.reply_to:
        headers["Reply-To"] = newsletter.reply_to
    return headers


def _feedback_id(signed: Mapping[str, Any], host: str) -> str:
    """What complaints are counted by: issue, area, kind, sender. Names no person."""
    areas = [area["slug"] for area in signed["areas"]]
    area = areas[0] if len(areas) == 1 else "several"
    # Gmail takes five to fifteen signs.
    sender = re.sub(r"[^a-z0-9]", "", host.lower())[:15].ljust(5, "0")
    return f"{signed['content_id']}:{area}:{signed['kind']}:{sender}"


def context_of(
    signed: Mapping[str, Any],
    receipt: Mapping[str, Any],
    sections: Iterable[Mapping[str, str]],
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
    unsubscribe: str,
    preferences: str,
) -> dict[str, Any]:
    """Return what the templates of an issue need."""
    # Who did not agree to the issue stands at its top, as on its page.
    notices_html, notices_text = rendering.notices(signed)
    return {
        "item": signed,
        "newsletter": one_line(newsletter.title),
        "publisher": one_line(publisher.name),
        # PECR regulation 23: who sends, and an address for asking to stop.
        "contact": newsletter.reply_to or publisher.contact_email,
        "notices": styled("\n".join(notices_html)),
        "notices_text": "\n\n".join(notices_text),
        "introduction": styled(rendering.paragraphs(signed.get("introduction", ""))),
        "introduction_text": signed.get("introduction", ""),
        "sections": [
            {"html": styled(section["html"]), "text": section["text"]}
            for section in sections
        ],
        "who": receipts.sentence(receipt),
        "label": receipts.label(receipt),
        "check": receipt["url"],
        "on_the_web": permalink(signed["content_id"]),
        "unsubscribe": unsubscribe,
        "preferences": preferences,
    }


def _no_longer_public(items: list[dict[str, Any]]) -> frozenset[str]:
    """The items whose exact signed version nobody may see any more."""
    wanted = {(item["content_id"], item["version"]) for item in items}
    current = {
        (str(content_id), version)
        for content_id, version in Release.objects.current()
        .filter(item__content_id__in=[content_id for content_id, _ in wanted])
        .values_list("item__content_id", "version")
    }
    return frozenset(content_id for content_id, _ in wanted - current)


def _left_out(section: Mapping[str, str]) -> dict[str, str]:
    return {
        "content_id": section["content_id"],
        "html": f'<p style="{ASIDE}">{LEFT_OUT}</p>',
        "text": LEFT_OUT,
    }


def styled(html: str) -> str:
    """Return sanitised HTML with the style of each tag written into it."""
    for tag, with_style in STYLES.items():
        html = html.replace(tag, with_style)
    return html


def _sender(newsletter: NewsletterSettings) -> Address:
    """Our own address, under the newsletter's name. Names come from settings only."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return Address(one_line(newsletter.from_name) or name, addr_spec=address)
