"""Feeds for people: what they are, which there are, what is in each, and OPML of all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from csp.decorators import csp_update
from django.conf import settings
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from syndication import directory, receipts
from syndication.directory import AREA, TOPIC
from syndication.http import respond, set_public_cache
from syndication.models import EXPIRED, Release, ReleaseQuerySet
from syndication.publisher import Publisher, publisher

from . import selections, window
from .documents import FORMATS
from .markup import Markup
from .selections import ALL, KINDS, REPEATING, WITHDRAWALS, Selection

LATEST = 10
OPML = "text/x-opml"
View = TypeVar("View", bound=Callable[..., HttpResponse])


def with_script(view: View) -> View:
    """Allow a page the script that copies addresses. All can be done without it."""
    return cast(View, csp_update({"script-src": ["'self'"]})(view))


@dataclass(frozen=True)
class Choice:
    """One feed as pages show it: named, with its own page and all its addresses."""

    selection: Selection

    @property
    def name(self) -> str:
        return str(capfirst(self.selection.name))

    @property
    def key(self) -> str:
        """For ids in HTML."""
        return self.selection.path.replace("/", "-")

    @property
    def path(self) -> str:
        return f"/feeds/{self.selection.path}/"

    @property
    def oembed(self) -> str:
        """Where a website asks how to show the page of this feed."""
        address = f"{settings.PUBLIC_ORIGIN}{self.path}"
        return f"{settings.PUBLIC_ORIGIN}/oembed?{urlencode({'url': address})}"

    @property
    def use(self) -> str:
        """The page that tells how to show the same as a list on another website."""
        one = self.selection
        given = {
            "kind": one.kind,
            "area": one.area and one.area.slug,
            "topic": one.topic and one.topic.slug,
        }
        return reverse(
            "embeds:use_list", kwargs={key: slug for key, slug in given.items() if slug}
        )

    @property
    def formats(self) -> list[dict[str, str]]:
        return [
            {
                "form": form,
                "name": FORMATS[form].name,
                "type": FORMATS[form].content_type,
                "address": address,
            }
            for form, address in self.selection.addresses.items()
        ]

    @property
    def rss(self) -> str:
        return self.selection.address("rss")


@dataclass(frozen=True)
class Group:
    """The feeds of one kind: the whole of it, for each area, and about each topic."""

    whole: Choice
    areas: Sequence[Choice]
    topics: Sequence[Choice]

    @property
    def description(self) -> str:
        return self.whole.selection.description

    @property
    def all(self) -> list[Choice]:
        return [self.whole, *self.areas, *self.topics]


@require_safe
@with_script
def index(request: HttpRequest) -> HttpResponse:
    """Say what feeds are and show every one, in plain words."""
    return _list(request, status=200)


@require_safe
@with_script
def unknown(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """Say that there is no such feed, and show those that there are."""
    return _list(request, status=404)


@require_safe
@with_script
def page(
    request: HttpRequest, kind: str, area: str = "", topic: str = ""
) -> HttpResponse:
    """Show one feed: its addresses to copy, and what is new in it."""
    found = window.find(kind, area, topic)
    if found is None:
        return _list(request, status=404)
    choice = Choice(found)
    if request.path != choice.path:
        # Without the slash at its end, or by a name from before.
        leads = HttpResponsePermanentRedirect(f"{settings.PUBLIC_ORIGIN}{choice.path}")
        set_public_cache(leads, tags=["feeds"])
        return leads
    takes_back = kind == WITHDRAWALS
    context = {
        "choice": choice,
        "wider": _wider(found),
        "areas": [
            Choice(Selection(kind, word, found.topic))
            for word in ([] if found.area else directory.words(AREA))
        ],
        "topics": [
            Choice(Selection(kind, found.area, word))
            for word in ([] if found.topic else directory.words(TOPIC))
        ],
        "takes_back": takes_back,
        "latest": _taken_back(found) if takes_back else _latest(found),
        "publisher": publisher(),
    }
    body = render_to_string("feeds/feed.html", context)
    return _html(request, body, tags=["feeds", f"feed-{kind}"])


@require_safe
def opml(request: HttpRequest) -> HttpResponse:
    """List every feed as OPML 2.0, for readers that take many at once."""
    publishes = publisher()
    xml = Markup()
    with xml.inside("opml", {"version": "2.0"}):
        with xml.inside("head"):
            xml.add("title", f"Feeds of {publishes['name']}")
            xml.add("ownerName", publishes["name"])
            if publishes["contact_email"]:
                xml.add("ownerEmail", publishes["contact_email"])
            xml.add("ownerId", f"{settings.PUBLIC_ORIGIN}/feeds/")
            xml.add("docs", "http://opml.org/spec2.opml")
        with xml.inside("body"):
            for group in _groups():
                with xml.inside("outline", {"text": group.whole.name}):
                    for choice in group.all:
                        xml.add("outline", attributes=_outline(choice, publishes))
    response = respond(
        request, xml.finish(), tags=["feeds"], content_type=f"{OPML}; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="feeds.opml"'
    return response


def _outline(choice: Choice, publishes: Publisher) -> dict[str, str]:
    name = f"{publishes['name']}: {choice.selection.name}"
    return {
        "type": "rss",
        "text": name,
        "title": name,
        "description": choice.selection.description,
        "xmlUrl": choice.rss,
        "htmlUrl": f"{settings.PUBLIC_ORIGIN}{choice.path}",
        "language": settings.LANGUAGE_CODE,
        "version": "RSS2",
    }


def _list(request: HttpRequest, *, status: int) -> HttpResponse:
    body = render_to_string(
        "feeds/index.html",
        {
            "groups": _groups(),
            "publisher": publisher(),
            "missing": status == 404,
            "hubs": settings.WEBSUB_HUBS,
        },
    )
    return _html(request, body, tags=["feeds"], status=status)


def _html(
    request: HttpRequest, body: str, *, tags: Sequence[str], status: int = 200
) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    media_type = "text/html; charset=utf-8"
    return respond(request, body, tags=tags, status=status, content_type=media_type)


def _groups() -> list[Group]:
    groups = []
    for _, some in groupby(selections.every(), key=lambda one: one.kind):
        choices = [Choice(one) for one in some]
        groups.append(
            Group(
                whole=choices[0],
                areas=[one for one in choices if one.selection.area],
                topics=[one for one in choices if one.selection.topic],
            )
        )
    return groups


def _wider(one: Selection) -> list[Choice]:
    """The feeds that hold all of this one, the widest first."""
    found = [Selection(one.kind)] if one.area or one.topic else []
    if one.area and one.topic:
        found += [Selection(one.kind, one.area), Selection(one.kind, None, one.topic)]
    return [Choice(wider) for wider in found]


def _latest(one: Selection) -> list[dict[str, Any]]:
    """What is newest in a feed, in words for a list. One query."""
    releases = Release.objects.current()
    releases = (
        releases.exclude(kind__in=REPEATING)
        if one.kind == ALL
        else releases.of_kind(one.kind)
    )
    newest = (
        _within(releases, one)
        .newest_first()
        .select_related("item")
        .only("title", "summary", "released_at", "receipt", "item__content_id")
    )
    return [
        {
            "title": release.title,
            "summary": receipts.flagged(release.receipt, release.summary),
            "at": release.released_at,
            "who": receipts.who(release.receipt),
            "label": release.receipt["label"],
            "path": f"/items/{release.item.content_id}",
        }
        for release in newest[:LATEST]
    ]


def _taken_back(one: Selection) -> list[dict[str, Any]]:
    """What was taken back last and is not public again: none of its content. One query."""
    later = Release.objects.filter(
        item=OuterRef("item"), version__gt=OuterRef("version")
    )
    gone = (
        _within(Release.objects.known(), one)
        .filter(~Exists(later), withdrawn_at__isnull=False)
        .exclude(kind__in=REPEATING)
        .order_by("-withdrawn_at", "-pk")
        .select_related("item")
        .only("kind", "withdrawn_at", "withdrawn_note", "withdrawn_kind", "item")
    )
    return [
        {
            "kind": capfirst(KINDS[release.kind].name),
            "is_over": release.withdrawn_kind == EXPIRED,
            "note": release.withdrawn_note,
            "at": release.withdrawn_at,
            "path": f"/items/{release.item.content_id}",
        }
        for release in gone[:LATEST]
    ]


def _within(releases: ReleaseQuerySet, one: Selection) -> ReleaseQuerySet:
    if one.area:
        releases = releases.filter(areas__slug__in=one.area.slugs)
    if one.topic:
        releases = releases.filter(terms__scheme=TOPIC, terms__code__in=one.topic.slugs)
    return releases
