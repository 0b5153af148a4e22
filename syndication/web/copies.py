"""Comparing a copy that somebody pastes into a public page."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from syndication import comparison
from syndication.comparison import Comparison, Verdict, Version
from syndication.models import Release

# Texts whose titles are looked for in a copy, and those that it is then compared with.
TITLES = 500
CANDIDATES = 3
# What a comparison with the wrong text says.
UNLIKE = {Verdict.OTHER, Verdict.TOO_SHORT}

TOO_LONG = (
    f"That is more than {comparison.LONGEST:,} characters. Paste a part of it, then the "
    "next."
)
EMPTY = "There is nothing in the box. Paste the text that you want to check."


def versions(release: Release) -> Iterator[Version]:
    """Return a release and the others of its item, the newest of them first."""
    known = Release.objects.known().filter(item=release.item)
    newest = known.order_by("-version").defer("document").prefetch_related("forms")
    found = list(newest[: comparison.VERSIONS])
    if release not in found:
        found.append(release)
    return chain.from_iterable(map(comparison.of_release, found))


def recognise(copy: str) -> tuple[Release, Comparison] | None:
    """Find which of the newest public texts a copy is of, by its title.

    Without the title it cannot be found: to look for the words of every text in every
    copy is more work than a stranger may ask for.
    """
    current = Release.objects.current().newest_first().defer("payload", "document")
    releases = list(current.select_related("item")[:TITLES])
    titles = [release.title for release in releases]
    likely = comparison.holding(copy, titles)[:CANDIDATES]
    found = [
        (releases[number], comparison.compare(copy, versions(releases[number])))
        for number in likely
    ]
    found = [one for one in found if one[1].verdict not in UNLIKE]
    # A copy may name another text, which it is then not a changed copy of.
    found.sort(key=lambda one: one[1].verdict == Verdict.ALTERED)
    return found[0] if found else None


def answer(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    compare: Callable[[str], Mapping[str, Any]],
) -> HttpResponse:
    """Say what the posted copy is. The answer is for this reader and kept nowhere.

    ``compare`` gives what the template needs to say so.
    """
    try:
        copy = request.POST.get("copy", "")
    except RequestDataTooBig:
        return _show(template, {**context, "error": TOO_LONG})
    if not copy.strip():
        return _show(template, {**context, "error": EMPTY})
    if len(copy) > comparison.LONGEST:
        return _show(template, {**context, "copy": copy, "error": TOO_LONG})
    return _show(template, {**context, "copy": copy, **compare(copy)})


def _show(template: str, context: Mapping[str, Any]) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    body = render_to_string(template, dict(context))
    response = HttpResponse(body, status=400 if "error" in context else 200)
    response["Cache-Control"] = "no-store"
    return response
