"""A cursor of SQLite that remembers statements. Not loaded where there is PostgreSQL."""

from collections.abc import Iterable
from functools import lru_cache

from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX, SQLiteCursorWrapper


class RememberingCursor(SQLiteCursorWrapper):
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
