"""Writing the ledger: what is to be sent, who takes it up, how it ended.

A row is inserted in the transaction of its cause. Once claimed it belongs to one
worker until its lease runs out; every mark names the claim it belongs to, so a worker
that was held up for too long marks nothing.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from syndication.models import Release, ReleaseArea

from . import tasks
from .models import Delivery, Subscription

# Longer than a message can take with EMAIL_TIMEOUT seconds for every reply.
LEASE = timedelta(minutes=5)
# How long to wait after the first, the second, … attempt; after the last it failed.
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200))
OUTAGE = timedelta(seconds=30)
ONE_CONFIRMATION_PER = timedelta(hours=24)


def domain() -> str:
    """The host that mails come from, as in Message-ID and List-Id."""
    return urlsplit(settings.PUBLIC_ORIGIN).hostname or "localhost"


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
    _suppress(earlier.waiting(), "a newer version of this issue was signed", now)
    reached = earlier.exclude(status=Delivery.Status.SUPPRESSED).filter(
        subscription__subscriber=OuterRef("subscriber")
    )
    slugs = ReleaseArea.objects.filter(release=release).values_list("slug", flat=True)
    audience = Subscription.objects.active().interested_in(list(slugs))
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
    return _suppress(waiting, "the issue was taken back", timezone.now())


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


@transaction.atomic(durable=True)
def claim_next() -> Delivery | None:
    """Take the next delivery that is due, or return None.

    Durable, so that nobody sends inside a transaction: a mail cannot be rolled back.
    With PostgreSQL workers pass over each other's rows; SQLite lets one write at a
    time.
    """
    now = timezone.now()
    delivery = (
        Delivery.objects.due(now)
        .select_for_update(skip_locked=True)
        .order_by("next_attempt_at", "pk")
        .first()
    )
    if delivery is None:
        return None
    delivery.status = Delivery.Status.CLAIMED
    delivery.attempts += 1
    delivery.lease_until = now + LEASE
    delivery.save(update_fields=["status", "attempts", "lease_until"])
    return delivery


def take_back_lost() -> int:
    """Free what workers claimed and never came back to. Returns how many.

    Nobody can know whether the mail server had accepted it, so it is sent again.
    """
    lost = Delivery.objects.lost()
    given_up = lost.filter(attempts__gt=len(RETRY_AFTER)).update(
        status=Delivery.Status.FAILED,
        lease_until=None,
        settled_at=timezone.now(),
        last_error="given up: no worker came back from sending it",
    )
    freed = lost.update(
        status=Delivery.Status.PENDING,
        lease_until=None,
        next_attempt_at=timezone.now(),
        last_error="a worker did not come back from sending it",
    )
    return given_up + freed


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


def accept(delivery: Delivery) -> bool:
    """Mark what the mail server took over. False when the claim had run out."""
    return _settle(delivery, Delivery.Status.ACCEPTED, "")


def suppress(delivery: Delivery, reason: str) -> bool:
    return _settle(delivery, Delivery.Status.SUPPRESSED, reason)


def fail(delivery: Delivery, reason: str) -> bool:
    return _settle(delivery, Delivery.Status.FAILED, reason)


def retry(delivery: Delivery, reason: str) -> bool:
    """Put it back for later. Returns whether there is a later: it may have failed."""
    if delivery.attempts > len(RETRY_AFTER):
        fail(delivery, reason)
        return False
    wait = RETRY_AFTER[delivery.attempts - 1]
    return _give_back(delivery, wait, reason)


def give_back(delivery: Delivery, reason: str) -> bool:
    """Put it back as if never claimed: the fault was not with this message."""
    return _give_back(delivery, OUTAGE, reason, attempts=F("attempts") - 1)


def postpone_due(reason: str) -> int:
    """Let everything that is due wait for an outage to end. Counts as no attempt."""
    return Delivery.objects.due().update(
        next_attempt_at=timezone.now() + OUTAGE, last_error=_printable(reason)
    )


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
        message_id=f"<{uuid.uuid4()}@{domain()}>",
        created_at=now,
        next_attempt_at=now,
    )


def _suppress(deliveries: Any, reason: str, now: datetime) -> int:
    count: int = deliveries.update(
        status=Delivery.Status.SUPPRESSED, settled_at=now, last_error=reason
    )
    return count


def _give_back(
    delivery: Delivery, wait: timedelta, reason: str, **more: object
) -> bool:
    return _mark(
        delivery,
        status=Delivery.Status.PENDING,
        next_attempt_at=timezone.now() + wait,
        last_error=_printable(reason),
        **more,
    )


def _settle(delivery: Delivery, status: str, reason: str) -> bool:
    return _mark(
        delivery,
        status=status,
        settled_at=timezone.now(),
        last_error=_printable(reason),
    )


def _mark(delivery: Delivery, **values: Any) -> bool:
    mine = Delivery.objects.filter(
        pk=delivery.pk, status=Delivery.Status.CLAIMED, attempts=delivery.attempts
    )
    return bool(mine.update(lease_until=None, **values))


def _printable(reason: str) -> str:
    """A server's answer, short and on one line."""
    clean = "".join(sign if sign.isprintable() else " " for sign in reason)
    return " ".join(clean.split())[:200]
