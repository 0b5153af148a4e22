"""Reading query parameters strictly: what is not understood is refused."""

import re
from collections.abc import Collection, Mapping
from typing import TypeAlias

from django.http import QueryDict

from .problems import InvalidParameter, RepeatedParameter, UnknownParameter

Given: TypeAlias = Mapping[str, str]

# Characters of a value, and of a name that is told back.
LONGEST = 512
LONGEST_NAME = 60
WHOLE = re.compile("[0-9]{1,19}")


def read(query: QueryDict, known: Collection[str]) -> dict[str, str]:
    """Return the parameters of a request by name, each given once and with a value.

    Raises the fitting problem for anything else. NUL bytes are refused because
    PostgreSQL would fail on them.
    """
    values = {}
    for name, given in query.lists():
        if name not in known:
            shown = name[:LONGEST_NAME]
            raise UnknownParameter(
                f"This address does not know the parameter “{shown}”. " + _known(known),
                parameter=shown,
            )
        if len(given) > 1:
            raise RepeatedParameter(f"Give “{name}” only once.", parameter=name)
        value = given[0]
        if not value or len(value) > LONGEST or "\0" in value:
            raise invalid(name, f"must have 1 to {LONGEST} characters, and no NUL")
        values[name] = value
    return values


def choice(given: Given, name: str, allowed: Collection[str]) -> str | None:
    """Return the value if it is one of ``allowed``, None when it was not given."""
    value = given.get(name)
    if value is not None and value not in allowed:
        raise invalid(name, f"must be one of: {', '.join(allowed)}")
    return value


def whole(given: Given, name: str, *, least: int, most: int) -> int | None:
    """Return a whole number from ``least`` to ``most``; None when not given.

    What is more is refused, not cut short without a word.
    """
    value = given.get(name)
    if value is None:
        return None
    if not WHOLE.fullmatch(value) or not least <= int(value) <= most:
        raise invalid(name, f"must be a whole number from {least} to {most}")
    return int(value)


def invalid(name: str, must: str) -> InvalidParameter:
    """Return the problem of a value; ``must`` goes on from the name of the parameter."""
    return InvalidParameter(f"“{name}” {must}.", parameter=name)


def _known(known: Collection[str]) -> str:
    return f"It knows: {', '.join(sorted(known))}." if known else "It has none."
