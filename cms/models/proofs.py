"""Proofs, and what each forum said of them."""

import json
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .vocabulary import Forum


class Withdrawal(models.TextChoices):
    """What stays at the address of an item that was taken back."""

    GONE = "gone", "Gone: the address says that it was taken back"
    REDIRECT = "redirect", "Replaced: the address leads to another item"
    NOTICE = "notice", "Notice: your words to readers stand in its place"
    VANISH = "vanish", "Vanish: nothing is left to see, for somebody’s safety"


# What is told of an item whose last day has passed (cms.expiry), in their place. Nobody
# chooses it.
EXPIRED = "expired"


class ProofQuerySet(models.QuerySet["Proof"]):
    def open(self) -> Self:
        """Proofs that forums can still answer."""
        return self.filter(outcome=Proof.Outcome.OPEN)

    def embargoed(self) -> Self:
        """Proofs that every forum signed and whose release date has not come."""
        return self.filter(outcome=Proof.Outcome.EMBARGOED)

    def pending(self) -> Self:
        """Proofs that may still become public, but have not."""
        return self.filter(outcome__in=PENDING)

    def signed(self) -> Self:
        """Proofs that every forum concerned signed and nobody took back."""
        return self.filter(outcome=Proof.Outcome.SIGNED)

    def once_signed(self) -> Self:
        """Proofs that every forum concerned signed, also where taken back since.

        Not a correction that was taken back before its forums had signed it.
        """
        counting = SignOff.objects.filter(
            proof=models.OuterRef("proof"),
            forum=models.OuterRef("forum"),
            withdrawn_at=None,
            decision__in=COUNTING,
        )
        lacking = Proof.forums.through.objects.filter(
            ~models.Exists(counting), proof=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(lacking), outcome__in=["signed", "withdrawn"])

    def unreviewed(self) -> Self:
        """Corrections that went out at once and that no signature has covered since."""
        later = Proof.objects.filter(
            content_id=models.OuterRef("content_id"),
            pk__gt=models.OuterRef("pk"),
        ).filter(Q(outcome__in=["signed", "withdrawn"]) | Q(route="correction"))
        return self.filter(
            route=Proof.Route.CORRECTION,
            outcome__in=[*PENDING, *GIVEN_BACK, Proof.Outcome.STOPPED],
        ).exclude(models.Exists(later))

    def standing(self) -> Self:
        """What may stand live in the drafting room: signed, or corrected at once."""
        return self.filter(
            Q(outcome=Proof.Outcome.SIGNED) | Q(pk__in=self.unreviewed().values("pk"))
        )

    def newest_standing(self) -> Self:
        """What the public reads of each item: one proof per item."""
        later = Proof.objects.standing().filter(
            content_id=models.OuterRef("content_id"), pk__gt=models.OuterRef("pk")
        )
        return self.standing().exclude(models.Exists(later))

    def over(self) -> Self:
        """Proofs whose last day has passed."""
        return self.filter(expires_on__lt=timezone.localdate())

    def waiting_for(self, forums: "models.QuerySet[Forum]") -> Self:
        """Open proofs that lack an answer of at least one of ``forums``."""
        lacking = unanswered().filter(forum__in=forums)
        return self.filter(pk__in=lacking.values("proof_id"))


class Proof(models.Model):
    """The public representation of an item, frozen when it was submitted.

    ``payload`` is what forums read and sign, and byte for byte what is released.
    """

    class Route(models.TextChoices):
        REVIEW = "review", "public after every forum signed"
        # Already public, labelled so, because a fact was wrong (cms.corrections).
        CORRECTION = "correction", "public at once, reviewed afterwards"

    class Outcome(models.TextChoices):
        OPEN = "open", "waiting for sign-off"
        EMBARGOED = "embargoed", "signed by every forum, waits for its release date"
        SIGNED = "signed", "signed by every forum"
        CHANGES = "changes", "changes asked for"
        NOT_AGREED = "not_agreed", "not agreed"
        VOID = "void", "void"
        STOPPED = "stopped", "taken back before it was signed"
        WITHDRAWN = "withdrawn", "withdrawn after release"

    content_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=255)
    payload = models.BinaryField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    algorithm = models.CharField(max_length=20)
    # Tells whether the drafting room still holds what was frozen (see cms.source).
    source_digest = models.CharField(max_length=64)
    route = models.CharField(max_length=10, choices=Route.choices, default=Route.REVIEW)
    # Signed with it: the bytes say it as well.
    release_at = models.DateTimeField(null=True)
    # Signed with it, or what the review settings say; None where nobody need check it.
    review_by = models.DateField(null=True)
    # The last day on which it is shown, signed with it too (cms.expiry).
    expires_on = models.DateField(null=True, db_index=True)
    # For a correction: {"reason", "fields": [label, …], "changed_at"}.
    correction = models.JSONField(null=True)

    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.CharField(max_length=64)
    content_object = GenericForeignKey("content_type", "object_id")
    # wagtail-reference-index would otherwise count a proof as a use of a page.
    content_object.wagtail_reference_index_ignore = True  # type: ignore[attr-defined]
    revision = models.ForeignKey(
        "wagtailcore.Revision", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    workflow_state = models.ForeignKey(
        "wagtailcore.WorkflowState",
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    forums = models.ManyToManyField(Forum, related_name="proofs")
    # Why each of them is asked: {"<forum pk>": [{"code", "text"}, …]} (cms.policy).
    reasons = models.JSONField(default=dict)
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True
    )
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    due_on = models.DateField()
    outcome = models.CharField(
        max_length=10, choices=Outcome.choices, default=Outcome.OPEN
    )
    closed_at = models.DateTimeField(null=True)
    closed_reason = models.CharField(max_length=255, blank=True)

    objects = ProofQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_id"],
                condition=Q(outcome__in=["open", "embargoed"]),
                name="one_pending_proof_per_item",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["open", "embargoed"], closed_at=None)
                | (~Q(outcome__in=["open", "embargoed"]) & Q(closed_at__isnull=False)),
                name="proof_is_closed_when_it_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="embargoed") | Q(release_at__isnull=False),
                name="embargoed_proof_has_a_release_date",
            ),
            models.CheckConstraint(
                condition=Q(route="correction", correction__isnull=False)
                | Q(route="review", correction=None),
                name="correction_says_what_was_corrected",
            ),
        ]
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=Q(outcome="embargoed"),
                name="proof_embargoed",
            ),
            models.Index(
                fields=["due_on"], condition=Q(outcome="open"), name="proof_due"
            ),
        ]
        permissions = [
            ("withdraw_item", "Can withdraw any released item"),
            ("correct_facts", "Can correct facts before forum review"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.fingerprint[:8]})"

    @property
    def item(self) -> Any:
        """The page or snippet as it stands, or None when it was deleted."""
        item = self.content_object
        return getattr(item, "specific", item)

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN

    @property
    def is_pending(self) -> bool:
        return self.outcome in PENDING

    @property
    def is_over(self) -> bool:
        """Whether the last day on which it may be shown has passed."""
        return self.expires_on is not None and self.expires_on < timezone.localdate()

    @property
    def is_correction(self) -> bool:
        return self.route == self.Route.CORRECTION

    def why_asked(self, forum: Forum) -> list[str]:
        """Why ``forum`` has to sign this, as sentences for the screen."""
        return [reason["text"] for reason in self.reasons.get(str(forum.pk), [])]

    @property
    def representation(self) -> dict[str, Any]:
        """The payload as Python values, for showing it."""
        value: dict[str, Any] = json.loads(bytes(self.payload))
        return value


# The outcomes with which a proof may still become public.
PENDING = (Proof.Outcome.OPEN, Proof.Outcome.EMBARGOED)
# Those with which its editors have to do something next.
GIVEN_BACK = (Proof.Outcome.CHANGES, Proof.Outcome.VOID)


class SignOff(models.Model):
    """One forum's answer to one proof: who, when, what, why. Never edited."""

    class Decision(models.TextChoices):
        AGREE = "agree", "agreed"
        AGREE_WITH_COMMENTS = "agree_with_comments", "agreed, with comments"
        # It counts for the release and is no endorsement: the bytes say so.
        DISSENT = "dissent", "did not agree; its dissent is published with the text"
        CHANGES = "changes", "asked for changes"
        NOT_AGREED = "not_agreed", "did not agree"

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="sign_offs")
    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="sign_offs")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(max_length=20, choices=Decision.choices)
    comment = models.TextField(blank=True)
    # The forum's choice: whether a dissent may be shown with its comment.
    comment_is_public = models.BooleanField(default=False)
    at = models.DateTimeField()
    # Taken back by the forum before the text was public.
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proof", "forum"],
                condition=Q(withdrawn_at=None),
                name="one_standing_sign_off_per_forum_and_proof",
            ),
            models.UniqueConstraint(
                fields=["proof", "by"],
                condition=Q(withdrawn_at=None),
                name="nobody_signs_a_proof_for_two_forums",
            ),
            models.CheckConstraint(
                condition=~Q(
                    decision__in=["changes", "agree_with_comments", "not_agreed"]
                )
                | ~Q(comment=""),
                name="sign_off_with_comments_has_a_comment",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="sign_off_taken_back_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forum}: {self.get_decision_display()}"

    @property
    def stands(self) -> bool:
        return self.withdrawn_at is None

    @property
    def agrees(self) -> bool:
        """Whether the forum stands behind the text."""
        return self.stands and self.decision in AGREED

    @property
    def counts(self) -> bool:
        """Whether it lets the text go out: agreed, or a dissent that is part of it."""
        return self.stands and self.decision in COUNTING


# The decisions with which a forum stands behind a text, and those that let it go out.
AGREED = (SignOff.Decision.AGREE, SignOff.Decision.AGREE_WITH_COMMENTS)
COUNTING = (*AGREED, SignOff.Decision.DISSENT)


def unanswered() -> "models.QuerySet[Any]":
    """Which forums have not answered which open proofs: pairs of ``proof, forum``."""
    answered = SignOff.objects.filter(
        proof=models.OuterRef("proof"),
        forum=models.OuterRef("forum"),
        withdrawn_at=None,
    )
    return Proof.forums.through.objects.filter(
        ~models.Exists(answered), proof__outcome=Proof.Outcome.OPEN
    )


class NoReply(models.Model):
    """“No reply by DATE”: a forum that was asked had not answered by the due date.

    It decides nothing, and a late answer is as good as any. Never edited.
    """

    proof = models.ForeignKey(
        Proof, on_delete=models.PROTECT, related_name="no_replies"
    )
    forum = models.ForeignKey(
        Forum, on_delete=models.PROTECT, related_name="no_replies"
    )
    due_on = models.DateField()
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "no replies"
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proof", "forum"], name="one_no_reply_per_forum_and_proof"
            )
        ]

    def __str__(self) -> str:
        return f"{self.forum}: no reply by {self.due_on:%Y-%m-%d}"
