"""Feeds over HTTP."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.http import http_date, parse_http_date_safe, quote_etag
from django.views.decorators.http import require_safe

from syndication.http import etag_matches, set_public_cache
from syndication.websub import hubs

from . import atom, json_feed, pages, rss, window
from .entries import Feed


class Writer(Protocol):
    def __call__(self, feed: Feed, *, address: str) -> bytes: ...


@dataclass(frozen=True)
class Format:
    """One way to write a feed."""

    name: str
    write: Writer
    content_type: str


FORMATS: Mapping[str, Format] = {
    "rss": Format("RSS", rss.write, rss.CONTENT_TYPE),
    "atom": Format("Atom", atom.write, atom.CONTENT_TYPE),
    "json": Format("JSON Feed", json_feed.write, json_feed.CONTENT_TYPE),
}


@require_safe
def feed(request: HttpRequest, kind: str, form: str, area: str = "") -> HttpResponse:
    """Answer one feed, or 304 to a reader that has it.

    The ETag is made of the bytes alone, so that a reader with a stale copy of the
    headers and a fresh one of the body does not ask for ever. ``If-None-Match`` wins
    over ``If-Modified-Since`` (RFC 9110, 13.2.2).
    """
    if request.GET:
        # A made-up parameter would give a cache any number of copies of one feed.
        return HttpResponse(
            "Feeds take no parameters. Leave out the question mark and what follows.\n",
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    found = window.read(kind, area)
    if found is None:
        return pages.unknown(request)
    selected, changed_at = found
    chosen = FORMATS[form]
    address = _address(kind, form, area)
    body = chosen.write(selected, address=address)
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response: HttpResponse
    if _holds(request, etag, changed_at):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(
            body, content_type=f"{chosen.content_type}; charset=utf-8"
        )
    response["ETag"] = etag
    response["Last-Modified"] = http_date(int(changed_at.timestamp()))
    if links := hubs.link_header(address):
        response["Link"] = links
    response["Access-Control-Allow-Origin"] = "*"
    tags = ["feeds", f"feed-{kind}"]
    if area:
        tags.append(f"feed-{kind}-{area}")
    set_public_cache(response, tags=tags)
    return response


def _holds(request: HttpRequest, etag: str, changed_at: datetime) -> bool:
    if "If-None-Match" in request.headers:
        return etag_matches(request, etag)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    return since is not None and int(changed_at.timestamp()) <= since


def _address(kind: str, form: str, area: str = "") -> str:
    """The one address of a feed, whatever host name the request came in by."""
    if area:
        path = reverse("feeds:area_feed", args=[kind, area, form])
    else:
        path = reverse("feeds:feed", args=[kind, form])
    return f"{settings.PUBLIC_ORIGIN}{path}"
