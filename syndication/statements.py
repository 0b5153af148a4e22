"""Asking statements that are written by hand."""

from collections.abc import Sequence
from typing import Any, cast

from django.db import connection


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
    # Each loads what it needs, and no SQLite where there is PostgreSQL, nor the other way.
    from psycopg import Cursor
    from psycopg.pq import Format

    made = Cursor(connection.connection)
    made.format = Format.BINARY
    return made


def _remembering() -> Any:
    from .remembering import RememberingCursor

    return connection.connection.cursor(factory=RememberingCursor)


_OWN = {"postgresql": _binary, "sqlite": _remembering}
