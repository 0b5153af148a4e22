"""A text in which every word that people can write is another."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, repeat
from pathlib import Path
from typing import Any

from cms import rendering
from cms.representation import whole

CONTRACT = Path(__file__).parent.parent / "contract"
# Not words: what programs go by, and addresses of files that are really there.
KEPT = {
    "type", "kind", "content_id", "sha256", "media_type", "slug", "scheme", "code",
    "by", "opens", "closes", "days", "first", "last", "as_at", "latitude", "longitude",
    "postcode",
}  # fmt: skip
FILES = {"image", "diagram", "attachment"}
# Related items lead to what is public, so these would be left out again.
APART = {"related_items", "attachment"}
# How often all words are said in the less usual places, taken together.
PARTS = 12
MARKUP = {"html", "transcript"}
FACTS = (
    "communication", "complaints", "contact", "cost", "decisions", "eligibility",
    "hours", "languages", "places", "provider", "waiting", "ways_in", "what_next",
)  # fmt: skip


def with_words(data: Mapping[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Return a representation that says ``words`` in every field and kind of block.

    All of them in title, summary, rich text, a table, a quotation, the words of a
    picture and the comment of a forum; everywhere else, a part of them. In markup each
    is cleaned by itself, as the blocks of a body are; in plain text they stand together.
    What editors' forms would refuse is in it as well.
    """
    joined = " ".join(words)
    parts = cycle(" ".join(words[number::PARTS]) for number in range(PARTS))
    blocks = json.loads((CONTRACT / "blocks.json").read_text())["body"]
    service = json.loads((CONTRACT / "item-service.json").read_text())["content"]
    facts = {key: _said(service[key], parts) for key in FACTS if data["kind"] != "news"}
    return whole(
        {
            **data,
            **facts,
            "title": joined,
            "summary": joined,
            "closure": next(parts),
            **({"audience": next(parts)} if "audience" in data else {}),
            "areas": [one | {"name": next(parts)} for one in data["areas"]],
            "topics": [{"slug": "education", "name": next(parts)}],
            "dissent": [{"forum": "third", "name": next(parts), "comment": joined}],
            "body": [
                *(_said(one, parts) for one in blocks if one["type"] not in APART),
                *(
                    {"type": "paragraph", "html": rendering.rich_text(one)}
                    for one in words
                ),
                *(
                    _said(one, repeat(joined))
                    for one in blocks
                    if one["type"] == "image"
                ),
                # The title of a file has room for one.
                *(
                    _said(one, repeat(word))
                    for word in words[::PARTS]
                    for one in blocks
                    if one["type"] == "attachment" and len(word) <= 200
                ),
                {
                    "type": "voice",
                    "kind": "quote",
                    "attribution": next(parts),
                    "licence": "permission-this-channel-only",
                    "words": "\n".join(words),
                },
                {
                    "type": "table",
                    "caption": next(parts),
                    "columns": ["Day", next(parts)],
                    "first_column_is_heading": True,
                    "rows": [["Monday", one] for one in words],
                },
            ],
        }
    )


def issue_with_words(data: Mapping[str, Any], words: Iterable[str]) -> dict[str, Any]:
    """Return the representation of a newsletter with other words around its items."""
    joined = " ".join(words)
    return whole({**data, "title": joined, "introduction": joined})


def _said(value: Any, words: Iterator[str], key: str = "") -> Any:
    """The same data with other words in the place of each of its own."""
    if isinstance(value, dict):
        is_file = value.get("type") in FILES
        return {
            name: one
            if name in KEPT or (name == "url" and is_file)
            else _said(one, words, name)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_said(one, words, key) for one in value]
    if not isinstance(value, str):
        return value
    said = next(words)
    return rendering.rich_text(said) if key in MARKUP else said
