"""The ledger of mail: one row for each message to one person.

A row is inserted in the transaction of its cause. Once claimed it belongs to one
worker until its lease runs out; every mark names the claim it belongs to, so a worker
that was held up for too long marks nothing. What is written of and to whom is for the
models that inherit ``Entry``.
"""

import re
import uuid
from datetime import datetime, timedelta
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

# Longer than a message can take with EMAIL_TIMEOUT seconds for every reply.
LEASE = timedelta(minutes=5)
# How long to wait after the first, the second, … attempt; after the last it failed.
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (10, 60, 300, 1800, 7200))
OUTAGE = timedelta(seconds=30)
# What an address may be, in the answer of a server. Each sign is looked at once or twice,
# however long a stranger's answer is.
PIECES = re.compile(r'"[^"]*"@[^\s<>"(),;:]+|[^\s<>"(),;:]+')


class Status(models.TextChoices):
    PENDING = "pending", "waiting"
    CLAIMED = "claimed", "being sent"
    ACCEPTED = "accepted", "accepted by the mail server"
    FAILED = "failed", "refused for good"
    SUPPRESSED = "suppressed", "not sent, for a reason of ours"


class EntryQuerySet(models.QuerySet[Any]):
    def waiting(self) -> Self:
        """Still to be sent, now or later."""
        return self.filter(status=Status.PENDING)

    def due(self, now: datetime | None = None) -> Self:
        """To be sent now."""
        return self.waiting().filter(next_attempt_at__lte=now or timezone.now())

    def lost(self, now: datetime | None = None) -> Self:
        """Claimed by a worker that did not come back within its lease."""
        return self.filter(status=Status.CLAIMED, lease_until__lt=now or timezone.now())

    def suppress(self, reason: str) -> int:
        """Send none of these, which must not be claimed. Returns how many."""
        return self.update(
            status=Status.SUPPRESSED, settled_at=timezone.now(), last_error=reason
        )


class Entry(models.Model):
    """One message to one person. Inserted with its cause, taken up by a worker."""

    Status = Status

    # Fixed for good, so that a repeat after a crash can be told from a second mail.
    message_id = models.CharField(max_length=255, unique=True)
    created_at = models.DateTimeField()
    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.PENDING
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(status="claimed", lease_until__isnull=False)
                | (~Q(status="claimed") & Q(lease_until=None)),
                name="claimed_%(class)s_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "claimed"], settled_at=None)
                | (~Q(status__in=["pending", "claimed"]) & Q(settled_at__isnull=False)),
                name="settled_%(class)s_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(status="pending"),
                name="%(class)s_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(status="claimed"),
                name="%(class)s_claimed",
            ),
        ]


E = TypeVar("E", bound=Entry)


def domain() -> str:
    """The host that mails come from, as in Message-ID and List-Id."""
    return urlsplit(settings.PUBLIC_ORIGIN).hostname or "localhost"


def due_at(now: datetime) -> dict[str, Any]:
    """The columns of a new row that may be sent from ``now`` on."""
    return {
        "message_id": f"<{uuid.uuid4()}@{domain()}>",
        "created_at": now,
        "next_attempt_at": now,
    }


@transaction.atomic(durable=True)
def claim_next(ledger: type[E]) -> E | None:
    """Take the next message that is due, or return None.

    Durable, so that nobody sends inside a transaction: a mail cannot be rolled back.
    With PostgreSQL workers pass over each other's rows; SQLite lets one write at a
    time.
    """
    now = timezone.now()
    entry: E | None = (
        _rows(ledger)
        .due(now)
        .select_for_update(skip_locked=True)
        .order_by("next_attempt_at", "pk")
        .first()
    )
    if entry is None:
        return None
    entry.status = Status.CLAIMED
    entry.attempts += 1
    entry.lease_until = now + LEASE
    entry.save(update_fields=["status", "attempts", "lease_until"])
    return entry


def any_due(ledger: type[Entry]) -> bool:
    return _rows(ledger).due().exists()


def take_back_lost(ledger: type[Entry]) -> int:
    """Free what workers claimed and never came back to. Returns how many.

    Nobody can know whether the mail server had accepted it, so it is sent again.
    """
    lost = _rows(ledger).lost()
    given_up = lost.filter(attempts__gt=len(RETRY_AFTER)).update(
        status=Status.FAILED,
        lease_until=None,
        settled_at=timezone.now(),
        last_error="given up: no worker came back from sending it",
    )
    freed = lost.update(
        status=Status.PENDING,
        lease_until=None,
        next_attempt_at=timezone.now(),
        last_error="a worker did not come back from sending it",
    )
    return given_up + freed


def accept(entry: Entry) -> bool:
    """Mark what the mail server took over. False when the claim had run out."""
    return _settle(entry, Status.ACCEPTED, "")


def suppress(entry: Entry, reason: str) -> bool:
    return _settle(entry, Status.SUPPRESSED, reason)


def fail(entry: Entry, reason: str) -> bool:
    return _settle(entry, Status.FAILED, reason)


def retry(entry: Entry, reason: str) -> bool:
    """Put it back for later. Returns whether there is a later: it may have failed."""
    if entry.attempts > len(RETRY_AFTER):
        fail(entry, reason)
        return False
    return _give_back(entry, RETRY_AFTER[entry.attempts - 1], reason)


def give_back(entry: Entry, reason: str) -> bool:
    """Put it back as if never claimed: the fault was not with this message."""
    return _give_back(entry, OUTAGE, reason, attempts=F("attempts") - 1)


def postpone_due(ledger: type[Entry], reason: str) -> int:
    """Let everything that is due wait for an outage to end. Counts as no attempt."""
    return (
        _rows(ledger)
        .due()
        .update(next_attempt_at=timezone.now() + OUTAGE, last_error=printable(reason))
    )


def _rows(ledger: type[Entry]) -> EntryQuerySet:
    rows: EntryQuerySet = ledger._default_manager.all()
    return rows


def _give_back(entry: Entry, wait: timedelta, reason: str, **more: object) -> bool:
    return _mark(
        entry,
        status=Status.PENDING,
        next_attempt_at=timezone.now() + wait,
        last_error=printable(reason),
        **more,
    )


def _settle(entry: Entry, status: str, reason: str) -> bool:
    return _mark(
        entry,
        status=status,
        settled_at=timezone.now(),
        last_error=printable(reason),
    )


def _mark(entry: Entry, **values: Any) -> bool:
    mine = _rows(type(entry)).filter(
        pk=entry.pk, status=Status.CLAIMED, attempts=entry.attempts
    )
    return bool(mine.update(lease_until=None, **values))


def printable(reason: str) -> str:
    """A server's answer, short and on one line, without any address of a person."""
    clean = "".join(sign if sign.isprintable() else " " for sign in reason)
    return " ".join(PIECES.sub(_without_address, clean).split())[:200]


def _without_address(piece: re.Match[str]) -> str:
    inside = piece[0][1:-1]
    return "(address)" if "@" in inside or "%40" in inside else piece[0]
