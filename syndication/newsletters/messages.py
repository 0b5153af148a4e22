"""The mails themselves: a fixed frame around the bytes that forums signed.

What the frame adds is the same for every issue: the links to leave and to the web
page, the receipt, and one neutral sentence in the place of an item that was taken
back after the forums had signed.
"""

import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from cms import mail, rendering
from cms.ledger import domain
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import receipts
from syndication.models import Release, permalink

from . import links, notes
from .models import Delivery
from .representation import LEFT_OUT

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
    """Every item of the issue was taken back since it was signed."""

    def __init__(self) -> None:
        super().__init__("every item in it was taken back")


@dataclass(frozen=True)
class Frame:
    """A mail without its recipient: where the personal link belongs, a blank stands."""

    subject: str
    html: str
    text: str
    blank: str


class Composer:
    """Makes mails out of deliveries. Keeps settings and frames, so use it briefly."""

    def __init__(self) -> None:
        self.newsletter = NewsletterSettings.load()
        self.publisher = PublisherSettings.load()
        self._signed: dict[int, dict[str, Any]] = {}
        self._frames: dict[tuple[int, frozenset[str]], Frame] = {}

    def compose(self, delivery: Delivery) -> EmailMultiAlternatives:
        """Return the mail of a delivery. Raises ``NothingLeft``."""
        if delivery.release is None:
            return self._note(delivery)
        return self._issue(delivery, delivery.release)

    def _issue(self, delivery: Delivery, release: Release) -> EmailMultiAlternatives:
        frame = self._frame(release)
        leave = links.to_unsubscribe(delivery.subscription)
        return self._mail(
            delivery,
            subject=frame.subject,
            text=frame.text.replace(frame.blank, leave),
            html=frame.html.replace(frame.blank, leave),
            headers={
                # RFC 8058: one https address, opened by POST without a question.
                "List-Unsubscribe": f"<{leave}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                # Without a phrase: it would have to be encoded, the id with it.
                "List-Id": f"<newsletter.{domain()}>",
                "Precedence": "list",
            },
        )

    def _note(self, delivery: Delivery) -> EmailMultiAlternatives:
        note = notes.of(delivery, newsletter=self.newsletter, publisher=self.publisher)
        return self._mail(
            delivery, subject=note.subject, text=note.text, html=note.html, headers={}
        )

    def _mail(
        self,
        delivery: Delivery,
        *,
        subject: str,
        text: str,
        html: str,
        headers: Mapping[str, str],
    ) -> EmailMultiAlternatives:
        return mail.message(
            delivery,
            to=delivery.subscription.subscriber.email or "",
            subject=subject,
            text=text,
            html=html,
            sender=_sender(self.newsletter),
            reply_to=self.newsletter.reply_to,
            headers=headers,
        )

    def _frame(self, release: Release) -> Frame:
        signed = self._signed.setdefault(release.pk, json.loads(bytes(release.payload)))
        # Asked for every mail: an item can be taken back while an issue goes out.
        gone = _no_longer_public(signed["items"])
        if len(gone) == len(signed["items"]):
            raise NothingLeft
        key = (release.pk, gone)
        if key not in self._frames:
            self._frames[key] = self._render(release, signed, gone)
        return self._frames[key]

    def _render(
        self, release: Release, signed: dict[str, Any], gone: frozenset[str]
    ) -> Frame:
        # Random, so that no text can contain it by chance or by design.
        blank = f"https://{secrets.token_hex(16)}.invalid/"
        sections = [
            _left_out(section) if section["content_id"] in gone else section
            for section in signed["sections"]
        ]
        context = context_of(
            signed,
            release.receipt,
            sections,
            newsletter=self.newsletter,
            publisher=self.publisher,
            unsubscribe=blank,
        )
        frame = Frame(
            subject=signed["title"],
            html=render_to_string("newsletters/mail/issue.html", context),
            text=render_to_string("newsletters/mail/issue.txt", context),
            blank=blank,
        )
        if frame.html.count(blank) != 2 or frame.text.count(blank) != 1:
            raise ValueError("the link to unsubscribe got lost in the template")
        return frame


def context_of(
    signed: Mapping[str, Any],
    receipt: Mapping[str, Any],
    sections: Iterable[Mapping[str, str]],
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
    unsubscribe: str,
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
        "introduction": styled(rendering.paragraphs(signed["introduction"])),
        "sections": [
            {"html": styled(section["html"]), "text": section["text"]}
            for section in sections
        ],
        "who": receipts.sentence(receipt),
        "label": receipts.label(receipt),
        "check": receipt["url"],
        "on_the_web": permalink(signed["content_id"]),
        "unsubscribe": unsubscribe,
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


def _sender(newsletter: NewsletterSettings) -> str:
    """Our own address, under the newsletter's name. Names come from settings only."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(newsletter.from_name) or name, address))
