"""What search engines are told: where the public pages are, and what they are."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from syndication import attribution, receipts
from syndication.checked import Checked
from syndication.http import set_public_cache
from syndication.models import Release, ReleaseQuerySet, permalink
from syndication.publisher import Publisher

ROBOTS = """\
User-agent: *
Disallow: /admin/
Disallow: /preview/

Sitemap: {origin}/sitemap.xml
"""
# The protocol allows 50,000 addresses in a file; a smaller one is made sooner.
MOST = 10_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# A shared block is read in the texts that hold it.
LEFT_OUT = ("shared-block",)
# Lists that lead to more than the rest of the sitemap does. They stand in its first part.
LISTS = ("/newsletter/issues/",)
# What would end the element, or begin a comment in it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Let search engines read everything that is public."""
    response = HttpResponse(
        ROBOTS.format(origin=settings.PUBLIC_ORIGIN),
        content_type="text/plain; charset=utf-8",
    )
    set_public_cache(response, tags=["robots"])
    return response


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Name the parts of the sitemap (sitemaps.org protocol)."""
    parts = -(-_pages().count() // MOST)
    return _xml(
        "sitemapindex",
        "".join(
            format_html(
                "<sitemap><loc>{}/sitemap-{}.xml</loc></sitemap>",
                settings.PUBLIC_ORIGIN,
                number,
            )
            for number in range(1, max(parts, 1) + 1)
        ),
    )


@require_safe
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    """Name the pages of one part, with the day on which each changed last."""
    first = (number - 1) * MOST
    # SQLite counts no further than a 64-bit number.
    if not 0 <= first < 2**31:
        raise Http404
    rows = list(
        _pages().values_list("item__content_id", "updated_at")[first : first + MOST]
    )
    if not rows and number > 1:
        raise Http404
    lists = "".join(
        format_html("<url><loc>{}{}</loc></url>", settings.PUBLIC_ORIGIN, path)
        for path in (LISTS if number == 1 else ())
    )
    return _xml(
        "urlset",
        lists
        + "".join(
            format_html(
                "<url><loc>{}</loc><lastmod>{}</lastmod></url>",
                permalink(content_id),
                receipts.moment(updated_at),
            )
            for content_id, updated_at in rows
        ),
    )


def as_json_ld(
    release: Release,
    data: Mapping[str, Any],
    days: Checked,
    publisher: Publisher,
) -> SafeString:
    """Return what a page is, for a script element of type ``application/ld+json``.

    As schema.org has it. Names nobody as a reviewer who did not agree to the text, and
    as a contributor only whom its record of co-production names.
    """
    credit = attribution.of(data, release.receipt, publisher=publisher, days=days)
    told: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": ["WebPage", "NewsArticle"] if release.kind == "news" else "WebPage",
        "@id": permalink(data["content_id"]),
        "url": permalink(data["content_id"]),
        "name": data["title"],
        "headline": data["title"],
        "inLanguage": data.get("language", "en-GB"),
        "datePublished": receipts.moment(release.released_at),
        "dateModified": receipts.moment(release.updated_at),
        "license": credit.licence_url,
        "creditText": credit.text,
        "publisher": _organisation(credit.publisher_name)
        | {"url": credit.publisher_url},
        "version": credit.version,
        "identifier": f"sha256:{release.fingerprint}",
    }
    if summary := receipts.flagged(release.receipt, data.get("summary", "")):
        told["description"] = summary
    if days.on:
        told["lastReviewed"] = days.on.isoformat()
    if credit.forums:
        told["reviewedBy"] = [_organisation(name) for name in credit.forums]
    if parts := data.get("co_production", {}).get("parts"):
        names = dict.fromkeys(part["who"] for part in parts)
        told["contributor"] = [_organisation(name) for name in names]
    if sources := attribution.sources(data):
        told["isBasedOn"] = sources
    if audience := data.get("audience"):
        told["audience"] = {"@type": "Audience", "audienceType": audience}
    if areas := data.get("areas"):
        told["spatialCoverage"] = [
            {"@type": "AdministrativeArea", "name": area["name"]} for area in areas
        ]
    said = json.dumps(told, ensure_ascii=False).translate(ESCAPES)
    return mark_safe(said)  # noqa: S308 - escaped above, as json_script does


def _organisation(name: str) -> dict[str, str]:
    return {"@type": "Organization", "name": name}


def _pages() -> ReleaseQuerySet:
    return Release.objects.current().fresh().exclude(kind__in=LEFT_OUT).order_by("pk")


def _xml(root: str, inside: str) -> HttpResponse:
    response = HttpResponse(
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="{NAMESPACE}">{inside}</{root}>\n',
        content_type="application/xml; charset=utf-8",
    )
    set_public_cache(response, tags=["list-items", "sitemap"])
    return response
