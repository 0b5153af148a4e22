"""What sign-off tells us. Decides nothing but to call."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from cms.models import Assurance, Proof
from cms.signals import (
    consent_ended,
    correction_refused,
    fact_corrected,
    item_assured,
    proof_signed,
    public_forms,
    public_versions,
    repeated_by,
    withdrawal_asked,
)
from site_settings.models import PublisherSettings

from . import related, releases, tasks, voices
from .models import Release
from .signals import item_released, item_withdrawn


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


@receiver(item_assured)
def tell_that_it_is_still_correct(assurance: Assurance, **kwargs: Any) -> None:
    releases.assure(assurance=assurance)


@receiver(public_versions)
def say_what_is_public(
    content_ids: list[UUID], **kwargs: Any
) -> dict[UUID, dict[str, Any]]:
    return releases.public_versions(content_ids)


@receiver(public_forms)
def say_what_each_channel_gets(
    content_id: UUID, **kwargs: Any
) -> dict[str, dict[str, Any]]:
    return releases.public_forms(content_id)


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


@receiver(item_released)
def leave_out_what_is_gone(release: Release, **kwargs: Any) -> None:
    # An item that it names may have been taken back while forums read it.
    related.leave_out_what_is_gone(release=release)


@receiver(item_withdrawn)
def leave_out_its_name(release: Release, **kwargs: Any) -> None:
    related.leave_out(content_id=release.item.content_id)


@receiver([post_save, post_delete], sender=PublisherSettings)
def name_the_publisher_anew(**kwargs: Any) -> None:
    transaction.on_commit(tasks.renew_credits.enqueue)
