"""Addresses that get nothing, known by a mark that does not tell them."""

from django.db import models
from django.db.models import Q

from .subscribers import Subscriber


class Suppression(models.Model):
    """One address to which nothing is sent unless its mailbox confirms anew.

    It outlives the subscriber: whoever was forgotten is not written to by mistake
    later. So it keeps no address, but a keyed hash of it (``suppressions.mark_of``).
    """

    class Reason(models.TextChoices):
        FORGOTTEN = "forgotten", "asked to be forgotten"
        LEFT = "left", "left long ago"
        BOUNCED = "bounced", "mail came back for good"
        COMPLAINED = "complained", "reported our mail as unwanted"

    mark = models.CharField(max_length=64, unique=True)
    # Whose address it is while they are known; nobody once they were forgotten.
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="suppressions"
    )
    # Empty while only temporary bounces were counted.
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    since = models.DateTimeField(null=True)
    # Who told it: a mail server, or the provider of mail.
    provider = models.CharField(max_length=40, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="", since=None)
                | (~Q(reason="") & Q(since__isnull=False)),
                name="suppression_says_since_when",
            )
        ]

    def __str__(self) -> str:
        if self.since is None:
            return f"{self.soft_bounces} temporary bounces"
        return f"{self.get_reason_display()}, since {self.since:%Y-%m-%d}"
