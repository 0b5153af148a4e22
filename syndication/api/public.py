"""What every address of the partner API does alike."""

from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from syndication import limits
from syndication.limits import Standing
from syndication.rest import views
from syndication.rest.problems import TooManyRequests

from .kept import Page
from .problems import EXPLAINED_AT


class PublicView(views.PublicView):
    """An anonymous, cacheable address of the partner API."""

    explained_at: ClassVar[str] = EXPLAINED_AT
    headers_exposed = (
        f"{views.PublicView.headers_exposed}, RateLimit, RateLimit-Policy, Retry-After"
    )
    # The limit of networks here, where an answer costs more than others.
    limit: ClassVar[str] = ""
    standing: Standing | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        if "no-store" in answer["Cache-Control"]:
            # What is left is one network's: a cache would tell it to others.
            limits.say(answer, self.standing)
        return answer

    def prepare(self, request: HttpRequest) -> None:
        super().prepare(request)
        if request.method == "OPTIONS":
            return
        if name := self.limit_name():
            self.standing = limits.of_network(request, limits.policy(name))
            if self.standing and self.standing.is_over:
                raise TooManyRequests

    def limit_name(self) -> str:
        """Return which limit this request counts against; empty for none."""
        return self.limit

    def answer(
        self, request: HttpRequest, page: Page, coding: str | None = None
    ) -> HttpResponse:
        """Answer a page of a list; ``coding`` as for ``respond``."""
        self.tags = page.tags
        return self.respond(
            request,
            page.told,
            etag=page.etag,
            following=page.following,
            coding=coding,
        )

    def cache_tags(self) -> tuple[str, ...]:
        return ("api", *self.tags)


def address(name: str, *parts: object, **given: str | None) -> str:
    """Return an absolute address of the API; parameters that are None are left out.

    Never made from the request's Host header, which a stranger chooses.
    """
    query = {key: value for key, value in given.items() if value is not None}
    path = _path(name) if not parts else reverse(f"api:{name}", args=parts)
    return f"{settings.PUBLIC_ORIGIN}{path}" + (f"?{urlencode(query)}" if query else "")


@cache
def _path(name: str) -> str:
    return reverse(f"api:{name}")
