"""What sign-off tells us. Decides nothing but to call."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.dispatch import receiver

from cms.models import Proof
from cms.signals import (
    consent_ended,
    correction_refused,
    fact_corrected,
    proof_signed,
    repeated_by,
    withdrawal_asked,
)

from . import releases, voices


@receiver(proof_signed)
def release_signed_proof(proof: Proof, by: User | None, **kwargs: Any) -> None:
    # Inside the sign-off's transaction: a failure here undoes the signature too.
    releases.release(proof=proof, by=by)


@receiver(fact_corrected)
def release_correction(proof: Proof, by: User, **kwargs: Any) -> None:
    releases.release_before_review(proof=proof, by=by)


@receiver(correction_refused)
def release_what_was_signed(standing: Proof, **kwargs: Any) -> None:
    releases.release_again(proof=standing)


@receiver(repeated_by)
def name_hosts(content_id: UUID, **kwargs: Any) -> list[UUID]:
    return [host.item.content_id for host in releases.current_hosts(content_id)]


@receiver(withdrawal_asked)
def withdraw_release(
    content_id: UUID,
    by: User | None,
    reason: str,
    public_note: str,
    kind: str,
    to: UUID | None,
    reason_class: str,
    **kwargs: Any,
) -> None:
    releases.withdraw(
        content_id=content_id,
        by=by,
        reason=reason,
        public_note=public_note,
        kind=kind,
        to=to,
        reason_class=reason_class,
    )


@receiver(consent_ended)
def leave_out_voices(
    content_ids: list[UUID], by: User | None, **kwargs: Any
) -> list[UUID]:
    return voices.leave_out(content_ids=content_ids, by=by)
