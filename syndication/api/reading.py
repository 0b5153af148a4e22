"""Reading one item, and a page of a list in each of its orders."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias, cast
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Field
from django.db.models.expressions import Col, RawSQL

from syndication import search
from syndication.models import Item, Release, ReleaseQuerySet

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


class Withdrawn(NamedTuple):
    """What is told of an item that was taken back, as its columns have it."""

    withdrawn_at: datetime
    withdrawn_note: str
    withdrawn_kind: str
    withdrawn_to: UUID | None
    withdrawn_class: str
    # Whether what it leads to is public.
    replaced: bool


@dataclass(frozen=True)
class Newest:
    """The newest release of an item, as far as a reader of one item needs it."""

    kind: str
    version: int
    etag: str
    # None where nobody is going to read it.
    body: Any
    withdrawn: Withdrawn | None


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
        SELECT release.kind, release.version, release.etag,
            CASE WHEN {" AND ".join(wanted)} THEN release."{column}" END,
            release.withdrawn_at, release.withdrawn_note, release.withdrawn_kind,
            release.withdrawn_to, release.withdrawn_class,
            release.withdrawn_to IS NOT NULL AND EXISTS (
                SELECT 1 FROM syndication_item other
                JOIN syndication_release public ON public.item_id = other.id
                WHERE other.content_id = release.withdrawn_to
                    AND public.superseded_at IS NULL AND public.withdrawn_at IS NULL
            )
        FROM syndication_item item
        JOIN syndication_release release ON release.item_id = item.id
        WHERE item.content_id = %s ORDER BY release.version DESC LIMIT 1
    """  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, identity])
        row = cursor.fetchone()
    if row is None:
        return None
    kind, number, etag, body, *columns = row
    withdrawn = None if columns[0] is None else _withdrawn(columns)
    if withdrawn and withdrawn.withdrawn_kind == "vanish":
        return None
    return Newest(kind, number, etag, body, withdrawn)


def _withdrawn(columns: Sequence[Any]) -> Withdrawn:
    """Return columns as models would: each database has ways of its own for some."""
    at, note, kind, to, reason, replaced = columns
    return Withdrawn(
        withdrawn_at=_converted("withdrawn_at", at),
        withdrawn_note=note,
        withdrawn_kind=kind,
        withdrawn_to=_converted("withdrawn_to", to),
        withdrawn_class=reason,
        replaced=bool(replaced),
    )


def _converted(name: str, value: Any) -> Any:
    field = cast("Field[Any, Any]", Release._meta.get_field(name))
    column = Col(Release._meta.db_table, field)
    for convert in connection.ops.get_db_converters(column):
        value = convert(value, column, connection)
    return value


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
