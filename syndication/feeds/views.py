"""Feeds over HTTP."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from syndication import encodings
from syndication.http import etag_in, known_etags, public_cache, set_public_cache
from syndication.publisher import Publisher
from syndication.rest.answers import GUARDS, Answer
from syndication.websub import hubs

from . import documents, pages, window
from .documents import FORMATS
from .entries import Feed
from .selections import Selection

PREFIX = "/feeds/"
_CONTENT_TYPES = {
    form: f"{one.content_type}; charset=utf-8" for form, one in FORMATS.items()
}


@require_safe
def feed(
    request: HttpRequest, kind: str, form: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer one feed, or 304 to a reader that has it.

    ``If-None-Match`` wins over ``If-Modified-Since`` (RFC 9110, 13.2.2).
    """
    return _respond(
        request,
        (kind, area, topic),
        form,
        address=lambda selection: selection.address(form),
        make=window.current,
        headers=_hubs,
    )


@require_safe
def archive(
    request: HttpRequest, kind: str, number: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer what an Atom feed held before (RFC 5005), as any feed."""
    place = int(number)
    return _respond(
        request,
        (kind, area, topic),
        "atom",
        address=lambda selection: selection.archive(place),
        make=lambda selection, publisher: window.archived(selection, place, publisher),
        # No hub: what is new is never in it.
        headers=lambda path: {},
    )


def _respond(
    request: HttpRequest,
    slugs: tuple[str, str, str],
    form: str,
    *,
    address: Callable[[Selection], str],
    make: Callable[[Selection, Publisher], Feed | None],
    headers: Callable[[str], Mapping[str, str]],
) -> HttpResponse:
    """Answer the document of a selection by its ``slugs``, and ``make`` it if need be."""
    if request.META.get("QUERY_STRING") and request.GET:
        return _refuse_parameters()
    path = request.path_info.removeprefix(PREFIX)
    coding = encodings.chosen(request, [encodings.GZIP])
    held, since = known_etags(request), _since(request)
    document, basis = documents.read(path, held=held, since=since, coding=coding)
    if document is None:
        selection = window.find(*slugs)
        if selection is None:
            return pages.unknown(request)
        here = address(selection)
        if here != f"{settings.PUBLIC_ORIGIN}{PREFIX}{path}":
            return _lead_on(here)
        found = make(selection, basis.as_publisher())
        if found is None:
            return pages.unknown(request)
        document = documents.write(path, form, found, here, basis)
        coding = ""
    content_type = _CONTENT_TYPES[form]
    fields = {
        "ETag": etag_in(coding, f'"{document.etag}"'),
        "Last-Modified": _date(document.modified),
        # Also where nothing was compressed: others may ask otherwise.
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        **public_cache(_tags(*slugs)),
        **GUARDS,
        **headers(path),
    }
    if document.body is None or document.is_with(held, since):
        return Answer(b"", status=304, content_type=content_type, fields=fields)
    if coding:
        fields["Content-Encoding"] = coding
    return Answer(document.body, status=200, content_type=content_type, fields=fields)


def _hubs(path: str) -> Mapping[str, str]:
    links = hubs.link_header(f"{settings.PUBLIC_ORIGIN}{PREFIX}{path}")
    return {"Link": links} if links else {}


def _since(request: HttpRequest) -> int | None:
    """Return since when a reader has what it has; None where tags say it, or nothing."""
    sent = request.META.get("HTTP_IF_MODIFIED_SINCE")
    if sent is None or "HTTP_IF_NONE_MATCH" in request.META:
        return None
    return _seconds(sent)


# Readers send what they were told, and were told the same for as long as nothing changed.
_seconds = lru_cache(maxsize=256)(parse_http_date_safe)
_date = lru_cache(maxsize=256)(http_date)


def _tags(kind: str, area: str, topic: str) -> list[str]:
    tags = ["feeds", f"feed-{kind}"]
    if area:
        tags.append(f"feed-{kind}-{area}")
    if topic:
        tags.append(f"feed-topic-{topic}")
    return tags


def _lead_on(address: str) -> HttpResponse:
    """Lead from what a selection was called to what it is called now."""
    response = HttpResponsePermanentRedirect(address)
    set_public_cache(response, tags=["feeds"])
    return response


def _refuse_parameters() -> HttpResponse:
    # A made-up parameter would give a cache any number of copies of one feed.
    return HttpResponse(
        "Feeds take no parameters. Leave out the question mark and what follows.\n",
        status=400,
        content_type="text/plain; charset=utf-8",
    )
