"""What the values of the query parameters of the standard can be."""

import re
from datetime import UTC, datetime, time
from uuid import UUID

from syndication import search
from syndication.rest.parameters import Given, invalid, whole

from .mapping import postcode_parts

MOST_WORDS = 12
MOST_PER_PAGE = 100
PER_PAGE = 20
METRES = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?")
AGE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")
MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
DAYS = {
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
    "SU": "sunday",
}


def page(given: Given) -> int:
    """Return the number of the page, from 1 on."""
    return whole(given, "page", least=1, most=9_999_999) or 1


def per_page(given: Given) -> int:
    """Return how many entries a page has."""
    return whole(given, "per_page", least=1, most=MOST_PER_PAGE) or PER_PAGE


def words(given: Given, name: str) -> list[str]:
    """Return the words to search for; none when not given."""
    found = search.words(given.get(name, ""))
    if len(found) > MOST_WORDS or (name in given and not found):
        raise invalid(name, f"must have 1 to {MOST_WORDS} words")
    return found


def uuid(given: Given, name: str) -> UUID | None:
    if name not in given:
        return None
    try:
        return UUID(given[name])
    except ValueError:
        raise invalid(name, "must be a UUID, as it stands in our answers") from None


def age(given: Given, name: str) -> float | None:
    """Return a number of years."""
    if name not in given:
        return None
    if not AGE.fullmatch(given[name]):
        raise invalid(name, "must be a number of years, such as 5")
    return float(given[name])


def clock(given: Given, name: str) -> time | None:
    """Return a time of the day."""
    if name not in given:
        return None
    if not CLOCK.fullmatch(given[name]):
        raise invalid(name, "must be a time of the day, such as 09:30")
    return time.fromisoformat(given[name])


def day(given: Given) -> str | None:
    """Return a weekday as iCalendar has it; English names are understood as well."""
    if "day" not in given:
        return None
    asked = given["day"].casefold()
    for code, name in DAYS.items():
        if asked in (code.casefold(), name):
            return code
    raise invalid("day", f"must be one of: {', '.join(DAYS)}")


def moment(given: Given, name: str) -> datetime | None:
    """Return a moment after RFC 3339, or the first of a day, in UTC if it says no zone."""
    if name not in given:
        return None
    wrong = invalid(name, "must be a moment, such as 2026-11-22T09:30:00Z")
    if not MOMENT.fullmatch(given[name]):
        raise wrong
    try:
        # Of a day without a time: its beginning.
        at = datetime.fromisoformat(given[name])
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise wrong from None


def postcode(given: Given) -> tuple[str, str] | None:
    """Return a postcode and its outward code, as ``mapping.postcode_parts`` does."""
    if "postcode" not in given:
        return None
    parts = postcode_parts(given["postcode"])
    if parts is None:
        raise invalid("postcode", "must be a UK postcode, such as SY1 1AA")
    return parts


def metres(given: Given, name: str) -> float | None:
    if name not in given:
        return None
    if not METRES.fullmatch(given[name]):
        raise invalid(name, "must be a number of metres, below a million")
    return float(given[name])
