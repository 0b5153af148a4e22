"""How fast a way out may be used, and when it is left alone: the same for all workers."""

import math
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from .models import Route

# How long nobody knocks after the first, the second, … outage in a row.
BACK_OFF = tuple(timedelta(seconds=s) for s in (10, 20, 30, 60, 120, 300))
# How much of a pause may be made up for at once, in seconds and never less than a mail.
BURST = 1.0
# Between two questions what is allowed, in seconds.
SHORTEST, LONGEST = 0.02, 0.5


def is_down(name: str, now: datetime | None = None) -> bool:
    """Whether nobody should knock there now."""
    return Route.objects.filter(
        name=name, down_until__gt=now or timezone.now()
    ).exists()


@transaction.atomic
def note_outage(name: str, reason: str) -> datetime:
    """Leave a way out alone for a while, longer each time. Returns until when."""
    route = _locked(name)
    now = timezone.now()
    if route.down_until is None or route.down_until <= now:
        # Of several workers that found out at the same time, one counts.
        wait = BACK_OFF[min(route.outages, len(BACK_OFF) - 1)]
        route.outages += 1
        route.down_until = now + wait
        route.reason = reason[:200]
        route.save(update_fields=["outages", "down_until", "reason"])
    assert route.down_until is not None  # noqa: S101 - set above
    return route.down_until


def note_answer(name: str) -> None:
    """The server answers: the next outage is a first one again."""
    Route.objects.filter(name=name, outages__gt=0).update(
        outages=0, down_until=None, reason=""
    )


def allowed(name: str, count: int, now: datetime | None = None) -> int:
    """How many of ``count`` mails may leave now. To be called in a transaction.

    What is allowed counts as used. Without ``NEWSLETTER_PER_SECOND`` all of them.
    """
    rate: float = settings.NEWSLETTER_PER_SECOND
    if not rate or not count:
        return count
    now = now or timezone.now()
    route = _locked(name)
    earliest = now - timedelta(seconds=max(BURST, 1 / rate))
    since = max(route.busy_until or earliest, earliest)
    free: int = min(
        count, max(0, math.floor((now - since).total_seconds() * rate + 1e-6))
    )
    if free:
        route.busy_until = since + timedelta(seconds=free / rate)
        route.save(update_fields=["busy_until"])
    return free


def are_limited() -> bool:
    """Whether ``allowed`` reads and writes what was used up."""
    return bool(settings.NEWSLETTER_PER_SECOND)


def pause() -> float:
    """How many seconds to wait before it is of use to ask again what is allowed.

    Not long, whatever the rate: who waits also looks whether somebody pressed Stop.
    """
    rate: float = settings.NEWSLETTER_PER_SECOND
    return min(max(SHORTEST, 1 / rate), LONGEST) if rate else SHORTEST


def _locked(name: str) -> Route:
    Route.objects.bulk_create([Route(name=name)], ignore_conflicts=True)
    return Route.objects.select_for_update().get(name=name)
