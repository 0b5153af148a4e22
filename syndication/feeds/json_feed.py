"""JSON Feed 1.1, https://www.jsonfeed.org/version/1.1/."""

import json
from typing import Any

from django.conf import settings

from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed, Medium

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
    item: dict[str, Any] = {
        "id": entry.urn,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.excerpt,
        "content_html": entry.content_html,
        "content_text": entry.content_text,
        "date_published": moment(entry.published),
        "date_modified": moment(entry.updated),
        # Without authors of its own an entry has those of the feed: the publisher.
        "authors": [{"name": name} for name in entry.authors],
        "tags": [category.name for category in entry.categories],
        "language": entry.language,
        "attachments": [_attachment(one) for one in entry.media],
        "image": next((one.url for one in entry.media if one.medium == "image"), ""),
    }
    told = {name: value for name, value in item.items() if value not in ("", [])}
    # Required, and for readers to show, however empty.
    told |= {name: item[name] for name in ("title", "content_html", "content_text")}
    return {**told, "_countersign": {"about": _about(), **entry.data}}


def _attachment(medium: Medium) -> dict[str, Any]:
    told = {
        "url": medium.url,
        "mime_type": medium.media_type,
        "title": medium.title or medium.description,
        "size_in_bytes": medium.size,
    }
    return {name: value for name, value in told.items() if value not in ("", None)}


def _hubs() -> dict[str, Any]:
    named = [{"type": "WebSub", "url": hub} for hub in hubs.configured()]
    return {"hubs": named} if named else {}


def _about() -> str:
    return f"{settings.PUBLIC_ORIGIN}/feeds/"
