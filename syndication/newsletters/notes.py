"""Short mails about a subscription itself: not the newsletter, and no advertising.

They go one by one, by the small ledger (``cms.ledger``).
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from cms import ledger, mail_styles
from cms.rendering import one_line
from site_settings.models import NewsletterSettings, PublisherSettings

from . import links, suppressions, tasks
from .models import Note, Subscription

ONE_CONFIRMATION_PER = timedelta(hours=24)
# Of one request, however often it is made again.
CONFIRMATIONS = 3
ONE_LINK_PER = timedelta(minutes=10)
LINKS_A_DAY = 3


@dataclass(frozen=True)
class Written:
    subject: str
    text: str
    html: str


@transaction.atomic
def queue_confirmation(*, subscription: Subscription) -> bool:
    """Write the mail that asks to confirm, at most one per address and day.

    Returns whether one was written. The form can be filled in with anybody's address,
    so this is what keeps it from being used to flood a mailbox: at most
    ``CONFIRMATIONS`` as long as nobody confirms, and none to whoever reported us.
    """
    person = subscription.subscriber
    earlier = Note.objects.filter(
        purpose=Note.Purpose.CONFIRMATION, subscription__subscriber=person
    )
    if (
        earlier.filter(created_at__gt=timezone.now() - ONE_CONFIRMATION_PER).exists()
        or earlier.filter(subscription=subscription).count() >= CONFIRMATIONS
        or not suppressions.may_be_asked(email=person.email or "")
    ):
        return False
    _queue(Note.Purpose.CONFIRMATION, subscription)
    return True


@transaction.atomic
def queue_link(*, subscription: Subscription) -> bool:
    """Write the mail with the link to one's choices. Returns whether one was written.

    Anybody can ask for it at anybody's address, so not often, and never to whoever
    reported us.
    """
    now = timezone.now()
    earlier = Note.objects.filter(
        purpose=Note.Purpose.LINK, subscription__subscriber=subscription.subscriber
    )
    if (
        earlier.filter(created_at__gt=now - ONE_LINK_PER).exists()
        or earlier.filter(created_at__gt=now - timedelta(days=1)).count() >= LINKS_A_DAY
        or not suppressions.may_be_asked(email=subscription.subscriber.email or "")
    ):
        return False
    _queue(Note.Purpose.LINK, subscription)
    return True


@transaction.atomic
def queue_moved(*, subscription: Subscription) -> None:
    """Write to the mailbox that the newsletter has left for another one."""
    _queue(Note.Purpose.MOVED, subscription)


def why_not(note: Note) -> str:
    """Why a claimed note must not be sent after all; empty when it may.

    Asked at the last moment: people answer, leave and complain while mail waits. Mail
    that once came back is no reason: mailboxes are mended, and confirming shows it.
    """
    subscription = note.subscription
    person = subscription.subscriber
    if person.email is None:
        return "the person was forgotten"
    if not suppressions.may_be_asked(email=person.email):
        return "this address reported our mail as unwanted"
    if note.purpose == Note.Purpose.LINK:
        return (
            "" if person.subscriptions.active().exists() else "the subscription ended"
        )
    is_answered = subscription.confirmed_at is not None or subscription.ended_at
    if note.purpose == Note.Purpose.CONFIRMATION and is_answered:
        return "already answered"
    return ""


def of(
    note: Note, *, newsletter: NewsletterSettings, publisher: PublisherSettings
) -> Written:
    """Return what a note says. It holds no word of the newsletter."""
    title = one_line(newsletter.title)
    context: dict[str, Any] = {
        "newsletter": title,
        "publisher": one_line(publisher.name),
        "contact": newsletter.reply_to or publisher.contact_email,
    }
    if note.purpose == Note.Purpose.CONFIRMATION:
        context |= {
            "confirm": links.to_confirm(note.subscription),
            "days": links.CONFIRM_WITHIN.days,
            "moves": note.subscription.instead_of_id is not None,
        }
        return _write("confirmation", f"Please confirm: {title}", context)
    if note.purpose == Note.Purpose.LINK:
        context |= {"preferences": links.to_preferences(note.subscription)}
        return _write("link", f"Your link: {title}", context)
    context |= {
        "subscribe": f"{settings.PUBLIC_ORIGIN}{reverse('newsletters:subscribe')}"
    }
    return _write("moved", f"Goes to another address now: {title}", context)


def _write(name: str, subject: str, context: dict[str, Any]) -> Written:
    return Written(
        subject=subject,
        text=render_to_string(f"newsletters/mail/{name}.txt", context),
        html=mail_styles.inline(
            render_to_string(f"newsletters/mail/{name}.html", context)
        ),
    )


def _queue(purpose: str, subscription: Subscription) -> None:
    due = ledger.due_at(timezone.now())
    Note.objects.create(purpose=purpose, subscription=subscription, **due)
    transaction.on_commit(tasks.wake_up)
