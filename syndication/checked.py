"""When what is public was last read and found right, and until when it is to be again.

The days stand around the signed bytes, never in them: they move without a signature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dateformat import format as format_date

from .models import Release


@dataclass(frozen=True)
class Checked:
    """The days of one release. ``on`` is None for what no forum has reviewed yet."""

    on: date | None
    assured_on: date | None
    by: date | None

    @property
    def is_overdue(self) -> bool:
        """Whether somebody should have checked it before today."""
        return self.by is not None and self.by < timezone.localdate()

    @property
    def days_overdue(self) -> int:
        return (timezone.localdate() - self.by).days if self.by else 0

    @property
    def overdue(self) -> str:
        """“This page was due to be checked by DATE …”; empty while it is not overdue.

        Forums may have signed a day that had passed by then: they did read the text.
        """
        if not self.is_overdue or self.by is None:
            return ""
        was_due = f"This page was due to be checked by {_said(self.by)}"
        if self.on is None or self.on <= self.by:
            return f"{was_due} and has not been checked since."
        return f"{was_due}. It was read on {_said(self.on)}, and not since."


def of(release: Release) -> Checked:
    """Return the days of a release; asks the database nothing."""
    return days_of(release.receipt, release.assured_at, release.review_by)


def days_of(
    receipt: Mapping[str, Any], assured_at: datetime | None, review_by: date | None
) -> Checked:
    """The same from the columns of a release."""
    signed = [datetime.fromisoformat(one["signed_at"]) for one in receipt["forums"]]
    last = max([*signed, *([assured_at] if assured_at else [])], default=None)
    return Checked(on=_day(last), assured_on=_day(assured_at), by=review_by)


def as_data(days: Checked) -> dict[str, str]:
    """Return the days as partners get them, each only where there is one.

    ``last_reviewed``, ``assured_date`` and ``review_by``, as days of the publisher.
    """
    told = {
        "last_reviewed": days.on,
        "assured_date": days.assured_on,
        "review_by": days.by,
    }
    return {name: day.isoformat() for name, day in told.items() if day}


def _said(day: date) -> str:
    return format_date(day, "j F Y")


def _day(at: datetime | None) -> date | None:
    if at is None:
        return None
    return timezone.localdate(at, timezone.get_default_timezone())
