"""Freezing proofs and collecting what forums say of them.

Every verb locks the proof's row first, so two forums, a double click, an edit and a
withdrawal meet one after the other and never halfway. The audit log's lock is the last
that a transaction takes, so every verb writes its entries at its end.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import TaskState

from site_settings.models import ReviewSettings, SignOffSettings, months_after

from . import (
    audit,
    authorship,
    canonical,
    channels,
    consent,
    embedding,
    policy,
    representation,
    source,
)
from .errors import (
    CommentMissing,
    DissentNotPossible,
    MayNotSign,
    NoForumConcerned,
    NotSignedOff,
    ProofClosed,
    SignOffError,
    StaleProof,
)
from .models import CoProducedMixin, Forum, Proof, SignOff
from .signals import (
    correction_refused,
    forum_answered,
    forum_left,
    forums_joined,
    proof_closed,
    proof_embargoed,
    proof_frozen,
    proof_signed,
    sign_off_taken_back,
)

EDITED = (
    "This was edited after you opened it, so what you read is no longer what would be "
    "published. Nothing was recorded. The editors will send you the new version."
)
# Why a proof is void when what it shows may not be shown any more. Says no more.
CONSENT_ENDED = "the consent for a voice in it has ended"


@dataclass(frozen=True)
class Circumstances:
    """What Wagtail's workflow cannot hand on to the proof that it starts."""

    dissents: Sequence[representation.Dissent] = ()
    correction: dict[str, Any] | None = None
    # Why its forums are asked although nobody edited it: a sentence for the screen.
    because: str = ""
    # The signed proof of which this keeps the voices, and adds none.
    no_more_than: Proof | None = None


AS_USUAL = Circumstances()
_circumstances: ContextVar[Circumstances] = ContextVar("circumstances")


@contextmanager
def under(circumstances: Circumstances) -> Iterator[None]:
    """Let every proof that is frozen inside be frozen under these circumstances."""
    token = _circumstances.set(circumstances)
    try:
        yield
    finally:
        _circumstances.reset(token)


@transaction.atomic
def freeze(*, task_state: Any, by: User | None) -> Proof:
    """Make the proof of what was submitted and return it, open for sign-off.

    Raises ``NoForumConcerned`` when policy names nobody who would have to sign: then
    nobody could ever stand behind it, and the submission is refused as a whole.
    Raises ``ConsentEnded`` for a voice that no channel may show.
    """
    circumstances = _circumstances.get(AS_USUAL)
    revision = task_state.revision
    item = cast(CoProducedMixin, revision.as_object())
    rules = SignOffSettings.current()
    requirements = policy.required(item, policy=rules)
    if getattr(item, "go_live_at", None):
        raise NotSignedOff(
            f"“{item}” has a Wagtail schedule, which no forum would have signed. "
            "Remove it, then submit again."
        )
    draft = consent.judged(item.draft()).with_dissent(circumstances.dissents)
    if circumstances.correction:
        draft = draft.with_shared_blocks_as_public()
    if circumstances.no_more_than:
        draft = consent.no_more_than(draft, circumstances.no_more_than)
    else:
        consent.check(draft)
    for earlier in Proof.objects.pending().filter(content_id=item.content_id):
        close(earlier, Proof.Outcome.VOID, "submitted again")
    forms = channels.split(draft)
    data = forms.payload
    for form in (data, *forms.others.values()):
        embedding.check(form)
    payload = canonical.encode(data)
    proof = Proof.objects.create(
        content_id=item.content_id,
        kind=item.kind,
        title=data["title"][:255],
        payload=payload,
        fingerprint=canonical.fingerprint(payload),
        algorithm=canonical.ALGORITHM,
        source_digest=source.digest(item),
        route=Proof.Route.CORRECTION
        if circumstances.correction
        else Proof.Route.REVIEW,
        correction=circumstances.correction,
        release_at=item.release_at,
        review_by=_review_by(data),
        expires_on=getattr(item, "expires_on", None),
        reasons=_reasons(requirements, because=circumstances.because),
        content_type_id=revision.content_type_id,
        object_id=revision.object_id,
        revision=revision,
        workflow_state=task_state.workflow_state,
        submitted_at=timezone.now(),
        submitted_by=by,
        due_on=item.answer_by()
        or _due_on(rules, is_correction=circumstances.correction is not None),
    )
    consent.keep(proof=proof, draft=draft, forms=forms)
    proof.forums.add(*(one.forum for one in requirements))
    proof.authors.add(*authorship.of(proof, item=item, by=by))
    models.prefetch_related_objects([proof], "forums")
    proof_frozen.send(sender=Proof, proof=proof, by=by)
    if not circumstances.correction:
        # A correction is released in the same transaction: it is recorded after that.
        record_frozen(proof, by)
    return proof


def sign(
    *, proof: Proof, forum: Forum, by: User, fingerprint: str, comment: str = ""
) -> SignOff:
    """Record that ``forum`` agrees to exactly the bytes with this ``fingerprint``.

    A comment makes it "agree with comments". Where the bytes name the forum as not
    agreeing, it agrees to be published so: that is a dissent and no endorsement. The
    last signature needed publishes and releases in the same transaction, or leaves
    the proof to wait for its release date.

    Raises ``StaleProof`` (and voids the proof) when the content was edited since,
    ``ProofClosed`` when it was decided meanwhile, ``MayNotSign`` with the reason
    otherwise. Nothing is recorded by halves.
    """
    with transaction.atomic():
        held = Held(_lock_proof(proof))
        if not _void_if_edited(held):
            proof = _check_open(held.proof, fingerprint)
            joined = _ask_newcomers(held)
            decision = _agreement(proof, forum, comment)
            answer = _answer(held, forum, by, decision, comment)
            if not missing(proof):
                if proof.release_at and proof.release_at > timezone.now():
                    proof.outcome = Proof.Outcome.EMBARGOED
                    proof.save(update_fields=["outcome"])
                    proof_embargoed.send(sender=Proof, proof=proof)
                else:
                    _finish(held, by=by, comment=comment.strip())
            _record_joined(proof, joined)
            _record_answer(answer)
            return answer
    raise StaleProof(EDITED)


def ask_for_changes(
    *, proof: Proof, forum: Forum, by: User, fingerprint: str, comment: str
) -> SignOff:
    """Record what ``forum`` wants changed and give the item back to its editors.

    Raises as ``sign`` does, and ``CommentMissing`` without a comment.
    """
    if not comment.strip():
        raise CommentMissing("Please write what should change, so that it can be.")
    with transaction.atomic():
        held = Held(_lock_proof(proof))
        if not _void_if_edited(held):
            _check_open(held.proof, fingerprint)
            answer = _answer(held, forum, by, SignOff.Decision.CHANGES, comment)
            reason = f"{forum} asked for changes"
            _give_back(held, Proof.Outcome.CHANGES, reason, answer)
            _record_answer(answer)
            return answer
    raise StaleProof(EDITED)


def not_agree(
    *,
    proof: Proof,
    forum: Forum,
    by: User,
    fingerprint: str,
    comment: str,
    comment_is_public: bool = False,
) -> SignOff:
    """Record that ``forum`` does not agree. Nothing is released.

    ``comment_is_public`` lets the comment be shown, should policy allow the text to be
    published with the dissent in it. A correction that is not agreed ends at once: the
    version that was signed before is public again.

    Raises as ``sign`` does, and ``CommentMissing`` without a reason.
    """
    if not comment.strip():
        raise CommentMissing(
            "Please write why your forum does not agree, so that others understand."
        )
    with transaction.atomic():
        held = Held(_lock_proof(proof))
        if not _void_if_edited(held):
            proof = _check_open(held.proof, fingerprint)
            answer = _answer(
                held,
                forum,
                by,
                SignOff.Decision.NOT_AGREED,
                comment,
                comment_is_public=comment_is_public,
            )
            _give_back(held, Proof.Outcome.NOT_AGREED, f"{forum} did not agree", answer)
            if proof.is_correction:
                _stand_as_signed_before(proof)
            _record_answer(answer)
            return answer
    raise StaleProof(EDITED)


@transaction.atomic
def take_back(*, proof: Proof, forum: Forum, by: User, reason: str = "") -> SignOff:
    """Take back what ``forum`` signed, before the text is public.

    The proof waits for the forum again; a release date that comes meanwhile releases
    nothing. Raises ``ProofClosed`` when it is public or was decided otherwise, and
    ``MayNotSign`` for people of other forums or when there is nothing to take back.
    """
    proof = _lock_proof(proof)
    if not proof.is_pending:
        raise ProofClosed(
            f"This can no longer be undone: {proof.get_outcome_display()}. If it is "
            "public, take the item back from the public instead."
        )
    if not forums_of(by).filter(pk=forum.pk).exists():
        raise MayNotSign(f"You are not a member of {forum}. Nothing was changed.")
    answer = proof.sign_offs.filter(forum=forum, withdrawn_at=None).first()
    if answer is None:
        raise MayNotSign(f"{forum} has not signed this. Nothing was changed.")
    answer.withdrawn_at = timezone.now()
    answer.withdrawn_by = by
    answer.withdrawn_reason = reason.strip()
    answer.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    if proof.outcome == Proof.Outcome.EMBARGOED:
        proof.outcome = Proof.Outcome.OPEN
        proof.save(update_fields=["outcome"])
    sign_off_taken_back.send(sender=SignOff, sign_off=answer)
    _record(
        "sign_off_taken_back",
        proof,
        by,
        row=answer,
        forum=str(forum),
        reason=reason.strip(),
    )
    return answer


@transaction.atomic
def submit_with_dissent(*, proof: Proof, by: User) -> Proof:
    """Ask every forum to sign the same text with the dissent of ``proof`` in it.

    Returns the new proof. The forums that did not agree sign it too: that it goes out
    so. Raises ``DissentNotPossible`` when policy or an edit since does not allow it.
    """
    proof = _lock_proof(proof)
    if SignOffSettings.current().dissent != SignOffSettings.Dissent.PUBLISH:
        raise DissentNotPossible(
            "The sign-off policy does not allow publishing without the agreement of "
            "every forum. Change the text and submit it again."
        )
    newest = Proof.objects.filter(content_id=proof.content_id).first()
    state = proof.workflow_state
    if (
        proof.outcome != Proof.Outcome.NOT_AGREED
        or newest != proof
        or state is None
        or state.status != state.STATUS_NEEDS_CHANGES
    ):
        raise DissentNotPossible(
            "This is no longer the latest answer to the text. Open it again from the "
            "list."
        )
    revision = authorship.latest_revision(proof)
    if revision is None or source.digest(revision.as_object()) != proof.source_digest:
        raise DissentNotPossible(
            "The text was edited since. Submit it as usual: every forum reads it anew."
        )
    # No correction any more: what was refused is not public, and this is not yet.
    with under(Circumstances(dissents=_dissents(proof), no_more_than=proof)):
        state.resume(user=by)
    return Proof.objects.open().get(content_id=proof.content_id)


@transaction.atomic
def publish(*, workflow_state: Any, by: User | None) -> None:
    """Publish and release the proof of a finished workflow.

    Called by Wagtail whenever a workflow ends, for whatever reason, so it trusts
    nothing: the proof must be signed by everyone that policy asks now, its release
    date must have come, and it must still be what the latest revision says. Raises
    ``NotSignedOff`` otherwise, which undoes the ending.
    """
    held = _held_for(workflow_state)
    if (
        held is None
        or held.proof.outcome != Proof.Outcome.SIGNED
        or missing(held.proof)
    ):
        raise NotSignedOff("Not every forum has signed this. Nothing was published.")
    proof = held.proof
    if proof.release_at and proof.release_at > timezone.now():
        raise NotSignedOff("Its release date has not come. Nothing was published.")
    if proof.is_over:
        raise NotSignedOff(
            "The last day on which this was to be shown has passed. Nothing was "
            "published."
        )
    revision = held.revision
    if revision is None or source.digest(held.item) != proof.source_digest:
        raise NotSignedOff("This was edited after it was signed. Submit it again.")
    concerned = {one.forum.pk for one in policy.required(held.item)}
    if concerned - {answer.forum_id for answer in _counting(proof)}:
        raise NotSignedOff(
            "Policy asks a forum that has not signed this. Nothing was published."
        )
    left = policy.dropped(proof.content_id, kept=_bound(proof), before=proof)
    revision.publish(user=by, skip_permission_checks=True)
    proof_signed.send(sender=Proof, proof=proof, by=by)
    for forum in left:
        forum_left.send(sender=Proof, proof=proof, forum=forum)


def release_due() -> int:
    """Release what was signed and whose release date has come. Returns how many.

    Each by itself: one that is refused goes back to its editors with the reason, and
    holds up no other.
    """
    due = Proof.objects.embargoed().filter(release_at__lte=timezone.now())
    released = 0
    for proof in due.order_by("release_at", "pk"):
        void_if_edited(proof.content_id)
        try:
            released += _release_now(proof)
        except SignOffError as error:
            _stop_release(proof, str(error))
    return released


@transaction.atomic
def ask_again(content_ids: Iterable[UUID] | None = None) -> None:
    """Look again who must sign what is pending, after policy or places changed.

    Whoever is asked now as well joins those asked. Nobody is ever dropped. An item for
    an area that lost its forum is left as it is: it cannot be signed until somebody
    signs for that area, and must not stop a change of policy for all others.
    """
    pending = Proof.objects.pending().order_by("pk")
    if content_ids is not None:
        pending = pending.filter(content_id__in=list(content_ids))
    joined = []
    # All of them are locked before the audit log is: somebody may be signing one.
    for proof in list(pending.select_for_update()):
        try:
            joined.append((proof, _ask_newcomers(Held(proof))))
        except NoForumConcerned:
            continue
    for proof, forums in joined:
        _record_joined(proof, forums)


def void_if_edited(content_id: UUID, *, naming: Iterable[int] = ()) -> None:
    """Void the pending proof of an item whose latest revision says something else.

    ``naming`` are the consents that the revision names, where it was just saved.
    """
    with transaction.atomic():
        # Before the proof, also where a caller's transaction goes on from here: it may
        # submit what it saved, and that stands on other consents than before.
        consent.lock_those_of([content_id], besides=naming)
        proof = (
            Proof.objects.pending()
            .select_for_update()
            .filter(content_id=content_id)
            .first()
        )
        if proof is not None:
            _void_if_edited(Held(proof))


def _void_if_edited(held: "Held") -> bool:
    """Void a pending proof whose item says something else by now; whether it did."""
    proof = held.proof
    if not proof.is_pending:
        return False
    if held.revision and source.digest(held.item) == proof.source_digest:
        return False
    void(proof, "edited after it was submitted")
    record_closed(proof)
    return True


def void(proof: Proof, reason: str, *, outcome: str = Proof.Outcome.VOID) -> None:
    """Close a pending proof without an answer and give the item back to its editors.

    ``outcome`` is ``STOPPED`` where somebody did so on purpose and knows of it.
    The caller holds its lock, and writes ``record_closed`` at the end of its verb.
    """
    close(proof, outcome, reason)
    state = proof.workflow_state
    if state is not None and state.is_active:
        state.cancel()
    proof_closed.send(sender=Proof, proof=proof)


@transaction.atomic
def stop_for_workflow(*, workflow_state: Any) -> None:
    """Stop the pending proof of a workflow that was cancelled or sent back."""
    pending = Proof.objects.pending().select_for_update()
    for proof in pending.filter(workflow_state=workflow_state):
        close(proof, Proof.Outcome.STOPPED, "taken back by its editors")
        proof_closed.send(sender=Proof, proof=proof)
        record_closed(proof)


def forums_of(user: Any) -> "models.QuerySet[Forum]":
    """The forums this person belongs to and may sign for."""
    if not user.is_active:
        return Forum.objects.none()
    return Forum.objects.filter(group__user=user)


def missing(proof: Proof) -> list[Forum]:
    """The forums whose signature ``proof`` still lacks."""
    counting = {answer.forum_id for answer in _counting(proof)}
    return [forum for forum in proof.forums.all() if forum.pk not in counting]


def why_not(*, proof: Proof, forum: Forum, user: Any) -> str:
    """Why ``user`` cannot answer ``proof`` for ``forum``; empty when they can."""
    answers = list(proof.sign_offs.all())
    standing = {answer.forum_id: answer for answer in answers if answer.stands}
    if not forums_of(user).filter(pk=forum.pk).exists():
        return f"You are not a member of {forum}, so you cannot sign for it."
    if forum not in proof.forums.all():
        return f"{forum} is not asked to sign this."
    if user in proof.authors.all():
        return (
            "You wrote or edited part of this, so somebody else in your forum signs it."
        )
    if forum.pk in standing:
        return f"{forum} has already answered: {standing[forum.pk].get_decision_display()}."
    if any(
        answer.by_id == user.pk and answer.forum_id != forum.pk for answer in answers
    ):
        return "You have already answered for another forum. Nobody signs for two."
    return ""


def lock_proofs(*content_ids: UUID) -> None:
    """Lock all proofs of some items, and before them the consents they stand on.

    So nobody waits for another in a circle.

    Whatever a verb locks of proofs it locks here, first and always in this order: a
    refused correction leads to the version before it, a withdrawal to what repeats it.
    """
    consent.lock_those_of(content_ids)
    proofs = Proof.objects.filter(content_id__in=content_ids).order_by("pk")
    list(proofs.select_for_update().values_list("pk"))


def _lock_proof(proof: Proof) -> Proof:
    lock_proofs(proof.content_id)
    return Proof.objects.get(pk=proof.pk)


class Held:
    """A proof whose lock the caller holds, and the draft that it is compared with.

    The draft is read once, under the lock: whoever saves another waits for the lock.
    """

    def __init__(self, proof: Proof) -> None:
        self.proof = proof

    @cached_property
    def revision(self) -> Any:
        """The newest revision of the item, or None once it was deleted."""
        return authorship.latest_revision(self.proof)

    @property
    def item(self) -> CoProducedMixin:
        """The item as that revision has it."""
        return cast(CoProducedMixin, self.revision.as_object())


_finishing: ContextVar[Held] = ContextVar("finishing")


def _held_for(workflow_state: Any) -> Held | None:
    """The proof of a workflow that ends, with its lock; None if there is none.

    A verb of ours that ends one holds it already.
    """
    held = _finishing.get(None)
    if held is not None and held.proof.workflow_state_id == workflow_state.pk:
        return held
    locked = Proof.objects.select_for_update().filter(workflow_state=workflow_state)
    proof = locked.order_by("-pk").first()
    return Held(proof) if proof else None


def _check_open(locked: Proof, fingerprint: str) -> Proof:
    """Return a proof that can be answered by who read these bytes, or raise."""
    if locked.closed_reason == CONSENT_ENDED:
        raise StaleProof(
            "The consent for a voice in this has ended since you opened it, so it "
            "cannot be published as you read it. Nothing was recorded. The editors "
            "will send you the new version."
        )
    if locked.outcome == Proof.Outcome.VOID:
        raise StaleProof(EDITED)
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
    held: Held,
    forum: Forum,
    by: User,
    decision: str,
    comment: str,
    *,
    comment_is_public: bool = False,
) -> SignOff:
    proof = held.proof
    if reason := why_not(proof=proof, forum=forum, user=by):
        raise MayNotSign(f"{reason} Nothing was recorded.")
    answer = SignOff.objects.create(
        proof=proof,
        forum=forum,
        by=by,
        decision=decision,
        comment=comment.strip(),
        comment_is_public=comment_is_public,
        at=timezone.now(),
    )
    # From now on with the new one.
    models.prefetch_related_objects([proof], "sign_offs")
    if held.revision is not None:
        log(
            instance=held.item,
            action="countersign.sign_off",
            user=by,
            data={
                "forum": forum.short_name,
                "decision": decision,
                "fingerprint": proof.fingerprint,
            },
        )
    forum_answered.send(sender=SignOff, sign_off=answer)
    return answer


def _agreement(proof: Proof, forum: Forum, comment: str) -> str:
    dissents = proof.representation.get("dissent", [])
    if forum.slug in {dissent["forum"] for dissent in dissents}:
        return SignOff.Decision.DISSENT
    if comment.strip():
        return SignOff.Decision.AGREE_WITH_COMMENTS
    return SignOff.Decision.AGREE


def _counting(proof: Proof) -> list[SignOff]:
    return [answer for answer in proof.sign_offs.all() if answer.counts]


def _ask_newcomers(held: Held) -> list[Forum]:
    """Let whoever policy asks by now join those who are asked to sign a proof.

    Returns them. Nobody is ever dropped.
    """
    proof = held.proof
    if held.revision is None:
        return []
    models.prefetch_related_objects([proof], "forums")
    known = {forum.pk for forum in proof.forums.all()}
    new = [one for one in policy.required(held.item) if one.forum.pk not in known]
    if not new:
        return []
    joined = [one.forum for one in new]
    proof.forums.add(*joined)
    proof.reasons |= _reasons(new)
    proof.outcome = Proof.Outcome.OPEN
    # They get as long to answer as anybody.
    due_on = _due_on(SignOffSettings.current(), is_correction=proof.is_correction)
    proof.due_on = max(proof.due_on, due_on)
    proof.save(update_fields=["reasons", "outcome", "due_on"])
    forums_joined.send(sender=Proof, proof=proof, forums=joined)
    return joined


def _reasons(
    requirements: Iterable[policy.Requirement], *, because: str = ""
) -> dict[str, Any]:
    found: dict[str, Any] = {
        str(one.forum.pk): [
            {"code": reason.code, "text": reason.text} for reason in one.reasons
        ]
        for one in requirements
    }
    for reasons in found.values():
        # Not to a forum that leaves: it would count as one that stays.
        if because and not policy.only_leaving(reasons):
            reasons.append({"code": "shared_block", "text": because})
    return found


def _review_by(data: dict[str, Any]) -> date | None:
    """The day by which this is to be checked again: as it says itself, or by its kind."""
    if signed := data.get("review_by"):
        return date.fromisoformat(signed)
    months = ReviewSettings.current().months(data["kind"])
    return months_after(timezone.localdate(), months) if months else None


def _due_on(rules: SignOffSettings, *, is_correction: bool) -> date:
    days = rules.days_to_review_correction if is_correction else rules.days_to_answer
    return timezone.localdate() + timedelta(days=days)


def _dissents(proof: Proof) -> list[representation.Dissent]:
    """Who is named as not agreeing: those named before, and who answered so now."""
    named = {one["forum"]: one for one in proof.representation.get("dissent", [])}
    for answer in proof.sign_offs.select_related("forum"):
        if answer.decision == SignOff.Decision.NOT_AGREED and answer.stands:
            entry = representation.Dissent(
                forum=answer.forum.slug, name=answer.forum.name
            )
            if answer.comment_is_public:
                entry["comment"] = answer.comment
            named[answer.forum.slug] = entry
    return [named[slug] for slug in sorted(named)]


def _bound(proof: Proof) -> set[int]:
    """The forums that ``proof`` is for: not those that sign only to leave."""
    return {
        int(pk)
        for pk, reasons in proof.reasons.items()
        if not policy.only_leaving(reasons)
    }


def _finish(held: Held, *, by: User | None, comment: str = "") -> None:
    """Close a completely signed proof as such; the end of its workflow publishes."""
    close(held.proof, Proof.Outcome.SIGNED, "")
    token = _finishing.set(held)
    try:
        _task_state(held).approve(user=by, comment=comment)
    finally:
        _finishing.reset(token)


@transaction.atomic
def _release_now(proof: Proof) -> bool:
    proof = _lock_proof(proof)
    if proof.outcome != Proof.Outcome.EMBARGOED:
        return False
    held = Held(proof)
    joined = _ask_newcomers(held)
    complete = not missing(proof)
    if complete:
        _finish(held, by=None)
    _record_joined(proof, joined)
    return complete


@transaction.atomic
def _stop_release(proof: Proof, reason: str) -> None:
    proof = _lock_proof(proof)
    if proof.is_pending:
        void(proof, f"could not be released: {reason}"[:255])
        record_closed(proof)


def _give_back(held: Held, outcome: str, reason: str, answer: SignOff) -> None:
    """Close a proof that a forum did not sign and send its item to its editors."""
    close(held.proof, outcome, reason)
    _task_state(held).reject(user=answer.by, comment=answer.comment)
    proof_closed.send(sender=Proof, proof=held.proof)


def _stand_as_signed_before(correction: Proof) -> None:
    """Let the version that was signed before a correction be public again."""
    signed = Proof.objects.signed().filter(content_id=correction.content_id).first()
    if signed is None or signed.revision is None:
        return
    if source.digest(signed.revision.as_object()) == signed.source_digest:
        signed.revision.publish(skip_permission_checks=True)
    # Else the drafting room stays as it is. The public reads the signed bytes anyway.
    correction_refused.send(sender=Proof, proof=correction, standing=signed)


def record_frozen(proof: Proof, by: User | None) -> None:
    """Write into the audit log that ``proof`` was made, and whom it asks."""
    forums = [str(forum) for forum in proof.forums.all()]
    _record("proof_frozen", proof, by, row=proof, route=str(proof.route), forums=forums)


def record_closed(proof: Proof) -> None:
    """Write into the audit log why ``proof`` was voided or stopped."""
    _record(f"proof_{proof.outcome}", proof, None, reason=proof.closed_reason)


def _record_joined(proof: Proof, forums: list[Forum]) -> None:
    if forums:
        _record("forums_joined", proof, None, forums=[str(one) for one in forums])


def _record(action: str, proof: Proof, by: User | None, **data: Any) -> None:
    audit.record(
        action=action,
        by=by,
        content_id=proof.content_id,
        fingerprint=proof.fingerprint,
        **data,
    )


def _record_answer(answer: SignOff) -> None:
    _record(
        "sign_off",
        answer.proof,
        answer.by,
        forum=answer.forum.slug,
        decision=answer.decision,
        row=answer,
    )


def close(proof: Proof, outcome: str, reason: str) -> None:
    """Give a proof its outcome. The caller holds its lock."""
    proof.outcome = outcome
    proof.closed_at = timezone.now()
    proof.closed_reason = reason
    proof.save(update_fields=["outcome", "closed_at", "closed_reason"])


def _task_state(held: Held) -> Any:
    """Where the workflow of a proof is, with all that Wagtail will ask of it."""
    state: Any = (
        TaskState.objects.select_related("workflow_state__workflow", "task")
        # By a value: none would find the steps that no workflow is at any more.
        .filter(workflowstate__in=[held.proof.workflow_state_id])
        .first()
    )
    if state is None:
        raise NotSignedOff("The workflow of this item is gone. Submit it again.")
    state.workflow_state.current_task_state = state
    if held.revision is not None and held.revision.pk == state.revision_id:
        # It can rebuild the item without asking again.
        state.revision = held.revision
    return state
