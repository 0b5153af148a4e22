"""Finding what is public by words: SQLite FTS5, or PostgreSQL's full text search.

The words of every release are kept beside it, as each database does it (migration 0003):
in a virtual table, or in a column with an index over what is current. What is found is
what ``Release`` says is public.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from .models import Release

TABLE = "syndication_releasewords"
# A word in the title counts more than one in the summary, and that more than the rest.
WEIGHTS = (8.0, 3.0, 1.0)
WORD = re.compile(r"\w+")
# What PostgreSQL takes of one text at most is a megabyte; nobody searches for the rest.
LONGEST = 200_000


def index(release: Release, data: Mapping[str, Any]) -> None:
    """Keep the words of a release for searching."""
    said = [data["title"], data.get("summary", ""), data.get("text", "")[:LONGEST]]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP[connection.vendor], [*said, release.pk])


def words(question: str) -> list[str]:
    """Return the words that somebody asks for; none of them is an operator."""
    return WORD.findall(question)


def among(releases: Any, asked: Sequence[str]) -> Any:
    """Return those of ``releases`` that have all words, in whatever order they are."""
    vendor = connection.vendor
    return releases.filter(
        pk__in=RawSQL(_AMONG[vendor], [_QUESTION[vendor](asked)])  # noqa: S611
    )


def find(
    releases: Any,
    asked: Sequence[str],
    *,
    columns: Sequence[str],
    limit: int,
    after: tuple[float, int] | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows of ``releases`` that have all words, the most fitting first.

    Each row is ``(rank, pk, *columns)``; the smaller ``rank`` is, the better it fits.
    ``after`` is the rank and the key of the last row that the reader has. One query.
    """
    vendor = connection.vendor
    if vendor == "sqlite":
        # Looked up for each row that has the words. SQLite would list everything that is
        # public first, and then look for the words.
        releases = releases.filter(pk=RawSQL(f"{TABLE}.rowid", []))  # noqa: S611
    within, given = releases.order_by().values("pk").query.sql_with_params()
    beyond = "WHERE (found.rank, found.pk) > (%s, %s)" if after else ""
    named = ", ".join(f'release."{column}"' for column in columns)
    statement = f"""
        SELECT found.rank, found.pk, {named}
        FROM (
            SELECT * FROM ({_FIND[vendor].format(within=within)}) found {beyond}
            ORDER BY found.rank, found.pk LIMIT %s
        ) found
        JOIN syndication_release release ON release.id = found.pk
        ORDER BY found.rank, found.pk
    """  # noqa: S608 - made of our own names; what readers sent is in the parameters
    question = _QUESTION[vendor](asked)
    times = _FIND[vendor].count("%s")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*[question] * times, *given, *(after or ()), limit])
        return [tuple(row) for row in cursor.fetchall()]


# A row of the virtual table outlives a release only in a database that was emptied.
_KEEP = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} (title, summary, body, rowid) "  # noqa: S608
    "VALUES (%s, %s, %s, %s)",
    "postgresql": """
        UPDATE syndication_release SET words =
            setweight(to_tsvector('english', %s), 'A')
            || setweight(to_tsvector('english', %s), 'B')
            || setweight(to_tsvector('english', %s), 'C')
        WHERE id = %s
    """,
}
_AMONG = {
    "sqlite": f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
    "postgresql": "SELECT id FROM syndication_release "
    "WHERE words @@ plainto_tsquery('english', %s) "
    "AND superseded_at IS NULL AND withdrawn_at IS NULL",
}
_FIND = {
    # bm25 is the smaller the better already.
    "sqlite": f"""
        SELECT rowid AS pk, bm25({TABLE}, {", ".join(map(str, WEIGHTS))}) AS rank
        FROM {TABLE} WHERE {TABLE} MATCH %s AND EXISTS ({{within}})
    """,  # noqa: S608
    "postgresql": """
        SELECT id AS pk, -ts_rank(words, plainto_tsquery('english', %s), 32)::float8 AS rank
        FROM syndication_release
        WHERE words @@ plainto_tsquery('english', %s)
            AND superseded_at IS NULL AND withdrawn_at IS NULL AND id IN ({within})
    """,
}
_QUESTION: dict[str, Callable[[Sequence[str]], str]] = {
    "sqlite": lambda asked: " ".join(f'"{word}"' for word in asked),
    "postgresql": " ".join,
}
