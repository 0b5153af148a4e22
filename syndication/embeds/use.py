"""“Use this on your website”: every way to show a text or a list, ready to copy."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from syndication import attribution, checked, directory
from syndication.http import respond, set_public_cache
from syndication.models import permalink
from syndication.publisher import publisher

from . import elements, reading, subjects
from .reading import State
from .selections import ALL, KINDS, Selection
from .subjects import Subject

# The buttons that copy, and the frame that shows what it will look like.
WITH_PREVIEW = {"script-src": ["'self'"], "frame-src": ["'self'"]}
FEEDS = {
    "rss": ("RSS", "application/rss+xml"),
    "atom": ("Atom", "application/atom+xml"),
    "json": ("JSON Feed", "application/feed+json"),
}
# Nothing that an editor wrote stands in code that somebody's server will run.
PHP = """\
<?php
$text = @file_get_contents('{fragment}', false,
    stream_context_create(['http' => ['timeout' => 3]]));
echo $text !== false ? $text : '<p><a href="{link}">{words}</a></p>';
?>"""
NGINX = """\
ssi on;
location /countersign/ {{
    internal;
    proxy_pass {origin}/fragments/;
    proxy_pass_request_headers off;
    proxy_connect_timeout 3s;
    proxy_read_timeout 3s;
    proxy_ssl_server_name on;
    proxy_ssl_verify on;
    proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
}}"""
SSI = """\
<!--# block name="countersign" -->
<p><a href="{link}">{words}</a></p>
<!--# endblock -->
<!--# include virtual="/countersign/{path}.html?heading=2" stub="countersign" -->"""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Say what there is to show, and lead to how."""
    areas = directory.areas()
    lists = [
        {
            "selection": Selection(kind),
            "areas": [
                Selection(kind, area["slug"], area_name=area["name"]) for area in areas
            ],
        }
        for kind in KINDS
    ]
    return _show(request, "embeds/index.html", {"lists": lists}, tags=["embeds"])


@require_safe
@csp_update(WITH_PREVIEW)  # type: ignore[arg-type]
def item(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Show how to use one text. One that was taken back is told of on its own page."""
    release = reading.newest(content_id)
    tags = [f"item-{content_id}", "embeds"]
    if release is None:
        return _nothing(request, tags)
    if reading.state_of(release) != State.CURRENT:
        leads = HttpResponseRedirect(permalink(content_id))
        set_public_cache(leads, tags=tags)
        return leads
    publishes = publisher(release)
    data = json.loads(bytes(release.payload))
    credit = attribution.of(
        data, release.receipt, publisher=publishes, days=checked.of(release)
    )
    return _ways(
        request,
        subjects.of_item(content_id, release.kind, publishes),
        {
            "title": release.title,
            "content_id": content_id,
            "credit": credit,
            "publisher": publishes,
            "feeds": _feeds(Selection(release.kind)) if release.kind in KINDS else [],
            "api": f"{settings.PUBLIC_ORIGIN}/api/v1/items/{content_id}",
            "plain": f"{permalink(content_id)}.txt",
        },
        tags,
    )


@require_safe
@csp_update(WITH_PREVIEW)  # type: ignore[arg-type]
def listing(
    request: HttpRequest, kind: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Show how to use a list of the newest texts."""
    asked = Selection(kind, area, topic)
    latest = reading.latest(asked, 1) if kind in KINDS else None
    if latest is None:
        return _nothing(request, ["embeds"])
    selection = latest.selection
    return _ways(
        request,
        subjects.of_selection(selection, latest.publisher),
        {
            "title": selection.title,
            "selection": selection,
            "publisher": latest.publisher,
            "feeds": _feeds(selection),
            "api": f"{settings.PUBLIC_ORIGIN}/api/v1/items{_filters(selection)}",
        },
        [*selection.tags, "embeds"],
    )


@require_safe
def unknown(request: HttpRequest) -> HttpResponse:
    return _nothing(request, ["embeds"])


def _ways(
    request: HttpRequest, subject: Subject, context: Mapping[str, Any], tags: list[str]
) -> HttpResponse:
    origin = settings.PUBLIC_ORIGIN
    fragment = f"{subject.fragment}?heading=2"
    words = "Read this text" if "content_id" in context else "See what is new"
    height_script = f"{origin}{settings.STATIC_URL}embeds/height.js"
    shown = {
        "subject": subject,
        "origin": origin,
        "script": elements.script(),
        # Stays in pages that nobody changes, as the label does.
        "fallback": words if "content_id" in context else context["title"],
        "fragment": fragment,
        "php": PHP.format(fragment=fragment, link=subject.link, words=words),
        "nginx": NGINX.format(origin=origin),
        "ssi": SSI.format(path=subject.path, link=subject.link, words=words),
        "height_script": f'<script src="{height_script}" defer></script>',
        "canonical": f'<link rel="canonical" href="{subject.link}">',
        "oembed": f"{origin}/oembed?{urlencode({'url': subject.link})}",
        # By a short address, so that it works by whatever name the site is visited.
        "preview": replace(subject, label="What it will look like").frame(
            src=f"/embed/{subject.path}"
        ),
        **context,
    }
    return _show(request, "embeds/use.html", shown, tags=tags)


def _feeds(selection: Selection) -> list[dict[str, str]]:
    address = f"{settings.PUBLIC_ORIGIN}/feeds/{selection.feed_path}"
    return [
        {
            "name": name,
            "type": type_,
            "address": f"{address}.{form}",
            "id": f"code-{form}",
        }
        for form, (name, type_) in FEEDS.items()
    ]


def _filters(selection: Selection) -> str:
    chosen = {
        "kind": "" if selection.kind == ALL else selection.kind,
        "area": selection.area,
        "topic": selection.topic,
    }
    given = {name: slug for name, slug in chosen.items() if slug}
    return f"?{urlencode(given)}" if given else ""


def _nothing(request: HttpRequest, tags: list[str]) -> HttpResponse:
    return _show(request, "embeds/nothing.html", {}, tags=tags, status=404)


def _show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    tags: list[str],
    status: int = 200,
) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    named = context if "publisher" in context else {"publisher": publisher(), **context}
    page = render_to_string(template, dict(named))
    return respond(request, page, tags=tags, status=status)
