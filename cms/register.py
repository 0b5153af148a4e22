"""The register: what every signatory answered to every proof, and who did not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.text import capfirst

from . import expiry, sign_off
from .membership import called
from .models import Forum, NoReply, Proof, SignOff
from .permissions import sees_everything

NO_REPLY = "no_reply"
ANSWERS = [
    *((value, capfirst(label)) for value, label in SignOff.Decision.choices),
    (NO_REPLY, "No reply by the due date"),
]
BATCH = 500
# Wide, and not in the register.
UNREAD = ("payload", "correction", "reasons")


@dataclass(frozen=True)
class Filters:
    """What of the register to show; everything where nothing is chosen."""

    words: str = ""
    forum: Forum | None = None
    answer: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Row:
    """One answer, or that there was none, with what became of the proof."""

    proof: Proof
    forum: Forum
    answer: str
    at: datetime
    by: str = ""
    comment: str = ""
    taken_back_at: datetime | None = field(default=None)

    @property
    def kind(self) -> str:
        return kind_name(self.proof.kind)

    @property
    def days(self) -> int:
        """Whole days from the day it was sent to the day of the answer."""
        sent = timezone.localdate(self.proof.submitted_at)
        return (timezone.localdate(self.at) - sent).days

    @property
    def result(self) -> str:
        """What became of the proof, in a few words."""
        return result_of(self.proof)


def rows_for(*, user: Any, filters: Filters) -> Any:
    """A query for which rows this person may see, newest first; ``read`` makes rows of them."""
    proofs = Proof.objects.all()
    if not sees_everything(user):
        proofs = proofs.filter(forums__in=sign_off.forums_of(user))
    if filters.kind:
        proofs = proofs.filter(kind=filters.kind)
    sign_offs = SignOff.objects.annotate(happened_at=F("at"), is_answer=Value(1))
    no_replies = NoReply.objects.annotate(
        happened_at=F("recorded_at"), is_answer=Value(0)
    )
    narrowed = [
        _narrowed(of_one_table, proofs, filters)
        for of_one_table in (
            _answered(sign_offs, filters),
            _unanswered(no_replies, filters),
        )
    ]
    return (
        narrowed[0]
        .union(narrowed[1], all=True)
        .order_by("-happened_at", "-is_answer", "-pk")
    )


def read(found: Iterable[dict[str, Any]]) -> Iterator[Row]:
    """Rows in the order of ``rows_for``, read a batch at a time: two queries for each."""
    waiting = iter(found)
    while batch := list(islice(waiting, BATCH)):
        yield from _read(batch)


def signatories_for(user: Any) -> "QuerySet[Forum]":
    """The signatories that can occur in this person's register."""
    if sees_everything(user):
        return Forum.objects.all()
    proofs = Proof.objects.filter(forums__in=sign_off.forums_of(user))
    return Forum.objects.filter(proofs__in=proofs).distinct()


def kinds() -> Sequence[tuple[str, str]]:
    """The kinds of items that were ever sent for sign-off, to choose from."""
    found = Proof.objects.order_by("kind").values_list("kind", flat=True).distinct()
    return [(kind, kind_name(kind)) for kind in found]


def kind_name(kind: str) -> str:
    """
    >>> kind_name("local-offer")
    'Local offer'
    """
    return capfirst(kind.replace("-", " "))


def result_of(proof: Proof) -> str:
    """What became of a proof, in a few words: “Released on 3 May 2026”."""
    closed = _day(proof.closed_at)
    before = "Public before review; " if proof.is_correction else ""
    match proof.outcome:
        case Proof.Outcome.SIGNED:
            return f"Released on {closed}"
        case Proof.Outcome.WITHDRAWN:
            over = proof.closed_reason == expiry.REASON
            return f"Released, {'over since' if over else 'taken back on'} {closed}"
        case Proof.Outcome.OPEN:
            return (
                "Public before review, waits for it" if before else "Waits for sign-off"
            )
        case Proof.Outcome.EMBARGOED:
            return f"Signed, to be released on {_day(proof.release_at)}"
        case Proof.Outcome.VOID | Proof.Outcome.STOPPED:
            return f"{before or 'Not released: '}{proof.closed_reason}"
        case _:
            said = Proof.Outcome(proof.outcome).label
            return f"{before or 'Not released: '}{said}"


def _day(at: datetime | None) -> str:
    return format_date(timezone.localtime(at), "j F Y") if at else ""


def _answered(found: Any, filters: Filters) -> Any:
    if filters.answer == NO_REPLY:
        return found.none()
    if filters.answer:
        found = found.filter(decision=filters.answer)
    if filters.words:
        found = found.filter(
            Q(proof__title__icontains=filters.words)
            | Q(comment__icontains=filters.words)
            | Q(by__username__icontains=filters.words)
            | Q(by__first_name__icontains=filters.words)
            | Q(by__last_name__icontains=filters.words)
        )
    return found


def _unanswered(found: Any, filters: Filters) -> Any:
    if filters.answer and filters.answer != NO_REPLY:
        return found.none()
    if filters.words:
        found = found.filter(proof__title__icontains=filters.words)
    return found


def _narrowed(found: Any, proofs: Any, filters: Filters) -> Any:
    found = found.filter(proof__in=proofs.values("pk"))
    if filters.forum:
        found = found.filter(forum=filters.forum)
    if filters.since:
        found = found.filter(happened_at__date__gte=filters.since)
    if filters.until:
        found = found.filter(happened_at__date__lte=filters.until)
    return found.order_by().values("pk", "happened_at", "is_answer")


def _read(batch: Sequence[dict[str, Any]]) -> Iterator[Row]:
    deferred = [f"proof__{column}" for column in UNREAD]
    made = {
        (model is SignOff, one.pk): one
        for model, related in (
            (SignOff, ("proof", "forum", "by")),
            (NoReply, ("proof", "forum")),
        )
        for one in model._default_manager.filter(
            pk__in=[
                row["pk"] for row in batch if row["is_answer"] == (model is SignOff)
            ]
        )
        .select_related(*related)
        .defer(*deferred)
    }
    for row in batch:
        yield _row(made[bool(row["is_answer"]), row["pk"]])


def _row(one: Any) -> Row:
    if isinstance(one, NoReply):
        due = format_date(one.due_on, "j F Y")
        return Row(one.proof, one.forum, f"No reply by {due}", one.recorded_at)
    return Row(
        one.proof,
        one.forum,
        capfirst(one.get_decision_display()),
        one.at,
        by=called(one.by),
        comment=one.comment,
        taken_back_at=one.withdrawn_at,
    )
