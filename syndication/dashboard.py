"""The co-production dashboard in the admin."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import SafeString

from cms import sign_off
from cms.permissions import sees_everything

from . import charts, figures
from .charts import Bar


@dataclass(frozen=True)
class Chart:
    """A picture, and the table that says the same; its first column names the row."""

    slug: str
    heading: str
    explanation: str
    picture: SafeString
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]


def co_production(request: HttpRequest) -> HttpResponse:
    """How co-production goes, for everyone who signs, edits or administers."""
    user = request.user
    if not (sign_off.forums_of(user).exists() or sees_everything(user)):
        raise PermissionDenied
    today = timezone.localdate()
    paces = figures.paces(today=today)
    months = figures.months(today=today)
    return TemplateResponse(
        request,
        "syndication/co_production.html",
        {
            "charts": [
                _shares(figures.shares()),
                _paces(paces),
                _waiting(paces),
                *_months(months),
            ]
        },
    )


def _shares(shares: Sequence[figures.Share]) -> Chart:
    bars = [
        Bar(share.name, share.count, f"{share.count} ({share.percent} %)")
        for share in shares
    ]
    return Chart(
        "labels",
        "What is public now, by label",
        "The label follows from who helped and who agreed. Nobody chooses it. "
        "Newsletter issues are left out: they repeat other items.",
        charts.across(bars, name="Items that are public now, by label"),
        ["Label", "Items", "Share"],
        [[share.name, share.count, f"{share.percent} %"] for share in shares],
    )


def _paces(paces: Sequence[figures.Pace]) -> Chart:
    answered = [pace for pace in paces if pace.median is not None]
    return Chart(
        "pace",
        "Days to answer",
        "From the day a text was sent to the day of the answer, in the last twelve "
        "months. Half of the answers took no longer than the median.",
        charts.across(
            [
                Bar(str(pace.forum), pace.median or 0, _days(pace.median))
                for pace in answered
            ],
            name="Median days to answer, by signatory",
        ),
        ["Signatory", "Answers", "Median days", "Slowest, in days"],
        [
            [pace.forum, pace.answers, _number(pace.median), pace.slowest]
            for pace in answered
        ],
    )


def _waiting(paces: Sequence[figures.Pace]) -> Chart:
    return Chart(
        "waiting",
        "Waiting for an answer now",
        "Texts that were sent and that the signatory has not answered. Overdue means "
        "that the due date has passed.",
        charts.across(
            [Bar(str(pace.forum), pace.waiting, _waits(pace)) for pace in paces],
            name="Texts waiting now, by signatory",
        ),
        ["Signatory", "Waiting", "Of these overdue", "Oldest was sent"],
        [
            [
                pace.forum,
                pace.waiting,
                pace.overdue,
                format_date(pace.oldest, "j F Y") if pace.oldest else "",
            ]
            for pace in paces
        ],
    )


def _months(months: Sequence[figures.Month]) -> list[Chart]:
    told = (
        (
            "sent",
            "Sent for sign-off",
            "Texts sent to their signatories in each of the last twelve months.",
        ),
        (
            "waiting",
            "Waiting over time",
            "Texts that waited for an answer at the end of each month, and now.",
        ),
        (
            "overdue",
            "No reply by the due date",
            "How often a signatory had not answered when the due date came.",
        ),
        ("withdrawn", "Taken back", "Items that were taken back from the public."),
    )
    return [
        Chart(
            f"months-{column}",
            heading,
            explanation,
            charts.upwards(
                [
                    Bar(
                        format_date(month.first, "M")[:1],
                        getattr(month, column),
                        str(getattr(month, column)),
                    )
                    for month in months
                ],
                name=f"{heading}, by month",
            ),
            ["Month", heading],
            [
                [format_date(month.first, "F Y"), getattr(month, column)]
                for month in months
            ]
            if any(getattr(month, column) for month in months)
            else [],
        )
        for column, heading, explanation in told
    ]


def _waits(pace: figures.Pace) -> str:
    return (
        f"{pace.waiting}, {pace.overdue} overdue" if pace.overdue else str(pace.waiting)
    )


def _number(days: float | None) -> str:
    return f"{days:g}" if days is not None else ""


def _days(days: float | None) -> str:
    return f"{_number(days)} day{'' if days == 1 else 's'}"
