"""How co-production goes, in numbers: for editors, forums and whoever funds them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, TruncMonth
from django.utils import timezone

from cms import labels
from cms.models import Forum, NoReply, Proof, SignOff
from cms.models.proofs import unanswered

from .models import EXPIRED, Release

MONTHS = 12
# Repeat other items, so that counting them would count those twice.
REPEATING = ("issues",)


@dataclass(frozen=True)
class Share:
    """How many of the items that are public now have a label."""

    name: str
    count: int
    percent: int


@dataclass(frozen=True)
class Pace:
    """How long a signatory took to answer, in days, and what lies with it now."""

    forum: Forum
    answers: int
    median: float | None
    slowest: int | None
    waiting: int
    overdue: int
    oldest: date | None


@dataclass(frozen=True)
class Month:
    """What happened in one month; ``waiting`` is counted at its end, or now."""

    first: date
    sent: int
    waiting: int
    overdue: int
    withdrawn: int


def shares() -> list[Share]:
    """What the items that are public now may call themselves, every label once."""
    counted: dict[str, int] = dict(
        Release.objects.current()
        .exclude(kind__in=REPEATING)
        .order_by()
        .values_list("label")
        .annotate(Count("pk"))
    )
    total = sum(counted.values())
    return [
        Share(name, counted.get(slug, 0), _percent(counted.get(slug, 0), total))
        for slug, name in labels.NAMES.items()
    ]


def paces(*, today: date) -> list[Pace]:
    """Every signatory's pace in the last twelve months, and what lies with it today.

    Answers that were taken back count: the forum did answer.
    """
    since = _first_of_months(today)[0]
    days: dict[int, list[int]] = defaultdict(list)
    answers = SignOff.objects.filter(at__gte=_midnight(since)).values_list(
        "forum_id", "at", "proof__submitted_at"
    )
    for forum_id, at, sent in answers.iterator(chunk_size=2000):
        days[forum_id].append((_day(at) - _day(sent)).days)
    waiting = _waiting(today)
    found = []
    for forum in Forum.objects.order_by("short_name"):
        took = days.get(forum.pk)
        lies = waiting.get(forum.pk, {})
        found.append(
            Pace(
                forum,
                answers=len(took or ()),
                median=float(median(took)) if took else None,
                slowest=max(took) if took else None,
                waiting=lies.get("waiting", 0),
                overdue=lies.get("overdue", 0),
                oldest=_day(lies["oldest"]) if lies else None,
            )
        )
    return found


def months(*, today: date) -> list[Month]:
    """The last twelve months, the present one last."""
    firsts = _first_of_months(today)
    since = _midnight(firsts[0])
    sent = _by_month(Proof.objects.filter(submitted_at__gte=since), "submitted_at")
    overdue = _by_month(NoReply.objects.filter(recorded_at__gte=since), "recorded_at")
    withdrawn = _by_month(
        Release.objects.filter(withdrawn_at__gte=since).exclude(withdrawn_kind=EXPIRED),
        "withdrawn_at",
    )
    ends = [_midnight(first) for first in [*firsts[1:], _next_month(firsts[-1])]]
    waiting = _waiting_at(ends, since=since)
    return [
        Month(
            first,
            sent=sent.get(first, 0),
            waiting=at_its_end,
            overdue=overdue.get(first, 0),
            withdrawn=withdrawn.get(first, 0),
        )
        for first, at_its_end in zip(firsts, waiting, strict=True)
    ]


def _waiting(today: date) -> dict[int, dict[str, Any]]:
    """``{forum: {"waiting", "overdue", "oldest"}}`` of open proofs without an answer."""
    rows = (
        unanswered()
        .order_by()
        .values("forum_id")
        .annotate(
            waiting=Count("pk"),
            overdue=Count("pk", filter=Q(proof__due_on__lt=today)),
            oldest=Min("proof__submitted_at"),
        )
    )
    return {row["forum_id"]: dict(row) for row in rows}


def _by_month(found: Any, column: str) -> dict[date, int]:
    rows = (
        found.order_by()
        .annotate(month=TruncMonth(column))
        .values_list("month")
        .annotate(Count("pk"))
    )
    return {_day(month): count for month, count in rows}


def _waiting_at(ends: Sequence[datetime], *, since: datetime) -> list[int]:
    """How many proofs were open at each of these times."""
    counts = [0] * len(ends)
    # Not always when it was closed: taking an item back closes its proof again.
    released = Release.objects.filter(
        proof=OuterRef("pk"), before_review=False
    ).order_by("released_at")
    spans: Iterable[tuple[datetime, datetime | None]] = (
        Proof.objects.filter(Q(closed_at=None) | Q(closed_at__gte=since))
        .exclude(outcome=Proof.Outcome.EMBARGOED)
        .annotate(
            answered_at=Coalesce(
                Subquery(released.values("released_at")[:1]), F("closed_at")
            )
        )
        .order_by()
        .values_list("submitted_at", "answered_at")
        .iterator(chunk_size=2000)
    )
    for sent, answered in spans:
        for place, end in enumerate(ends):
            counts[place] += sent < end and (answered is None or answered >= end)
    return counts


def _first_of_months(today: date) -> list[date]:
    firsts = [today.replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.append((firsts[-1] - timedelta(days=1)).replace(day=1))
    return firsts[::-1]


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def _day(at: datetime) -> date:
    return timezone.localdate(at)


def _percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0
