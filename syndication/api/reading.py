"""Reading one item, and a page of a list in each of its orders."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from syndication import search
from syndication.models import Item, ReleaseQuerySet

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


@dataclass(frozen=True)
class Newest:
    """The newest release of an item, as far as a reader of one item needs it."""

    pk: int
    kind: str
    version: int
    etag: str
    is_withdrawn: bool
    # None where nobody is going to read it.
    body: Any


def newest(
    content_id: UUID, *, column: str, held: Collection[str], version: int | None
) -> Newest | None:
    """Return the newest release of an item; None of what never was, or vanished.

    ``column`` is the form of the body. It stays in the database if it was withdrawn, if
    its tag is in ``held`` (or that is ``{"*"}``), or if another ``version`` is asked for.

    Written by hand: making this statement of models takes longer than answering it.
    When the newest release of an item vanished, none before it may be spoken of either
    (``ReleaseQuerySet.known``), so it is enough to look at that one.
    """
    wanted, given = ["release.withdrawn_at IS NULL"], list[Any]()
    if "*" in held:
        wanted.append("1 = 0")
    elif held:
        wanted.append(f"release.etag NOT IN ({', '.join(['%s'] * len(held))})")
        given += held
    if version is not None:
        wanted.append("release.version = %s")
        given.append(version)
    identity = Item._meta.get_field("content_id").get_db_prep_value(
        content_id, connection
    )
    # Nothing in it but names of ours; what readers sent is in the parameters.
    statement = f"""
        SELECT release.id, release.kind, release.version, release.etag,
            release.withdrawn_at IS NOT NULL,
            CASE WHEN {" AND ".join(wanted)} THEN release."{column}" END,
            release.withdrawn_kind
        FROM syndication_item item
        JOIN syndication_release release ON release.item_id = item.id
        WHERE item.content_id = %s ORDER BY release.version DESC LIMIT 1
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, identity])
        row = cursor.fetchone()
    if row is None or row[6] == "vanish":
        return None
    return Newest(row[0], row[1], row[2], row[3], bool(row[4]), row[5])


class Told(NamedTuple):
    """A row of the change log, and whether the item vanished since."""

    number: int
    type: str
    content_id: UUID
    kind: str
    version: int
    at: datetime
    note: str
    reason: str
    area: str
    topic: str
    replacement: UUID | None
    vanished: bool


# By hand for the same reason as ``newest``. Of what vanished nothing else is told.
_VANISHED = RawSQL(
    """EXISTS (
        SELECT 1 FROM syndication_release release
        JOIN syndication_item item ON item.id = release.item_id
        WHERE item.content_id = syndication_change.content_id
            AND release.version >= syndication_change.version
            AND release.withdrawn_kind = 'vanish'
    )""",
    [],
    output_field=BooleanField(),
)


def told(rows: Any, *, limit: int) -> list[Told]:
    """Return the first of some rows of the change log. One query."""
    found = rows.annotate(vanished=_VANISHED).values_list(*Told._fields)[:limit]
    return [Told(*row) for row in found]
