"""JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""

import json
from typing import Any

from django.conf import settings

from syndication.checked import as_data
from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed

CONTENT_TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def write(feed: Feed, *, address: str) -> bytes:
    """Return ``feed`` as the JSON Feed that stands at ``address``."""
    document = {
        "version": VERSION,
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home,
        "feed_url": address,
        "language": settings.LANGUAGE_CODE,
        "authors": [{"name": feed.publisher, "url": feed.home}],
        **_hubs(),
        "_countersign": {
            "about": _about(),
            "licence": {"name": feed.licence_name, "url": feed.licence_url},
        },
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _item(entry: Entry) -> dict[str, Any]:
    # Without authors of its own an entry has those of the feed: the publisher.
    authors = [{"name": name} for name in entry.authors]
    return {
        "id": entry.urn,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content_html,
        "content_text": entry.content_text,
        "date_published": moment(entry.published),
        "date_modified": moment(entry.updated),
        **({"authors": authors} if authors else {}),
        "tags": [category.name for category in entry.categories],
        "language": entry.language,
        "_countersign": {
            "about": _about(),
            "content_id": str(entry.content_id),
            "kind": entry.kind,
            "receipt": entry.receipt,
            "review": as_data(entry.checked),
        },
    }


def _hubs() -> dict[str, Any]:
    named = [{"type": "WebSub", "url": hub} for hub in hubs.configured()]
    return {"hubs": named} if named else {}


def _about() -> str:
    return f"{settings.PUBLIC_ORIGIN}/feeds/"
