"""When an issue was compiled for whom, and what came of it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from syndication.models import Item

from .issues import Issue
from .subscribers import Frequency


class DigestRun(models.Model):
    """One look at what is new for one group of readers: a frequency and an area.

    The periods of a group follow each other without a gap and without an overlap: each
    begins where the last one ended, so any number of schedulers make each run once.
    """

    class Outcome(models.TextChoices):
        BEGAN = "began", "the first period begins where this one ends"
        COMPILED = "compiled", "an issue was made"
        EMPTY = "empty", "nothing was new"
        SKIPPED = "skipped", "an issue was made and could not be submitted"
        GIVEN_UP = "given_up", "its issue was not submitted before the next"

    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    # Not the row of the area: what was sent stays on record when that is gone.
    area_slug = models.SlugField()
    period_start = models.DateTimeField()
    period_end = models.DateTimeField()
    # Up to this number of the change log everything was considered (``Change``). Times
    # would lose what was released before the end and committed after it.
    last_change = models.PositiveBigIntegerField()
    # When its issue is meant to go out.
    send_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=255, blank=True)
    made_at = models.DateTimeField()
    issue = models.ForeignKey(
        Issue, on_delete=models.SET_NULL, null=True, related_name="runs"
    )
    # What it considered and put into the issue, as content_ids. An issue may be deleted.
    carried = models.JSONField(default=list)
    # What was too much for one issue, as content_ids: the next run takes it up.
    postponed = models.JSONField(default=list)
    # When it was known for good that its issue went out, or that it never will.
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-period_end", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["frequency", "area_slug", "period_start"],
                name="one_run_per_group_and_start",
            ),
            models.UniqueConstraint(
                fields=["frequency", "area_slug", "period_end"],
                name="one_run_per_group_and_end",
            ),
            models.CheckConstraint(
                condition=Q(period_start__lt=F("period_end")),
                name="run_starts_before_it_ends",
            ),
        ]
        indexes = [
            models.Index(
                fields=["frequency", "area_slug"],
                condition=Q(settled_at=None),
                name="run_unsettled",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.frequency}, {self.area_slug}, to {self.period_end:%Y-%m-%d %H:%M}"
        )


class Hold(models.Model):
    """An issue that was signed too late to be sent without a person's word."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"{self.item} held since {self.since:%Y-%m-%d}"
