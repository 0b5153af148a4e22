"""What is stored of one person: to show them, and to forget."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from . import suppressions
from .models import (
    Asking,
    Choice,
    Delivery,
    Subscriber,
    Subscription,
    Suppression,
)

logger = logging.getLogger(__name__)


def find(email: str) -> Subscriber | None:
    """Return the person with a normalised address."""
    return Subscriber.objects.filter(email=email).first()


def told(person: Subscriber, *, whole_address: bool) -> dict[str, Any]:
    """Return everything that is stored of a person, in words that can be read.

    On a page that opens by a link alone the address stands in part: a mail that was
    passed on must not give it away.
    """
    email = person.email or ""
    suppression = Suppression.objects.filter(mark=suppressions.mark_of(email)).first()
    rows = person.subscriptions.select_related("wording").order_by("requested_at", "pk")
    sent = Delivery.objects.filter(subscription__subscriber=person)
    return {
        "address": email if whole_address else person.masked,
        "known_since": _time(person.created_at),
        "nothing_is_sent_because": str(suppression) if suppression else None,
        "subscriptions": [
            _subscription(row) for row in rows.prefetch_related("choices")
        ],
        "mails": [
            _mail(row) for row in sent.select_related("release").order_by("created_at")
        ],
        "not_stored": (
            "whether mails were opened, what was pressed in them, names, telephone "
            "numbers, network addresses, diagnoses"
        ),
    }


@transaction.atomic
def forget(person: Subscriber, *, reason: str = Suppression.Reason.FORGOTTEN) -> None:
    """Forget a person for good, and send them nothing more.

    What stays says nothing about them: that somebody was subscribed from when to when,
    agreed to which words, and was sent which issues. And a mark by which their address
    is known again, should somebody bring it in a list, that does not tell it.
    """
    person = Subscriber.objects.select_for_update().get(pk=person.pk)
    if person.email is None:
        return
    now = timezone.now()
    mails = Delivery.objects.filter(subscription__subscriber=person)
    # What a mail server answers often names the address.
    mails.update(last_error="")
    mails.waiting().suppress("the person was forgotten")
    Asking.objects.filter(email=person.email).delete()
    Subscription.objects.pending().filter(instead_of__subscriber=person).delete()
    person.subscriptions.pending().delete()
    person.subscriptions.active().update(
        ended_at=now, ended_reason=Subscription.EndedReason.FORGOTTEN
    )
    Choice.objects.filter(subscription__subscriber=person).delete()
    for subscription in person.subscriptions.all():
        # Else every link in their old mails would still name these rows.
        subscription.key = Subscription._meta.get_field("key").get_default()
        subscription.save(update_fields=["key"])
    suppressions.suppress(person.email, reason)
    person.email, person.forgotten_at = None, now
    person.save(update_fields=["email", "forgotten_at"])
    if not person.subscriptions.exists():
        person.delete()
    logger.info("A subscriber was forgotten (%s).", reason)


def forget_who_left() -> int:
    """Forget those who left long enough ago. Returns how many."""
    before = timezone.now() - timedelta(days=settings.NEWSLETTER_KEPT_DAYS)
    still_there = Subscription.objects.filter(ended_at=None)
    left = (
        Subscriber.objects.filter(
            email__isnull=False, subscriptions__ended_at__lt=before
        )
        .exclude(subscriptions__in=still_there)
        .exclude(subscriptions__ended_at__gte=before)
        .distinct()
    )
    gone = list(left[:1000])
    for person in gone:
        forget(person, reason=Suppression.Reason.LEFT)
    return len(gone)


def marks() -> Iterator[str]:
    """The marks of all who are to get nothing. For a copy outside of any backup."""
    yield from Suppression.objects.order_by("pk").values_list("mark", flat=True)
    left = Subscriber.objects.filter(
        email__isnull=False, subscriptions__ended_at__isnull=False
    ).exclude(subscriptions__in=Subscription.objects.filter(ended_at=None))
    for email in left.distinct().order_by("pk").values_list("email", flat=True):
        yield suppressions.mark_of(email or "")


def marked(known: Collection[str]) -> list[Subscriber]:
    """Those who are stored although their mark is among ``known``: in a backup."""
    everybody = Subscriber.objects.filter(email__isnull=False).iterator()
    return [one for one in everybody if suppressions.mark_of(one.email or "") in known]


def _subscription(row: Subscription) -> dict[str, Any]:
    choices = row.choices.all()
    return {
        "how_often": row.get_frequency_display(),
        "choices": {
            str(sort.label): [one.value for one in choices if one.sort == sort] or "all"
            for sort in Choice.Sort
        },
        "lawful_basis": row.get_basis_display(),
        "agreed_to": row.wording.text,
        "bodies_named": [body["name"] for body in row.wording.bodies],
        "asked_for_at": row.source,
        "asked": _time(row.requested_at),
        "confirmed": _time(row.confirmed_at),
        "changed": _time(row.changed_at),
        "ended": _time(row.ended_at),
        "ended_because": row.get_ended_reason_display() or None,
        "said_why": row.get_left_because_display() or None,
    }


def _mail(row: Delivery) -> dict[str, Any]:
    return {
        "what": row.release.title if row.release else row.get_purpose_display(),
        "written": _time(row.created_at),
        "outcome": row.get_status_display(),
        "settled": _time(row.settled_at),
        "message_id": row.message_id,
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
