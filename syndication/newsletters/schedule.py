"""When issues are made and when they are meant to go out.

Editors name a day and a time on the clock of the United Kingdom. So the moments of a
schedule are made from dates on the wall, never by adding hours: over a change of the
clock a week has 167 hours or 169.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from site_settings.models import NewsletterSettings

from .models import Frequency

ZONE = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Edition:
    """One issue to be: made at one moment, and sent at a later one."""

    compile_at: datetime
    send_at: datetime


def frequencies(settings: NewsletterSettings) -> list[Frequency]:
    """How often issues are made, as editors chose."""
    chosen = {Frequency.WEEKLY: settings.weekly, Frequency.MONTHLY: settings.monthly}
    return [frequency for frequency, wanted in chosen.items() if wanted]


def latest(
    settings: NewsletterSettings, frequency: Frequency, now: datetime
) -> Edition:
    """The last edition that was to be made at ``now`` or before."""
    return [one for one in _around(settings, frequency, now) if one.compile_at <= now][
        -1
    ]


def upcoming(
    settings: NewsletterSettings, frequency: Frequency, now: datetime
) -> Edition:
    """The first edition that is to be made after ``now``."""
    return next(
        one for one in _around(settings, frequency, now) if one.compile_at > now
    )


def before(
    settings: NewsletterSettings, frequency: Frequency, edition: Edition
) -> Edition:
    """The edition before ``edition``."""
    return latest(settings, frequency, edition.compile_at - timedelta(microseconds=1))


def sending_time(
    settings: NewsletterSettings, frequency: Frequency, edition: Edition, now: datetime
) -> datetime:
    """When an issue that is made ``now`` is meant to go out.

    Made late, by more than half of the days that forums have, it gives them all of
    these days from now on.
    """
    window = timedelta(days=settings.days_to_review)
    if now - edition.compile_at <= window / 2:
        return edition.send_at
    today = now.astimezone(ZONE).date()
    return _moment(today + window, _time(settings, frequency))


def _around(
    settings: NewsletterSettings, frequency: Frequency, now: datetime
) -> Iterator[Edition]:
    """Editions in order, from more than one before ``now`` to more than one after."""
    window = timedelta(days=settings.days_to_review)
    around = now.astimezone(ZONE).date() + window
    days = _weeks if frequency == Frequency.WEEKLY else _months
    for day in days(settings, around):
        at = _time(settings, frequency)
        yield Edition(compile_at=_moment(day - window, at), send_at=_moment(day, at))


def _weeks(settings: NewsletterSettings, around: date) -> Iterator[date]:
    monday = around - timedelta(days=around.weekday())
    for week in range(-3, 4):
        yield monday + timedelta(days=7 * week + settings.weekly_day)


def _months(settings: NewsletterSettings, around: date) -> Iterator[date]:
    for months in range(-3, 4):
        year, month = divmod(around.year * 12 + around.month - 1 + months, 12)
        last = monthrange(year, month + 1)[1]
        yield date(year, month + 1, min(settings.monthly_day, last))


def _time(settings: NewsletterSettings, frequency: Frequency) -> time:
    if frequency == Frequency.WEEKLY:
        return settings.weekly_time
    return settings.monthly_time


def _moment(day: date, at: time) -> datetime:
    """A time on the wall as a moment. In UTC, where moments compare as they pass.

    Of an hour that comes twice the first is meant; one that is left out is taken as if
    the clock had not been put forward.
    """
    return datetime.combine(day, at, tzinfo=ZONE).astimezone(UTC)
