"""No test begins just before midnight: it would see two days of the service.

What is answered then may be kept for less than a minute, consents end, surveys close.
Tests of midnight set the clock themselves.
"""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from time_machine import escape_hatch

DAYS_OF = (UTC, ZoneInfo("Europe/London"))
LONGEST_TEST = timedelta(seconds=90)


def until_it_is_past(now: datetime) -> float:
    """Return how many seconds to wait before a test may begin; mostly 0."""
    left = min(_left(now.astimezone(zone)) for zone in DAYS_OF)
    return left.total_seconds() if left < LONGEST_TEST else 0.0


def _left(now: datetime) -> timedelta:
    zone: tzinfo | None = now.tzinfo
    tomorrow = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
    return tomorrow.replace(tzinfo=zone) - now


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Wait until midnight is past, if it is near and the test has no clock of its own."""
    if not escape_hatch.is_travelling():
        time.sleep(until_it_is_past(datetime.now(UTC)))
