"""Asking for the newsletter, confirming it, changing it, leaving it.

Every verb locks the subscriber's row first, so a double click and a link opened in
two windows meet one after the other.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from . import notes, sources, suppressions, wordings
from .errors import NotAnAddress
from .links import CONFIRM_WITHIN
from .models import Choice, Frequency, Subscriber, Subscription, Wording
from .wordings import Words


def normalised(email: str) -> str:
    """Return the one form in which an address is kept and written to.

    Lower case throughout, the domain as it goes over the wire; ``+tags`` stay. Asks
    no name server. Raises ``NotAnAddress`` with a reason for the person.

    >>> normalised("  Pat+News@Example.ORG ")
    'pat+news@example.org'
    """
    try:
        found = validate_email(
            email.strip(), check_deliverability=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        raise NotAnAddress(str(error)) from error
    # Without SMTPUTF8 there is always an ASCII form, where lower() is case folding.
    return (found.ascii_email or found.normalized).lower()


@transaction.atomic
def request(
    *,
    email: str,
    wording: str,
    source: str,
    choices: Mapping[str, Collection[str]],
    frequency: str = Frequency.WEEKLY,
) -> Subscription:
    """Note what somebody asked for at ``email``, and ask that mailbox to confirm it.

    An active subscription goes on unchanged until the new one is confirmed. Asked
    again while pending, the newest choice and wording count. ``choices`` are values by
    sort (``Choice.Sort``); none of a sort means all.
    """
    return _ask_mailbox(
        email=email,
        wording=wordings.archived(Words(wording)),
        source=source,
        choices=choices,
        frequency=frequency,
    )


@transaction.atomic
def request_move(*, key: UUID, email: str) -> Subscription | None:
    """Ask the mailbox ``email`` whether the newsletter shall come there from now on.

    Until it says so, everything goes on at the old address. None where ``key`` names
    nobody who gets the newsletter, or the address is theirs already.
    """
    person = Subscriber.objects.select_for_update().filter(subscriptions__key=key)
    now_at = person.first()
    active = now_at.subscriptions.active().first() if now_at else None
    if active is None or active.subscriber.email == normalised(email):
        return None
    return _ask_mailbox(
        email=email,
        wording=active.wording,
        source=sources.PREFERENCES,
        choices=active.chosen(),
        frequency=active.frequency,
        instead_of=active,
    )


@transaction.atomic
def confirm(*, key: UUID) -> bool:
    """Make a subscription active. Returns whether it is active now.

    Pressing twice changes nothing. One that has ended since stays ended: an old link
    in a mailbox must not bring back what a person left.
    """
    subscription = _locked(key)
    if subscription is None or subscription.ended_at:
        return False
    if subscription.is_active:
        return True
    reasons = Subscription.EndedReason
    _end(subscription.subscriber, reasons.REPLACED)
    before = subscription.instead_of
    if before and _end(before.subscriber, reasons.MOVED):
        notes.queue_moved(subscription=before)
    subscription.confirmed_at = timezone.now()
    subscription.save(update_fields=["confirmed_at"])
    # This mailbox takes mail, and its owner wants it.
    suppressions.lift(email=subscription.subscriber.email or "")
    return True


@transaction.atomic
def change(
    *,
    key: UUID,
    frequency: str,
    choices: Mapping[str, Collection[str]],
    agreed: Words | None = None,
) -> Subscription | None:
    """Change what this person gets from now on. Returns what is active then.

    Who agreed to other words (``agreed``) gets a new subscription with these: the old
    one stays on record with what was agreed to then. None where nothing is active.
    """
    active = current(key=key, lock=True)
    if active is None:
        return None
    now = timezone.now()
    if agreed and agreed.text != active.wording.text:
        _end(active.subscriber, Subscription.EndedReason.REPLACED)
        active = Subscription.objects.create(
            subscriber=active.subscriber,
            wording=wordings.archived(agreed),
            source=sources.PREFERENCES,
            frequency=frequency,
            requested_at=now,
            confirmed_at=now,
        )
    elif frequency != active.frequency or _differs(active, choices):
        active.frequency, active.changed_at = frequency, now
        active.save(update_fields=["frequency", "changed_at"])
    _choose(active, choices)
    return active


@transaction.atomic
def end(*, key: UUID, reason: str) -> bool:
    """End what this person gets, at once. Returns whether anything changed.

    Also from a mail sent before they last changed their choice: whoever presses
    "unsubscribe" in an old mail means the newsletter, not that mail.
    """
    subscription = _locked(key)
    if subscription is None:
        return False
    person = subscription.subscriber
    # Nor shall it go on at another address, should that mailbox still confirm.
    moves = Subscription.objects.pending().filter(instead_of__subscriber=person)
    moves.delete()
    return bool(_end(person, reason))


@transaction.atomic
def say_why(*, key: UUID, why: str) -> bool:
    """Keep why somebody left, if they did. Returns whether it was kept."""
    subscription = _locked(key)
    if subscription is None or why not in Subscription.Why.values:
        return False
    reasons = Subscription.EndedReason
    left = subscription.subscriber.subscriptions.filter(
        ended_reason__in=[reasons.UNSUBSCRIBED, reasons.ONE_CLICK]
    )
    last = left.order_by("ended_at", "pk").last()
    if last is None or subscription.subscriber.subscriptions.active().exists():
        return False
    last.left_because = why
    last.save(update_fields=["left_because"])
    return True


def current(*, key: UUID, lock: bool = False) -> Subscription | None:
    """What the person gets now, by the key of any of their subscriptions, old or new.

    With ``lock``, nobody changes it until the transaction ends.
    """
    if lock and _locked(key) is None:
        return None
    active = Subscription.objects.active().select_related("subscriber", "wording")
    return active.filter(subscriber__subscriptions__key=key).first()


@transaction.atomic
def purge_unconfirmed() -> int:
    """Forget requests that nobody confirmed within 7 days. Returns how many."""
    stale = Subscription.objects.stale(timezone.now() - CONFIRM_WITHIN)
    locked = list(
        Subscriber.objects.select_for_update()
        .filter(pk__in=stale.values("subscriber"))
        .values_list("pk", flat=True)
    )
    # Looked up again under the lock: somebody may just have asked once more.
    found = stale.filter(subscriber__in=locked)
    count = found.count()
    found.delete()
    Subscriber.objects.filter(pk__in=locked, subscriptions=None).delete()
    return count


def _ask_mailbox(
    *,
    email: str,
    wording: Wording,
    source: str,
    choices: Mapping[str, Collection[str]],
    frequency: str,
    instead_of: Subscription | None = None,
) -> Subscription:
    now = timezone.now()
    found, _ = Subscriber.objects.get_or_create(
        email=normalised(email), defaults={"created_at": now}
    )
    subscriber = Subscriber.objects.select_for_update().get(pk=found.pk)
    subscription, _ = Subscription.objects.pending().update_or_create(
        subscriber=subscriber,
        defaults={
            "basis": Subscription.Basis.CONSENT,
            "wording": wording,
            "frequency": frequency,
            "source": source,
            "requested_at": now,
            "instead_of": instead_of,
        },
    )
    _choose(subscription, choices)
    notes.queue_confirmation(subscription=subscription)
    return subscription


def _choose(subscription: Subscription, choices: Mapping[str, Collection[str]]) -> None:
    subscription.choices.all().delete()
    Choice.objects.bulk_create(
        Choice(subscription=subscription, sort=sort, value=value)
        for sort, values in choices.items()
        for value in sorted(set(values))
    )


def _differs(
    subscription: Subscription, choices: Mapping[str, Collection[str]]
) -> bool:
    return any(
        sorted(set(choices.get(sort, ()))) != values
        for sort, values in subscription.chosen().items()
    )


def _end(person: Subscriber, reason: str) -> int:
    return person.subscriptions.active().update(
        ended_at=timezone.now(), ended_reason=reason
    )


def _locked(key: UUID) -> Subscription | None:
    """The subscription, with its person locked, and whoever it moves from as well."""
    found = Subscription.objects.filter(key=key)
    row = found.values_list("subscriber", "instead_of__subscriber").first()
    if row is None:
        return None
    # In one order, so that two who wait for each other's row cannot be.
    people = Subscriber.objects.select_for_update().filter(pk__in=filter(None, row))
    list(people.order_by("pk"))
    return found.select_related("subscriber", "instead_of__subscriber").first()
