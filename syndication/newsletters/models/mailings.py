"""A release that is mailed to many, and who works on it."""

import uuid
from typing import Self

from django.db import models
from django.db.models import F, Q

from syndication.models import Release


class MailingQuerySet(models.QuerySet["Mailing"]):
    def unfinished(self) -> Self:
        """Those that are not over, also those that somebody paused."""
        return self.exclude(state__in=[Mailing.State.STOPPED, Mailing.State.FINISHED])

    def under_way(self) -> Self:
        """Those that a worker may take up, the longest waiting first."""
        states = [Mailing.State.PREPARING, Mailing.State.SENDING]
        return self.filter(state__in=states).order_by("created_at", "pk")


class Mailing(models.Model):
    """One release on its way to everybody who asked for it.

    Finished only when everybody is accounted for: ``audience`` is who was found, each
    is ``excluded`` or has a row among ``deliveries``.
    """

    class State(models.TextChoices):
        PREPARING = "preparing", "being prepared"
        SENDING = "sending", "being sent"
        PAUSED = "paused", "paused"
        STOPPED = "stopped", "stopped"
        FINISHED = "finished", "finished"

    class Doubt(models.TextChoices):
        """What happens to a mail whose worker died before the server's answer."""

        RESEND = "resend", "send it again, with the same Message-ID"
        HOLD = "hold", "hold it until somebody decides"

    # Stands in addresses of screens instead of the row's number.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="+")
    # 0 for an issue: each person gets it once, however often it is signed anew. Of what
    # comes as it happens every signed version is a mail of its own.
    round = models.PositiveIntegerField(default=0)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.PREPARING
    )
    # Why it is paused or stopped.
    reason = models.CharField(max_length=200, blank=True)
    in_doubt = models.CharField(
        max_length=10,
        choices=Doubt.choices,
        default=Doubt.RESEND,
        verbose_name="if a worker dies before the mail server’s answer",
    )
    host = models.CharField(max_length=253)
    # Of the mail that went out last: it changes when an item in it is taken back.
    mould = models.CharField(max_length=64, blank=True)
    audience = models.PositiveIntegerField(default=0)
    excluded = models.PositiveIntegerField(default=0)
    # Deliveries by state when they were last counted.
    counts = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(excluded__lte=F("audience")),
                name="excluded_are_of_the_audience",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["stopped", "finished"], finished_at__isnull=False
                )
                | (~Q(state__in=["stopped", "finished"]) & Q(finished_at=None)),
                name="mailing_that_is_over_says_since_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release}, {self.get_state_display()}"


class Claim(models.Model):
    """A worker that holds deliveries. Without a sign of life it loses them."""

    mailing = models.ForeignKey(
        Mailing, on_delete=models.CASCADE, related_name="claims"
    )
    worker = models.CharField(max_length=100)
    lease_until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.worker} until {self.lease_until:%H:%M:%S}"


class Route(models.Model):
    """A way out, shared by all workers: how fast it may be used, and whether it works."""

    name = models.CharField(max_length=100, unique=True)
    # Until when what was handed over fills the rate that is allowed.
    busy_until = models.DateTimeField(null=True)
    # How often in a row it could not be used, and until when nobody knocks.
    outages = models.PositiveSmallIntegerField(default=0)
    down_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return (
            f"{self.name}, down until {self.down_until}" if self.outages else self.name
        )
