"""Asking for the newsletter, confirming it, leaving it.

Every verb locks the subscriber's row first, so a double click and a link opened in
two windows meet one after the other.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from . import deliveries
from .errors import NotAnAddress
from .links import CONFIRM_WITHIN
from .models import Choice, Frequency, Subscriber, Subscription, Wording


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

    The same steps for an address that is known and one that is not: nobody learns
    here who subscribes. An active subscription goes on unchanged until the new one is
    confirmed. Asked again while pending, the newest choice and wording count.
    ``choices`` are values by sort (``Choice.Sort``); none of a sort means all.
    """
    now = timezone.now()
    found, _ = Subscriber.objects.get_or_create(
        email=normalised(email), defaults={"created_at": now}
    )
    subscriber = Subscriber.objects.select_for_update().get(pk=found.pk)
    subscription, _ = Subscription.objects.pending().update_or_create(
        subscriber=subscriber,
        defaults={
            "basis": Subscription.Basis.CONSENT,
            "wording": _archived(wording),
            "frequency": frequency,
            "source": source,
            "requested_at": now,
        },
    )
    subscription.choices.all().delete()
    Choice.objects.bulk_create(
        Choice(subscription=subscription, sort=sort, value=value)
        for sort, values in choices.items()
        for value in sorted(set(values))
    )
    deliveries.queue_confirmation(subscription=subscription)
    return subscription


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
    now = timezone.now()
    subscription.subscriber.subscriptions.active().update(
        ended_at=now, ended_reason=Subscription.EndedReason.REPLACED
    )
    subscription.confirmed_at = now
    subscription.save(update_fields=["confirmed_at"])
    return True


@transaction.atomic
def end(*, key: UUID, reason: str) -> bool:
    """End what this person gets, at once. Returns whether anything changed.

    Also from a mail sent before they last changed their choice: whoever presses
    "unsubscribe" in an old mail means the newsletter, not that mail.
    """
    subscription = _locked(key)
    if subscription is None:
        return False
    ended = subscription.subscriber.subscriptions.active().update(
        ended_at=timezone.now(), ended_reason=reason
    )
    return bool(ended)


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


def _archived(words: str) -> Wording:
    found, _ = Wording.objects.get_or_create(
        text=words, defaults={"first_shown_at": timezone.now()}
    )
    return found


def _locked(key: UUID) -> Subscription | None:
    found = Subscriber.objects.select_for_update().filter(subscriptions__key=key)
    subscriber = found.first()
    if subscriber is None:
        return None
    return subscriber.subscriptions.select_related("subscriber").get(key=key)
