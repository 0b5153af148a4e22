"""Not writing to addresses that mail came back from, or that called it unwanted."""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Subscriber, Suppression

# A mailbox that is full or away this often in a row is given up.
SOFT_BOUNCES = 5


def mark(email: str) -> str:
    """Return what stands for an address: nobody can reckon it back without our key.

    Keyed with the installation's secret, so a changed ``SECRET_KEY`` forgets them all.
    """
    return hmac.digest(_key(settings.SECRET_KEY), email.encode(), "sha256").hex()


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    return hashlib.sha256(f"newsletters.suppression.{secret}".encode()).digest()


def among(emails: Iterable[str]) -> set[str]:
    """Those of these addresses that get nothing. One query."""
    by_mark = {mark(email): email for email in emails}
    found = Suppression.objects.filter(mark__in=by_mark, since__isnull=False)
    return {by_mark[one] for one in found.values_list("mark", flat=True)}


def complained(*, email: str) -> bool:
    """Whether somebody reported our mail to this address as unwanted."""
    complaint = Suppression.Reason.COMPLAINT
    return Suppression.objects.filter(mark=mark(email), reason=complaint).exists()


@transaction.atomic
def suppress(*, email: str, reason: str, provider: str) -> Suppression:
    """Write to this address no more. A complaint weighs more than a bounce."""
    found = _row(email)
    if found.since is None or reason == Suppression.Reason.COMPLAINT:
        found.reason = reason
        found.since = found.since or timezone.now()
        found.provider = provider[:40]
        found.save(update_fields=["reason", "since", "provider"])
    return found


@transaction.atomic
def count_soft_bounce(*, email: str, provider: str) -> bool:
    """Count a bounce that may pass. Returns whether it was one too many."""
    found = _row(email)
    Suppression.objects.filter(pk=found.pk).update(soft_bounces=F("soft_bounces") + 1)
    found.refresh_from_db(fields=["soft_bounces"])
    if found.soft_bounces < SOFT_BOUNCES or found.since:
        return False
    suppress(email=email, reason=Suppression.Reason.BOUNCE, provider=provider)
    return True


def forget_soft_bounces(*, email: str) -> None:
    """Mail arrived again: earlier trouble with this mailbox is over."""
    Suppression.objects.filter(mark=mark(email), since=None).delete()


def lift(*, email: str) -> bool:
    """Write to this address again: its owner confirmed a request from that mailbox."""
    deleted, _ = Suppression.objects.filter(mark=mark(email)).delete()
    return bool(deleted)


def _row(email: str) -> Suppression:
    found, _ = Suppression.objects.get_or_create(
        mark=mark(email),
        defaults={"subscriber": Subscriber.objects.filter(email=email).first()},
    )
    return found
