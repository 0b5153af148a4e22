"""What the public says about a text: kept apart from everything that is public.

A comment is public only in the words of an item of its own, which every forum
concerned signs like any other (docs/adr/0019-comments.md).
"""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from .proofs import Proof

# Of what somebody may write.
LONGEST = 2000


class CommentQuerySet(models.QuerySet["Comment"]):
    def waiting(self) -> Self:
        """Nobody has decided yet what becomes of these."""
        return self.filter(status=Comment.Status.WAITING)

    def published(self) -> Self:
        """Accepted: to be answered, and public once that is signed."""
        return self.filter(status=Comment.Status.PUBLISHED)


class Comment(models.Model):
    """One comment on one released text, without any sign of who wrote it."""

    class Topic(models.TextChoices):
        """What regulation 56 asks to be published comments on (SI 2014/1530)."""

        CONTENT = "content", "What it says"
        ACCESSIBILITY = "accessibility", "How easy it is to find, read or use"
        MAKING = "making", "How it was made, and who was asked"

    class Status(models.TextChoices):
        WAITING = "waiting", "Waits to be read"
        PUBLISHED = "published", "To be published with an answer"
        MERGED = "merged", "Merged with another comment"
        NOT_PUBLISHED = "not_published", "Not published"

    class Reason(models.TextChoices):
        ABUSIVE = "abusive", "Abusive"
        VEXATIOUS = "vexatious", "Vexatious: meant to annoy, or sent again and again"
        INDIVIDUAL = "individual", "About one person’s case, or a complaint about it"
        PERSONAL_DATA = "personal_data", "Personal data that cannot be taken out"

    # Of the form that it came by, so that pressing twice does not send twice.
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    # What was read when this was written. Its forums are those concerned.
    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="comments")
    content_id = models.UUIDField(db_index=True)
    version = models.PositiveIntegerField()
    topic = models.CharField(max_length=20, choices=Topic.choices)
    is_gap = models.BooleanField(default=False)
    # As sent. Emptied when they are no longer needed (cms.comments.forget).
    words = models.TextField(blank=True, max_length=LONGEST)
    received_at = models.DateTimeField(db_index=True)
    forgotten_at = models.DateTimeField(null=True)

    status = models.CharField(
        max_length=20, choices=Status.choices, default=Status.WAITING
    )
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True)
    # What of it may be public: as sent, or with personal data taken out.
    published_words = models.TextField(blank=True, max_length=LONGEST)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="merged"
    )
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", decided_at=None)
                | (~Q(status="waiting") & Q(decided_at__isnull=False)),
                name="comment_says_when_it_was_decided",
            ),
            models.CheckConstraint(
                condition=(Q(status="published") & ~Q(published_words=""))
                | (~Q(status="published") & Q(published_words="")),
                name="published_comment_has_words",
            ),
            models.CheckConstraint(
                condition=Q(status="merged", merged_into__isnull=False)
                | (~Q(status="merged") & Q(merged_into=None)),
                name="merged_comment_says_with_which",
            ),
            models.CheckConstraint(
                condition=(Q(status="not_published") & ~Q(reason=""))
                | (~Q(status="not_published") & Q(reason="")),
                name="comment_not_published_has_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["status", "-received_at"])]

    def __str__(self) -> str:
        return f"Comment {self.pk}"
