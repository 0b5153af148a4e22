"""What every address of this channel does alike."""

import hashlib
from collections.abc import Callable
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import quote_etag
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from syndication import encodings
from syndication.http import etag_in, etag_matches, not_modified, set_public_cache

from . import parameters
from .documents import encode
from .problems import handle_exception

# A wrong address stays wrong for a while, and what was taken back stays so.
CACHED_PROBLEMS = {400, 404, 410}


class OneForm(BaseContentNegotiation):
    """There is one form of every answer, so ``Accept`` is not looked at: never 406."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class PublicView(APIView):
    """An anonymous, read-only, cacheable address that browsers everywhere may read."""

    # The standard has a description of its own.
    schema = None
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = OneForm
    http_method_names = ["get", "head", "options"]

    known_parameters: ClassVar[tuple[str, ...]] = ()
    tags: tuple[str, ...] = ()
    given: dict[str, str]

    def get_exception_handler(self) -> Callable[..., Any]:
        return handle_exception

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Add what also a refusal carries: the standard asks it of all answers."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = "ETag"
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
        return Response(
            headers={
                "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
                "Access-Control-Allow-Headers": "If-None-Match",
                "Access-Control-Max-Age": "86400",
            }
        )

    def respond(self, request: HttpRequest, body: bytes) -> HttpResponse:
        """Answer JSON, or 304 to whoever holds these very bytes."""
        etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
        tags = self.cache_tags()
        coding = encodings.chosen(request)
        tagged = etag_in(coding, etag)
        if etag_matches(request, etag):
            response: HttpResponse = not_modified(tagged, tags)
        else:
            response = HttpResponse(
                encodings.encode(body, coding),
                content_type="application/json",
                headers={"ETag": tagged},
            )
            if coding:
                response["Content-Encoding"] = coding
            set_public_cache(response, tags=tags)
        response["Vary"] = "Accept-Encoding"
        return response

    def respond_with(self, request: HttpRequest, data: Any) -> HttpResponse:
        """Answer plain data as JSON."""
        return self.respond(request, encode(data))

    def cache_tags(self) -> tuple[str, ...]:
        return ("oruk", *self.tags)
