"""Counting how often a partner's keys are used: numbers per day, nothing about people."""

from datetime import timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from .models import Partner, UsageDay

KEPT = timedelta(days=400)
SHOWN_DAYS = 90


def count(partner: Partner, *, refused: bool = False) -> None:
    """Add one request of today; ``refused`` when it was over the limit.

    Added in the database, so that two at the same moment are two.
    """
    today = timezone.localdate()
    more = {"requests": F("requests") + 1, "refused": F("refused") + int(refused)}
    rows = UsageDay.objects.filter(partner=partner, day=today)
    if not rows.update(**more):
        # The first of the day; somebody else's may have come between.
        UsageDay.objects.get_or_create(partner=partner, day=today)
        rows.update(**more)


def recent(partner: Partner) -> QuerySet[UsageDay]:
    """The days on which a partner's keys were used lately, newest first."""
    since = timezone.localdate() - timedelta(days=SHOWN_DAYS)
    return partner.usage_days.filter(day__gt=since)


def purge() -> int:
    """Forget what is older than a year and a bit. Returns how many days."""
    before = timezone.localdate() - KEPT
    gone, _ = UsageDay.objects.filter(day__lt=before).delete()
    return gone
