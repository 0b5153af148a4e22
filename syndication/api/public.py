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

from syndication import encodings
from syndication.http import etag_in, etag_matches, not_modified, set_public_cache

from . import parameters

# A wrong address stays wrong for a while, and a withdrawn item stays withdrawn.
CACHED_PROBLEMS = {400, 404, 410}


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

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Add what also a refusal carries, so that a browser may read the reason."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "ETag, Link"
        if "Cache-Control" not in answer:
            if answer.status_code in CACHED_PROBLEMS:
                set_public_cache(answer, tags=self.cache_tags())
            else:
                answer["Cache-Control"] = "no-store"
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A browser asks OPTIONS first: refused there, it could not show the reason.
        if request.method != "OPTIONS":
            self.given = parameters.read(request.query_params, self.known_parameters)

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
        coding: str | None = None,
    ) -> HttpResponse:
        """Answer 304 to whoever holds ``etag`` (quoted); call ``body`` only if not.

        ``following`` is the address of the next page, for the header Link (RFC 8288).
        ``coding`` is the one of ``encodings`` that ``body`` gives its bytes in, or ""; a
        body without it is compressed here, for readers who take that.
        """
        tags = self.cache_tags()
        used = encodings.chosen(request) if coding is None else coding
        tagged = etag_in(used, etag)
        if etag_matches(request, etag):
            response: HttpResponse = not_modified(tagged, tags)
        else:
            data = body() if coding is not None else encodings.encode(body(), used)
            response = HttpResponse(
                data, content_type=content_type, headers={"ETag": tagged}
            )
            if used:
                response["Content-Encoding"] = used
            set_public_cache(response, tags=tags)
        # Also where nothing was compressed: others may ask otherwise.
        response["Vary"] = "Accept-Encoding"
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
