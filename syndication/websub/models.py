"""The ledger of pings: which hub has to be told of which feed, and whether it was."""

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class PingQuerySet(models.QuerySet["Ping"]):
    def waiting(self) -> Self:
        """Not told yet, be it due now or later."""
        return self.filter(changed__gt=F("told"))

    def due(self, now: Any = None) -> Self:
        """To be told now, and in no worker's hands."""
        now = now or timezone.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.waiting().filter(free, next_attempt_at__lte=now)


class Ping(models.Model):
    """What one hub knows of one feed. Written with each change of the feed.

    One row for all changes: a ping says "look again", so ten changes that a hub was not
    told of yet are one ping.
    """

    # Of ``hubs.configured``. A hub that is no longer configured is told nothing.
    hub = models.CharField(max_length=200)
    # WebSub's word for the address of a feed.
    topic = models.CharField(max_length=500)
    # Numbers of the change log: the newest change of the feed, and the newest one after
    # which the hub took a ping.
    changed = models.PositiveBigIntegerField(default=0)
    told = models.PositiveBigIntegerField(default=0)
    # Of the oldest change that it was not told of; where nothing waits, of the last one.
    waiting_since = models.DateTimeField()
    # In vain, since then.
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = PingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["hub", "topic"], name="one_ping_per_hub_and_feed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["hub", "next_attempt_at", "id"],
                condition=Q(changed__gt=F("told")),
                name="ping_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.hub}: {self.topic}"
