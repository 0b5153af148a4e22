"""The ledger of purges: what each shared cache has to forget, and whether it has."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone


class PurgeQuerySet(models.QuerySet["Purge"]):
    def waiting(self) -> Self:
        """Not confirmed yet, be it due now or later."""
        return self.filter(confirmed_at=None)

    def due(self, now: Any = None) -> Self:
        """To be asked for now, and in no worker's hands."""
        now = now or timezone.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        return self.waiting().filter(free, next_attempt_at__lte=now)


class Purge(models.Model):
    """One change that one shared cache has to take in. Written with its cause.

    It is asked for until the cache has confirmed it and, where something was taken
    back, until a reader who asks through the cache is told so.
    """

    # Of ``caches.configured``. A cache that is no longer configured is asked nothing.
    cache = models.CharField(max_length=100)
    tags = models.JSONField()
    # For caches that know addresses only.
    paths = models.JSONField()
    # Forget at once. Otherwise it may show what it has while it asks for the new.
    is_hard = models.BooleanField()
    # What readers must not get any more; None where nothing was taken back.
    gone = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    # When the cache first said that it had forgotten, and when that was found settled.
    purged_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    objects = PurgeQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["cache", "next_attempt_at", "id"],
                condition=Q(confirmed_at=None),
                name="purge_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.cache}: {', '.join(self.tags)}"


class Outage(models.Model):
    """A cache that does not answer, from when on until it does again.

    Only once at a time somebody waits for it; all else that it has to forget is kept.
    """

    cache = models.CharField(max_length=100, primary_key=True)
    since = models.DateTimeField()
    attempts = models.PositiveIntegerField()
    next_attempt_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.cache} since {self.since}"
