"""Pasted links: oEmbed 1.0 (https://oembed.com).

A website that knows it, such as WordPress, asks here what to show in the place of one of
our addresses, and gets a frame. It may keep the answer for long. So the HTML in it holds
no word of the text, and stays right when the text is taken back: the frame then shows the
notice.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.utils.text import get_text_list
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from syndication import library, receipts
from syndication.http import MAX_AGE, respond
from syndication.publisher import Publisher, publisher
from syndication.rest import parameters
from syndication.rest.problems import Problem
from syndication.xml_words import legal

from . import reading, subjects
from .reading import State
from .selections import KINDS, Selection
from .subjects import HEIGHT, WIDTH, Subject

# Others that a consumer sends are its own (specification, 2.2): WordPress adds some.
KNOWN = ("url", "format", "maxwidth", "maxheight")
OF_AN_ITEM = {"web:item", "embeds:item_page", "embeds:use_item"}
OF_A_LIST = {"feeds:page", "embeds:list_page", "embeds:use_list"}
MOST_PIXELS = 10_000
PLAIN = "text/plain; charset=utf-8"

Answer = Mapping[str, str | int]


def as_json(answer: Answer) -> str:
    return json.dumps(answer, ensure_ascii=False)


def as_xml(answer: Answer) -> str:
    """Return an answer as XML, without what XML cannot hold."""
    out = BytesIO()
    xml = SimplerXMLGenerator(out, "utf-8")
    xml.startDocument()
    xml.startElement("oembed", {})  # type: ignore[arg-type]
    for name, value in answer.items():
        xml.addQuickElement(name, legal(str(value)))
    xml.endElement("oembed")
    xml.endDocument()
    return out.getvalue().decode()


FORMATS: Mapping[str, tuple[Callable[[Answer], str], str]] = {
    "json": (as_json, "application/json"),
    "xml": (as_xml, "text/xml; charset=utf-8"),
}


@dataclass(frozen=True)
class Found:
    """What there is at an address of ours."""

    subject: Subject
    publisher: Publisher
    tags: list[str]
    title: str = ""
    authors: str = ""
    # Blocks of the text, which have ``url``, ``width`` and ``height``.
    pictures: Iterable[Mapping[str, Any]] = ()


@require_safe
def endpoint(request: HttpRequest) -> HttpResponse:
    """Say how to show one of our addresses.

    Also what was taken back: with a 404 a website would go on showing what it has.
    """
    try:
        given = parameters.read(_ours(request.GET), KNOWN)
        width = parameters.whole(given, "maxwidth", least=1, most=MOST_PIXELS)
        height = parameters.whole(given, "maxheight", least=1, most=MOST_PIXELS)
    except Problem as problem:
        return _refuse(request, str(problem.detail), 400)
    if "url" not in given:
        words = f"Say what to show: ?url={settings.PUBLIC_ORIGIN}/items/…"
        return _refuse(request, words, 400)
    # The specification says 501 here; asking again in the other format helps.
    if given.get("format", "json") not in FORMATS:
        return _refuse(request, "There are two formats: json and xml.", 501)
    found = find(given["url"])
    if found is None:
        return _refuse(request, "There is nothing to show at this address.", 404)
    write, content_type = FORMATS[given.get("format", "json")]
    words = write(_answer(found, width or MOST_PIXELS, height or MOST_PIXELS))
    response = respond(request, words, tags=found.tags, content_type=content_type)
    response["Access-Control-Allow-Origin"] = "*"
    return response


def find(url: str) -> Found | None:
    """Return what somebody means who pastes ``url``; None if it is nothing of ours."""
    try:
        parts = urlsplit(url)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        return None
    if parts.netloc.lower() != urlsplit(settings.PUBLIC_ORIGIN).netloc.lower():
        return None
    if match.view_name in OF_AN_ITEM:
        return _item(**match.kwargs)
    if match.view_name in OF_A_LIST and match.kwargs["kind"] in KINDS:
        return _list(Selection(**match.kwargs))
    return None


def _item(content_id: Any) -> Found | None:
    release = reading.newest(content_id)
    if release is None:
        return None
    publishes = publisher(release)
    subject = subjects.of_item(content_id, release.kind, publishes)
    tags = [f"item-{content_id}", "embeds"]
    if reading.state_of(release) != State.CURRENT:
        return Found(subject, publishes, tags)
    authors = get_text_list(receipts.agreed(release.receipt), "and")
    pictures = library.pictures(json.loads(bytes(release.payload)))
    return Found(subject, publishes, tags, release.title, authors, pictures)


def _list(selection: Selection) -> Found | None:
    latest = reading.latest(selection, 1)
    if latest is None:
        return None
    return Found(
        subjects.of_selection(latest.selection, latest.publisher),
        latest.publisher,
        [*latest.selection.tags, "embeds"],
        latest.selection.title,
    )


def _answer(found: Found, most_wide: int, most_high: int) -> Answer:
    width, height = min(WIDTH, most_wide), min(HEIGHT, most_high)
    name = found.publisher["name"]
    # Shown where no frame is, and by WordPress until the frame has told its height.
    link = format_html(
        '<blockquote><a href="{}">Read this at {}</a></blockquote>',
        found.subject.link,
        name,
    )
    told: dict[str, str | int] = {
        "version": "1.0",
        "type": "rich",
        "provider_name": name,
        "provider_url": f"{settings.PUBLIC_ORIGIN}/",
        "title": found.title,
        "author_name": found.authors,
        "cache_age": MAX_AGE,
        "width": width,
        "height": height,
        **_thumbnail(found.pictures, most_wide, most_high),
        "html": f"{link}\n{found.subject.frame(width, height)}",
    }
    return {key: value for key, value in told.items() if value}


def _thumbnail(
    pictures: Iterable[Mapping[str, Any]], most_wide: int, most_high: int
) -> Answer:
    """Return the first picture that is small enough: the specification allows no other."""
    for one in pictures:
        if one["width"] <= most_wide and one["height"] <= most_high:
            return {
                f"thumbnail_{name}": one[name] for name in ("url", "width", "height")
            }
    return {}


def _ours(query: QueryDict) -> QueryDict:
    known = QueryDict(mutable=True)
    for name in KNOWN:
        if name in query:
            known.setlist(name, query.getlist(name))
    return known


def _refuse(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return respond(
        request, f"{words}\n", tags=["embeds"], status=status, content_type=PLAIN
    )
