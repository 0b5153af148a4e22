"""What every address of the partner API does alike."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import quote_etag
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from syndication import limits
from syndication.http import etag_matches, not_modified, set_public_cache
from syndication.limits import Standing

from . import parameters
from .problems import TooManyRequests

# A wrong address stays wrong for a while, and a withdrawn item stays withdrawn.
CACHED_PROBLEMS = {400, 404, 410}
# What a script of another site may read besides the ordinary.
EXPOSED = "ETag, Link, RateLimit, RateLimit-Policy, Retry-After"


class OneForm(BaseContentNegotiation):
    """There is one form of every answer, so ``Accept`` is not looked at: never 406."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class PublicView(APIView):
    """An anonymous, read-only, cacheable address.

    Subclasses name the query parameters they know and the tags that purge their
    answers, and answer with ``respond``. Nothing here looks at cookies, so nothing
    varies by them.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = OneForm
    http_method_names = ["get", "head", "options"]

    # What a browser may send besides the ordinary.
    headers_allowed = "If-None-Match"
    known_parameters: ClassVar[tuple[str, ...]] = ()
    tags: tuple[str, ...] = ()
    given: dict[str, str]
    # The limit of networks here, where an answer costs more than others.
    limit: ClassVar[str] = ""
    standing: Standing | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Add what also a refusal carries, so that a browser may read the reason."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = EXPOSED
        if "Cache-Control" not in answer:
            if answer.status_code in CACHED_PROBLEMS:
                set_public_cache(answer, tags=self.cache_tags())
            else:
                answer["Cache-Control"] = "no-store"
        if "no-store" in answer["Cache-Control"]:
            # What is left is one network's: a cache would tell it to others.
            limits.say(answer, self.standing)
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A browser asks OPTIONS first: refused there, it could not show the reason.
        if request.method != "OPTIONS":
            self.given = parameters.read(request.query_params, self.known_parameters)
            if name := self.limit_name():
                self.standing = limits.of_network(request._request, limits.policy(name))
                if self.standing and self.standing.is_over:
                    raise TooManyRequests

    def limit_name(self) -> str:
        """Return which limit this request counts against; empty for none."""
        return self.limit

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer a browser that asks whether it may send ``If-None-Match``."""
        methods = ", ".join(name.upper() for name in self.http_method_names)
        return Response(
            headers={
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": self.headers_allowed,
                "Allow": methods,
                "Access-Control-Max-Age": "86400",
            }
        )

    def respond(
        self,
        request: HttpRequest,
        body: Callable[[], bytes],
        *,
        etag: str,
        content_type: str = "application/json",
        following: str | None = None,
    ) -> HttpResponse:
        """Answer 304 to whoever holds ``etag`` (quoted); call ``body`` only if not.

        ``following`` is the address of the next page, for the header Link (RFC 8288).
        """
        tags = self.cache_tags()
        if etag_matches(request, etag):
            response: HttpResponse = not_modified(etag, tags)
        else:
            response = HttpResponse(
                body(), content_type=content_type, headers={"ETag": etag}
            )
            set_public_cache(response, tags=tags)
        if following:
            response["Link"] = f'<{following}>; rel="next"'
        return response

    def respond_with(
        self, request: HttpRequest, data: Any, *, following: str | None = None
    ) -> HttpResponse:
        """Answer ``data`` as JSON, with an ETag made of its bytes."""
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        return self.respond(
            request, lambda: body, etag=etag_of(body), following=following
        )

    def cache_tags(self) -> tuple[str, ...]:
        return ("api", *self.tags)


def etag_of(data: bytes) -> str:
    """Return a strong, quoted ETag that is a function of ``data`` alone."""
    return quote_etag(hashlib.sha256(data).hexdigest()[:32])


def address(name: str, *parts: Any, **given: str | None) -> str:
    """Return an absolute address of the API; parameters that are None are left out.

    Never made from the request's Host header, which a stranger chooses.
    """
    query = {key: value for key, value in given.items() if value is not None}
    path = reverse(f"api:{name}", args=parts)
    return f"{settings.PUBLIC_ORIGIN}{path}" + (f"?{urlencode(query)}" if query else "")
