"""Reading the query parameters of the standard strictly: what is not understood is refused."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from typing import TypeAlias
from uuid import UUID

from django.http import QueryDict

from syndication import search

from .mapping import postcode_parts
from .problems import InvalidParameter, RepeatedParameter, UnknownParameter

Given: TypeAlias = Mapping[str, str]

LONGEST = 512
MOST_WORDS = 12
MOST_PER_PAGE = 100
PER_PAGE = 20
WHOLE = re.compile(r"[0-9]{1,7}")
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


def read(query: QueryDict, known: Collection[str]) -> dict[str, str]:
    """Return the parameters of a request by name, each given once and with a value.

    Raises the fitting problem for anything else. NUL bytes are refused because
    PostgreSQL would fail on them.
    """
    values = {}
    for name, given in query.lists():
        if name not in known:
            shown = name[:60]
            raise UnknownParameter(
                f"This address does not know the parameter “{shown}”. " + _known(known),
                parameter=shown,
            )
        if len(given) > 1:
            raise RepeatedParameter(f"Give “{name}” only once.", parameter=name)
        value = given[0]
        if not value or len(value) > LONGEST or "\0" in value:
            raise _invalid(name, f"must have 1 to {LONGEST} characters, and no NUL")
        values[name] = value
    return values


def page(given: Given) -> int:
    """Return the number of the page, from 1 on."""
    return _whole(given, "page", 1, 9_999_999, default=1)


def per_page(given: Given) -> int:
    """Return how many entries a page has.

    More than the most is refused, not cut short without a word.
    """
    return _whole(given, "per_page", 1, MOST_PER_PAGE, default=PER_PAGE)


def words(given: Given, name: str) -> list[str]:
    """Return the words to search for; none when not given."""
    found = search.words(given.get(name, ""))
    if len(found) > MOST_WORDS or (name in given and not found):
        raise _invalid(name, f"must have 1 to {MOST_WORDS} words")
    return found


def uuid(given: Given, name: str) -> UUID | None:
    if name not in given:
        return None
    try:
        return UUID(given[name])
    except ValueError:
        raise _invalid(name, "must be a UUID, as it stands in our answers") from None


def age(given: Given, name: str) -> float | None:
    """Return a number of years."""
    if name not in given:
        return None
    if not AGE.fullmatch(given[name]):
        raise _invalid(name, "must be a number of years, such as 5")
    return float(given[name])


def clock(given: Given, name: str) -> time | None:
    """Return a time of the day."""
    if name not in given:
        return None
    if not CLOCK.fullmatch(given[name]):
        raise _invalid(name, "must be a time of the day, such as 09:30")
    return time.fromisoformat(given[name])


def day(given: Given) -> str | None:
    """Return a weekday as iCalendar has it; English names are understood as well."""
    if "day" not in given:
        return None
    asked = given["day"].casefold()
    for code, name in DAYS.items():
        if asked in (code.casefold(), name):
            return code
    raise _invalid("day", f"must be one of: {', '.join(DAYS)}")


def moment(given: Given, name: str) -> datetime | None:
    """Return a moment after RFC 3339, or the first of a day, in UTC if it says no zone."""
    if name not in given:
        return None
    wrong = _invalid(name, "must be a moment, such as 2026-11-22T09:30:00Z")
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
        raise _invalid("postcode", "must be a UK postcode, such as SY1 1AA")
    return parts


def metres(given: Given, name: str) -> float | None:
    if name not in given:
        return None
    if not METRES.fullmatch(given[name]):
        raise _invalid(name, "must be a number of metres, below a million")
    return float(given[name])


def _whole(given: Given, name: str, least: int, most: int, *, default: int) -> int:
    value = given.get(name, str(default))
    if not WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise _invalid(name, f"must be a whole number from {least} to {most}")
    return int(value)


def _invalid(name: str, must: str) -> InvalidParameter:
    return InvalidParameter(f"“{name}” {must}.", parameter=name)


def _known(known: Collection[str]) -> str:
    return f"It knows: {', '.join(sorted(known))}." if known else "It has none."
