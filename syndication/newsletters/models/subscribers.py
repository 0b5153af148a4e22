"""Who asked for the newsletter, for where, and on what basis."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q


class Frequency(models.TextChoices):
    """How often somebody wants mail."""

    WEEKLY = "weekly", "once a week"
    MONTHLY = "monthly", "once a month"
    AT_ONCE = "at_once", "as it happens"


class Subscriber(models.Model):
    """A person, known by their address alone (see ``subscriptions.normalised``).

    Of a person who was forgotten (``people.forget_address``) the row stays without the address,
    so that what was sent still adds up.
    """

    # NULL, because two empty addresses would not be unique.
    email = models.EmailField(max_length=254, unique=True, null=True)  # noqa: DJ001
    created_at = models.DateTimeField()
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False, forgotten_at=None)
                | Q(email=None, forgotten_at__isnull=False),
                name="subscriber_has_an_address_or_was_forgotten",
            )
        ]

    def __str__(self) -> str:
        return self.masked

    @property
    def masked(self) -> str:
        """The address as shown on pages that open by a link alone: ``p…@example.org``."""
        if self.email is None:
            return "somebody who was forgotten"
        local, _, domain = self.email.rpartition("@")
        return f"{local[:1]}…@{domain}"


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def pending(self) -> Self:
        """Asked for, not yet confirmed from the mailbox."""
        return self.filter(confirmed_at=None, ended_at=None)

    def active(self) -> Self:
        """Confirmed by the person and not ended: these get mail."""
        return self.filter(confirmed_at__isnull=False, ended_at=None)

    def stale(self, before: datetime) -> Self:
        """Never confirmed, though asked for before ``before``."""
        return self.pending().filter(requested_at__lt=before)

    def interested_in(self, choices: Mapping[str, Collection[str]]) -> Self:
        """Those whose choices meet ``choices``: values by sort (``Choice.Sort``).

        Who chose nothing of a sort wants all of that sort.
        """
        found = self
        for sort, values in choices.items():
            # Nobody who chose, but none of these. Said like this it is one join of all;
            # “chose none, or one of these” is looked up for each person.
            theirs = Choice.objects.filter(sort=sort)
            met = theirs.filter(subscription=OuterRef("subscription"), value__in=values)
            unmet = theirs.filter(~Exists(met), subscription=OuterRef("pk"))
            found = found.filter(~Exists(unmet))
        return found


class Wording(models.Model):
    """Words that people agreed to, kept for good as they stood on the page.

    Consent to mail is to be shown years later (PECR regulation 22, UK GDPR article 7.1).
    """

    text = models.TextField(unique=True)
    # The bodies that it names, as ``wordings.Body``: who may rely on this consent.
    bodies = models.JSONField(default=list)
    first_shown_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"shown since {self.first_shown_at:%Y-%m-%d}"


class Subscription(models.Model):
    """What a person asked for and agreed to, when, and when it ended."""

    class Basis(models.TextChoices):
        """Why the law lets us write. Mail about a subscription itself needs neither.

        The soft opt-in of charities (PECR regulation 22(3A), in force since 5 February
        2026) is never mixed with consent: who came by it did not agree, and may be
        written to by that one charity only. Nothing here makes such rows yet.
        """

        CONSENT = "consent", "consent"
        SOFT_OPT_IN = "soft_opt_in", "soft opt-in of a charity"

    class EndedReason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", "left by the button on our page"
        ONE_CLICK = "one_click", "left by the button of their mail program"
        REPLACED = "replaced", "asked again and confirmed another choice"
        MOVED = "moved", "goes to another address of theirs"
        FORGOTTEN = "forgotten", "asked to be forgotten"
        COMPLAINED = "complained", "reported our mail as unwanted"

    class Why(models.TextChoices):
        """What people may say when they leave. No free words: they hold secrets."""

        TOO_OFTEN = "too_often", "It comes too often"
        NOT_FOR_US = "not_for_us", "It is not about things that help us"
        ELSEWHERE = "elsewhere", "I read this somewhere else"
        NOT_ASKED = "not_asked", "I did not ask for it"
        OTHER = "other", "Another reason"

    # Stands in links instead of the row's number, which would count subscribers.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, related_name="subscriptions"
    )
    basis = models.CharField(
        max_length=20, choices=Basis.choices, default=Basis.CONSENT
    )
    wording = models.ForeignKey(
        Wording, on_delete=models.PROTECT, related_name="subscriptions"
    )
    frequency = models.CharField(
        max_length=10, choices=Frequency.choices, default=Frequency.WEEKLY
    )
    # Where it was asked for (see ``sources``).
    source = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    # When the person last changed what they get, without other words to agree to.
    changed_at = models.DateTimeField(null=True)
    # The one at another address that this one takes the place of, once confirmed.
    instead_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)
    ended_reason = models.CharField(
        max_length=20, choices=EndedReason.choices, blank=True
    )
    left_because = models.CharField(max_length=20, choices=Why.choices, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscriber"],
                condition=Q(confirmed_at__isnull=False, ended_at=None),
                name="one_active_subscription_per_subscriber",
            ),
            models.UniqueConstraint(
                fields=["subscriber"],
                condition=Q(confirmed_at=None, ended_at=None),
                name="one_pending_subscription_per_subscriber",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_reason="")),
                name="subscription_end_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(left_because="") | Q(ended_at__isnull=False),
                name="only_who_left_says_why",
            ),
        ]
        indexes = [
            # Of whom the sweep asks every few seconds whether they left long ago.
            models.Index(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False),
                name="subscription_ended",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} since {self.requested_at:%Y-%m-%d}"

    @property
    def is_active(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None

    def chosen(self) -> dict[str, list[str]]:
        """What was chosen, by sort; an empty list leaves nothing of a sort out."""
        found: dict[str, list[str]] = {sort: [] for sort in Choice.Sort.values}
        for choice in self.choices.order_by("sort", "value"):
            found[choice.sort].append(choice.value)
        return found


class Choice(models.Model):
    """One thing that a subscriber chose. Nobody chooses a diagnosis here."""

    class Sort(models.TextChoices):
        AREA = "area", "area"
        KIND = "kind", "kind"
        STAGE = "stage", "age stage"

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="choices"
    )
    sort = models.CharField(max_length=10, choices=Sort.choices)
    value = models.SlugField(db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "sort", "value"],
                name="one_row_per_subscription_and_choice",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sort} {self.value}"
