"""Reading a page of a list, in each of its orders."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from syndication import search
from syndication.models import ReleaseQuerySet

from . import selections

# Takes releases, the words asked for, ``columns``, ``limit`` and ``after``, the place and
# the key of the last row that the reader has. Returns rows of (place, key, *columns).
Read: TypeAlias = Callable[..., list[Any]]


def _by(moment_column: str) -> Read:
    """Return how to read a list whose newest entries, by a moment, come first."""

    def read(
        releases: ReleaseQuerySet,
        asked: Sequence[str],
        *,
        columns: Sequence[str],
        limit: int,
        after: Sequence[Any] | None,
    ) -> list[Any]:
        if asked:
            releases = search.among(releases.fresh(), asked)
        if after:
            at, pk = datetime.fromisoformat(after[0]), after[1]
            releases = releases.filter(**{f"{moment_column}__lte": at}).exclude(
                **{moment_column: at, "pk__gte": pk}
            )
        rows = releases.order_by(f"-{moment_column}", "-pk").values_list(
            moment_column, "pk", *columns
        )[:limit]
        return [(at.isoformat(), *rest) for at, *rest in rows]

    return read


def _fitting(
    releases: ReleaseQuerySet,
    asked: Sequence[str],
    *,
    columns: Sequence[str],
    limit: int,
    after: Sequence[Any] | None,
) -> list[Any]:
    return search.find(
        releases.fresh(),
        asked,
        columns=columns,
        limit=limit,
        after=(after[0], after[1]) if after else None,
    )


READ: dict[str, Read] = {
    selections.NEWEST: _by("released_at"),
    selections.UPDATED: _by("updated_at"),
    selections.RELEVANCE: _fitting,
}
