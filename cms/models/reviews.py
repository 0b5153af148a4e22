"""“Still correct”: that somebody looked at what is public and found nothing to change."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .proofs import Proof
from .vocabulary import Forum


class Assurance(models.Model):
    """One person found a public text still correct on one day. Never edited.

    It is no signature and changes no byte of the text; it moves the day by which the
    text is to be checked again. The public learns the days, never who it was.
    """

    content_id = models.UUIDField(db_index=True)
    # What was public then, and what the person had on the screen.
    proof = models.ForeignKey(
        Proof, on_delete=models.PROTECT, related_name="assurances"
    )
    fingerprint = models.CharField(max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    # The forum they belong to and that signed the text; None for an editor.
    forum = models.ForeignKey(
        Forum, on_delete=models.PROTECT, null=True, related_name="+"
    )
    at = models.DateTimeField()
    # It counts as long as the forums sign no other day than this (cms.reviews).
    signed_review_by = models.DateField()
    review_by = models.DateField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(review_by__gte=F("signed_review_by")),
                name="assurance_brings_no_review_forward",
            )
        ]

    def __str__(self) -> str:
        return f"still correct on {self.at:%Y-%m-%d}"
