"""Feeds over HTTP, and the page that lists them."""

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponsePermanentRedirect,
)
from django.template.loader import render_to_string
from django.utils.http import http_date, parse_http_date_safe, quote_etag
from django.views.decorators.http import require_safe

from syndication import encodings
from syndication.http import etag_in, etag_matches, known_etags, set_public_cache
from syndication.publisher import publisher

from . import documents, selections, window
from .documents import FORMATS, Document
from .selections import Selection

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
            return unknown(request)
        if f"{selection.path}.{form}" != path:
            return _lead_on(selection.address(form))
        found = window.current(selection, basis.as_publisher())
        document = documents.write(path, form, found, selection.address(form), basis)
        coding = ""
    return _answer(request, document, form, coding, _tags(kind, area, topic))


@require_safe
def archive(
    request: HttpRequest, kind: str, number: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Answer what an Atom feed held before (RFC 5005). Made when it is asked for."""
    if request.GET:
        return _refuse_parameters()
    selection = window.find(kind, area, topic)
    if selection is None:
        return unknown(request)
    path = request.path_info.removeprefix(PREFIX)
    if path != f"archive/{number}/{selection.path}.atom":
        return _lead_on(selection.archive(int(number)))
    found = window.archived(selection, int(number), publisher())
    if found is None:
        return unknown(request)
    body = FORMATS["atom"].write(found, address=selection.archive(int(number)))
    document = Document(documents.etag_of(body), int(found.updated.timestamp()), body)
    return _answer(request, document, "atom", "", _tags(kind, area, topic))


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show every feed with its address, in plain words."""
    return _list(status=200)


@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    """Say that there is no such feed, and show those that there are."""
    return _list(status=404)


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


def _list(*, status: int) -> HttpResponse:
    found = selections.every()
    kinds = [
        {
            "slug": slug,
            "name": kind.name,
            "description": kind.description,
            "feeds": _formats(Selection(slug)),
            "areas": [
                {"name": one.area.name, "feeds": _formats(one)}
                for one in found
                if one.kind == slug and one.area
            ],
            "topics": [
                {"name": one.topic.name, "feeds": _formats(one)}
                for one in found
                if one.kind == slug and one.topic
            ],
        }
        for slug, kind in selections.KINDS.items()
    ]
    # Rendered without the request: no session, no cookie can come in.
    page = render_to_string(
        "feeds/index.html",
        {"kinds": kinds, "publisher": publisher(), "missing": status == 404},
    )
    response = HttpResponse(page, status=status)
    set_public_cache(response, tags=["feeds"])
    return response


def _formats(selection: Selection) -> list[dict[str, str]]:
    return [
        {
            "name": format_.name,
            "address": selection.address(form),
            "type": format_.content_type,
        }
        for form, format_ in FORMATS.items()
    ]
