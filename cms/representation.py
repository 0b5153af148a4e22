"""The public representation: everything a reader gets of an item, as plain data.

What these functions return is encoded (``cms.canonical``), frozen in a proof, signed
by the forums and released byte for byte. Adding a key is an addition to the partner
API; changing the meaning of one needs a new ``SCHEMA``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any, TypedDict

from django.utils import timezone

from . import facts, formats, rendering

if TYPE_CHECKING:
    from typing import NotRequired

    from .models.items import CoProducedMixin
    from .models.pages import CoProducedPage
    from .models.shared import SharedBlock

SCHEMA = "countersign/1"


class Dissent(TypedDict):
    """What a forum said that did not agree and accepts that this is published."""

    forum: str
    name: str
    comment: "NotRequired[str]"


def of_page(page: "CoProducedPage") -> dict[str, Any]:
    """Return the representation of a local offer page or news item as it is now.

    Without its formats: what they were made for is known when it is known which voices
    are heard (``channels.split``).
    """
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
        **with_when_and_how(page),
    }
    if closure := page.closure.strip():
        data["closure"] = closure
    for name in ("audience", "age_from", "age_to", "review_by"):
        if hasattr(page, name):
            data[name] = _plain(getattr(page, name))
    return whole({**data, **page.facts()})


def of_shared_block(block: "SharedBlock") -> dict[str, Any]:
    """Return the representation of a shared block as it is now."""
    data = whole(
        {
            "schema": SCHEMA,
            "content_id": str(block.content_id),
            "kind": block.kind,
            "language": "en-GB",
            "title": block.title.strip(),
            "areas": named(block.areas.all()),
            # Each text that holds it says what that text is about.
            "topics": [],
            "body": block.body.stream_block.public(block.body),
            **with_when_and_how(block),
        }
    )
    return formats.with_formats(block, data)


def with_when_and_how(item: "CoProducedMixin") -> dict[str, Any]:
    """Return ``release_at`` and ``co_production``, each only where there is one."""
    data: dict[str, Any] = {}
    if item.release_at:
        data["release_at"] = timezone.localtime(item.release_at, UTC).isoformat()
    parts = item.co_production.stream_block.public(item.co_production)
    changed = item.what_changed.strip()
    if parts or changed or item.co_production_level:
        data["co_production"] = {
            "level": item.co_production_level or None,
            "parts": parts,
            "changed": changed,
        }
    return data


def with_dissent(
    data: Mapping[str, Any], dissents: Sequence[Dissent]
) -> dict[str, Any]:
    """Return a representation in which these forums are named as not agreeing."""
    return whole({**data, "dissent": list(dissents)}) if dissents else dict(data)


def whole(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``data`` with ``html`` and ``text``, which follow from the rest.

    Closures and dissent stand at the top of both and the typed facts below the text,
    so that nobody who shows only these can leave them out.
    """
    html, text = rendering.notices(data)
    if "body" in data:
        html.append(rendering.html(data["body"]))
        html.append(rendering.sanitise(facts.html(data)))
        text.append(rendering.text(data["body"]))
        text.append(facts.text(data))
    else:
        introduction, sections = data["introduction"], data["sections"]
        html.append(rendering.sanitise(rendering.paragraphs(introduction)))
        html += [section["html"] for section in sections]
        # A wider gap between the items of an issue than inside them.
        parts = [introduction, *(section["text"] for section in sections)]
        text.append("\n\n\n".join(filter(None, parts)))
    return {
        **data,
        "html": "\n".join(filter(None, html)),
        "text": "\n\n".join(filter(None, text)),
    }


def every_block(body: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Yield the blocks of a body, and the blocks that stand inside them."""
    for block in body:
        yield block
        yield from every_block(block.get("body", []))


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
