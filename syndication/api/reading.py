"""Reading one item, a page of a list in each of its orders, and one of the change log.

By hand: making such a statement of models takes longer than answering it.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeAlias, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Field
from django.db.models.expressions import Col

from syndication import narrowing, search
from syndication.models import Change, Item, Release
from syndication.narrowing import LAST_CHANGE, Narrowing, adapted
from syndication.statements import rows

from . import selections
from .selections import Selection

# Takes what was chosen, the words asked for, ``columns``, ``limit`` and ``after``, the place
# and the key of the last row that the reader has. Returns rows of (place, key, *columns)
# with the number of the last change at the end.
Read: TypeAlias = Callable[..., list[Any]]


def _by(moment_column: str) -> Read:
    """Return how to read a list whose newest entries, by a moment, come first."""
    order = f"release.{moment_column} DESC, release.id DESC"

    def read(
        found: Narrowing,
        asked: Sequence[str],
        *,
        columns: Sequence[str],
        limit: int,
        after: Sequence[Any] | None,
    ) -> list[Any]:
        last = None
        if after:
            last = adapted(datetime.fromisoformat(after[0])), after[1]
        if asked:
            return search.find(
                narrowing.fresh(found),
                asked,
                by=moment_column,
                columns=columns,
                limit=limit,
                after=last,
            )
        if last:
            found.where(f"(release.{moment_column}, release.id) < (%s, %s)", *last)
        named = (f"release.{name}" for name in (moment_column, "id", *columns))
        told = ", ".join([*named, LAST_CHANGE])
        statement = f"{found.select(told)} ORDER BY {order} LIMIT %s"
        return rows(statement, [*found.parameters, limit])

    return read


def _fitting(
    found: Narrowing,
    asked: Sequence[str],
    *,
    columns: Sequence[str],
    limit: int,
    after: Sequence[Any] | None,
) -> list[Any]:
    return search.find(
        narrowing.fresh(found),
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


def place(order: str, row: Sequence[Any]) -> list[Any]:
    """Return where in a list a row stands, for ``after``, as plain JSON values."""
    if order == selections.RELEVANCE:
        return list(row[:2])
    at = _conversion(Release, "released_at")(row[0])
    return [at.isoformat(), row[1]]


def stored(column: str, selection: Selection, *, at_once: int) -> Iterator[list[bytes]]:
    """Yield a column of all that is chosen, of a few releases at a time."""
    found = selection.releases().where("release.id > %s")
    statement = (
        f"{found.select(f'release.id, release.{column}')} ORDER BY release.id LIMIT %s"
    )
    last = 0
    while some := rows(statement, [*found.parameters, last, at_once]):
        last = some[-1][0]
        yield [bytes(body) for _, body in some]


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
    # The number of the last change of anything.
    last: int | None


def _on_one_line(statement: str) -> str:
    return " ".join(statement.split())


# Short, because Django searches all of a statement for placeholders each time.
_NEWEST = _on_one_line(f"""
    SELECT {LAST_CHANGE}, release.kind, release.version, release.etag,
    CASE WHEN {{}} THEN release.{{}} END,
    release.withdrawn_at, release.withdrawn_note, release.withdrawn_kind,
    release.withdrawn_to, release.withdrawn_class,
    release.withdrawn_to IS NOT NULL AND EXISTS (
        SELECT 1 FROM syndication_item other
        JOIN syndication_release public ON public.item_id = other.id
        WHERE other.content_id = release.withdrawn_to
        AND public.superseded_at IS NULL AND public.withdrawn_at IS NULL)
    FROM syndication_item item
    JOIN syndication_release release ON release.item_id = item.id
    WHERE item.content_id = %s ORDER BY release.version DESC LIMIT 1
""")  # noqa: S608


def newest(
    content_id: UUID, *, column: str, held: Collection[str], version: int | None
) -> Newest | None:
    """Return the newest release of an item; None of what never was, or vanished.

    ``column`` is the form of the body. It stays in the database if it was withdrawn, if
    its tag is in ``held`` (or that is ``{"*"}``), or if another ``version`` is asked for.

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
    identity = _content_id().get_db_prep_value(content_id, connection)
    statement = _NEWEST.format(" AND ".join(wanted), column)
    found = rows(statement, [*given, identity])
    if not found:
        return None
    last, kind, number, etag, body, *columns = found[0]
    withdrawn = None if columns[0] is None else _withdrawn(columns)
    if withdrawn and withdrawn.withdrawn_kind == "vanish":
        return None
    return Newest(kind, number, etag, body, withdrawn, last)


def _withdrawn(columns: Sequence[Any]) -> Withdrawn:
    """Return columns as models would: each database has ways of its own for some."""
    at, note, kind, to, reason, replaced = columns
    return Withdrawn(
        withdrawn_at=_conversion(Release, "withdrawn_at")(at),
        withdrawn_note=note,
        withdrawn_kind=kind,
        withdrawn_to=_conversion(Release, "withdrawn_to")(to),
        withdrawn_class=reason,
        replaced=bool(replaced),
    )


class Told(NamedTuple):
    """A row of the change log, whether the item vanished since, and how long the log is."""

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
    last: int


# Of what vanished nothing else is told.
_VANISHED = """EXISTS (
    SELECT 1 FROM syndication_release release
    JOIN syndication_item item ON item.id = release.item_id
    WHERE item.content_id = change.content_id
        AND release.version >= change.version
        AND release.withdrawn_kind = 'vanish'
)"""
_TOLD = ", ".join(
    [*(f"change.{name}" for name in Told._fields[:-2]), _VANISHED, LAST_CHANGE]
)


def told(
    found: Narrowing, *, after: int | None, since: datetime, limit: int
) -> list[Told]:
    """Return rows of the log after a number, or, without one, from a moment on."""
    if after is None:
        found.where("change.at >= %s", adapted(since))
    else:
        found.where("change.number > %s", after)
    statement = f"{found.select(_TOLD)} ORDER BY change.number LIMIT %s"
    content_id, at, replacement = (
        _conversion(Change, name) for name in ("content_id", "at", "replacement")
    )
    return [
        Told._make(
            (
                *row[:2],
                content_id(row[2]),
                *row[3:5],
                at(row[5]),
                *row[6:10],
                row[10] and replacement(row[10]),
                bool(row[11]),
                row[12],
            )
        )
        for row in rows(statement, [*found.parameters, limit])
    ]


def _conversion(model: type[models.Model], name: str) -> Callable[[Any], Any]:
    """Return what makes of a column what a model has: each database has ways of its own."""
    asked = connections[DEFAULT_DB_ALIAS]
    column, converters = _converters(model, name, asked.vendor)

    def convert(value: Any) -> Any:
        for one in converters:
            value = one(value, column, asked)
        return value

    return convert


@cache
def _converters(
    model: type[models.Model], name: str, vendor: str
) -> tuple[Col, list[Any]]:
    field = cast("Field[Any, Any]", model._meta.get_field(name))
    column = Col(model._meta.db_table, field)
    return column, connection.ops.get_db_converters(column)


@cache
def _content_id() -> Any:
    return Item._meta.get_field("content_id")
