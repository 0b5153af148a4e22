"""What is stored of one person: to show them, and to forget."""

import logging
from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from cms.ledger import EntryQuerySet

from . import message_ids, suppressions
from .message_ids import Cipher
from .models import (
    Asking,
    Choice,
    Delivery,
    Note,
    Subscriber,
    Subscription,
    Suppression,
)

logger = logging.getLogger(__name__)


def find(email: str) -> Subscriber | None:
    """Return the person with a normalised address."""
    return Subscriber.objects.filter(email=email).first()


def everywhere(person: Subscriber, *, later: bool = True) -> list[Subscriber]:
    """The person at every address that they moved from or to, this one first.

    Only moves count that the new mailbox confirmed. Without ``later`` only what was left
    for this address: whoever reads an old mailbox now shall not learn what came after.
    """
    moves = Subscription.objects.filter(
        confirmed_at__isnull=False, instead_of__isnull=False
    )
    known, new = [person.pk], {person.pk}
    while new:
        found = Q(subscriber__in=new)
        if later:
            found |= Q(instead_of__subscriber__in=new)
        pairs = moves.filter(found).values_list("subscriber", "instead_of__subscriber")
        new = {pk for pair in pairs for pk in pair} - set(known)
        known += sorted(new)
    people = Subscriber.objects.in_bulk(known)
    return [people[pk] for pk in known if pk in people]


def told(person: Subscriber, *, whole_address: bool) -> dict[str, Any]:
    """Return everything that is stored of a person, in words that can be read.

    On a page that opens by a link alone addresses stand in part: a mail that was
    passed on must not give them away. Nor does it tell where somebody moved to.
    """
    _, *others = everywhere(person, later=whole_address)
    return {
        **_told(person, whole_address=whole_address),
        "at_other_addresses": [
            _told(one, whole_address=whole_address) for one in others
        ],
        "not_stored": (
            "whether mails were opened, what was pressed in them, names, telephone "
            "numbers, network addresses, diagnoses"
        ),
    }


def _told(person: Subscriber, *, whole_address: bool) -> dict[str, Any]:
    email = person.email or ""
    known = Suppression.objects.filter(mark=suppressions.mark_of(email)).first()
    rows = person.subscriptions.select_related("wording").order_by("requested_at", "pk")
    cipher = message_ids.cipher()
    mails = [_mail(row, cipher) for row in _deliveries(person)]
    mails += [_note(row) for row in _notes(person).order_by("created_at", "pk")]
    return {
        "address": email if whole_address else person.masked,
        "known_since": _time(person.created_at),
        "nothing_is_sent_because": str(known) if known and known.since else None,
        "temporary_bounces": known.soft_bounces if known else 0,
        "subscriptions": [
            _subscription(row) for row in rows.prefetch_related("choices")
        ],
        "mails": sorted(mails, key=lambda mail: str(mail["written"])),
    }


@transaction.atomic
def forget(person: Subscriber) -> None:
    """Forget a person for good, at every address that they moved from or to."""
    known = [one.pk for one in everywhere(person)]
    # In one order, as everywhere. Then once more: one may have been confirmed meanwhile.
    list(Subscriber.objects.select_for_update().filter(pk__in=known).order_by("pk"))
    for one in everywhere(person):
        forget_address(one)


@transaction.atomic
def forget_address(
    person: Subscriber, *, reason: str = Suppression.Reason.FORGOTTEN
) -> None:
    """Forget a person at this one address, and send nothing more there.

    What stays says nothing about them: that somebody was subscribed from when to when,
    agreed to which words, and was sent which issues. And a mark by which their address
    is known again, should somebody bring it in a list, that does not tell it.
    """
    person = Subscriber.objects.select_for_update().get(pk=person.pk)
    if person.email is None:
        return
    now = timezone.now()
    # What a mail server answers often names the address.
    _notes(person).update(last_error="")
    _notes(person).waiting().suppress("the person was forgotten")
    person.deliveries.update(reason="")
    person.deliveries.waiting().update(
        state=Delivery.State.SUPPRESSED,
        due_at=None,
        settled_at=now,
        reason="the person was forgotten",
    )
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
    suppressions.suppress(email=person.email, reason=reason)
    # Else the mark would tell whose these rows were, to who has our key and an address.
    person.suppressions.update(subscriber=None)
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
        forget_address(person, reason=Suppression.Reason.LEFT)
    return len(gone)


def marks() -> Iterator[str]:
    """The marks of all who are to get nothing. For a copy outside of any backup."""
    kept = Suppression.objects.filter(since__isnull=False)
    yield from kept.order_by("pk").values_list("mark", flat=True)
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


def count_mails(person: Subscriber) -> int:
    """How many mails to this person are on record."""
    return person.deliveries.count() + _notes(person).count()


def _notes(person: Subscriber) -> EntryQuerySet:
    return Note.objects.filter(subscription__subscriber=person)


def _deliveries(person: Subscriber) -> QuerySet[Delivery]:
    return person.deliveries.select_related("mailing__release").order_by("pk")


def _mail(row: Delivery, cipher: Cipher) -> dict[str, Any]:
    return {
        "what": row.mailing.release.title,
        "written": _time(row.mailing.started_at),
        "outcome": row.get_state_display(),
        "settled": _time(row.settled_at),
        "message_id": cipher.message_id(row.pk, row.mailing.host),
    }


def _note(row: Note) -> dict[str, Any]:
    return {
        "what": row.get_purpose_display(),
        "written": _time(row.created_at),
        "outcome": row.get_status_display(),
        "settled": _time(row.settled_at),
        "message_id": row.message_id,
    }


def _time(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds") if when else None
