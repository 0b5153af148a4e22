"""One mail of a mailing to one person, and what became of it."""

from typing import Self

from django.db import models
from django.db.models import Q

from syndication.models import Item

from .mailings import Mailing
from .subscribers import Subscriber


class State(models.TextChoices):
    PENDING = "pending", "waiting"
    CLAIMED = "claimed", "in a worker’s hands"
    HANDED_OVER = "handed_over", "on the way to the mail server"
    ACCEPTED = "accepted", "accepted by the mail server"
    DELIVERED = "delivered", "delivered"
    BOUNCED = "bounced", "came back"
    COMPLAINED = "complained", "reported as unwanted"
    FAILED = "failed", "refused for good"
    SUPPRESSED = "suppressed", "not sent, for a reason of ours"
    UNCERTAIN = "uncertain", "perhaps sent: a person has to say"


# What is still to be done. In every other state a row stays as it is, but for what
# mail servers tell later of what they accepted.
OPEN = (State.PENDING, State.CLAIMED, State.HANDED_OVER)
HELD = (State.CLAIMED, State.HANDED_OVER)
REACHED = (State.ACCEPTED, State.DELIVERED, State.BOUNCED, State.COMPLAINED)


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def open(self) -> Self:
        """Still to be sent, or being sent."""
        return self.filter(state__in=OPEN)

    def waiting(self) -> Self:
        """Still to be sent, now or later, and in nobody's hands."""
        return self.filter(state=State.PENDING)


class Delivery(models.Model):
    """One mailing's mail to one subscriber: frozen with many, sent with many.

    A row is rewritten three times while a mail goes out, so it is narrow, and what
    changes from one mark to the next stands in no index. One statement writes all, from
    rows that it reads, so the database does not look up again what each belongs to: that
    took as long as the rest. Its Message-ID follows from its number (``message_ids``).
    """

    State = State

    mailing = models.ForeignKey(
        Mailing,
        on_delete=models.CASCADE,
        related_name="deliveries",
        db_constraint=False,
    )
    # With ``round``: what a person gets once, whichever mailing brings it.
    item = models.ForeignKey(
        Item,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    round = models.PositiveIntegerField(default=0)
    # None once the person was forgotten: the sum still balances.
    subscriber = models.ForeignKey(
        Subscriber,
        on_delete=models.SET_NULL,
        null=True,
        related_name="deliveries",
        db_index=False,
        db_constraint=False,
    )
    state = models.CharField(
        max_length=12, choices=State.choices, default=State.PENDING
    )
    # How often it was handed to a mail server, and how often nobody learned its answer.
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    # The ``Claim`` that holds it. No key: claims are gone when they end.
    claim = models.BigIntegerField(null=True)
    settled_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    # By which a provider knows it, where that is not the Message-ID.
    provider_id = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber", "item", "round"],
                name="one_mail_per_person_and_item",
            ),
            models.CheckConstraint(
                condition=Q(state="pending", due_at__isnull=False)
                | (~Q(state="pending") & Q(due_at=None)),
                name="delivery_is_due_while_it_waits",
            ),
            models.CheckConstraint(
                condition=Q(state__in=HELD, claim__isnull=False)
                | (~Q(state__in=HELD) & Q(claim=None)),
                name="delivery_is_held_by_a_claim",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OPEN, settled_at=None)
                | (~Q(state__in=OPEN) & Q(settled_at__isnull=False)),
                name="settled_delivery_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["mailing", "due_at", "id"],
                condition=Q(due_at__isnull=False),
                name="delivery_due",
            ),
            models.Index(
                fields=["provider_id"],
                condition=~Q(provider_id=""),
                name="delivery_of_provider",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class MessageKey(models.Model):
    """The one key that every delivery's Message-ID is made with."""

    secret = models.BinaryField()

    def __str__(self) -> str:
        return "the key of our Message-IDs"
