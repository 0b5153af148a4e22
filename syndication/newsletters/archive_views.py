"""The page of past issues: a list, and a form to choose from it without a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import EmptyPage, Page, Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from site_settings.models import NewsletterSettings
from syndication import directory, search
from syndication.directory import AREA, Word
from syndication.http import respond
from syndication.models import Release, ReleaseQuerySet
from syndication.publisher import publisher
from syndication.rest import parameters
from syndication.rest.parameters import choice, invalid, whole
from syndication.rest.problems import InvalidParameter, Problem

from . import audiences, past_issues
from .models import Frequency
from .past_issues import Wish

KNOWN = ("q", "year", "area", "often", "page")
ON_A_PAGE = 10
MOST_PAGES = 100_000
MOST_WORDS = 12
FIRST_YEAR, LAST_YEAR = 2000, 2999
TAGS = ("newsletter",)


@dataclass(frozen=True)
class Choices:
    """What can be chosen, for the form."""

    years: Sequence[int]
    areas: Sequence[Word]

    @property
    def often(self) -> list[tuple[str, str]]:
        return [
            (one.value, str(one.label)) for one in map(Frequency, audiences.DIGESTS)
        ]


@require_safe
def archive(request: HttpRequest) -> HttpResponse:
    """Show past issues, the newest first: all, or those that are asked for.

    What is not understood is answered 400, with what to do, above the form as it was
    filled in. The same number of queries however many there are.
    """
    choices = Choices(past_issues.years(), directory.words(AREA))
    context: dict[str, Any]
    try:
        given = parameters.read(_filled_in(request.GET), KNOWN)
        wish = _wish(given, choices)
        page = _page(given, wish)
    except Problem as problem:
        context = {"wrong": problem.detail, "given": request.GET, "is_part": True}
        return _show(request, context, choices, status=400)
    context = {
        "given": given,
        "page": page,
        "issues": list(past_issues.read(cast(ReleaseQuerySet, page.object_list))),
        "is_part": not wish.is_for_all,
        "newer": _address(given, page.number - 1) if page.has_previous() else "",
        "older": _address(given, page.number + 1) if page.has_next() else "",
        "canonical": f"{settings.PUBLIC_ORIGIN}{_address(given, page.number)}",
    }
    return _show(request, context, choices)


def _filled_in(query: QueryDict) -> QueryDict:
    """Leave out what stands empty: a form sends all its fields."""
    kept = QueryDict(mutable=True)
    for name, values in query.lists():
        if filled := [value.strip() for value in values if value.strip()]:
            kept.setlist(name, filled)
        elif name not in KNOWN:
            kept.setlist(name, values)
    return kept


def _wish(given: Mapping[str, str], choices: Choices) -> Wish:
    words = search.words(given.get("q", ""))
    if "q" in given and not 1 <= len(words) <= MOST_WORDS:
        raise InvalidParameter(
            f"Search for 1 to {MOST_WORDS} words, with letters or digits.",
            parameter="q",
        )
    slug = given.get("area")
    area = next((one for one in choices.areas if slug in one.slugs), None)
    if slug and area is None:
        raise invalid("area", "is no area that we know. Choose one from the list")
    return Wish(
        words=words,
        year=whole(given, "year", least=FIRST_YEAR, most=LAST_YEAR),
        area=area,
        frequency=choice(given, "often", [one for one, _ in choices.often]) or "",
    )


def _page(given: Mapping[str, str], wish: Wish) -> "Page[Release]":
    number = whole(given, "page", least=1, most=MOST_PAGES) or 1
    pages = Paginator(past_issues.matching(wish), ON_A_PAGE)
    try:
        return pages.page(number)
    except EmptyPage:
        raise invalid("page", f"must be from 1 to {pages.num_pages} here") from None


def _address(given: Mapping[str, str], number: int) -> str:
    chosen = {name: given[name] for name in KNOWN if name in given}
    chosen.pop("page", None)
    if number > 1:
        chosen["page"] = str(number)
    path = reverse("newsletters:archive")
    return f"{path}?{urlencode(chosen)}" if chosen else path


def _show(
    request: HttpRequest, context: dict[str, Any], choices: Choices, status: int = 200
) -> HttpResponse:
    newsletter = NewsletterSettings.objects.first() or NewsletterSettings()
    words = render_to_string(
        "newsletters/archive.html",
        {
            "title": " ".join(newsletter.title.split()),
            "publisher": publisher(),
            "choices": choices,
            "most_words": MOST_WORDS,
            **context,
        },
    )
    return respond(request, words, tags=TAGS, status=status)
