"""Asking for many rows, or very often, without Django and psycopg writing it each time.

``IN`` has a placeholder for each value. With hundreds of rows at once they took a quarter of
the time of sending: Django writes each, and psycopg reads each, in Python and anew for every
number of them. A list as psycopg writes it took a tenth.
"""

import json
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, ForeignKey, Lookup, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Value = int | str


def among(vendor: str, kind: str) -> str:
    """What stands behind the name of a column, whose type is ``kind``, with ``as_one``."""
    if vendor == "postgresql":
        return f"= ANY(%s::{kind}[])"
    return "IN (SELECT value FROM json_each(%s))"


def as_one(values: Collection[Value], vendor: str) -> str:
    """The one parameter of ``among``. Not for values that databases write differently."""
    if vendor == "postgresql":
        return f"{{{','.join(map(_element, values))}}}"
    return json.dumps(list(values))


def _element(value: Value) -> str:
    """A value within an array of PostgreSQL (8.15.6)."""
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@ForeignKey.register_lookup
@Field.register_lookup
class AnyOf(Lookup[Any]):
    """``pk__any_of=ids``: rows whose value is among whole numbers, or words."""

    lookup_name = "any_of"
    # A list is no value of the field.
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Any]:
        lhs, params = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        values = as_one(self.rhs, connection.vendor)
        return f"{lhs} {among(connection.vendor, kind)}", [*params, values]


class Prepared:
    """A question that is asked many times a second, always with the same values."""

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        self._sql, self._values = rows.query.sql_with_params()

    def ask(self) -> list[tuple[Any, ...]]:
        """The rows as the database gives them: no UUIDs and times in SQLite."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, self._values)
            return list(cursor.fetchall())
