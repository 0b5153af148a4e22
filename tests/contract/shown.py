"""What the documentation shows of the demonstration: true answers, made the same each time.

Identities, days and the origin differ with each seeding, so they are put in place of
what came, and the fingerprint is made anew, so that it can be verified as a true one.
"""

import hashlib
import json
import re
from typing import Any

import rfc8785
from django.test import Client

from syndication.rest.described import ORIGIN

TITLE = "PINS: what five schools learned"
CONTENT_ID = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"
MOMENT, DAY = "2026-11-21T18:04:00Z", "2026-11-21"
IN_WORDS = "on 21 November 2026"


def shown(client: Client, origin: str) -> dict[str, Any]:
    """Return an item and the beginnings of the directories, as they are answered."""

    def first(name: str, most: int) -> dict[str, Any]:
        return {"items": client.get(f"/api/v1/{name}").json()["items"][:most]}

    listed = client.get("/api/v1/items?limit=100").json()["items"]
    (item,) = (one for one in listed if one["title"] == TITLE)
    answered = client.get(f"/api/v1/items/{item['content_id']}").json()
    text = json.dumps(answered).replace(item["content_id"], CONTENT_ID)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", MOMENT, text.replace(origin, ORIGIN))
    text = re.sub(r"\bon \d{1,2} [A-Z][a-z]+ \d{4}", IN_WORDS, text)
    text = re.sub(r'"\d{4}-\d\d-\d\d"', f'"{DAY}"', text)
    made = json.loads(text)
    fingerprint = hashlib.sha256(rfc8785.dumps(made["content"])).hexdigest()
    made = json.loads(text.replace(made["receipt"]["fingerprint"], fingerprint))
    return {
        "item": made,
        "areas": first("areas", 3),
        "forums": first("forums", 3),
        "topics": first("topics", 3),
        "terms": first("terms", 3),
    }
