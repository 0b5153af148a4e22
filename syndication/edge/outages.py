"""Caches that do not answer: nobody waits for one more often than need be.

To wait for a dead cache takes seconds, in which the worker does nothing else. So after
one attempt without an answer the cache is left alone for a while, however much it has to
forget; then one worker tries again.
"""

from datetime import timedelta

from django.db.models import F
from django.utils import timezone

from . import caches
from .caches import Cache
from .models import Outage, Purge

# How long to leave it alone after the first, the second, … attempt; then the last for ever.
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 2, 5, 15, 30))
# In which whoever tries again has it to itself.
TRIAL = timedelta(seconds=sum(caches.TIMEOUT))


def known() -> dict[str, Outage]:
    """The outages there are, by the name of the cache."""
    return Outage.objects.in_bulk()


def may_ask(outage: Outage) -> bool:
    """Whether a cache may be tried again, and whoever asks is the one to do it."""
    now = timezone.now()
    if outage.next_attempt_at > now:
        return False
    if not Purge.objects.due(now).filter(cache=outage.cache).exists():
        return False
    free = Outage.objects.filter(pk=outage.pk, next_attempt_at=outage.next_attempt_at)
    return bool(free.update(next_attempt_at=now + TRIAL))


def note(one: Cache) -> Outage:
    """Note that ``one`` did not answer; says until when to leave it alone."""
    now = timezone.now()
    outage, is_new = Outage.objects.get_or_create(
        cache=one.name,
        defaults={"since": now, "attempts": 1, "next_attempt_at": now + RETRY_AFTER[0]},
    )
    if not is_new:
        wait = RETRY_AFTER[min(outage.attempts, len(RETRY_AFTER) - 1)]
        # Another worker may have ended it meanwhile.
        outage.next_attempt_at = now + wait
        Outage.objects.filter(pk=outage.pk).update(
            attempts=F("attempts") + 1, next_attempt_at=outage.next_attempt_at
        )
    return outage


def end(one: Cache) -> None:
    """Note that ``one`` answers, and let it be asked at once for all that waits."""
    ended, _ = Outage.objects.filter(pk=one.name).delete()
    if ended:
        Purge.objects.waiting().filter(cache=one.name, purged_at=None).update(
            next_attempt_at=timezone.now()
        )
