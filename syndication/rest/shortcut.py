"""Answering programs without what only people's browsers need."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import resolve

from .views import FOR_PROGRAMS

# What is drawn for people there goes the usual way.
FOR_PEOPLE = ("/api/v1/docs",)
# Feeds are documents for programs, among pages for people that tell of them.
FEEDS, FEED_FORMATS = "/feeds/", (".rss", ".atom", ".json")
# Nothing that a program gets is to be shown, or to run, in a browser.
POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"


class Shortcut:
    """Middleware that answers addresses for programs itself.

    Those know no session, no cookie, no form and no message, and together these cost more
    than reading what was asked for. So all middleware below this one is left out for
    them; what stands above it (HTTPS, types that are not guessed) holds for all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        is_feed = path.startswith(FEEDS) and path.endswith(FEED_FORMATS)
        if not (is_feed or path.startswith(FOR_PROGRAMS)) or path.startswith(
            FOR_PEOPLE
        ):
            return self.get_response(request)
        # Raises for a name that is none of ours.
        request.get_host()
        match = request.resolver_match = resolve(path)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if is_feed and answer.status_code == 404:
            # There is no such feed: a page for people says which there are.
            return self.get_response(request)
        if isinstance(answer, SimpleTemplateResponse):
            answer.render()
        answer["Content-Security-Policy"] = POLICY
        answer["X-Frame-Options"] = "DENY"
        if not answer.streaming and "Content-Length" not in answer:
            answer["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
        return answer
