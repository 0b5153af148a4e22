"""Short mails about a subscription itself: not the newsletter, and no advertising."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from cms import mail_styles
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings

from . import links
from .models import Delivery


@dataclass(frozen=True)
class Note:
    subject: str
    text: str
    html: str


def of(
    delivery: Delivery,
    *,
    newsletter: NewsletterSettings,
    publisher: PublisherSettings,
) -> Note:
    """Return the note that a delivery stands for. It holds no word of the newsletter."""
    title = one_line(newsletter.title)
    context: dict[str, Any] = {
        "newsletter": title,
        "publisher": one_line(publisher.name),
        "contact": newsletter.reply_to or publisher.contact_email,
    }
    if delivery.purpose == Delivery.Purpose.CONFIRMATION:
        context |= {
            "confirm": links.to_confirm(delivery.subscription),
            "days": links.CONFIRM_WITHIN.days,
            "moves": delivery.subscription.instead_of_id is not None,
        }
        return _note("confirmation", f"Please confirm: {title}", context)
    if delivery.purpose == Delivery.Purpose.LINK:
        context |= {"preferences": links.to_preferences(delivery.subscription)}
        return _note("link", f"Your link: {title}", context)
    context |= {
        "subscribe": f"{settings.PUBLIC_ORIGIN}{reverse('newsletters:subscribe')}"
    }
    return _note("moved", f"Goes to another address now: {title}", context)


def _note(name: str, subject: str, context: dict[str, Any]) -> Note:
    return Note(
        subject=subject,
        text=render_to_string(f"newsletters/mail/{name}.txt", context),
        html=mail_styles.inline(
            render_to_string(f"newsletters/mail/{name}.html", context)
        ),
    )
