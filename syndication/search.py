"""Finding what is public by words: SQLite FTS5, or PostgreSQL's full text search.

The words of every public release are kept beside it, as each database does it (migration
0003): in a virtual table, or in a table of vectors. What is found is what ``Release``
says is public.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL

from .models import Release
from .narrowing import LAST_CHANGE, Narrowing

TABLE = "syndication_releasewords"
WORD = re.compile(r"\w+")
# What PostgreSQL takes of one text at most is a megabyte; nobody searches for the rest.
LONGEST = 200_000
# From how often on a text is about a word, and does not only mention it.
OFTEN = 3


def index(release: Release, data: Mapping[str, Any]) -> None:
    """Keep the words of a release for searching."""
    text = data.get("text", "")[:LONGEST]
    counted = Counter(WORD.findall(text.casefold()))
    often = " ".join(word for word, count in counted.items() if count >= OFTEN)
    said = [data["title"], data.get("summary", ""), often, text]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP[connection.vendor], [release.pk, *said])


def forget(release: Release) -> None:
    """Do not look any longer at the words of what is not public any more."""
    key = _KEY[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE {key} = %s", [release.pk])  # noqa: S608


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
    after: tuple[int, int] | None = None,
) -> list[tuple[Any, ...]]:
    """Return rows of ``found`` that have all words, the most fitting first.

    Each row is ``(rank, pk, *columns)`` with the number of the last change at the end.
    ``rank`` says where the words are, the smaller the better: all in the title; in title
    and summary; there and among what the text says often; some of several in the title;
    anywhere. Of one rank the newest comes first.

    ``after`` is the rank and the key of the last row that the reader has. One query.
    """
    matches = _MATCHES[connection.vendor](asked)
    first, last = after or (0, None)
    parts: list[str] = []
    given: list[Any] = []
    for rank, (start, start_given) in list(enumerate(matches))[first:]:
        conditions = list(found.conditions)
        values = [*start_given, *found.joined, *found.given]
        if rank == first and last is not None:
            conditions.append("release.id < %s")
            values.append(last)
        # A rank is looked at when those before it do not fill the page.
        if parts:
            before = " + ".join(
                f"(SELECT count(*) FROM rank{n})" for n in range(first, rank)
            )
            conditions.append(f"{before} < %s")
            values.append(limit)
        parts.append(
            f"rank{rank} AS MATERIALIZED ("
            f"SELECT {rank} AS rank, release.id AS pk FROM {start} {' '.join(found.joins)} "
            f"WHERE {' AND '.join(conditions)} ORDER BY {_NEWEST[connection.vendor]} LIMIT %s)"
        )
        given += [*values, limit]
    every = " UNION ALL ".join(
        f"SELECT rank, pk FROM rank{n}" for n in range(first, len(matches))
    )
    named = ", ".join(f"release.{column}" for column in columns)
    statement = (
        f"WITH {', '.join(parts)} SELECT found.rank, found.pk, {named}, {LAST_CHANGE} "
        f"FROM (SELECT rank, pk FROM ({every}) ranked ORDER BY rank, pk DESC LIMIT %s) found "
        "JOIN syndication_release release ON release.id = found.pk "
        "ORDER BY found.rank, found.pk DESC"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, limit])
        return [tuple(row) for row in cursor.fetchall()]


def _sqlite(asked: Sequence[str]) -> list[tuple[str, list[str]]]:
    every = f"({_QUESTION['sqlite'](asked)})"
    some = f"{{title}}: ({' OR '.join(_quoted(asked))})"
    title, head, often = (
        f"({{{columns}}}: {every})"
        for columns in ("title", "title summary", "title summary often")
    )
    questions = [title, f"{head} NOT {title}", f"{often} NOT {head}"]
    if len(asked) > 1:
        questions += [
            f"({every} AND {some}) NOT {often}",
            f"({every} NOT {often}) NOT {some}",
        ]
    else:
        questions += [f"{every} NOT {often}"]
    # It would list everything that is public first, and then look for the words.
    start = (
        f"(SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s ORDER BY rowid DESC) matching "
        "CROSS JOIN syndication_release release INDEXED BY release_to_find "
        "ON release.id = matching.rowid"
    )
    start = (
        f"{TABLE}(%s) matching "
        "CROSS JOIN syndication_release release INDEXED BY release_to_find "
        "ON release.id = matching.rowid"
    )
    return [(start, [question]) for question in questions]


def _postgresql(asked: Sequence[str]) -> list[tuple[str, list[str]]]:
    every = " ".join(asked)
    some = " | ".join(f"'{word}'" for word in asked)
    has = {
        name: f"{name} @@ plainto_tsquery('english', %s)"
        for name in ("title", "head", "often", "words")
    }
    of_several = "title @@ to_tsquery('english', %s)"
    conditions = [
        (has["title"], [every]),
        (f"{has['head']} AND NOT {has['title']}", [every, every]),
        (f"{has['often']} AND NOT {has['head']}", [every, every]),
    ]
    rest = f"{has['words']} AND NOT {has['often']}"
    if len(asked) > 1:
        conditions += [
            (f"{rest} AND {of_several}", [every, every, some]),
            (f"{rest} AND NOT {of_several}", [every, every, some]),
        ]
    else:
        conditions += [(rest, [every, every])]
    return [
        (
            f"(SELECT release_id FROM {TABLE} WHERE {condition} "
            "ORDER BY release_id DESC) matching "
            "JOIN syndication_release release ON release.id = matching.release_id",
            given,
        )
        for condition, given in conditions
    ]


def _quoted(asked: Sequence[str]) -> list[str]:
    return [f'"{word}"' for word in asked]


_NEWEST = {"sqlite": "matching.rowid DESC", "postgresql": "matching.release_id DESC"}
_MATCHES = {"sqlite": _sqlite, "postgresql": _postgresql}
_KEY = {"sqlite": "rowid", "postgresql": "release_id"}
# A row of it outlives a release only in a database that was emptied.
_KEEP = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} (rowid, title, summary, often, body) "  # noqa: S608
    "VALUES (%s, %s, %s, %s, %s)",
    "postgresql": f"""
        INSERT INTO {TABLE} (release_id, title, head, often, words)
        SELECT id, title, title || summary, title || summary || often,
            title || summary || body
        FROM (SELECT %s AS id, to_tsvector('english', %s) AS title,
            to_tsvector('english', %s) AS summary, to_tsvector('english', %s) AS often,
            to_tsvector('english', %s) AS body) said
        ON CONFLICT (release_id) DO UPDATE SET title = excluded.title,
            head = excluded.head, often = excluded.often, words = excluded.words
    """,  # noqa: S608
}
_AMONG = {
    "sqlite": f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s",  # noqa: S608
    "postgresql": f"SELECT release_id FROM {TABLE} "  # noqa: S608
    "WHERE words @@ plainto_tsquery('english', %s)",
}
_QUESTION: dict[str, Callable[[Sequence[str]], str]] = {
    "sqlite": lambda asked: " AND ".join(_quoted(asked)),
    "postgresql": " ".join,
}
