"""Feeds over HTTP."""

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
)
from django.utils.http import http_date, parse_http_date_safe, quote_etag
from django.views.decorators.http import require_safe

from syndication import encodings
from syndication.http import etag_in, etag_matches, known_etags, set_public_cache
from syndication.publisher import publisher
from syndication.websub import hubs

from . import documents, pages, window
from .documents import FORMATS, Document

PREFIX = "/feeds/"


@require_safe
def feed(
    request: HttpRequest, kind: str, form: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer one feed, or 304 to a reader that has it.

    ``If-None-Match`` wins over ``If-Modified-Since`` (RFC 9110, 13.2.2).
    """
    if request.GET:
        return _refuse_parameters()
    path = request.path_info.removeprefix(PREFIX)
    coding = encodings.chosen(request, [encodings.GZIP])
    document, basis = documents.read(
        path, held=known_etags(request), since=_since(request), coding=coding
    )
    if document is None:
        selection = window.find(kind, area, topic)
        if selection is None:
            return pages.unknown(request)
        if f"{selection.path}.{form}" != path:
            return _lead_on(selection.address(form))
        found = window.current(selection, basis.as_publisher())
        document = documents.write(path, form, found, selection.address(form), basis)
        coding = ""
    response = _answer(request, document, form, coding, _tags(kind, area, topic))
    if links := hubs.link_header(f"{settings.PUBLIC_ORIGIN}{PREFIX}{path}"):
        response["Link"] = links
    return response


@require_safe
def archive(
    request: HttpRequest, kind: str, number: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer what an Atom feed held before (RFC 5005). Made when it is asked for."""
    if request.GET:
        return _refuse_parameters()
    selection = window.find(kind, area, topic)
    if selection is None:
        return pages.unknown(request)
    path = request.path_info.removeprefix(PREFIX)
    if path != f"archive/{number}/{selection.path}.atom":
        return _lead_on(selection.archive(int(number)))
    found = window.archived(selection, int(number), publisher())
    if found is None:
        return pages.unknown(request)
    body = FORMATS["atom"].write(found, address=selection.archive(int(number)))
    document = Document(documents.etag_of(body), int(found.updated.timestamp()), body)
    return _answer(request, document, "atom", "", _tags(kind, area, topic))


def _answer(
    request: HttpRequest, document: Document, form: str, coding: str, tags: list[str]
) -> HttpResponse:
    """Answer a document whose body is in ``coding``, if it has one."""
    etag = quote_etag(document.etag)
    response: HttpResponse
    if document.body is None or _holds(request, etag, document.modified):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(
            document.body, content_type=f"{FORMATS[form].content_type}; charset=utf-8"
        )
        if coding:
            response["Content-Encoding"] = coding
    response["ETag"] = etag_in(coding, etag)
    response["Last-Modified"] = http_date(document.modified)
    response["Access-Control-Allow-Origin"] = "*"
    # Also where nothing was compressed: others may ask otherwise.
    response["Vary"] = "Accept-Encoding"
    set_public_cache(response, tags=tags)
    return response


def _since(request: HttpRequest) -> int | None:
    if "If-None-Match" in request.headers:
        return None
    return parse_http_date_safe(request.headers.get("If-Modified-Since", ""))


def _holds(request: HttpRequest, etag: str, modified: int) -> bool:
    if "If-None-Match" in request.headers:
        return etag_matches(request, etag)
    since = _since(request)
    return since is not None and modified <= since


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
