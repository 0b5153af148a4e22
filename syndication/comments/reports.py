"""The report of a year, in numbers that tell nobody apart.

Small numbers are not told. Where one is left out, the sums that it could be worked out
from are rounded.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from cms import comments
from cms.models import Comment
from syndication.models import Release

from .models import YouSaidWeDid

FEWEST = 5
FEW = f"fewer than {FEWEST}"


@dataclass(frozen=True)
class Report:
    """What came in a year, in words, and what was answered."""

    year: int
    received: str
    gaps: str
    topics: Sequence[tuple[str, str]]
    statuses: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    answers: Sequence[dict[str, Any]]
    actions: int
    results: int


def years() -> list[int]:
    """The years that have a report, newest first."""
    answered = Release.objects.of_kind(YouSaidWeDid.kind).datetimes(
        "released_at", "year"
    )
    return sorted({*comments.years(), *(one.year for one in answered)}, reverse=True)


def of(year: int) -> Report | None:
    """Return the report of a year, or None when nothing came in it."""
    if not 2000 <= year <= timezone.localdate().year:
        return None
    tally = comments.tally(year)
    answers = _answers(year)
    if not tally.received and not answers:
        return None
    told = [*tally.statuses.values(), *tally.reasons.values(), tally.gaps]
    exact = all(count >= FEWEST for count in [*told, *tally.topics.values()])
    # A sum, or what could be added up to one, would tell what is left out.
    about = shown if exact else rounded
    statuses = dict(tally.statuses)
    refused = statuses.pop(Comment.Status.NOT_PUBLISHED)
    return Report(
        year=year,
        received=about(tally.received),
        gaps=about(tally.gaps),
        topics=[
            (label, about(tally.topics[value]))
            for value, label in Comment.Topic.choices
        ],
        statuses=[
            *(
                (label, shown(statuses[value]))
                for value, label in Comment.Status.choices
                if value in statuses
            ),
            (Comment.Status.NOT_PUBLISHED.label, about(refused)),
        ],
        reasons=[
            (label, shown(tally.reasons[value]))
            for value, label in Comment.Reason.choices
        ],
        answers=answers,
        actions=sum(answer["has_action"] for answer in answers),
        results=sum(answer["has_result"] for answer in answers),
    )


def shown(count: int) -> str:
    """
    >>> shown(4), shown(5)
    ('fewer than 5', '5')
    """
    return FEW if count < FEWEST else str(count)


def rounded(count: int) -> str:
    """
    >>> rounded(4), rounded(7), rounded(8)
    ('fewer than 5', 'about 5', 'about 10')
    """
    if count < FEWEST:
        return FEW
    return f"about {(count + FEWEST // 2) // FEWEST * FEWEST}"


def _answers(year: int) -> list[dict[str, Any]]:
    """The answers that are public now and first came out in ``year``."""
    zone = timezone.get_current_timezone()
    first = Release.objects.filter(
        version=1,
        kind=YouSaidWeDid.kind,
        released_at__gte=datetime(year, 1, 1, tzinfo=zone),
        released_at__lt=datetime(year + 1, 1, 1, tzinfo=zone),
    )
    rows = (
        Release.objects.current()
        .filter(item__in=first.values("item"))
        .newest_first()
        .values_list("item__content_id", "payload", "released_at")
    )
    return [_answer(*row) for row in rows]


def _answer(content_id: Any, payload: Any, released_at: datetime) -> dict[str, Any]:
    data = json.loads(bytes(payload))
    return {
        "title": data["title"],
        "path": f"/items/{content_id}",
        "released_at": released_at,
        "has_action": bool(data["action"]),
        "has_result": "result" in data,
    }
