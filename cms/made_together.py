"""How the record of a co-production reads."""

from collections.abc import Iterator, Mapping
from typing import Any

from . import passages
from .blocks import HOW_MANY, STAGES
from .models.items import CoProducedMixin

KNOWN = ("level", "parts", "changed")


def lines(record: Mapping[str, Any]) -> list[str]:
    """Return what a representation says under ``co_production``, a line per thing.

    >>> lines({"level": None, "parts": [{"who": "PACC", "stage": "idea"}]})
    ['PACC: before anything was written']
    """
    return list(_lines(record))


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    if level := record.get("level"):
        levels = dict(CoProducedMixin.Level.choices)
        yield f"What was decided together: {levels.get(level, level)}"
    for part in record.get("parts", ()):
        yield _part(dict(part))
    if changed := record.get("changed"):
        yield f"What changed because of them: {changed}"
    for key in sorted(record.keys() - set(KNOWN)):
        yield f"{passages.capital(passages.called(key))}: {passages.spell_out(record[key])}"


def _part(part: dict[str, Any]) -> str:
    who, stage = part.pop("who", ""), part.pop("stage", "")
    words = [f"{who}: {dict(STAGES).get(stage, stage)}"]
    if how_many := part.pop("how_many", ""):
        words.append(f"about {dict(HOW_MANY).get(how_many, how_many)} people")
    # Says which forum ``who`` names.
    part.pop("forum", "")
    words += [
        f"{passages.called(key)}: {passages.spell_out(value)}"
        for key, value in part.items()
    ]
    return ", ".join(words)
