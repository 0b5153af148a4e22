"""Taking back what is public: by one forum or an administrator alone, and at once."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import models, transaction
from wagtail.log_actions import log

from . import audit, sign_off
from .errors import CommentMissing, MayNotWithdraw, WithdrawalIncomplete
from .models import Proof, Withdrawal
from .signals import repeated_by, withdrawal_asked


@transaction.atomic
def withdraw(
    *,
    content_id: UUID,
    by: User | None,
    reason: str,
    public_note: str = "",
    kind: str = Withdrawal.GONE,
    to: UUID | None = None,
    reason_class: str = "",
) -> None:
    """Take an item back at once: releases end, and it is unpublished in Wagtail.

    ``reason`` is for the record, ``public_note`` is what readers are told. ``kind``
    says what stays at its address; a redirect needs ``to``, the item that replaces it,
    and a notice needs its words. ``reason_class`` is told to partners' programs, and is
    all that they are told of a reason. ``by`` is None only when the system acts by itself.
    Showing it again needs new signatures.

    Raises ``MayNotWithdraw``, ``CommentMissing`` or ``WithdrawalIncomplete``.
    """
    if not reason.strip():
        raise CommentMissing("Please write why this is taken back.")
    answers: Any = repeated_by.send(sender=Proof, content_id=content_id)
    sign_off.lock_proofs(content_id, *(host for _, hosts in answers for host in hosts))
    proofs = list(
        Proof.objects.filter(content_id=content_id)
        .filter(
            models.Q(outcome__in=["open", "embargoed"])
            | models.Q(pk__in=Proof.objects.standing().values("pk"))
        )
        .order_by("pk")
    )
    if by is not None and not may_withdraw(content_id=content_id, user=by):
        raise MayNotWithdraw(
            "Only a forum that signed this, or an administrator, can take it back."
        )
    _check(content_id, kind, public_note, to)
    voided = [proof for proof in proofs if proof.is_pending]
    for proof in proofs:
        if proof.is_pending:
            # Signatures given before must not bring back what was just taken back.
            sign_off.void(
                proof,
                "taken back while it waited for sign-off",
                outcome=Proof.Outcome.STOPPED,
            )
        if proof.outcome == Proof.Outcome.SIGNED or proof.is_correction:
            sign_off.close(proof, Proof.Outcome.WITHDRAWN, reason.strip()[:255])
    withdrawal_asked.send(
        sender=Proof,
        content_id=content_id,
        proofs=proofs,
        by=by,
        reason=reason.strip(),
        public_note="" if kind == Withdrawal.VANISH else public_note.strip(),
        kind=kind,
        to=to,
        reason_class=reason_class,
    )
    item = proofs[-1].item if proofs else None
    if item is not None:
        log(
            instance=item,
            action="countersign.withdraw",
            user=by,
            data={"reason": reason.strip()},
        )
        if item.live:
            # No user: whether they may was decided above, not by Wagtail's policy.
            item.unpublish()
    for proof in voided:
        sign_off.record_closed(proof)
    # Unpublishing comes back here by Wagtail's signal and finds nothing left.
    if proofs:
        audit.record(
            action="withdrawn",
            by=by,
            content_id=content_id,
            kind=str(kind),
            reason=reason.strip(),
            public_note=public_note.strip(),
            to=str(to) if to else "",
        )


def may_withdraw(*, content_id: UUID, user: Any) -> bool:
    """Whether ``user`` may take the item back: its signatories and administrators.

    Also those who are asked to review a correction that is public already.
    """
    if user.has_perm("cms.withdraw_item"):
        return True
    return (
        Proof.objects.standing()
        .filter(content_id=content_id, forums__in=sign_off.forums_of(user))
        .exists()
    )


def _check(content_id: UUID, kind: str, public_note: str, to: UUID | None) -> None:
    if kind not in Withdrawal.values:
        raise WithdrawalIncomplete("Choose what should stay at its address.")
    if kind == Withdrawal.NOTICE and not public_note.strip():
        raise WithdrawalIncomplete(
            "Please write what readers are told: these words stand in its place."
        )
    if kind == Withdrawal.REDIRECT and (
        to is None
        or to == content_id
        or not Proof.objects.standing().filter(content_id=to).exists()
    ):
        raise WithdrawalIncomplete(
            "Choose the item that replaces it: another one, and public now."
        )
