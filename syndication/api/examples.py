"""What the documentation shows: of the demonstration, as ``tests/contract/shown.py`` has it.

A test holds ``examples.json`` against the demonstration. No value is null: programs that
check examples stumble over it.
"""

import json
from pathlib import Path
from typing import Any

from syndication.rest.described import ORIGIN

SHOWN = json.loads(
    Path(__file__).with_name("examples.json").read_text(encoding="utf-8")
)
ITEM: dict[str, Any] = SHOWN["item"]
CONTENT_ID: str = ITEM["content_id"]
FINGERPRINT: str = ITEM["receipt"]["fingerprint"]
_GONE = "0b9f5a0e-3c57-4b43-8a5e-2f6f0a8f9f77"
_NEWER = "9a3c7f10-5d0e-4b8e-8d57-6f2f5f0a1c22"
ITEMS: dict[str, Any] = {
    "items": [ITEM],
    "next": f"{ORIGIN}/api/v1/items?limit=1&cursor=W1tudWxs.c2lnbmF0dXJl",
}
CHANGES: dict[str, Any] = {
    "changes": [
        {
            "number": 41,
            "type": "published",
            "content_id": CONTENT_ID,
            "kind": ITEM["kind"],
            "version": ITEM["version"],
            "at": "2026-11-21T18:04:00Z",
            "url": f"{ORIGIN}/items/{CONTENT_ID}",
        },
        {
            "number": 42,
            "type": "withdrawn",
            "content_id": _GONE,
            "kind": "local-offer",
            "version": 5,
            "at": "2026-11-22T09:30:00Z",
            "url": f"{ORIGIN}/items/{_GONE}",
            "note": "This service has closed.",
        },
    ],
    "next": f"{ORIGIN}/api/v1/changes?cursor=W1tdLFs0Ml1d.c2lnbmF0dXJl",
}

COPIES: dict[str, Any] = {
    "items": [
        {"content_id": CONTENT_ID, "version": 1},
        {"content_id": _NEWER, "version": 1},
        {"content_id": _GONE, "version": 5},
    ]
}
RECONCILED: dict[str, Any] = {
    "current": 1,
    "stale": [
        {
            "content_id": _NEWER,
            "version": 2,
            "url": f"{ORIGIN}/api/v1/items/{_NEWER}",
        }
    ],
    "withdrawn": [{"content_id": _GONE}],
    "unknown": [],
}
EXPORTED: dict[str, Any] = {
    "exported_at": "2026-11-22T09:31:00Z",
    "changes": f"{ORIGIN}/api/v1/changes?cursor=W1tdLFs0Ml1d.c2lnbmF0dXJl",
}
AREAS: dict[str, Any] = SHOWN["areas"]
FORUMS: dict[str, Any] = SHOWN["forums"]
TOPICS: dict[str, Any] = SHOWN["topics"]
TERMS: dict[str, Any] = SHOWN["terms"]
CONFIRMATION: dict[str, Any] = {
    "fingerprint": FINGERPRINT,
    **{
        name: ITEM[name]
        for name in ("content_id", "kind", "version", "title", "url", "released_at")
    },
    "status": "current",
    "receipt": ITEM["receipt"],
}
# What a problem carries beside its own words, by its code.
MEMBERS: dict[str, dict[str, Any]] = {
    "unknown_parameter": {"parameter": "knd"},
    "repeated_parameter": {"parameter": "area"},
    "invalid_parameter": {"parameter": "limit"},
    "bad_cursor": {"parameter": "cursor"},
    "cursor_mismatch": {"parameter": "cursor"},
    "resync": {"start": f"{ORIGIN}/api/v1/export"},
    "version_withdrawn": {
        "content_id": CONTENT_ID,
        "withdrawn_at": "2026-11-22T09:30:00Z",
    },
    "item_expired": {
        "content_id": CONTENT_ID,
        "withdrawn_at": "2026-11-22T00:00:20Z",
    },
    "item_withdrawn": {
        "content_id": CONTENT_ID,
        "withdrawn_at": "2026-11-22T09:30:00Z",
        "note": "This service has closed.",
        "replacement": {
            "content_id": _GONE,
            "url": f"{ORIGIN}/items/{_GONE}",
        },
    },
}
