"""Reading query parameters strictly: what is not understood is refused."""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.http import QueryDict

from .problems import InvalidParameter, RepeatedParameter, UnknownParameter

LONGEST = 512
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,50}")
NUMBER = re.compile(r"[0-9]{1,3}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT = re.compile(
    DAY.pattern
    + r"[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[-+][0-9]{2}:[0-9]{2})"
)
DEFAULT_LIMIT = 20
MOST = 100


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
            raise InvalidParameter(
                f"“{name}” must have 1 to {LONGEST} characters, and no NUL.",
                parameter=name,
            )
        values[name] = value
    return values


def choice(
    values: Mapping[str, str], name: str, allowed: Collection[str]
) -> str | None:
    """Return the value if it is one of ``allowed``, None when it was not given."""
    value = values.get(name)
    if value is not None and value not in allowed:
        raise InvalidParameter(
            f"“{name}” must be one of: {', '.join(allowed)}.", parameter=name
        )
    return value


def slug(values: Mapping[str, str], name: str) -> str | None:
    """Return the value if it can be a slug, None when it was not given."""
    value = values.get(name)
    if value is not None and not SLUG.fullmatch(value):
        raise InvalidParameter(
            f"“{name}” must be a slug: letters, digits, hyphens and underscores.",
            parameter=name,
        )
    return value


def number(values: Mapping[str, str], name: str, *, most: int) -> int | None:
    """Return the value as a whole number from 0 to ``most``; None when not given."""
    value = values.get(name)
    if value is None:
        return None
    if not re.fullmatch("[0-9]{1,5}", value) or int(value) > most:
        raise InvalidParameter(
            f"“{name}” must be a whole number from 0 to {most}.", parameter=name
        )
    return int(value)


def moment(values: Mapping[str, str], name: str) -> datetime | None:
    """Return the value as a moment with its offset (RFC 3339); None when not given."""
    value = values.get(name)
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(value) if MOMENT.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise InvalidParameter(
            f"“{name}” must be a moment with its offset, such as 2026-11-01T09:30:00Z. "
            "In an address “+” is written %2B.",
            parameter=name,
        )
    return found


def day(values: Mapping[str, str], name: str) -> date | None:
    """Return the value as a day (RFC 3339); None when not given."""
    value = values.get(name)
    if value is None:
        return None
    try:
        found = date.fromisoformat(value) if DAY.fullmatch(value) else None
    except ValueError:
        found = None
    if found is None:
        raise InvalidParameter(
            f"“{name}” must be a day, such as 2026-11-01.", parameter=name
        )
    return found


def limit(values: Mapping[str, str]) -> int:
    """Return how many entries were asked for.

    More than the most is refused, not cut short without a word.
    """
    value = values.get("limit", str(DEFAULT_LIMIT))
    if not NUMBER.fullmatch(value) or not 1 <= int(value) <= MOST:
        raise InvalidParameter(
            f"“limit” must be a whole number from 1 to {MOST}.", parameter="limit"
        )
    return int(value)


def _known(known: Collection[str]) -> str:
    return f"It knows: {', '.join(sorted(known))}." if known else "It has none."
