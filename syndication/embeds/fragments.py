"""Pieces of HTML for pages that are not ours: a text, a notice in its place, a list.

Made of the payload, which is what the partner API serves: what families agreed to have on
our own site alone is not in it. Without scripts, styles and ids, which could meet those of
the page around; with absolute links.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string

from syndication import attribution, checked, receipts
from syndication.models import Release, permalink
from syndication.publisher import publisher

from . import reading
from .reading import Latest, State
from .selections import KINDS, ONE, Selection

HEADING = re.compile(r"<(/?)h([1-6])>")
LOWEST = 6
DEFAULT_LIMIT, MOST = 10, 50


@dataclass(frozen=True)
class Fragment:
    """A piece of HTML, and what its answer says besides."""

    html: str
    title: str
    state: State
    status: int
    tags: Sequence[str]
    # Where the same can be read on our own site.
    source: str
    language: str = attribution.LANGUAGE


def of_item(content_id: UUID, *, heading: int) -> Fragment:
    """Return the current text of an item, or what became of it.

    What was taken back is told without any of its content, and as a success: a page that
    asks naively would else go on showing what it has, or an error. Of what vanished
    nothing is told that is not told of what never was.
    """
    release = reading.newest(content_id)
    tags = [f"item-{content_id}", "embeds"]
    if release is None:
        return _unavailable("This text is not available.", tags)
    if release.withdrawn_at:
        return _notice(release, content_id, tags, heading)
    data = json.loads(bytes(release.payload))
    days = checked.of(release)
    publishes = publisher(release)
    return _fragment(
        "embeds/item.html",
        {
            "item": data,
            "body": below(heading, data["html"]),
            "changed": receipts.changed_before_review(release.receipt),
            "fields": release.receipt.get("before_review", {}).get("fields", ()),
            "checked": days,
            "label": receipts.label(release.receipt),
            "credit": attribution.of(
                data, release.receipt, publisher=publishes, days=days
            ),
            "content_id": content_id,
            "version": release.version,
        },
        heading,
        title=data["title"],
        tags=tags,
        source=permalink(content_id),
        language=data.get("language", attribution.LANGUAGE),
    )


def of_selection(
    selection: Selection, *, heading: int, limit: int = DEFAULT_LIMIT
) -> Fragment:
    """Return a list of the newest texts of a selection, each with a link to it."""
    latest = reading.latest(selection, limit)
    if latest is None:
        return unknown_list()
    return _fragment(
        "embeds/list.html",
        {
            "selection": latest.selection,
            "entries": _entries(latest),
            "publisher": latest.publisher,
            "home": f"{settings.PUBLIC_ORIGIN}/",
        },
        heading,
        title=latest.selection.title,
        tags=[*latest.selection.tags, "embeds"],
        source=latest.selection.page,
    )


def unknown_list() -> Fragment:
    """Say that there is no such list, and of which kinds there are some."""
    words = f"There is no such list. There are lists of: {', '.join(KINDS)}."
    return _unavailable(words, ["list-items", "embeds"])


def refusal(words: str) -> Fragment:
    """Say what is wrong with the question."""
    return _unavailable(words, ["embeds"], status=400)


def below(heading: int, html: str) -> str:
    """Move the headings in signed HTML below a heading of this level.

    There they begin with ``h2``, below a title that is ``h1``. There is none below h6.

    >>> below(3, "<h2>Who to ring</h2><h4>By day</h4>")
    '<h4>Who to ring</h4><h6>By day</h6>'
    """

    def moved(tag: re.Match[str]) -> str:
        return f"<{tag[1]}h{min(int(tag[2]) + heading - 1, LOWEST)}>"

    # Cleaned HTML: nothing else in it looks like a tag, and headings have no attributes.
    return HEADING.sub(moved, html)


def direction(language: str) -> str:
    """Which way a language is written.

    >>> direction("ur-PK")
    'rtl'
    """
    main = language.partition("-")[0].lower()
    return "rtl" if main in settings.LANGUAGES_BIDI else "ltr"


def _notice(
    release: Release, content_id: UUID, tags: Sequence[str], heading: int
) -> Fragment:
    state = reading.state_of(release)
    to = release.withdrawn_to
    expired = state == State.EXPIRED
    return _fragment(
        "embeds/notice.html",
        {
            "release": release,
            "replacement": permalink(to) if to and state == State.REPLACED else "",
            "publisher": publisher(release),
            "source": permalink(content_id),
            "content_id": content_id,
        },
        heading,
        title="This news is over" if expired else "This text was withdrawn",
        tags=[*tags, *([f"item-{to}"] if to else [])],
        source=permalink(content_id),
        state=state,
    )


def _entries(latest: Latest) -> list[dict[str, Any]]:
    return [
        {
            "title": one["title"],
            "summary": one["summary"],
            "kind": ONE.get(one["kind"], ""),
            "url": permalink(one["content_id"]),
            "released_at": one["released_at"],
            "statement": receipts.sentence(one["receipt"]),
        }
        for one in latest.releases
    ]


def _unavailable(words: str, tags: Sequence[str], *, status: int = 404) -> Fragment:
    return _fragment(
        "embeds/unavailable.html",
        {"words": words},
        LOWEST,
        title="Not available",
        tags=tags,
        source=f"{settings.PUBLIC_ORIGIN}/",
        state=State.UNAVAILABLE,
        status=status,
    )


def _fragment(
    template: str,
    context: dict[str, Any],
    heading: int,
    *,
    title: str,
    tags: Sequence[str],
    source: str,
    state: State = State.CURRENT,
    status: int = 200,
    language: str = attribution.LANGUAGE,
) -> Fragment:
    # Rendered without a request: no session, no cookie can come in.
    html = render_to_string(
        template,
        {
            **context,
            "title": title,
            "state": state,
            "language": language,
            "direction": direction(language),
            "level": heading,
            "level_below": min(heading + 1, LOWEST),
        },
    )
    return Fragment(html.strip() + "\n", title, state, status, tags, source, language)
