"""Finding what is public by words: SQLite FTS5, or PostgreSQL's full text search.

The words of what is public are kept beside it, as each database does it (migration
0003). What is found is what ``Release`` says is public.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from .matching import FITTING as FITTING
from .matching import MATCHES, TABLE, Source
from .models import Release
from .narrowing import LAST_CHANGE, Narrowing
from .statements import rows

WORD = re.compile(r"\w+")
# What PostgreSQL takes of one text at most is a megabyte; nobody searches for the rest.
LONGEST = 200_000
# From how many times on a text is about a word, and does not only mention it.
OFTEN = 3


def index(release: Release, data: Mapping[str, Any]) -> None:
    """Keep the words of a release for searching."""
    text = data.get("text", "")[:LONGEST]
    counted = Counter(WORD.findall(text.casefold()))
    often = [word for word, count in counted.items() if count >= OFTEN]
    said = [data["title"], " ".join([data.get("summary", ""), *often]), text]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP[connection.vendor], [*said, release.pk])


def forget(release: Release) -> None:
    """Keep no words of what is not public any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET[connection.vendor], [release.pk])


def words(question: str) -> list[str]:
    """Return the words that somebody asks for; none of them is an operator."""
    return WORD.findall(question)


def containing(asked: Sequence[str]) -> RawSQL:
    """Return the keys of releases that have all words, in whatever order they are."""
    vendor = connection.vendor
    separator = " AND " if vendor == "sqlite" else " "
    question = separator.join(f'"{word}"' for word in asked)
    return RawSQL(_CONTAINING[vendor], [question])  # noqa: S611


def find(
    found: Narrowing,
    asked: Sequence[str],
    *,
    by: str = FITTING,
    columns: Sequence[str],
    limit: int,
    after: tuple[Any, int] | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows of ``found`` that have all words: the most fitting first, or the last.

    ``by`` is ``FITTING``, where of those that fit equally well the newest comes first,
    or ``released_at`` or ``updated_at``. Each row is ``(place, pk, *columns)`` with the
    number of the last change at the end, from the highest place to the lowest. ``after``
    is place and key of the last row that the reader has. One query.
    """
    sources: list[Source] = []
    given: list[Any] = []
    for source, own in MATCHES[connection.vendor](asked, by):
        # What fits better was all before that row.
        if after and source.fits is not None and source.fits > after[0]:
            continue
        given += [*own, *found.parameters]
        if after and not sources:
            given += after if source.fits is None else after[1:]
        given.append(limit)
        sources.append(source)
    statement = _statement(
        tuple(sources),
        joins=tuple(_JOIN[connection.vendor] + join for join in found.joins),
        conditions=tuple(found.conditions),
        columns=tuple(columns),
        is_first=after is None,
    )
    return rows(statement, [*given, limit])


@lru_cache(maxsize=256)
def _statement(
    sources: tuple[Source, ...],
    *,
    joins: tuple[str, ...],
    conditions: tuple[str, ...],
    columns: tuple[str, ...],
    is_first: bool,
) -> str:
    """Write the statement of ``find``; of its parameters it has the placeholders."""
    steps: list[str] = []
    for number, (start, place, pk, fits) in enumerate(sources):
        own = [*conditions]
        if not is_first and not steps:
            own.append(
                f"{pk} < %s" if fits is not None else f"({place}, {pk}) < (%s, %s)"
            )
        order = f"{pk} DESC" if fits is not None else f"{place} DESC, {pk} DESC"
        # What those that fit better leave of the page.
        counts = (f" - (SELECT count(*) FROM step{n})" for n in range(number))  # noqa: S608
        steps.append(
            f"step{number} AS MATERIALIZED (SELECT {place} AS place, {pk} AS pk "  # noqa: S608
            f"FROM {' '.join([start, *joins])} WHERE {' AND '.join(own)} "
            f"ORDER BY {order} LIMIT %s{''.join(counts)})"
        )
    every = " UNION ALL ".join(
        f"SELECT place, pk FROM step{n}"  # noqa: S608
        for n in range(len(steps))
    )
    named = ", ".join(f"release.{column}" for column in columns)
    return (
        f"WITH {', '.join(steps)} SELECT found.place, found.pk, {named}, {LAST_CHANGE} "  # noqa: S608
        f"FROM (SELECT place, pk FROM ({every}) every "
        "ORDER BY place DESC, pk DESC LIMIT %s) found "
        "JOIN syndication_release release ON release.id = found.pk "
        "ORDER BY found.place DESC, found.pk DESC"
    )


# SQLite would begin with what was chosen, and then look for the words.
_JOIN = {"sqlite": "CROSS ", "postgresql": ""}
# A row of it outlives a release only in a database that was emptied.
_KEEP = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} (title, about, body, rowid) "  # noqa: S608
    "VALUES (%s, %s, %s, %s)",
    "postgresql": f"""
        INSERT INTO {TABLE}
            (release_id, released_at, updated_at, title, about, words)
        SELECT id, released_at, updated_at, said.title, said.title || said.about,
            said.title || said.about || said.body
        FROM (SELECT strip(to_tsvector('english', %s)) AS title,
            strip(to_tsvector('english', %s)) AS about,
            strip(to_tsvector('english', %s)) AS body) said,
            syndication_release release
        WHERE id = %s
        ON CONFLICT (release_id) DO UPDATE SET released_at = excluded.released_at,
            updated_at = excluded.updated_at, title = excluded.title,
            about = excluded.about, words = excluded.words
    """,  # noqa: S608
}
_FORGET = {
    "sqlite": f"DELETE FROM {TABLE} WHERE rowid = %s",  # noqa: S608
    "postgresql": f"DELETE FROM {TABLE} WHERE release_id = %s",  # noqa: S608
}
_CONTAINING = {
    "sqlite": f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
    "postgresql": f"SELECT release_id FROM {TABLE} "  # noqa: S608
    "WHERE words @@ plainto_tsquery('english', %s)",
}
