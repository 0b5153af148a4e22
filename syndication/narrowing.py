"""Choosing releases and changes in statements written by hand.

Making a statement of models takes longer than answering it, so what is asked all the time
is written out. Nothing in these texts but names of ours: what readers sent is in the
parameters.
"""

from dataclasses import dataclass, field
from typing import Any, Self

from django.db import connection
from django.utils import timezone

from site_settings.models import ReviewSettings

CURRENT = "release.superseded_at IS NULL AND release.withdrawn_at IS NULL"
# In the statement that reads something else: what was true of both at once.
LAST_CHANGE = "(SELECT last FROM syndication_changecounter WHERE id = 1)"
# The settings ride along. The day from which on a text counts as long overdue.
_DAYS = (
    "(COALESCE((SELECT days_until_left_out FROM site_settings_reviewsettings "
    "ORDER BY id LIMIT 1), %s))"
)
_OVERDUE = {
    # As a query of its own it is reckoned once, not for each row.
    "sqlite": f"(SELECT date(%s, '-' || {_DAYS} || ' days'))",
    "postgresql": f"(%s::date - {_DAYS}::integer)",
}


@dataclass
class Narrowing:
    """Rows of a table, and which of them: joins first, then conditions."""

    # The table, and the name by which ``conditions`` know it.
    table: str
    name: str
    key: str
    conditions: list[str] = field(default_factory=list)
    joins: list[str] = field(default_factory=list)
    # What goes with the placeholders of either, in their order.
    given: list[Any] = field(default_factory=list)
    joined: list[Any] = field(default_factory=list)

    def where(self, condition: str, *given: Any) -> Self:
        """Ask for one more condition."""
        self.conditions.append(condition)
        self.given += given
        return self

    def join(self, table: str, condition: str, *given: Any) -> Self:
        """Ask for a row of another table, of which there is one at most.

        ``{0}`` in ``condition`` is its name. Not EXISTS: of a join the database starts
        with whichever is rarer.
        """
        other = f"chosen{len(self.joins)}"
        self.joins.append(
            f"JOIN {table} {other} ON {other}.{self.name}_id = {self.name}.{self.key} "
            f"AND {condition.format(other)}"
        )
        self.joined += given
        return self

    @property
    def parameters(self) -> list[Any]:
        """What goes with the placeholders of what ``select`` returns."""
        return [*self.joined, *self.given]

    def select(self, columns: str, *, start: str = "") -> str:
        """Return the statement up to its conditions.

        ``start`` is what to begin with in the place of the table itself.
        """
        found = f"SELECT {columns} FROM {start or f'{self.table} {self.name}'}"  # noqa: S608
        if self.joins:
            found += f" {' '.join(self.joins)}"
        if self.conditions:
            found += f" WHERE {' AND '.join(self.conditions)}"
        return found


def releases() -> Narrowing:
    """Return all that is public now: ``release``."""
    return Narrowing("syndication_release", "release", "id", [CURRENT])


def changes() -> Narrowing:
    """Return the whole change log: ``change``."""
    return Narrowing("syndication_change", "change", "number")


def fresh(found: Narrowing) -> Narrowing:
    """Leave out what is long overdue for a check, as ``ReleaseQuerySet.fresh`` does."""
    days = ReviewSettings._meta.get_field("days_until_left_out").default
    return found.where(
        "(release.review_by IS NULL OR release.review_by >= "
        f"{_OVERDUE[connection.vendor]})",
        timezone.localdate().isoformat(),
        days,
    )


def adapted(value: Any) -> Any:
    """Return a moment as the database compares it: SQLite has none, only text."""
    return connection.ops.adapt_datetimefield_value(value)
