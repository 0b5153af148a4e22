"""Asking statements that are written by hand."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, cast

from django.db import connection
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper


def rows(statement: str, given: Sequence[Any]) -> list[Any]:
    """Return what a statement finds, as the database has it."""
    with connection.cursor() as asking:
        asking.cursor = _OWN[connection.vendor]()
        asking.execute(statement, given)
        return cast("list[Any]", asking.fetchall())


def _binary() -> Any:
    """Return a cursor that gets bytes as bytes.

    Django's own gets them as text, two digits for each: for twenty whole items, reading
    that takes twice as long as everything else together.
    """
    # Those of SQLite have no psycopg to load.
    from psycopg import Cursor
    from psycopg.pq import Format

    made = Cursor(connection.connection)
    made.format = Format.BINARY
    return made


class _Remembering(SQLiteCursorWrapper):
    """A cursor that looks once through each statement for its placeholders.

    Django's own does for every request, which is a tenth of a search.
    """

    def convert_query(
        self, query: str, *, param_names: Iterable[str] | None = None
    ) -> str:
        if param_names is not None:
            return super().convert_query(query, param_names=param_names)
        return _converted(query)


@lru_cache(maxsize=256)
def _converted(query: str) -> str:
    return FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _remembering() -> Any:
    return connection.connection.cursor(factory=_Remembering)


_OWN = {"postgresql": _binary, "sqlite": _remembering}
