"""What a person has to know of a proof before they answer for their forum."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from . import (
    channels,
    consent,
    content_checks,
    differences,
    labels,
    made_together,
    sign_off,
    wordings,
)
from .differences import Comparison
from .labels import Label
from .membership import called
from .models import Forum, NoReply, Proof, ProofVoice, SignOff
from .models.proofs import COUNTING
from .voices import KINDS, beginning
from .wordings import Finding

TOOK_BACK = "took its sign-off back"
# How many earlier versions are offered to compare with.
OFFERED = 10


@dataclass(frozen=True)
class Turn:
    """One signatory: why it is asked, and what it answered."""

    forum: Forum
    reasons: list[str]
    answer: SignOff | None
    due_on: date
    did_not_reply: bool
    overdue: bool


@dataclass(frozen=True)
class Remark:
    """What somebody wrote about this version or an earlier one."""

    forum: Forum
    who: str
    at: datetime
    decision: str
    words: str
    sent_at: datetime
    is_of_this_version: bool
    taken_back: bool = False


@dataclass(frozen=True)
class Heard:
    """A voice in a text: where it is heard, where it is not, and how its consent stands.

    Says nothing of who consented, and where the form is kept.
    """

    begins: str
    kind: str
    name: str
    shown: list[str]
    not_shown: list[str]
    status: str


@dataclass(frozen=True)
class Earlier:
    """A version that was signed before, and what changed since."""

    proof: Proof
    signed_at: datetime
    # The forum that signed it; None where it is the last version that all had signed.
    forum: Forum | None

    @property
    def what_became_of_it(self) -> str:
        return OUTCOMES.get(self.proof.outcome, "it was never public")


OUTCOMES: dict[str, str] = {
    Proof.Outcome.SIGNED: "every forum signed it",
    Proof.Outcome.WITHDRAWN: "every forum signed it, and it was taken back later",
    Proof.Outcome.CHANGES: "changes were asked for, so it was never public",
    Proof.Outcome.NOT_AGREED: "a forum did not agree, so it was never public",
    Proof.Outcome.VOID: "it was edited, so it was never public",
    Proof.Outcome.STOPPED: "it was taken back, so it was never public",
}


def load(pk: int) -> Proof | None:
    """Return a proof with everything that the functions below ask of it."""
    return (
        Proof.objects.select_related("submitted_by", "content_type", "revision")
        .prefetch_related(
            "forums",
            "authors",
            "other_forms",
            Prefetch("voices", ProofVoice.objects.select_related("consent")),
            Prefetch("no_replies", NoReply.objects.select_related("forum")),
            Prefetch(
                "sign_offs",
                SignOff.objects.select_related("forum", "by", "withdrawn_by"),
            ),
        )
        .filter(pk=pk)
        .first()
    )


def turns(proof: Proof) -> list[Turn]:
    """Return everyone who is asked to sign, whose turn it still is first."""
    answers = {one.forum_id: one for one in proof.sign_offs.all() if one.stands}
    silent = {one.forum_id: one.due_on for one in proof.no_replies.all()}
    today = timezone.localdate()
    found = [
        Turn(
            forum=forum,
            reasons=proof.why_asked(forum),
            answer=answers.get(forum.pk),
            due_on=silent.get(forum.pk, proof.due_on),
            did_not_reply=forum.pk in silent,
            overdue=proof.is_open and forum.pk not in answers and proof.due_on < today,
        )
        for forum in proof.forums.all()
    ]
    return sorted(found, key=lambda turn: turn.answer is not None)


def earlier(proof: Proof, forum: Forum | None) -> list[Earlier]:
    """Return what ``forum`` signed of this item before, the latest version first.

    Also versions that came to nothing because another forum wanted changes: this one
    has read them. Without a forum, the versions that every forum signed.
    """
    answers = SignOff.objects.filter(
        proof__content_id=proof.content_id,
        proof__pk__lt=proof.pk,
        decision__in=COUNTING,
        withdrawn_at=None,
    ).order_by("-proof_id", "-at")
    if forum is None:
        answers = answers.filter(
            proof__outcome__in=[Proof.Outcome.SIGNED, Proof.Outcome.WITHDRAWN]
        )
    else:
        answers = answers.filter(forum=forum)
    latest: dict[int, SignOff] = {}
    for answer in answers.select_related("proof").defer("proof__payload")[:100]:
        latest.setdefault(answer.proof_id, answer)
    return [
        Earlier(answer.proof, answer.at, forum)
        for answer in list(latest.values())[:OFFERED]
    ]


def changes(proof: Proof, since: Earlier) -> Comparison:
    """Return what changed between an earlier version and ``proof``, word by word."""
    return differences.compare(
        before=consent.everything(since.proof), after=consent.everything(proof)
    )


def discussion(proof: Proof) -> list[Remark]:
    """Return what was written about this version and all before, newest first."""
    answers = (
        SignOff.objects.filter(
            proof__content_id=proof.content_id, proof__pk__lte=proof.pk
        )
        .select_related("forum", "by", "withdrawn_by", "proof")
        .defer("proof__payload")
    )
    remarks = [remark for answer in answers for remark in _remarks(answer, this=proof)]
    return sorted(remarks, key=lambda remark: remark.at, reverse=True)


def label(proof: Proof, payload: dict[str, Any]) -> Label | None:
    """Return what the text may call itself, if everyone signs or as everyone did.

    None where it came to nothing.
    """
    if proof.is_pending:
        return labels.expected(payload, proof.forums.all())
    if proof.outcome not in (Proof.Outcome.SIGNED, Proof.Outcome.WITHDRAWN):
        return None
    return labels.of(payload, labels.answers(proof.sign_offs.all()))


def record(payload: dict[str, Any]) -> list[str]:
    """Return who made this together, a line per thing; empty where nobody says."""
    lines: list[str] = made_together.lines(payload.get("co_production") or {})
    return lines


def checks(proof: Proof, payload: dict[str, Any]) -> list[Finding]:
    """Return what a machine noticed in the text, what should be mended first.

    With the reasons for which editors keep words that it doubts.
    """
    found = content_checks.check(
        payload,
        today=timezone.localdate(),
        known=[forum.short_name for forum in proof.forums.all()],
        register=wordings.register([area["slug"] for area in payload["areas"]]),
    )
    return wordings.with_reasons(
        found, content_id=proof.content_id, digest=lambda: proof.source_digest
    )


def voices(proof: Proof) -> list[Heard]:
    """Return the voices in a text, for people who decide about it."""
    forms = consent.forms_of(proof)
    found = []
    for voice in proof.voices.all():
        block = channels.fullest(forms, {tuple(voice.path): voice.channels})
        said = dict(channels.places(block["body"]))[tuple(voice.path)]
        found.append(
            Heard(
                begins=beginning(said),
                kind=dict(KINDS)[voice.kind],
                name=voice.attribution,
                shown=[
                    channels.NAMES[one]
                    for one in channels.CHANNELS
                    if one in voice.shown_in
                ],
                not_shown=[channels.NAMES[one] for one in voice.not_shown_in],
                status=voice.consent.status,
            )
        )
    return found


def newer(proof: Proof) -> Proof | None:
    """Return the version that waits in the place of ``proof``, if there is one."""
    return (
        Proof.objects.pending()
        .filter(content_id=proof.content_id, pk__gt=proof.pk)
        .defer("payload")
        .first()
    )


def may_take_back(proof: Proof, user: Any) -> list[Forum]:
    """The forums of ``user`` whose signature under ``proof`` can still be taken back."""
    if not proof.is_pending:
        return []
    mine = set(sign_off.forums_of(user).values_list("pk", flat=True))
    return [
        answer.forum
        for answer in proof.sign_offs.all()
        if answer.counts and answer.forum_id in mine
    ]


def _remarks(answer: SignOff, *, this: Proof) -> Iterable[Remark]:
    if answer.comment:
        yield _remark(answer, answer.by, answer.at, this, answer.comment)
    if answer.withdrawn_at:
        words = answer.withdrawn_reason
        yield _remark(
            answer, answer.withdrawn_by, answer.withdrawn_at, this, words, TOOK_BACK
        )


def _remark(
    answer: SignOff, by: Any, at: datetime, this: Proof, words: str, did: str = ""
) -> Remark:
    return Remark(
        forum=answer.forum,
        who=called(by),
        at=at,
        decision=did or answer.get_decision_display(),
        words=words,
        sent_at=answer.proof.submitted_at,
        is_of_this_version=answer.proof_id == this.pk,
        taken_back=not did and not answer.stands,
    )
