"""Requests to confirm, on the small ledger of mail (see cms.ledger)."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cms import ledger

from . import suppressions, tasks
from .models import Confirmation, Subscription

ONE_CONFIRMATION_PER = timedelta(hours=24)


@transaction.atomic
def queue_confirmation(*, subscription: Subscription) -> bool:
    """Write the mail that asks to confirm, at most one per address and day.

    Returns whether one was written. The form can be filled in with anybody's address,
    so this is what keeps it from being used to flood a mailbox.
    """
    now = timezone.now()
    recent = Confirmation.objects.filter(
        subscription__subscriber=subscription.subscriber,
        created_at__gt=now - ONE_CONFIRMATION_PER,
    )
    if recent.exists():
        return False
    Confirmation.objects.create(subscription=subscription, **ledger.due_at(now))
    transaction.on_commit(tasks.wake_up)
    return True


def why_not(confirmation: Confirmation) -> str:
    """Why a claimed request must not be sent after all; empty when it may.

    Asked at the last moment: people answer and complain while mail waits. Mail that
    once came back is no reason: mailboxes are mended, and confirming shows it.
    """
    subscription = confirmation.subscription
    if subscription.confirmed_at is not None or subscription.ended_at is not None:
        return "already answered"
    if suppressions.complained(email=subscription.subscriber.email):
        return "this address reported our mail as unwanted"
    return ""
