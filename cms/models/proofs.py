"""Proofs, and what each forum said of them."""

import json
from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from .vocabulary import Forum


class ProofQuerySet(models.QuerySet["Proof"]):
    def open(self) -> Self:
        """Proofs that forums can still answer."""
        return self.filter(outcome=Proof.Outcome.OPEN)

    def signed(self) -> Self:
        """Proofs that every forum concerned signed and nobody took back."""
        return self.filter(outcome=Proof.Outcome.SIGNED)

    def waiting_for(self, forums: "models.QuerySet[Forum]") -> Self:
        """Open proofs that lack an answer of at least one of ``forums``."""
        answered = SignOff.objects.filter(
            proof=models.OuterRef("proof"), forum=models.OuterRef("forum")
        )
        asked = Proof.forums.through.objects.filter(forum__in=forums).exclude(
            models.Exists(answered)
        )
        return self.open().filter(pk__in=asked.values("proof_id"))


class Proof(models.Model):
    """The public representation of an item, frozen when it was submitted.

    ``payload`` is what forums read and sign, and byte for byte what is released.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "waiting for sign-off"
        SIGNED = "signed", "signed by every forum"
        CHANGES = "changes", "changes asked for"
        VOID = "void", "void"
        WITHDRAWN = "withdrawn", "withdrawn after release"

    content_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=20)
    title = models.CharField(max_length=255)
    payload = models.BinaryField()
    fingerprint = models.CharField(max_length=64, db_index=True)
    algorithm = models.CharField(max_length=20)
    # Tells whether the drafting room still holds what was frozen (see cms.source).
    source_digest = models.CharField(max_length=64)

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
    authors = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True
    )
    submitted_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
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
                condition=Q(outcome="open"),
                name="one_open_proof_per_item",
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", closed_at=None)
                | (~Q(outcome="open") & Q(closed_at__isnull=False)),
                name="proof_is_closed_when_it_has_an_outcome",
            ),
        ]
        permissions = [("withdraw_item", "Can withdraw any released item")]

    def __str__(self) -> str:
        return f"{self.title} ({self.fingerprint[:8]})"

    @property
    def is_open(self) -> bool:
        return self.outcome == self.Outcome.OPEN

    @property
    def representation(self) -> dict[str, Any]:
        """The payload as Python values, for showing it."""
        value: dict[str, Any] = json.loads(bytes(self.payload))
        return value


class SignOff(models.Model):
    """One forum's answer to one proof: who, when, what, why. Never edited."""

    class Decision(models.TextChoices):
        AGREE = "agree", "agree"
        AGREE_WITH_COMMENTS = "agree_with_comments", "agree with comments"
        CHANGES = "changes", "ask for changes"

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="sign_offs")
    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="sign_offs")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    decision = models.CharField(max_length=20, choices=Decision.choices)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proof", "forum"], name="one_sign_off_per_forum_and_proof"
            ),
            models.UniqueConstraint(
                fields=["proof", "by"], name="nobody_signs_a_proof_for_two_forums"
            ),
            models.CheckConstraint(
                condition=~Q(decision__in=["changes", "agree_with_comments"])
                | ~Q(comment=""),
                name="sign_off_with_comments_has_a_comment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.forum}: {self.get_decision_display()}"

    @property
    def agrees(self) -> bool:
        return self.decision in (
            self.Decision.AGREE,
            self.Decision.AGREE_WITH_COMMENTS,
        )
