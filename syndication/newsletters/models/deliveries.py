"""The ledger of mail: one row for each message to one person."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from syndication.models import Release

from .subscribers import Subscription


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def waiting(self) -> Self:
        """Still to be sent, now or later."""
        return self.filter(status=Delivery.Status.PENDING)

    def due(self, now: datetime | None = None) -> Self:
        """To be sent now."""
        return self.waiting().filter(next_attempt_at__lte=now or timezone.now())

    def lost(self, now: datetime | None = None) -> Self:
        """Claimed by a worker that did not come back within its lease."""
        return self.filter(
            status=Delivery.Status.CLAIMED, lease_until__lt=now or timezone.now()
        )


class Delivery(models.Model):
    """One message to one person. Inserted with its cause, taken up by a worker."""

    class Purpose(models.TextChoices):
        ISSUE = "issue", "newsletter issue"
        CONFIRMATION = "confirmation", "request to confirm"

    class Status(models.TextChoices):
        PENDING = "pending", "waiting"
        CLAIMED = "claimed", "being sent"
        ACCEPTED = "accepted", "accepted by the mail server"
        FAILED = "failed", "refused for good"
        SUPPRESSED = "suppressed", "not sent, for a reason of ours"

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, related_name="+"
    )
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

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "release"],
                condition=Q(purpose="issue"),
                name="one_delivery_per_subscription_and_issue",
            ),
            models.CheckConstraint(
                condition=Q(purpose="issue", release__isnull=False)
                | Q(purpose="confirmation", release=None),
                name="delivery_of_an_issue_names_its_release",
            ),
            models.CheckConstraint(
                condition=Q(status="claimed", lease_until__isnull=False)
                | (~Q(status="claimed") & Q(lease_until=None)),
                name="claimed_delivery_has_a_lease",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "claimed"], settled_at=None)
                | (~Q(status__in=["pending", "claimed"]) & Q(settled_at__isnull=False)),
                name="settled_delivery_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(status="pending"),
                name="delivery_due",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(status="claimed"),
                name="delivery_claimed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.message_id}: {self.status}"
