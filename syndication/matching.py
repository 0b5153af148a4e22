"""Which texts have all words, and where: as SQLite and PostgreSQL are asked for it.

How well a text fits is told by where the words are, the higher the better: all of them
in the title; all in what it is about, which is its title, its summary and what it says
often; or else some of them in the title. Both know that without reading the texts.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

TABLE = "syndication_releasewords"
FITTING = "fitting"


class Source(NamedTuple):
    """Some of what has all words: rows of ``matching``, and ``release`` to each.

    ``place`` and ``pk`` are where each stands in the list: the highest come first.
    """

    start: str
    place: str
    pk: str
    # Set where all of them fit equally well.
    fits: int | None = None


class Matches(NamedTuple):
    """A source, and what goes with its placeholders."""

    source: Source
    given: list[str]


def sqlite(asked: Sequence[str], by: str) -> list[Matches]:
    """Return everything by a moment, or one after the other by how well it fits.

    FTS5 finds the newest first, and stops when it has enough: so each is asked for by
    itself, and none of them is sorted.
    """
    quoted = [f'"{word}"' for word in asked]
    every = f"({' AND '.join(quoted)})"
    if by != FITTING:
        return [Matches(_fts5(f"release.{by}"), [every])]
    title, about = f"({{title}}: {every})", f"({{title about}}: {every})"
    steps = [title, f"{about} NOT {title}"]
    if len(asked) > 1:
        some = f"({{title}}: ({' OR '.join(quoted)}))"
        steps += [
            f"({every} AND {some}) NOT {about}",
            f"({every} NOT {about}) NOT {some}",
        ]
    else:
        steps += [f"{every} NOT {about}"]
    places = reversed(range(len(steps)))
    return [
        Matches(_fts5(str(place), place), [step])
        for place, step in zip(places, steps, strict=True)
    ]


def _fts5(place: str, fits: int | None = None) -> Source:
    # In this order: SQLite would list everything that is public, and then look for the
    # words.
    return Source(
        f"{TABLE}(%s) matching CROSS JOIN syndication_release release "
        "INDEXED BY release_to_find ON release.id = matching.rowid",
        place,
        "matching.rowid",
        fits,
    )


def postgresql(asked: Sequence[str], by: str) -> list[Matches]:
    """Return everything, by a moment or by how well it fits.

    It is sorted before anybody looks which of them are public: that is asked of as many
    as fill a page.
    """
    every, place, given = " ".join(asked), by, list[str]()
    if by == FITTING:
        steps = [_HAS.format("title"), _HAS.format("about")]
        given += [every, every]
        if len(asked) > 1:
            steps.append("title @@ to_tsquery('english', %s)")
            given.append(" | ".join(f"'{word}'" for word in asked))
        places = range(len(steps), 0, -1)
        cases = zip(steps, places, strict=True)
        place = " ".join(f"WHEN {step} THEN {place}" for step, place in cases)
        place = f"CASE {place} ELSE 0 END"
    start = (
        f"(SELECT release_id AS pk, {place} AS place FROM {TABLE} "  # noqa: S608
        f"WHERE {_HAS.format('words')} ORDER BY place DESC, pk DESC) matching "
        "JOIN syndication_release release ON release.id = matching.pk"
    )
    return [Matches(Source(start, "matching.place", "matching.pk"), [*given, every])]


_HAS = "{} @@ plainto_tsquery('english', %s)"
MATCHES: dict[str, Callable[[Sequence[str], str], list[Matches]]] = {
    "sqlite": sqlite,
    "postgresql": postgresql,
}
