"""What a proof keeps besides the API's bytes: other channels' forms, and its voices."""

import json
from typing import Any

from django.db import models

from cms import channels

from .consent import Consent
from .proofs import Proof


class ProofForm(models.Model):
    """The bytes of one channel, where they are not the API's. Never edited.

    The proof's own payload has their fingerprint, so whoever signs that signs these.
    """

    proof = models.ForeignKey(
        Proof, on_delete=models.PROTECT, related_name="other_forms"
    )
    channel = models.CharField(max_length=10)
    payload = models.BinaryField()
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proof", "channel"], name="one_form_per_proof_and_channel"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} ({self.fingerprint[:8]})"

    @property
    def representation(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(bytes(self.payload))
        return value


class ProofVoice(models.Model):
    """A voice in a proof, and the consent on which it stands there.

    ``path`` is its place in the body of every form, as positions from the outermost
    block inwards. ``channels`` are those in which it was signed; ``lost`` those in which
    consent has ended since, for good: consent that is given anew needs new signatures.
    """

    proof = models.ForeignKey(Proof, on_delete=models.PROTECT, related_name="voices")
    consent = models.ForeignKey(
        Consent, on_delete=models.PROTECT, related_name="voices"
    )
    path = models.JSONField()
    kind = models.CharField(max_length=10)
    # The name that stands beside it.
    attribution = models.CharField(max_length=60, blank=True)
    channels = models.JSONField()
    lost = models.JSONField(default=list)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["proof", "path"], name="one_voice_per_proof_and_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.path}"

    @property
    def shown_in(self) -> list[str]:
        """The channels in which it was signed and has not ended since."""
        return [one for one in self.channels if one not in self.lost]

    @property
    def not_shown_in(self) -> list[str]:
        shown = self.shown_in
        return [one for one in channels.CHANNELS if one not in shown]
