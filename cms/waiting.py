"""With whom it lies: what has to happen next to everything that waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import Case, Count, Exists, Max, OuterRef, Q, Value, When
from django.utils import timezone

from .models import Forum, Notice, Proof
from .models.proofs import GIVEN_BACK

WITH_FORUMS = Q(outcome=Proof.Outcome.OPEN)
# What its editors stopped themselves waits for nobody, unless it is public already. Nor
# does a deleted item, which has no revisions left.
WITH_EDITORS = Q(revision__isnull=False) & (
    Q(outcome__in=[*GIVEN_BACK, Proof.Outcome.NOT_AGREED])
    | Q(outcome=Proof.Outcome.STOPPED, route=Proof.Route.CORRECTION)
)
WITH_THE_CALENDAR = Q(outcome=Proof.Outcome.EMBARGOED)
CALLS = [Notice.Purpose.REMINDER, Notice.Purpose.OVERDUE]


@dataclass(frozen=True)
class Turn:
    """A forum that has to answer, and what was done about it so far."""

    forum: Forum
    reminded_at: datetime | None
    no_reply_by: date | None


@dataclass(frozen=True)
class Waiting:
    """One item that is not signed yet, or not public yet."""

    proof: Proof
    since: datetime
    turns: tuple[Turn, ...]
    due_on: date | None = None
    overdue: bool = False

    @property
    def lies_with_editors(self) -> bool:
        return not self.proof.is_pending


def proofs(*, forum: Forum | None = None, editors: bool = False) -> Any:
    """The newest proof of every item that waits, the most urgent first.

    Only what lies with ``forum``, or with the ``editors``, where that is asked for.
    """
    found = _newest().filter(WITH_FORUMS | WITH_EDITORS | WITH_THE_CALENDAR)
    if editors:
        found = found.filter(WITH_EDITORS)
    if forum is not None:
        found = found.waiting_for(Forum.objects.filter(pk=forum.pk))
    turn = Case(
        When(WITH_FORUMS, then=Value(0)),
        When(WITH_EDITORS, then=Value(1)),
        default=Value(2),
        output_field=models.IntegerField(),
    )
    return found.defer("payload").order_by(turn, "due_on", "release_at", "pk")


def counts() -> dict[str, int]:
    """How much lies with ``forums`` and how much with ``editors``, and is ``overdue``."""
    late = WITH_FORUMS & Q(due_on__lt=timezone.localdate())
    numbers: dict[str, int] = _newest().aggregate(
        forums=Count("pk", filter=WITH_FORUMS),
        editors=Count("pk", filter=WITH_EDITORS),
        overdue=Count("pk", filter=late),
    )
    return numbers


def rows(found: Iterable[Proof]) -> list[Waiting]:
    """Say of each proof whose turn it is, since when and until when.

    Asks the database a fixed number of times, however many there are.
    """
    page = list(found)
    models.prefetch_related_objects(page, "forums", "sign_offs", "no_replies")
    reminded = _reminded(page)
    return [_row(proof, reminded) for proof in page]


def _row(proof: Proof, reminded: dict[tuple[int, int], datetime]) -> Waiting:
    if not proof.is_open:
        return Waiting(proof=proof, since=_since(proof), turns=())
    answered = {answer.forum_id for answer in proof.sign_offs.all() if answer.stands}
    no_reply = {one.forum_id: one.due_on for one in proof.no_replies.all()}
    turns = [
        Turn(
            forum=forum,
            reminded_at=reminded.get((proof.pk, forum.pk)),
            no_reply_by=no_reply.get(forum.pk),
        )
        for forum in proof.forums.all()
        if forum.pk not in answered
    ]
    return Waiting(
        proof=proof,
        since=proof.submitted_at,
        turns=tuple(turns),
        due_on=proof.due_on,
        overdue=proof.due_on < timezone.localdate(),
    )


def _since(proof: Proof) -> datetime:
    """When it came to rest: closed, or signed by the last of its forums."""
    if proof.closed_at:
        return proof.closed_at
    return max(
        (answer.at for answer in proof.sign_offs.all() if answer.stands),
        default=proof.submitted_at,
    )


def _reminded(page: list[Proof]) -> dict[tuple[int, int], datetime]:
    """When each forum was last written to about each proof again."""
    sent = (
        Notice.objects.filter(
            proof__in=page, purpose__in=CALLS, status=Notice.Status.ACCEPTED
        )
        .values_list("proof", "forum")
        .annotate(last=Max("settled_at"))
        .order_by()
    )
    return {(proof, forum): last for proof, forum, last in sent}


def _newest() -> Any:
    later = Proof.objects.filter(
        content_id=OuterRef("content_id"), pk__gt=OuterRef("pk")
    )
    return Proof.objects.exclude(Exists(later))
