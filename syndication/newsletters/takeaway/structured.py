"""An issue for programs: its items in order, with the version of each."""

import json
from typing import Any

from . import inline, plain
from .copies import Copy, Entry, State
from .pieces import Piece, Role

TAGS = {Role.HEADING: "h2", Role.PARAGRAPH: "p", Role.ITEM: "p"}


def make(copy: Copy) -> str:
    """Return JSON, the same bytes for the same copy."""
    return json.dumps(_data(copy), ensure_ascii=False, indent=2) + "\n"


def _data(copy: Copy) -> dict[str, Any]:
    return {
        "content_id": copy.content_id,
        "kind": "issues",
        "url": copy.url,
        "version": copy.version,
        "fingerprint": copy.fingerprint,
        "language": copy.language,
        "published_at": copy.published_at,
        "as_of": copy.as_of,
        "title": copy.title,
        "notices": [piece.text for piece in copy.notices],
        "introduction": "\n".join(piece.text for piece in copy.introduction),
        "items": [
            _entry(entry) for entry in copy.entries if entry.state != State.NOTICE
        ],
        "items_in_issue": len(copy.items),
        "taken_back": [
            piece.text
            for entry in copy.entries
            if entry.state == State.NOTICE
            for piece in entry.words
            if piece.role != Role.HEADING
        ],
        "attribution": copy.credit.as_data(),
        "receipt": dict(copy.receipt),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    """An item; of one that was taken back or has changed, no more than that."""
    data: dict[str, Any] = {"content_id": entry.content_id, "state": entry.state.value}
    if entry.state == State.CURRENT:
        data |= {
            "version": entry.version,
            "fingerprint": entry.fingerprint,
            "title": entry.title,
            "summary": entry.summary,
            "notices": [piece.text for piece in entry.notices],
        }
    if entry.url:
        data["url"] = entry.url
    return data | {
        "html": "\n".join(_html(piece) for piece in entry.words),
        "text": "\n\n".join(plain.words(piece.runs) for piece in entry.words),
    }


def _html(piece: Piece) -> str:
    tag = TAGS[piece.role]
    return f"<{tag}>{inline.html(piece.runs)}</{tag}>"
