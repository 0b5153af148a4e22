"""The newsletter's part of the ledger of mail."""

from django.db import models
from django.db.models import Q

from cms.ledger import Entry
from syndication.models import Release

from .subscribers import Subscription


class Delivery(Entry):
    """One message to one subscriber."""

    class Purpose(models.TextChoices):
        ISSUE = "issue", "newsletter issue"
        CONFIRMATION = "confirmation", "request to confirm"
        LINK = "link", "link to their own choices"
        MOVED = "moved", "notice that it goes to another address"

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="deliveries"
    )
    release = models.ForeignKey(
        Release, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta(Entry.Meta):
        verbose_name_plural = "deliveries"
        constraints = [
            *Entry.Meta.constraints,
            models.UniqueConstraint(
                fields=["subscription", "release"],
                condition=Q(purpose="issue"),
                name="one_delivery_per_subscription_and_issue",
            ),
            models.CheckConstraint(
                condition=Q(purpose="issue", release__isnull=False)
                | Q(purpose__in=["confirmation", "link", "moved"], release=None),
                name="delivery_of_an_issue_names_its_release",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.message_id}: {self.status}"
