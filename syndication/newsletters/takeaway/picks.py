"""What a partner takes of an issue: which items not, and how much of each."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from syndication.rest import parameters
from syndication.rest.problems import InvalidParameter

# More than an issue has items.
MOST = 200
WITHOUT, LENGTH = "without", "length"


class Length(StrEnum):
    """How much of each item."""

    FULL = "full"
    BRIEF = "brief"
    HEADLINE = "headline"


@dataclass(frozen=True)
class Pick:
    """What was chosen. ``length`` is None where nothing was said of it."""

    without: frozenset[str] = frozenset()
    length: Length | None = None

    @property
    def query(self) -> str:
        """The same as the end of an address, always in the same order."""
        pairs = [(WITHOUT, one) for one in sorted(self.without)]
        if self.length and self.length != Length.FULL:
            pairs.append((LENGTH, self.length.value))
        return f"?{urlencode(pairs)}" if pairs else ""


def read(query: QueryDict, *, also: Collection[str] = ()) -> Pick:
    """Return what was chosen. Raises a ``Problem`` for what cannot be meant.

    ``also`` names parameters that somebody else reads.
    """
    rest = query.copy()
    chosen = rest.pop(WITHOUT, [])
    given = parameters.read(rest, (WITHOUT, LENGTH, *also))
    length = parameters.choice(given, LENGTH, [one.value for one in Length])
    if len(chosen) > MOST:
        raise parameters.invalid(WITHOUT, f"can be given at most {MOST} times")
    return Pick(
        frozenset(str(_content_id(one)) for one in chosen),
        Length(length) if length else None,
    )


def check(pick: Pick, ids: Collection[str]) -> None:
    """Raise a ``Problem`` where ``pick`` does not fit an issue with the items ``ids``."""
    if unknown := sorted(pick.without - set(ids)):
        raise InvalidParameter(
            f"This newsletter has no item {unknown[0]}. Leave it out of “{WITHOUT}”, or "
            "begin again with the address that has no choices in it.",
            parameter=WITHOUT,
        )
    if pick.without and pick.without == set(ids):
        raise InvalidParameter(
            "Nothing would be left. Keep at least one item.", parameter=WITHOUT
        )


def _content_id(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise parameters.invalid(
            WITHOUT, "must be the number of an item, as the newsletter’s JSON gives it"
        ) from error
