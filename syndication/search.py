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
from .narrowing import LAST_CHANGE, Narrowing

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


def containing(asked: Sequence[str]) -> RawSQL:
    """Return the keys of releases that have all words, in whatever order they are."""
    vendor = connection.vendor
    return RawSQL(_AMONG[vendor], [_QUESTION[vendor](asked)])  # noqa: S611


def among(found: Narrowing, asked: Sequence[str]) -> Narrowing:
    """Leave those of ``found`` that have all words."""
    vendor = connection.vendor
    return found.where(f"release.id IN ({_AMONG[vendor]})", _QUESTION[vendor](asked))


def find(
    found: Narrowing,
    asked: Sequence[str],
    *,
    columns: Sequence[str],
    limit: int,
    after: tuple[float, int] | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows of ``found`` that have all words, the most fitting first.

    Each row is ``(rank, pk, *columns)`` with the number of the last change at the end;
    the smaller ``rank`` is, the better it fits.
    ``after`` is the rank and the key of the last row that the reader has. One query.
    """
    vendor = connection.vendor
    question = _QUESTION[vendor](asked)
    found.where(_MATCH[vendor], question)
    matching = found.select(
        f"release.id AS pk, {_RANK[vendor]} AS rank", start=_START[vendor]
    )
    beyond = "WHERE (found.rank, found.pk) > (%s, %s)" if after else ""
    named = ", ".join(f"release.{column}" for column in columns)
    statement = f"""
        SELECT found.rank, found.pk, {named}, {LAST_CHANGE}
        FROM (
            SELECT * FROM ({matching}) found {beyond}
            ORDER BY found.rank, found.pk LIMIT %s
        ) found
        JOIN syndication_release release ON release.id = found.pk
        ORDER BY found.rank, found.pk
    """  # noqa: S608 - made of our own names; what readers sent is in the parameters
    ranked = [question] * _RANK[vendor].count("%s")
    with connection.cursor() as cursor:
        cursor.execute(statement, [*ranked, *found.parameters, *(after or ()), limit])
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
# SQLite is told to look up each row that has the words: it would list everything that is
# public first, and then look for the words.
_START = {
    "sqlite": f"{TABLE} CROSS JOIN syndication_release release "
    f"INDEXED BY release_to_find ON release.id = {TABLE}.rowid",
    "postgresql": "",
}
_MATCH = {
    "sqlite": f"{TABLE} MATCH %s",
    "postgresql": "release.words @@ plainto_tsquery('english', %s)",
}
_RANK = {
    # The smaller the better already.
    "sqlite": f"bm25({TABLE}, {', '.join(map(str, WEIGHTS))})",
    "postgresql": "-ts_rank(release.words, plainto_tsquery('english', %s), 32)::float8",
}
_QUESTION: dict[str, Callable[[Sequence[str]], str]] = {
    "sqlite": lambda asked: " ".join(f'"{word}"' for word in asked),
    "postgresql": " ".join,
}
