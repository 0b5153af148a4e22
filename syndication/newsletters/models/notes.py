"""Short mails about a subscription itself, on the small ledger (see cms.ledger)."""

from django.db import models

from cms.ledger import Entry

from .subscribers import Subscription


class Note(Entry):
    """One mail to one person that is not the newsletter."""

    class Purpose(models.TextChoices):
        CONFIRMATION = "confirmation", "request to confirm"
        LINK = "link", "link to their own choices"
        MOVED = "moved", "notice that it goes to another address"

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="notes"
    )

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.message_id}: {self.status}"
