"""Addresses that get nothing, kept without the address itself."""

import hashlib
import hmac
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Subscriber, Suppression

# Who asks anew and confirms from the mailbox gets mail again. Not who reported us:
# another mail, even one that only asks, would be one more unwanted mail.
FOR_GOOD = (Suppression.Reason.COMPLAINED,)
# A mailbox that is full or away this often in a row is given up.
SOFT_BOUNCES = 5


def mark_of(email: str) -> str:
    """Return the mark of a normalised address: the same each time, and no way back.

    Keyed with the installation's secret, so a changed ``SECRET_KEY`` forgets them all.
    """
    return hmac.digest(_key(settings.SECRET_KEY), email.encode(), "sha256").hex()


@lru_cache(maxsize=2)
def _key(secret: str) -> bytes:
    # As Django's salted_hmac derives one, but once and not for each of a million.
    return hashlib.sha256(f"newsletters.suppression{secret}".encode()).digest()


def among(emails: Iterable[str]) -> set[str]:
    """Those of these addresses that get nothing. One query."""
    by_mark = {mark_of(email): email for email in emails}
    found = Suppression.objects.filter(mark__any_of=by_mark, since__isnull=False)
    return {by_mark[one] for one in found.values_list("mark", flat=True)}


def may_be_asked(*, email: str) -> bool:
    """Whether a mail about a subscription may go there: nobody reported us there."""
    return not Suppression.objects.filter(
        mark=mark_of(email), reason__in=FOR_GOOD
    ).exists()


@transaction.atomic
def suppress(*, email: str, reason: str, provider: str = "") -> Suppression:
    """Write to this address no more. A reason that lasts is never weakened."""
    found = _row(email)
    if found.reason != reason and found.reason not in FOR_GOOD:
        found.reason, found.since = reason, timezone.now()
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
    suppress(email=email, reason=Suppression.Reason.BOUNCED, provider=provider)
    return True


def forget_soft_bounces(*, email: str) -> None:
    """Mail arrived again: earlier trouble with this mailbox is over."""
    Suppression.objects.filter(mark=mark_of(email), since=None).delete()


def lift(*, email: str) -> bool:
    """Let mail through again: the mailbox itself confirmed. Returns whether any was held."""
    held = Suppression.objects.filter(mark=mark_of(email)).exclude(reason__in=FOR_GOOD)
    deleted, _ = held.delete()
    return bool(deleted)


def _row(email: str) -> Suppression:
    person = Subscriber.objects.filter(email=email).first()
    found, _ = Suppression.objects.get_or_create(
        mark=mark_of(email), defaults={"subscriber": person}
    )
    if person is not None and found.subscriber_id != person.pk:
        found.subscriber = person
        found.save(update_fields=["subscriber"])
    return found
