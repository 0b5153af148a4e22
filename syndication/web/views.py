"""Public pages, made from released bytes."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
)
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from site_settings.models import ReviewSettings
from syndication import attribution, checked, receipts
from syndication.comparison import compare
from syndication.http import respond, set_public_cache
from syndication.models import Release, ReleaseQuerySet, permalink
from syndication.publisher import PUBLISHER, publisher

from . import copies, search_engines

LATEST = 10
ISSUES = "issues"
SITE = "site"
# Rides along in a page's own query.
DAYS_UNTIL_LEFT_OUT = Coalesce(
    Subquery(ReviewSettings.objects.order_by("pk").values("days_until_left_out")[:1]),
    Value(ReviewSettings().days_until_left_out),
)
YOU_SAID = "you-said-we-did"
KINDS = {
    "local-offer": "Local Offer",
    "news": "News",
    ISSUES: "Newsletter",
    YOU_SAID: "You said, we did",
    "shared-block": "Part of several pages",
}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Say what this site is, and show what is new."""
    latest = (
        Release.objects.current()
        .fresh()
        .exclude(kind__in=(ISSUES, "shared-block"))
        .newest_first()
        .select_related("item")
        .only("title", "summary", "kind", "released_at", "receipt", "item__content_id")
    )[:LATEST]
    releases = [
        {
            "title": one.title,
            "summary": one.summary,
            "kind": _kind(one.kind),
            "path": f"/items/{one.item.content_id}",
            "released_at": one.released_at,
            "who": receipts.who(one.receipt),
            "label": one.receipt["label"],
        }
        for one in latest
    ]
    return show(
        request,
        "web/home.html",
        {
            "releases": releases,
            "publisher": publisher(),
            "origin": settings.PUBLIC_ORIGIN,
        },
        tags=["home"],
    )


@require_safe
def item(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Show the current release of an item, or what became of it.

    What is long overdue for a check stays, and asks search engines to leave it out.

    One query: the newest version tells whether the item is public now, was taken
    back, or never was (404, as for what vanished). What was taken back is told without
    any of its content: a notice stands there for good (200), a replacement is led to
    while it is public (301), everything else is gone (410).
    """
    newest = _newest(content_id)
    tags = [f"item-{content_id}"]
    if newest is None:
        return show(
            request,
            "web/item_unknown.html",
            {"publisher": publisher()},
            tags=tags,
            status=404,
        )
    publishes = publisher(newest)
    asked_at = urlencode({"url": permalink(content_id)})
    context: dict[str, Any] = {
        "publisher": publishes,
        "release": newest,
        "oembed": f"{settings.PUBLIC_ORIGIN}/oembed?{asked_at}",
    }
    to = newest.withdrawn_to
    if to and getattr(newest, "replaced", False):
        leads = HttpResponsePermanentRedirect(permalink(to))
        set_public_cache(leads, tags=[*tags, f"item-{to}"])
        return leads
    if newest.withdrawn_at:
        # A notice is what readers are to find here; everything else is an absence.
        status = 200 if newest.withdrawn_kind == "notice" else 410
        return show(
            request, "web/item_withdrawn.html", context, tags=tags, status=status
        )
    data = json.loads(newest.said)
    days = checked.of(newest)
    context |= {
        "checked": days,
        # The signed day is shown with the text as long as no other one is in force.
        "signed_day_is_over": data.get("review_by") != f"{days.by}" or days.is_overdue,
        "left_out": _is_left_out(newest, days),
        "item": data,
        "summary": receipts.flagged(newest.receipt, data.get("summary", "")),
        "kind": _kind(newest.kind),
        "feed": _feed(newest.kind),
        "permalink": permalink(content_id),
        "takes_comments": newest.kind != YOU_SAID,
        "receipt": _receipt(newest.receipt, data),
        "co_production": receipts.co_production(data),
        "has_voices": attribution.holds_voices(data),
    }
    context["json_ld"] = search_engines.as_json_ld(newest, data, days, publishes)
    shown = show(request, "web/item.html", context, tags=tags)
    if context["left_out"]:
        shown["X-Robots-Tag"] = "noindex"
    return shown


@require_safe
def item_as_text(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Answer the text alone: what was signed, then who signed it and other ways to get it.

    404 and 410 as the page of the item, whatever stays there, without any content.
    """
    newest = _newest(content_id)
    tags = [f"item-{content_id}"]
    if newest is None or newest.withdrawn_at:
        gone = newest is not None
        words = "This text was withdrawn." if gone else "There is no such text."
        return _plain(request, f"{words}\n", tags=tags, status=410 if gone else 404)
    data = json.loads(newest.said)
    days = checked.of(newest)
    words = render_to_string(
        "web/item.txt",
        {
            "item": data,
            "changed": receipts.changed_before_review(newest.receipt),
            "checked": days,
            "who": receipts.sentence(newest.receipt),
            "label": receipts.label(newest.receipt),
            "receipt": newest.receipt,
            "permalink": permalink(content_id),
            "publisher": publisher(newest),
        },
    )
    shown = _plain(request, words, tags=tags)
    if _is_left_out(newest, days):
        shown["X-Robots-Tag"] = "noindex"
    return shown


# A comparison writes nothing and asks nobody who they are, so a forged form gains
# nothing; and the token of a safe form would need a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Confirm what was signed, by whom and when; compare a copy that is posted with it.

    Shows the title that the item has now, and none where nothing of it is public: an
    old title may be the very thing that was corrected or withdrawn.
    """
    current = Release.objects.current().filter(item=OuterRef("item"))
    signed = (
        Release.objects.known()
        .filter(fingerprint=fingerprint)
        # The same bytes can be signed again later: then the last time counts.
        .order_by("-released_at", "-pk")
        .select_related("item")
        .defer("document")
        .annotate(publisher=PUBLISHER)
        .annotate(replaced=Exists(_replacement()))
        .annotate(public_title=Subquery(current.values("title")[:1]))
        .first()
    )
    if signed is None:
        return show(
            request,
            "web/receipt_unknown.html",
            {"publisher": publisher()},
            tags=["receipts"],
            status=404,
        )
    content_id = signed.item.content_id
    context = {
        "publisher": publisher(signed),
        "release": signed,
        "receipt": _receipt(
            signed.receipt,
            # What a forum wrote is shown as long as the text is.
            json.loads(bytes(signed.payload)) if signed.is_current else {},
        ),
        "title": getattr(signed, "public_title", None),
        "path": f"/items/{content_id}",
        "api_path": f"/api/v1/items/{content_id}",
    }
    if request.method == "POST":
        return copies.answer(
            request,
            "web/receipt.html",
            context,
            lambda copy: {"comparison": compare(copy, copies.versions(signed))},
        )
    return show(
        request, "web/receipt.html", context, tags=["receipts", f"item-{content_id}"]
    )


@csrf_exempt  # As above.
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Take a copy of which nobody knows the receipt any more, and find the text."""
    context = {"publisher": publisher()}
    if request.method == "POST":
        return copies.answer(request, "web/check.html", context, _recognised)
    return show(request, "web/check.html", context, tags=["check"])


def _recognised(copy: str) -> dict[str, Any]:
    found = copies.recognise(copy)
    if found is None:
        return {"not_found": True}
    release, comparison = found
    return {
        "comparison": comparison,
        "release": release,
        "path": f"/items/{release.item.content_id}",
    }


def _newest(content_id: UUID) -> Release | None:
    """The newest release of an item that may be spoken of, with what its page needs."""
    found: Release | None = (
        Release.objects.known()
        .filter(item__content_id=content_id)
        .order_by("-version")
        .annotate(publisher=PUBLISHER)
        .annotate(replaced=Exists(_replacement()))
        .annotate(days_until_left_out=DAYS_UNTIL_LEFT_OUT)
        .with_form(SITE)
        .defer("document")
        .first()
    )
    return found


def _is_left_out(release: Release, days: checked.Checked) -> bool:
    """Whether search engines are asked to leave it out, as ``Release.fresh`` does."""
    limit: int = getattr(release, "days_until_left_out")  # noqa: B009 - annotated
    return days.days_overdue > limit


def _plain(
    request: HttpRequest, words: str, *, tags: list[str], status: int = 200
) -> HttpResponse:
    return respond(
        request,
        words,
        tags=tags,
        status=status,
        content_type="text/plain; charset=utf-8",
    )


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    tags: list[str],
    status: int = 200,
) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    return respond(
        request, render_to_string(template, dict(context)), tags=tags, status=status
    )


def _kind(slug: str) -> dict[str, str]:
    return {"slug": slug, "name": KINDS.get(slug, slug)}


def _feed(kind: str) -> dict[str, str]:
    """The feed that has this kind of text: its name, and its address up to the format."""
    slug = "all" if kind == "shared-block" else kind
    return {
        "name": KINDS.get(slug, "Everything new"),
        "address": f"{settings.PUBLIC_ORIGIN}/feeds/{slug}",
    }


def _replacement() -> ReleaseQuerySet:
    """What is public now of the item that a withdrawn release says replaces it."""
    return Release.objects.current().filter(item__content_id=OuterRef("withdrawn_to"))


def _receipt(data: dict[str, Any], signed: Mapping[str, Any]) -> dict[str, Any]:
    """A release's receipt in words, oldest signature first.

    ``signed`` is the text, where it may be shown: it holds what dissenting forums say.
    """
    comments = {one["forum"]: one.get("comment") for one in signed.get("dissent", ())}
    forums = [
        forum
        | {
            "signed_at": datetime.fromisoformat(forum["signed_at"]),
            "said": receipts.said(forum["decision"]),
            "comment": comments.get(forum["slug"]),
        }
        for forum in data["forums"]
    ]
    return data | {
        "forums": sorted(forums, key=lambda forum: forum["signed_at"]),
        "changed": receipts.changed_before_review(data),
        "parts": [
            {
                "words": receipts.part_agreed(part),
                "path": f"/items/{part['content_id']}",
            }
            for part in data.get("shared_blocks", ())
        ],
        "path": f"/receipts/{data['fingerprint']}",
    }
