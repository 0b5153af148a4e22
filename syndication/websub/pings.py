"""Telling hubs that a feed changed: what was written, told, and told again."""

import logging
import time
from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from syndication.models import ChangeCounter

from . import hubs, tasks
from .hubs import HubUnreachable, PingRefused
from .models import Ping

logger = logging.getLogger(__name__)

# Longer than telling a hub so much can take.
LEASE = timedelta(minutes=5)
AT_ONCE = 100
# Seconds for one hub until the worker turns to something else.
PATIENCE = 10.0
# How long to wait after the first, the second, … attempt; then the last for ever.
RETRY_AFTER = tuple(timedelta(minutes=m) for m in (0.25, 1, 5, 15, 60, 360))
# A shared cache in front of us is made to forget meanwhile. Otherwise the hub would be
# given what it has already, and find nothing new.
BEHIND_A_CACHE = timedelta(seconds=10)
# Whoever watches is told when a hub still has not taken it after this.
ALARM_AFTER = timedelta(hours=1)
KEPT = timedelta(days=90)


def queue(*, change: int, topics: Collection[str]) -> None:
    """Note for each hub that the feeds at these addresses changed.

    To be called in the transaction of the change, whose number in the log ``change`` is,
    after it was recorded: the counter of the log lets only one at a time in here.
    """
    addresses = hubs.configured()
    if not (addresses and topics):
        return
    now = timezone.now()
    due = now + (BEHIND_A_CACHE if settings.EDGE_CACHES else timedelta())
    Ping.objects.bulk_create(
        (
            Ping(hub=hub, topic=topic, waiting_since=now, next_attempt_at=due)
            for hub in addresses
            for topic in topics
        ),
        ignore_conflicts=True,
    )
    rows = Ping.objects.filter(hub__in=addresses, topic__in=topics)
    waits = Q(changed__gt=F("told"))
    # What failed keeps its turn. What a worker has in hand will have another one: it
    # marks as told only the changes that it knew of.
    _lock(rows).update(
        changed=change,
        waiting_since=Case(When(waits, then=F("waiting_since")), default=Value(now)),
        next_attempt_at=Case(
            When(waits, attempts__gt=0, then=F("next_attempt_at")), default=Value(due)
        ),
    )
    transaction.on_commit(tasks.wake_up)


def send_due() -> int:
    """Tell every hub what is due. Returns how many rows were in hand.

    Each hub by itself: one that does not answer holds up no other.
    """
    return sum(_send(hub) for hub in hubs.configured())


@transaction.atomic
def forget_old() -> int:
    """Delete what hubs were told long ago, or were to be told and are no hubs any more."""
    # No change is being noted meanwhile, which would not find its row any more.
    list(ChangeCounter.objects.select_for_update())
    long_ago = timezone.now() - KEPT
    old = Q(changed=F("told"), told_at__lt=long_ago) | ~Q(hub__in=hubs.configured())
    deleted, _ = _lock(Ping.objects.filter(old)).delete()
    return deleted


def _send(hub: str) -> int:
    rows = _claim(hub, AT_ONCE)
    if not rows:
        return 0
    told: list[Ping] = []
    refused: dict[str, list[Ping]] = defaultdict(list)
    until = time.monotonic() + PATIENCE
    left = list(rows)
    with hubs.connected(hub) as one:
        most = one.most
        while left and time.monotonic() < until:
            some = left[:most]
            try:
                one.ping([row.topic for row in some])
            except PingRefused as error:
                if len(some) > 1:
                    # It does not say which of them it refuses.
                    most = 1
                    continue
                refused[str(error)].append(left.pop(0))
            except HubUnreachable as error:
                # What else is due for it has to wait as well.
                refused[str(error)] += [*left, *_claim(hub, None)]
                left = []
            else:
                told += some
                del left[: len(some)]
    if told:
        _mark_told(told)
    for reason, some in refused.items():
        _again(hub, some, reason)
    if left:
        _mark(left)
    return len(rows)


@transaction.atomic(durable=True)
def _claim(hub: str, at_once: int | None) -> list[Ping]:
    """Take what is due for a hub. Durable, so that nobody asks in a transaction."""
    now = timezone.now()
    rows = list(
        Ping.objects.due(now)
        .filter(hub=hub)
        .select_for_update(skip_locked=True)
        .order_by("next_attempt_at", "pk")[:at_once]
    )
    for row in rows:
        row.lease_until = now + LEASE
    Ping.objects.bulk_update(rows, ["lease_until"], batch_size=AT_ONCE)
    return rows


def _mark_told(rows: list[Ping]) -> None:
    by_change: dict[int, list[Ping]] = defaultdict(list)
    for row in rows:
        by_change[row.changed].append(row)
    now = timezone.now()
    for change, some in by_change.items():
        # Newer changes are still to be told, and are due at once.
        _mark(
            some,
            told=change,
            told_at=now,
            waiting_since=now,
            attempts=0,
            next_attempt_at=now,
            last_error="",
        )


def _again(hub: str, rows: list[Ping], reason: str) -> None:
    now = timezone.now()
    oldest = min(row.waiting_since for row in rows)
    log = logger.error if now - oldest > ALARM_AFTER else logger.warning
    log("The hub %s has to be told again of %d feeds: %s", hub, len(rows), reason)
    by_attempts: dict[int, list[Ping]] = defaultdict(list)
    for row in rows:
        by_attempts[row.attempts].append(row)
    for attempts, some in by_attempts.items():
        wait = RETRY_AFTER[min(attempts, len(RETRY_AFTER) - 1)]
        _mark(
            some,
            attempts=attempts + 1,
            next_attempt_at=now + wait,
            last_error=reason[:200],
        )


@transaction.atomic
def _mark(rows: list[Ping], **values: Any) -> None:
    """Change rows that are still ours: another worker may have them after our lease."""
    mine = Ping.objects.filter(
        pk__in=[row.pk for row in rows],
        lease_until__in={row.lease_until for row in rows},
    )
    _lock(mine).update(lease_until=None, **values)


def _lock(rows: QuerySet[Ping]) -> QuerySet[Ping]:
    """Lock rows one after the other in the one order, so that nobody waits for ever."""
    locked = rows.select_for_update().order_by("pk").values_list("pk", flat=True)
    return Ping.objects.filter(pk__in=list(locked))
