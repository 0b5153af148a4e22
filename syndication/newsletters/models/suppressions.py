"""Addresses that get nothing, known by a mark that does not tell them."""

from django.db import models


class Suppression(models.Model):
    """One address to which nothing is sent unless it asks anew."""

    class Reason(models.TextChoices):
        FORGOTTEN = "forgotten", "asked to be forgotten"
        LEFT = "left", "left long ago"
        BOUNCED = "bounced", "the mailbox does not take mail"
        COMPLAINED = "complained", "reported our mail as unwanted"

    # ``suppressions.mark_of``: a keyed hash of the address.
    mark = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.get_reason_display()}, since {self.since:%Y-%m-%d}"
