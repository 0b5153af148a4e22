"""Feeds over HTTP, and the page that lists them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import http_date, parse_http_date_safe, quote_etag
from django.views.decorators.http import require_safe

from site_settings.models import PublisherSettings
from syndication import directory
from syndication.http import etag_matches, set_public_cache

from . import atom, json_feed, rss, selections, window
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
        return unknown(request)
    selected, changed_at = found
    chosen = FORMATS[form]
    body = chosen.write(selected, address=_address(kind, form, area))
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


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show every feed with its address, in plain words."""
    return _list(status=200)


@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    """Say that there is no such feed, and show those that there are."""
    return _list(status=404)


def _list(*, status: int) -> HttpResponse:
    areas = directory.areas()
    kinds = [
        {
            "slug": slug,
            "name": kind.name,
            "description": kind.description,
            "feeds": _formats(slug),
            "areas": [
                {"name": area["name"], "feeds": _formats(slug, area["slug"])}
                for area in areas
            ],
        }
        for slug, kind in selections.KINDS.items()
    ]
    # Rendered without the request: no session, no cookie can come in.
    page = render_to_string(
        "feeds/index.html",
        {
            "kinds": kinds,
            "publisher": PublisherSettings.objects.first() or PublisherSettings(),
            "missing": status == 404,
        },
    )
    response = HttpResponse(page, status=status)
    set_public_cache(response, tags=["feeds"])
    return response


def _formats(kind: str, area: str = "") -> list[dict[str, str]]:
    return [
        {
            "name": format_.name,
            "address": _address(kind, form, area),
            "type": format_.content_type,
        }
        for form, format_ in FORMATS.items()
    ]


def _address(kind: str, form: str, area: str = "") -> str:
    """The one address of a feed, whatever host name the request came in by."""
    if area:
        path = reverse("feeds:area_feed", args=[kind, area, form])
    else:
        path = reverse("feeds:feed", args=[kind, form])
    return f"{settings.PUBLIC_ORIGIN}{path}"
