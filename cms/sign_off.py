"""Freezing proofs and collecting what forums say of them.

Every verb locks the proof's row first, so two forums, a double click, an edit and a
withdrawal meet one after the other and never halfway.
"""

import logging
from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Revision, TaskState

from . import canonical, source
from .errors import (
    CommentMissing,
    MayNotSign,
    MayNotWithdraw,
    NoForumConcerned,
    NotSignedOff,
    ProofClosed,
    StaleProof,
)
from .models import CoProducedMixin, Forum, Proof, SignOff
from .signals import proof_signed, withdrawal_asked

logger = logging.getLogger(__name__)


@transaction.atomic
def freeze(*, task_state: Any, by: User | None) -> Proof:
    """Make the proof of what was submitted and return it, open for sign-off.

    Raises ``NoForumConcerned`` when no forum would have to sign: then nobody could
    ever stand behind it, and the submission is refused as a whole.
    """
    revision = task_state.revision
    item = cast(CoProducedMixin, revision.as_object())
    forums = list(item.concerned_forums())
    if not forums:
        raise NoForumConcerned(
            f"“{item}” names no area that a forum signs for. Choose an area first."
        )
    if getattr(item, "go_live_at", None):
        raise NotSignedOff(
            f"“{item}” has a Wagtail schedule, which no forum would have signed. "
            "Remove it, then submit again."
        )
    now = timezone.now()
    for earlier in Proof.objects.open().filter(content_id=item.content_id):
        _close(earlier, Proof.Outcome.VOID, "submitted again")
    representation = item.representation()
    payload = canonical.encode(representation)
    proof = Proof.objects.create(
        content_id=item.content_id,
        kind=item.kind,
        title=representation["title"][:255],
        payload=payload,
        fingerprint=canonical.fingerprint(payload),
        algorithm=canonical.ALGORITHM,
        source_digest=source.digest(item),
        content_type=revision.content_type,
        object_id=revision.object_id,
        revision=revision,
        workflow_state=task_state.workflow_state,
        submitted_at=now,
        submitted_by=by,
    )
    proof.forums.set(forums)
    proof.authors.set(_authors(proof, by=by))
    return proof


def sign(
    *, proof: Proof, forum: Forum, by: User, fingerprint: str, comment: str = ""
) -> SignOff:
    """Record that ``forum`` agrees to exactly the bytes with this ``fingerprint``.

    The last signature needed publishes and releases in the same transaction. A
    comment makes it "agree with comments".

    Raises ``StaleProof`` (and voids the proof) when the content was edited since,
    ``ProofClosed`` when it was decided meanwhile, ``MayNotSign`` with the reason
    otherwise. Nothing is recorded by halves.
    """
    void_if_edited(proof.content_id)
    with transaction.atomic():
        proof = _lock(proof, fingerprint)
        decision = (
            SignOff.Decision.AGREE_WITH_COMMENTS
            if comment.strip()
            else SignOff.Decision.AGREE
        )
        answer = _answer(proof, forum, by, decision, comment)
        if not missing(proof):
            _close(proof, Proof.Outcome.SIGNED, "")
            _task_state(proof).approve(user=by, comment=comment.strip())
    return answer


def ask_for_changes(
    *, proof: Proof, forum: Forum, by: User, fingerprint: str, comment: str
) -> SignOff:
    """Record what ``forum`` wants changed and give the item back to its editors.

    Raises as ``sign`` does, and ``CommentMissing`` without a comment.
    """
    if not comment.strip():
        raise CommentMissing("Please write what should change, so that it can be.")
    void_if_edited(proof.content_id)
    with transaction.atomic():
        proof = _lock(proof, fingerprint)
        answer = _answer(proof, forum, by, SignOff.Decision.CHANGES, comment)
        _close(proof, Proof.Outcome.CHANGES, f"{forum} asked for changes")
        _task_state(proof).reject(user=by, comment=comment.strip())
    return answer


@transaction.atomic
def publish(*, workflow_state: Any, by: User | None) -> None:
    """Publish and release the proof of a finished workflow.

    Called by Wagtail whenever a workflow ends, for whatever reason, so it trusts
    nothing: the proof must be signed by every forum, and still be what the latest
    revision says. Raises ``NotSignedOff`` otherwise, which undoes the ending.
    """
    proof = (
        Proof.objects.select_for_update()
        .filter(workflow_state=workflow_state)
        .order_by("-pk")
        .first()
    )
    if proof is None or proof.outcome != Proof.Outcome.SIGNED or missing(proof):
        raise NotSignedOff("Not every forum has signed this. Nothing was published.")
    revision = _latest_revision(proof)
    if revision is None or source.digest(revision.as_object()) != proof.source_digest:
        raise NotSignedOff("This was edited after it was signed. Submit it again.")
    revision.publish(user=by, skip_permission_checks=True)
    proof_signed.send(sender=Proof, proof=proof, by=by)


def void_if_edited(content_id: UUID) -> None:
    """Void the open proof of an item whose latest revision says something else."""
    with transaction.atomic():
        proof = (
            Proof.objects.open()
            .select_for_update()
            .filter(content_id=content_id)
            .first()
        )
        if proof is None:
            return
        revision = _latest_revision(proof)
        if revision and source.digest(revision.as_object()) == proof.source_digest:
            return
        _void(proof, "edited after it was submitted")


@transaction.atomic
def void_for_workflow(*, workflow_state: Any, reason: str) -> None:
    """Void the open proof of a workflow that was cancelled or sent back."""
    for proof in (
        Proof.objects.open().select_for_update().filter(workflow_state=workflow_state)
    ):
        _close(proof, Proof.Outcome.VOID, reason)


@transaction.atomic
def withdraw(
    *, content_id: UUID, by: User | None, reason: str, public_note: str = ""
) -> None:
    """Take an item back at once: releases end, and it is unpublished in Wagtail.

    ``reason`` is for the record, ``public_note`` is what readers are told. ``by`` is
    None only when the system acts by itself. Showing it again needs new signatures.
    Raises ``MayNotWithdraw`` or ``CommentMissing``.
    """
    if not reason.strip():
        raise CommentMissing("Please write why this is taken back.")
    proofs = list(
        Proof.objects.select_for_update()
        .filter(content_id=content_id, outcome__in=["open", "signed"])
        .order_by("pk")
    )
    if by is not None and not may_withdraw(content_id=content_id, user=by):
        raise MayNotWithdraw(
            "Only a forum that signed this, or an administrator, can take it back."
        )
    for proof in proofs:
        if proof.is_open:
            # Signatures given before must not bring back what was just taken back.
            _void(proof, "taken back while it waited for sign-off")
        else:
            _close(proof, Proof.Outcome.WITHDRAWN, reason.strip()[:255])
    withdrawal_asked.send(
        sender=Proof,
        content_id=content_id,
        by=by,
        reason=reason.strip(),
        public_note=public_note.strip(),
    )
    item = item_of(proofs[-1]) if proofs else None
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


def forums_of(user: Any) -> "models.QuerySet[Forum]":
    """The forums this person belongs to and may sign for."""
    if not user.is_active:
        return Forum.objects.none()
    return Forum.objects.filter(group__user=user)


def item_of(proof: Proof) -> Any:
    """The page or snippet as it stands, or None when it was deleted."""
    item = proof.content_object
    return getattr(item, "specific", item)


def missing(proof: Proof) -> list[Forum]:
    """The forums that have not agreed to ``proof`` yet."""
    agreed = {answer.forum_id for answer in proof.sign_offs.all() if answer.agrees}
    return [forum for forum in proof.forums.all() if forum.pk not in agreed]


def why_not(*, proof: Proof, forum: Forum, user: Any) -> str:
    """Why ``user`` cannot answer ``proof`` for ``forum``; empty when they can."""
    answers = {answer.forum_id: answer for answer in proof.sign_offs.all()}
    if not forums_of(user).filter(pk=forum.pk).exists():
        return f"You are not a member of {forum}, so you cannot sign for it."
    if forum not in proof.forums.all():
        return f"{forum} is not asked to sign this."
    if user in proof.authors.all():
        return (
            "You wrote or edited part of this, so somebody else in your forum signs it."
        )
    if forum.pk in answers:
        return (
            f"{forum} has already answered: {answers[forum.pk].get_decision_display()}."
        )
    if any(answer.by_id == user.pk for answer in answers.values()):
        return "You have already answered for another forum. Nobody signs for two."
    return ""


def may_withdraw(*, content_id: UUID, user: Any) -> bool:
    """Whether ``user`` may take the item back: its signatories and administrators."""
    if user.has_perm("cms.withdraw_item"):
        return True
    return SignOff.objects.filter(
        proof__content_id=content_id,
        proof__outcome=Proof.Outcome.SIGNED,
        forum__in=forums_of(user),
    ).exists()


def _lock(proof: Proof, fingerprint: str) -> Proof:
    locked = Proof.objects.select_for_update().get(pk=proof.pk)
    if locked.outcome == Proof.Outcome.VOID:
        raise StaleProof(
            "This was edited after you opened it, so what you read is no longer what "
            "would be published. Nothing was recorded. The editors will send you the "
            "new version."
        )
    if not locked.is_open:
        raise ProofClosed(
            f"This is no longer open: {locked.get_outcome_display()}. "
            "Nothing was recorded."
        )
    if fingerprint != locked.fingerprint:
        raise StaleProof(
            "What you read is not the version that waits for your forum. Nothing was "
            "recorded. Please open it again from your list."
        )
    return locked


def _answer(
    proof: Proof, forum: Forum, by: User, decision: str, comment: str
) -> SignOff:
    if reason := why_not(proof=proof, forum=forum, user=by):
        raise MayNotSign(f"{reason} Nothing was recorded.")
    answer = SignOff.objects.create(
        proof=proof,
        forum=forum,
        by=by,
        decision=decision,
        comment=comment.strip(),
        at=timezone.now(),
    )
    item = item_of(proof)
    if item is not None:
        log(
            instance=item,
            action="countersign.sign_off",
            user=by,
            data={
                "forum": forum.short_name,
                "decision": decision,
                "fingerprint": proof.fingerprint,
            },
        )
    return answer


def _close(proof: Proof, outcome: str, reason: str) -> None:
    proof.outcome = outcome
    proof.closed_at = timezone.now()
    proof.closed_reason = reason
    proof.save(update_fields=["outcome", "closed_at", "closed_reason"])


def _void(proof: Proof, reason: str) -> None:
    """Close an open proof and give the item back to its editors."""
    _close(proof, Proof.Outcome.VOID, reason)
    state = proof.workflow_state
    if state is not None and state.is_active:
        state.cancel()


def _task_state(proof: Proof) -> Any:
    state: TaskState | None = (
        proof.workflow_state.current_task_state if proof.workflow_state else None
    )
    if state is None:
        raise NotSignedOff("The workflow of this item is gone. Submit it again.")
    return state


def _revisions(proof: Proof) -> Any:
    """All revisions of the proof's item, newest first; none once it was deleted."""
    if proof.revision is None:
        return Revision.objects.none()
    return Revision.objects.filter(
        base_content_type=proof.revision.base_content_type,
        object_id=proof.object_id,
    ).order_by("-created_at", "-pk")


def _latest_revision(proof: Proof) -> Any:
    return _revisions(proof).first()


def _authors(proof: Proof, *, by: User | None) -> Iterable[User]:
    """Everyone who wrote any of this since it was last signed, and who submitted it."""
    revisions = _revisions(proof)
    last = (
        Proof.objects.filter(
            content_id=proof.content_id,
            outcome__in=[Proof.Outcome.SIGNED, Proof.Outcome.WITHDRAWN],
        )
        .order_by("-submitted_at")
        .first()
    )
    if last:
        revisions = revisions.filter(created_at__gt=last.submitted_at)
    wrote = set(revisions.exclude(user=None).values_list("user_id", flat=True))
    if by is not None:
        wrote.add(by.pk)
    owner = getattr(proof.content_object, "owner_id", None)
    if owner and not last:
        wrote.add(owner)
    return get_user_model().objects.filter(pk__in=wrote)
