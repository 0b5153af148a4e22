"""Organisations that show what is public here, and what they tell us of it."""

from datetime import timedelta
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from cms.models import Area
from syndication.models import Change

# How long a key that nobody uses counts as forgotten.
FORGOTTEN_AFTER = timedelta(days=90)


class PartnerQuerySet(models.QuerySet["Partner"]):
    def active(self) -> Self:
        """Partners with which we still work."""
        return self.filter(ended_at=None)


class Partner(models.Model):
    """An organisation that shows what is public here to its own readers."""

    class Kind(models.TextChoices):
        COUNCIL = "council", "a council"
        HEALTH = "health", "a health service"
        SCHOOL = "school", "a school or college"
        CHARITY = "charity", "a charity or community group"
        FORUM = "forum", "a parent carer forum"
        OTHER = "other", "something else"

    name = models.CharField(
        max_length=120, unique=True, verbose_name="name of the organisation"
    )
    kind = models.CharField(
        max_length=10, choices=Kind.choices, verbose_name="what it is"
    )
    website = models.URLField(
        blank=True,
        validators=[RegexValidator(r"^https?://", "Begin it with https://.")],
        help_text="Where it shows what it takes from here.",
    )
    areas = models.ManyToManyField(
        Area,
        blank=True,
        related_name="+",
        verbose_name="areas it shows",
        help_text="None means all. It is asked to confirm removals in these areas.",
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    # What it confirmed stays on record, so a partner is ended and never deleted.
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = PartnerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        permissions = [("manage_partners", "Manage partners and their keys")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A mailbox of a partner that stays when a person leaves. Never a person's own."""

    class Role(models.TextChoices):
        REMOVALS = "removals", "takes content down"
        TECHNICAL = "technical", "runs the programs"
        OFFICE = "office", "everything else"

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="contacts"
    )
    role = models.CharField(max_length=10, choices=Role.choices)
    email = models.EmailField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "role"], name="one_mailbox_per_partner_and_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} {self.get_role_display()}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self) -> Self:
        """Keys that open something now."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class ApiKey(models.Model):
    """A credential of a partner. The key itself is shown once and stored nowhere."""

    class Scope(models.TextChoices):
        READ = "read", "read its removals and figures"
        ACKNOWLEDGE = "acknowledge", "confirm removals"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="keys")
    name = models.CharField(
        max_length=60,
        verbose_name="what it is for",
        help_text="So that you know it again: “nightly update of the website”.",
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    # The beginning of the key, by which people tell two apart.
    prefix = models.CharField(max_length=20, editable=False)
    scopes = models.JSONField(default=list)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    # At most a minute old, so that not every request writes.
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    # When it first came in an address, where logs and histories keep it.
    leaked_at = models.DateTimeField(null=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def is_forgotten(self) -> bool:
        """Whether it lives although nobody has used it for a long time."""
        used = self.last_used_at or self.made_at
        return self.is_live and used < timezone.now() - FORGOTTEN_AFTER

    @property
    def scope_names(self) -> list[str]:
        return [
            str(label) for value, label in self.Scope.choices if value in self.scopes
        ]


class Acknowledgement(models.Model):
    """A partner's word that it received a removal, or took every copy down."""

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        REMOVED = "removed", "removed"

    partner = models.ForeignKey(
        Partner, on_delete=models.PROTECT, related_name="acknowledgements"
    )
    change = models.ForeignKey(Change, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "change", "state"],
                name="one_acknowledgement_of_each_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.state} {self.change_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("What a partner acknowledged is never edited.")
        super().save(*args, **kwargs)


class UsageDay(models.Model):
    """How often a partner's keys were used on a day. Numbers, and nothing else."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="usage_days"
    )
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    # Of those, how many were answered with 429.
    refused = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "day"], name="one_row_per_partner_and_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.partner_id} {self.day}: {self.requests}"
