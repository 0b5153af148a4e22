"""What the documentation shows. The fingerprint fits the content, as a test proves.

No value is null: programs that check examples stumble over it.
"""

from typing import Any

from syndication.rest.described import ORIGIN

CONTENT_ID = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"
_GONE = "0b9f5a0e-3c57-4b43-8a5e-2f6f0a8f9f77"
FINGERPRINT = "ea481173bf7a46ac9f6ad326eb09b8e72060715adb4c5c2dd3879f2f303c5723"

_CONTENT: dict[str, Any] = {
    "schema": "countersign/1",
    "content_id": CONTENT_ID,
    "kind": "news",
    "language": "en-GB",
    "title": "The advice line has a new number",
    "summary": "From Monday, ring 01632 960101.",
    "areas": [{"slug": "shropshire", "name": "Shropshire"}],
    "topics": [{"slug": "speech", "name": "Talking and understanding"}],
    "body": [
        {
            "type": "paragraph",
            "html": "<p>From Monday the advice line has a new number.</p>",
        },
        {
            "type": "contact",
            "name": "Speech and language advice line",
            "phone": "01632 960101",
        },
    ],
    "html": "<p>From Monday the advice line has a new number.</p>",
    "text": "From Monday the advice line has a new number.",
}
_RECEIPT: dict[str, Any] = {
    "version": 2,
    "fingerprint": FINGERPRINT,
    "algorithm": "jcs-sha256",
    "url": f"{ORIGIN}/receipts/{FINGERPRINT}",
    "label": {
        "slug": "reviewed",
        "name": "Reviewed by forum",
        "reason": "PACC read the finished text and agreed to it.",
    },
    "forums": [
        {
            "slug": "pacc",
            "name": "Shropshire Parent and Carer Council",
            "role": "forum",
            "decision": "agree",
            "signed_at": "2026-11-21T18:04:00Z",
        }
    ],
}
ITEM: dict[str, Any] = {
    "content_id": CONTENT_ID,
    "kind": "news",
    "version": 2,
    "title": _CONTENT["title"],
    "url": f"{ORIGIN}/items/{CONTENT_ID}",
    "released_at": "2026-11-21T18:04:00Z",
    "receipt": _RECEIPT,
    "formats": [
        {
            "format": "plain_text",
            "name": "Plain text",
            "older": False,
            "state": "available",
            "url": f"{ORIGIN}/items/{CONTENT_ID}.txt",
            "version": 2,
        },
    ],
    "review": {"last_reviewed": "2026-11-21", "review_by": "2027-11-21"},
    "content": _CONTENT,
}
ITEMS: dict[str, Any] = {
    "items": [ITEM],
    "next": f"{ORIGIN}/api/v1/items?limit=1&cursor=W1tudWxs.c2lnbmF0dXJl",
}
CHANGES: dict[str, Any] = {
    "changes": [
        {
            "number": 41,
            "type": "updated",
            "content_id": CONTENT_ID,
            "kind": "news",
            "version": 2,
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
        {"content_id": _GONE, "version": 5},
    ]
}
RECONCILED: dict[str, Any] = {
    "current": 0,
    "stale": [
        {
            "content_id": CONTENT_ID,
            "version": 2,
            "url": f"{ORIGIN}/api/v1/items/{CONTENT_ID}",
        }
    ],
    "withdrawn": [{"content_id": _GONE}],
    "unknown": [],
}
EXPORTED: dict[str, Any] = {
    "exported_at": "2026-11-22T09:31:00Z",
    "changes": f"{ORIGIN}/api/v1/changes?cursor=W1tdLFs0Ml1d.c2lnbmF0dXJl",
}
AREAS: dict[str, Any] = {
    "items": [{"slug": "shropshire", "name": "Shropshire", "forums": ["pacc"]}]
}
FORUMS: dict[str, Any] = {
    "items": [
        {
            "slug": "pacc",
            "name": "Shropshire Parent and Carer Council",
            "short_name": "PACC",
            "role": "forum",
            "website": "https://pacc.example",
        }
    ]
}
TOPICS: dict[str, Any] = {
    "items": [{"slug": "speech", "name": "Talking and understanding"}]
}
TERMS: dict[str, Any] = {
    "items": [
        {
            "scheme": "statutory",
            "code": "LO-22",
            "name": "Health",
            "description": "Therapies, mental health, and moving to adult services.",
            "is_draft": True,
        }
    ]
}
CONFIRMATION: dict[str, Any] = {
    "fingerprint": FINGERPRINT,
    "content_id": CONTENT_ID,
    "kind": "news",
    "version": 2,
    "title": _CONTENT["title"],
    "url": f"{ORIGIN}/items/{CONTENT_ID}",
    "status": "current",
    "released_at": "2026-11-21T18:04:00Z",
    "receipt": _RECEIPT,
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
