"""Comparing a copy that somebody pastes into a public page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from syndication import comparison
from syndication.comparison import Version
from syndication.errors import CopyTooLong

TOO_LONG = (
    f"That is more than {comparison.LONGEST:,} characters. Paste a part of it, then the "
    "next."
)
EMPTY = "There is nothing in the box. Paste the text that you want to check."


def answer(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    versions: Iterable[Version],
) -> HttpResponse:
    """Say what the posted copy is. The answer is for this reader and kept nowhere."""
    try:
        copy = request.POST.get("copy", "")
    except RequestDataTooBig:
        return _show(template, {**context, "error": TOO_LONG})
    if not copy.strip():
        return _show(template, {**context, "error": EMPTY})
    try:
        found = comparison.compare(copy, versions)
    except CopyTooLong:
        return _show(template, {**context, "copy": copy, "error": TOO_LONG})
    return _show(template, {**context, "copy": copy, "comparison": found})


def _show(template: str, context: Mapping[str, Any]) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    body = render_to_string(template, dict(context))
    response = HttpResponse(body, status=400 if "error" in context else 200)
    response["Cache-Control"] = "no-store"
    return response
