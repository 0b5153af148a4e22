"""Answering programs without what only people's browsers need."""

from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.urls import ResolverMatch, resolve

from .answers import GUARDS, Answer
from .views import FOR_PROGRAMS

# What is drawn for people there goes the usual way.
FOR_PEOPLE = ("/api/v1/docs",)
# Feeds are documents for programs, among pages for people that tell of them.
FEEDS, FEED_FORMATS = "/feeds/", (".rss", ".atom", ".json")


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
        match = request.resolver_match = _resolved(path)
        answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        if isinstance(answer, Answer):
            return answer
        if is_feed and answer.status_code == 404:
            # There is no such feed: a page for people says which there are.
            return self.get_response(request)
        if isinstance(answer, SimpleTemplateResponse):
            answer.render()
        for name, value in GUARDS.items():
            answer[name] = value
        if not answer.streaming and "Content-Length" not in answer:
            answer["Content-Length"] = str(len(answer.content))  # type: ignore[attr-defined]
        return answer


@lru_cache(maxsize=4096)
def _resolved(path: str) -> ResolverMatch:
    """Remember where the addresses lead that are asked for most: they stay for life."""
    return resolve(path)
