"""Addresses that get no newsletter any more, without naming them."""

from django.db import models
from django.db.models import Q

from .subscribers import Subscriber


class Suppression(models.Model):
    """An address that mail came back from, or that reported it as unwanted.

    It outlives the subscriber: whoever was forgotten is not written to by mistake
    later. So it keeps no address, but a keyed hash of it (``suppressions.mark``).
    """

    class Reason(models.TextChoices):
        BOUNCE = "bounce", "mail came back for good"
        COMPLAINT = "complaint", "reported as unwanted"

    mark = models.CharField(max_length=64, unique=True)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, related_name="suppressions"
    )
    # Empty while only temporary bounces were counted.
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    since = models.DateTimeField(null=True)
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
        return f"{self.get_reason_display() or 'temporary bounces'} since {self.since}"
