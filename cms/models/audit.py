"""The audit log: who did what, in rows of which each vouches for the one before."""

import json
from typing import Any

from django.conf import settings
from django.db import models

# What the first entry has instead of the hash of one before it.
NO_HASH = "0" * 64


class AuditHead(models.Model):
    """Number and hash of the last entry. One row, locked while an entry is appended.

    Tells when the end of the log was cut off; ``audit_export`` carries it off the
    machine, so that nobody can rewrite both.
    """

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=NO_HASH)

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


class AuditEntry(models.Model):
    """One thing that somebody did. Never edited.

    What is hashed is kept as text, so that it is byte for byte what the database
    holds, whichever database that is. ``cms.audit`` writes and verifies it.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    # RFC 3339 in UTC to the microsecond: 2026-11-24T18:30:00.000000Z.
    at = models.CharField(max_length=27)
    action = models.CharField(max_length=40, db_index=True)
    # Name and id at the time. ``by`` keeps the id when that person's account goes.
    actor = models.CharField(max_length=180)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        null=True,
        related_name="+",
    )
    content_id = models.CharField(max_length=36, blank=True, db_index=True)
    # The record that this entry vouches for, and the digest it had then.
    row_table = models.CharField(max_length=63, blank=True)
    row_id = models.BigIntegerField(null=True)
    row_digest = models.CharField(max_length=64, blank=True)
    # Canonical JSON of whatever else is worth knowing.
    details = models.TextField()
    algorithm = models.CharField(max_length=20)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(
                fields=["row_table", "row_id", "-number"], name="audit_entry_of_a_row"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit log is never edited.")
        super().save(*args, **kwargs)

    @property
    def data(self) -> dict[str, Any]:
        """The details as Python values."""
        value: dict[str, Any] = json.loads(self.details)
        return value
