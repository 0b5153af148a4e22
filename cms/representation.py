"""The public representation: everything a reader gets of an item, as plain data.

What these functions return is encoded (``cms.canonical``), frozen in a proof, signed
by the forums and released byte for byte. Adding a key is an addition to the partner
API; changing the meaning of one needs a new ``SCHEMA``.
"""

from typing import TYPE_CHECKING, Any

from . import rendering

if TYPE_CHECKING:
    from .models.pages import CoProducedPage

SCHEMA = "countersign/1"


def of_page(page: "CoProducedPage") -> dict[str, Any]:
    """Return the representation of a local offer page or news item as it is now."""
    body = page.body.stream_block.public(page.body)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "content_id": str(page.content_id),
        "kind": page.kind,
        "language": "en-GB",
        "title": page.title.strip(),
        "summary": page.summary.strip(),
        "areas": named(page.areas.all()),
        "topics": named(page.topics.all()),
        "body": body,
        "html": rendering.html(body),
        "text": rendering.text(body),
    }
    for name in ("audience", "age_from", "age_to", "review_by"):
        if hasattr(page, name):
            data[name] = _plain(getattr(page, name))
    return data


def named(terms: Any) -> list[dict[str, str]]:
    """Return areas or topics as ``[{"slug", "name"}]``, ordered by slug."""
    return sorted(
        ({"slug": term.slug, "name": term.name} for term in terms),
        key=lambda term: term["slug"],
    )


def _plain(value: Any) -> str | int | None:
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, str):
        return value.strip()
    text: str = value.isoformat()
    return text
