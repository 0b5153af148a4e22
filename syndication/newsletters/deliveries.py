"""Writing the newsletter's ledger: what is to be sent, and to whom (see cms.ledger)."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cms import ledger
from syndication.models import Release

from . import audiences, suppressions, tasks
from .models import Delivery, Subscription

ONE_CONFIRMATION_PER = timedelta(hours=24)
# Of one request, however often it is made again.
CONFIRMATIONS = 3
ONE_LINK_PER = timedelta(minutes=10)
LINKS_A_DAY = 3


@transaction.atomic
def queue_issue(*, release: Release) -> int:
    """Write one delivery for everyone who gets this issue. Returns how many.

    Safe to run again. An issue signed once more (corrected, or back after it was
    withdrawn) goes only to those whom no earlier version has reached.
    """
    now = timezone.now()
    earlier = Delivery.objects.filter(release__item=release.item).exclude(
        release=release
    )
    earlier.waiting().suppress("a newer version of this issue was signed")
    reached = earlier.exclude(status=Delivery.Status.SUPPRESSED).filter(
        subscription__subscriber=OuterRef("subscriber")
    )
    audience = audiences.find(json.loads(bytes(release.payload))["recipients"])
    rows = [
        _row(Delivery.Purpose.ISSUE, subscription, now, release=release)
        for subscription in audience.filter(~Exists(reached)).iterator()
    ]
    Delivery.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    transaction.on_commit(tasks.wake_up)
    return len(rows)


def hand_over(*, release: Release, to: Release) -> None:
    """Let what is not sent yet of an issue go out as ``to``, its reduced release."""
    Delivery.objects.filter(
        release=release, status__in=[Delivery.Status.PENDING, Delivery.Status.CLAIMED]
    ).update(release=to)


def suppress_issue(*, release: Release) -> int:
    """Stop what is not sent yet of an issue that was taken back. Returns how many."""
    waiting = Delivery.objects.waiting().filter(release=release)
    return waiting.suppress("the issue was taken back")


@transaction.atomic
def queue_confirmation(*, subscription: Subscription) -> bool:
    """Write the mail that asks to confirm, at most one per address and day.

    Returns whether one was written. The form can be filled in with anybody's address,
    so this is what keeps it from being used to flood a mailbox: at most
    ``CONFIRMATIONS`` as long as nobody confirms, and none to whoever reported us.
    """
    now = timezone.now()
    person = subscription.subscriber
    earlier = Delivery.objects.filter(
        purpose=Delivery.Purpose.CONFIRMATION, subscription__subscriber=person
    )
    if (
        earlier.filter(created_at__gt=now - ONE_CONFIRMATION_PER).exists()
        or earlier.filter(subscription=subscription).count() >= CONFIRMATIONS
        or not suppressions.may_be_asked(person.email or "")
    ):
        return False
    _row(Delivery.Purpose.CONFIRMATION, subscription, now).save()
    transaction.on_commit(tasks.wake_up)
    return True


@transaction.atomic
def queue_link(*, subscription: Subscription) -> bool:
    """Write the mail with the link to one's choices. Returns whether one was written.

    Anybody can ask for it at anybody's address, so not often.
    """
    now = timezone.now()
    earlier = Delivery.objects.filter(
        purpose=Delivery.Purpose.LINK,
        subscription__subscriber=subscription.subscriber,
    )
    if (
        earlier.filter(created_at__gt=now - ONE_LINK_PER).exists()
        or earlier.filter(created_at__gt=now - timedelta(days=1)).count() >= LINKS_A_DAY
    ):
        return False
    _row(Delivery.Purpose.LINK, subscription, now).save()
    transaction.on_commit(tasks.wake_up)
    return True


@transaction.atomic
def queue_moved(*, subscription: Subscription) -> None:
    """Write to the mailbox that the newsletter has left for another one."""
    _row(Delivery.Purpose.MOVED, subscription, timezone.now()).save()
    transaction.on_commit(tasks.wake_up)


def why_not(delivery: Delivery) -> str:
    """Why a claimed delivery must not be sent after all; empty when it may.

    Asked at the last moment: people leave and issues are taken back while mail waits.
    """
    subscription = delivery.subscription
    person = subscription.subscriber
    if person.email is None:
        return "the person was forgotten"
    if delivery.purpose == Delivery.Purpose.MOVED:
        return ""
    if delivery.purpose == Delivery.Purpose.CONFIRMATION:
        pending = subscription.confirmed_at is None and subscription.ended_at is None
        return "" if pending else "already answered"
    # Not this subscription's own end: they may have changed their choice meanwhile.
    if not person.subscriptions.active().exists():
        return "the subscription ended"
    if delivery.release is None:
        return ""
    if not delivery.release.is_current:
        return "the issue was taken back or signed anew"
    reached = Delivery.objects.filter(
        subscription__subscriber=person,
        release__item=delivery.release.item,
        status=Delivery.Status.ACCEPTED,
    )
    return "they have this issue already" if reached.exists() else ""


def _row(
    purpose: str,
    subscription: Subscription,
    now: datetime,
    *,
    release: Release | None = None,
) -> Delivery:
    return Delivery(
        purpose=purpose,
        subscription=subscription,
        release=release,
        **ledger.due_at(now),
    )
