"""What the values of our query parameters can be."""

import re
from datetime import UTC, date, datetime

from syndication.rest.parameters import Given, invalid, whole

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    DAY.pattern
    + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[-+][0-9]{2}:[0-9]{2})"
)
DEFAULT_LIMIT = 20
MOST = 100


def slug(values: Given, name: str) -> str | None:
    """Return the value if it can be a slug, None when it was not given."""
    value = values.get(name)
    if value is not None and not SLUG.fullmatch(value):
        raise invalid(name, "must be a slug: letters, digits, hyphens and underscores")
    return value


def moment(values: Given, name: str) -> datetime | None:
    """Return the value, a moment with its offset (RFC 3339), in UTC; None when not given."""
    value = values.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value) if MOMENT.fullmatch(value) else None
        # In UTC the first and the last day of the calendar may not exist.
        found = found and found.astimezone(UTC)
    except (ValueError, OverflowError):
        found = None
    if found is None:
        raise invalid(
            name,
            "must be a moment with its offset, such as 2026-11-01T09:30:00Z. In an "
            "address “+” is written %2B",
        )
    return found


def day(values: Given, name: str) -> date | None:
    """Return the value as a day (RFC 3339); None when not given."""
    value = values.get(name)
    if value is None:
        return None
    try:
        found = date.fromisoformat(value) if DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise invalid(name, "must be a day, such as 2026-11-01")
    return found


def limit(values: Given) -> int:
    """Return how many entries were asked for."""
    return whole(values, "limit", least=1, most=MOST) or DEFAULT_LIMIT
