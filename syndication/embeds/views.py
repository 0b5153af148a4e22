"""Fragments for the pages of others, and whole pages for their frames."""

from collections.abc import Mapping
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from syndication import framing
from syndication.http import respond
from syndication.rest import parameters
from syndication.rest.problems import Problem

from . import fragments
from .fragments import Fragment
from .selections import KINDS, Selection

# A page has its title as h1; a text is a part of it.
HIGHEST, DEFAULT = 2, 2
IN_A_FRAME = 1


@require_safe
def item_fragment(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Answer a text for a page that puts it in on its own server, or by script."""
    try:
        given = parameters.read(request.GET, ("heading",))
        heading = _heading(given)
    except Problem as problem:
        return _piece(request, fragments.refusal(str(problem.detail)))
    return _piece(request, fragments.of_item(content_id, heading=heading))


@require_safe
def list_fragment(
    request: HttpRequest, kind: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer a list of links to the newest texts of a selection."""
    try:
        given = parameters.read(request.GET, ("heading", "limit"))
        heading, limit = _heading(given), _limit(given)
    except Problem as problem:
        return _piece(request, fragments.refusal(str(problem.detail)))
    return _piece(request, _list(kind, area, topic, heading, limit))


@require_safe
def unknown_fragment(request: HttpRequest) -> HttpResponse:
    return _piece(request, fragments.unknown_list())


@require_safe
def item_page(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Answer a text as a page of its own, for a frame on another website."""
    try:
        parameters.read(request.GET, ())
    except Problem as problem:
        return _page(request, fragments.refusal(str(problem.detail)))
    return _page(request, fragments.of_item(content_id, heading=IN_A_FRAME))


@require_safe
def list_page(
    request: HttpRequest, kind: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer a list of links as a page of its own, for a frame on another website."""
    try:
        limit = _limit(parameters.read(request.GET, ("limit",)))
    except Problem as problem:
        return _page(request, fragments.refusal(str(problem.detail)))
    return _page(request, _list(kind, area, topic, IN_A_FRAME, limit))


@require_safe
def unknown_page(request: HttpRequest) -> HttpResponse:
    return _page(request, fragments.unknown_list())


def _list(kind: str, area: str, topic: str, heading: int, limit: int) -> Fragment:
    if kind not in KINDS:
        return fragments.unknown_list()
    selection = Selection(kind, area, topic)
    return fragments.of_selection(selection, heading=heading, limit=limit)


def _heading(given: Mapping[str, str]) -> int:
    found = parameters.whole(given, "heading", least=HIGHEST, most=fragments.LOWEST)
    return found or DEFAULT


def _limit(given: Mapping[str, str]) -> int:
    found = parameters.whole(given, "limit", least=1, most=fragments.MOST)
    return found or fragments.DEFAULT_LIMIT


def _piece(request: HttpRequest, fragment: Fragment) -> HttpResponse:
    return _give(request, fragment, fragment.html)


def _page(request: HttpRequest, fragment: Fragment) -> HttpResponse:
    page = render_to_string("embeds/page.html", {"fragment": fragment})
    answer = _give(request, fragment, page)
    framing.allow(answer)
    return answer


def _give(request: HttpRequest, fragment: Fragment, words: str) -> HttpResponse:
    answer = respond(request, words, tags=fragment.tags, status=fragment.status)
    answer["Countersign-State"] = fragment.state.value
    answer["Link"] = f'<{fragment.source}>; rel="canonical"'
    answer["X-Robots-Tag"] = "noindex"
    # For scripts on other websites, without anything that would say who asks.
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Expose-Headers"] = "Countersign-State, ETag"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
