"""Writing the newsletter's ledger: what is to be sent, and to whom (see cms.ledger)."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cms import ledger
from syndication.models import Release

from . import audiences, tasks
from .models import Delivery, Subscription

ONE_CONFIRMATION_PER = timedelta(hours=24)


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
    so this is what keeps it from being used to flood a mailbox.
    """
    now = timezone.now()
    recent = Delivery.objects.filter(
        purpose=Delivery.Purpose.CONFIRMATION,
        subscription__subscriber=subscription.subscriber,
        created_at__gt=now - ONE_CONFIRMATION_PER,
    )
    if recent.exists():
        return False
    _row(Delivery.Purpose.CONFIRMATION, subscription, now).save()
    transaction.on_commit(tasks.wake_up)
    return True


def why_not(delivery: Delivery) -> str:
    """Why a claimed delivery must not be sent after all; empty when it may.

    Asked at the last moment: people leave and issues are taken back while mail waits.
    """
    subscription = delivery.subscription
    if delivery.release is None:
        pending = subscription.confirmed_at is None and subscription.ended_at is None
        return "" if pending else "already answered"
    if not delivery.release.is_current:
        return "the issue was taken back or signed anew"
    # Not this subscription's own end: they may have changed their choice meanwhile.
    if not subscription.subscriber.subscriptions.active().exists():
        return "the subscription ended"
    reached = Delivery.objects.filter(
        subscription__subscriber=subscription.subscriber,
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
