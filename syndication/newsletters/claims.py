"""Taking deliveries in hand and marking what became of them, many at a time.

A claim is one worker's hold on rows, for as long as it gives signs of life. Every mark
names the claim it belongs to, so a worker that was held up for too long marks nothing.

Each row is marked *handed over* before its first byte leaves, in a transaction of its
own. So after a crash it is known which mails nobody has seen (they wait again) and of
which the mail server's answer is missing: at most one for each connection.
"""

import os
import socket
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import (
    Case,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.utils import timezone

from cms.ledger import RETRY_AFTER

from . import lookups, suppressions
from .models import Claim, Delivery, Mailing, Subscriber
from .models.deliveries import DeliveryQuerySet

# Longer than a worker ever goes without a sign of life: it gives one in every turn.
LEASE = timedelta(seconds=30)
State = Delivery.State
# By hand, since a worker does little else, and spends half of that in waiting for them.
# What is claimed goes next, what was handed over is accepted. Nobody takes anything from
# a claim while its row is locked, so either all are marked or, without a claim, none.
_MARK = """
    UPDATE {deliveries} SET
        state = CASE state WHEN 'claimed' THEN 'handed_over' ELSE 'accepted' END,
        claim = CASE state WHEN 'claimed' THEN claim END,
        attempts = attempts + CASE state WHEN 'claimed' THEN 1 ELSE 0 END,
        settled_at = CASE state WHEN 'claimed' THEN NULL ELSE %s END,
        reason = CASE state WHEN 'claimed' THEN reason ELSE '' END
    WHERE id {among} AND claim = %s AND state IN ('claimed', 'handed_over')
    AND EXISTS (SELECT 1 FROM {claims} WHERE id = %s {shared})
"""
# Few rows of very many. Of what was frozen a moment ago PostgreSQL knows no numbers yet:
# it would read and sort everything that waits, each time.
_BY_INDEX = (
    "SET LOCAL enable_sort = off; SET LOCAL enable_seqscan = off;"
    " SET LOCAL enable_bitmapscan = off"
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A delivery in hand, with what its mail needs."""

    delivery_id: int
    attempts: int
    to: str
    # Of the subscription that is active now, for the links in the mail.
    key: UUID


@transaction.atomic(durable=True)
def take(
    *, mailing: Mailing, claim: Claim | None, count: int, now: datetime | None = None
) -> tuple[Claim | None, list[Parcel], int]:
    """Claim up to ``count`` deliveries that are due.

    Returns the claim, what it holds now, and how many were suppressed instead: of
    people who left, and of addresses not to write to. Durable, so that nobody sends
    inside a transaction. With PostgreSQL workers pass over each other's rows; SQLite
    lets one write at a time.
    """
    now = now or timezone.now()
    if claim is None:
        due = Delivery.objects.filter(mailing=mailing, due_at__lte=now)
        if not due.exists():
            return None, [], 0
        claim = Claim.objects.create(
            mailing=mailing, worker=_name(), lease_until=now + LEASE
        )
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_BY_INDEX)
    rows = list(_due(mailing, now)[:count])
    unwanted = suppressions.among(to for _, _, to, key in rows if to and key)
    parcels, left, suppressed = [], [], []
    for pk, attempts, to, key in rows:
        if not to or not key:
            left.append(pk)
        elif to in unwanted:
            suppressed.append(pk)
        else:
            parcels.append(Parcel(pk, attempts, to, key))
    _suppress(left, "the subscription ended", now)
    _suppress(suppressed, "mail to this address came back, or was unwanted", now)
    Delivery.objects.filter(pk__any_of=[one.delivery_id for one in parcels]).update(
        state=State.CLAIMED, due_at=None, claim=claim.pk
    )
    return claim, parcels, len(left) + len(suppressed)


def _due(mailing: Mailing, now: datetime) -> QuerySet[Delivery, Any]:
    """What waits longest, with the address, and the key of the subscription that is active."""
    theirs = "subscriber__subscriptions"
    active = Q(
        **{f"{theirs}__confirmed_at__isnull": False, f"{theirs}__ended_at": None}
    )
    return (
        Delivery.objects.filter(mailing=mailing, due_at__lte=now)
        .annotate(active=FilteredRelation(theirs, condition=active))
        .order_by("due_at", "pk")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", "attempts", "subscriber__email", "active__key")
    )


def renew(claim: Claim) -> bool:
    """Give a sign of life, when it is time. False once the hold was lost."""
    now = timezone.now()
    if claim.lease_until - now > LEASE / 2:
        return True
    claim.lease_until = now + LEASE
    mine = Claim.objects.filter(pk=claim.pk)
    return bool(mine.update(lease_until=claim.lease_until))


def pass_on(
    claim: Claim, *, accepted: Collection[int] = (), following: Collection[int] = ()
) -> bool:
    """Mark what the mail server took over, and what goes there next, in one statement.

    False when any was not in hand: then nothing of ``following`` may go.
    """
    ids = [*accepted, *following]
    if not ids:
        return True
    wanted = lookups.as_one(ids, connection.vendor)
    values = [_in_sql(timezone.now()), wanted, claim.pk, claim.pk]
    with connection.cursor() as cursor:
        cursor.execute(_written(_MARK, connection.vendor), values)
        return bool(cursor.rowcount == len(ids))


def name_at_provider(delivery_id: int, provider_id: str) -> None:
    """Keep by which name the provider will tell what became of a mail."""
    Delivery.objects.filter(pk=delivery_id).update(provider_id=provider_id[:200])


def fail(claim: Claim, delivery_id: int, reason: str) -> bool:
    """Mark what was refused for good, or could not be made. Whether it was in hand."""
    mine = Delivery.objects.filter(pk=delivery_id, claim=claim.pk)
    return bool(
        mine.update(
            state=State.FAILED,
            claim=None,
            settled_at=timezone.now(),
            reason=_kept(reason),
        )
    )


def retry(claim: Claim, parcel: Parcel, reason: str) -> bool:
    """Put back for later what was refused for now. False if that was the last time."""
    if parcel.attempts >= len(RETRY_AFTER):
        fail(claim, parcel.delivery_id, reason)
        return False
    wait = RETRY_AFTER[parcel.attempts]
    _held(claim, [parcel.delivery_id], State.HANDED_OVER).update(
        state=State.PENDING,
        claim=None,
        due_at=timezone.now() + wait,
        reason=_kept(reason),
    )
    return True


def doubt(claim: Claim, delivery_id: int, *, policy: str) -> None:
    """The answer of the mail server is missing: act as the mailing says."""
    _doubt(Delivery.objects.filter(pk=delivery_id, claim=claim.pk), policy)


def give_back(claim: Claim, delivery_ids: Collection[int], reason: str = "") -> int:
    """Put back what nobody has seen. Counts as no attempt where it was handed over."""
    if not delivery_ids:
        return 0
    now = timezone.now()
    waits: dict[str, Any] = {
        "state": State.PENDING,
        "claim": None,
        "due_at": now,
        "reason": _kept(reason),
    }
    unsent = _held(claim, delivery_ids, State.HANDED_OVER).update(
        attempts=F("attempts") - 1, **waits
    )
    return unsent + _held(claim, delivery_ids, State.CLAIMED).update(**waits)


def give_up(claim: Claim) -> None:
    """Let others have at once whatever this claim holds, known to us or not."""
    Claim.objects.filter(pk=claim.pk).update(lease_until=timezone.now())


def let_go(claim: Claim) -> None:
    """End a claim that holds nothing any more."""
    Claim.objects.filter(pk=claim.pk).delete()


@transaction.atomic
def take_back_lost(now: datetime | None = None) -> int:
    """Free what workers held that gave no sign of life. Returns how many rows.

    What they had not handed over waits again, and counts as no attempt. For the rest
    each mailing's policy decides: sent again with the same Message-ID, or held.
    """
    now = now or timezone.now()
    lost = Claim.objects.filter(lease_until__lt=now).select_related("mailing__release")
    freed = 0
    for claim in lost.select_for_update(skip_locked=True, of=("self",)):
        # By item, since a newer version may have taken over what this worker held.
        held = Delivery.objects.filter(
            mailing__release__item=claim.mailing.release.item_id, claim=claim.pk
        )
        freed += held.filter(state=State.CLAIMED).update(
            state=State.PENDING, claim=None, due_at=now
        )
        freed += _doubt(
            held.filter(state=State.HANDED_OVER), policy=claim.mailing.in_doubt
        )
        claim.delete()
    return freed


def _doubt(held: DeliveryQuerySet, policy: str) -> int:
    now = timezone.now()
    words = "no answer of the mail server was seen"
    settled: dict[str, Any] = {
        "state": State.UNCERTAIN,
        "claim": None,
        "doubts": F("doubts") + 1,
        "settled_at": now,
    }
    if policy == Mailing.Doubt.HOLD:
        return held.update(**settled, reason=words)
    # A mail that takes its worker down each time is not tried for ever.
    hopeless = held.filter(attempts__gt=len(RETRY_AFTER)).update(
        **settled, reason=f"given up: {words}, time after time"
    )
    return hopeless + held.update(
        state=State.PENDING,
        claim=None,
        doubts=F("doubts") + 1,
        due_at=now,
        reason=words,
    )


def _in_sql(when: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(when)


@cache
def _written(statement: str, vendor: str) -> str:
    locks = vendor == "postgresql"
    return statement.format(
        deliveries=Delivery._meta.db_table,
        claims=Claim._meta.db_table,
        among=lookups.among(vendor, "bigint"),
        shared="FOR KEY SHARE" if locks else "",
    )


def _kept(reason: str) -> Case:
    """What to keep of an answer: nothing of a person who was forgotten meanwhile."""
    known = Subscriber.objects.filter(pk=OuterRef("subscriber"), email__isnull=False)
    return Case(When(Exists(known), then=Value(reason)), default=Value(""))


def _suppress(delivery_ids: list[int], reason: str, now: datetime) -> None:
    if delivery_ids:
        Delivery.objects.filter(pk__any_of=delivery_ids).update(
            state=State.SUPPRESSED, due_at=None, settled_at=now, reason=reason
        )


def _held(claim: Claim, delivery_ids: Collection[int], state: str) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk__any_of=delivery_ids, claim=claim.pk, state=state)


def _name() -> str:
    return f"{socket.gethostname()[:80]} {os.getpid()}"
