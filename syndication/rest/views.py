"""What every address for programs does alike, and what every public one does."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import quote_etag
from django.views.defaults import bad_request
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from syndication import encodings
from syndication.http import etag_in, etag_matches, not_modified, set_public_cache

from . import parameters, problems
from .retirement import Retirement

# A wrong address stays wrong for a while, and what was taken back stays so.
CACHED_PROBLEMS = {400, 404, 410}
FOR_PROGRAMS = ("/api/", "/oruk/")


class OneForm(BaseContentNegotiation):
    """There is one form of every answer, so ``Accept`` is not looked at: never 406."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        return renderers[0], renderers[0].media_type


class ProgramView(APIView):
    """An address for programs, which is strict about what it is asked.

    Subclasses name the query parameters they know, and where problems are explained.
    Nothing here looks at cookies.
    """

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = OneForm
    http_method_names = ["get", "head", "options"]

    # See ``problems.answer``.
    explained_at: ClassVar[str] = ""
    known_parameters: ClassVar[tuple[str, ...]] = ()
    given: dict[str, str]
    # Of one address; or of a whole version, on the class of all its views.
    retirement: ClassVar[Retirement | None] = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Say on every answer, refusals among them, when the address is to end."""
        answer = super().dispatch(request, *args, **kwargs)
        if self.retirement:
            self.retirement.say(answer)
        return answer

    def get_exception_handler(self) -> Callable[..., Any]:
        return problems.handle

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # A browser asks OPTIONS first: refused there, it could not show the reason.
        if request.method != "OPTIONS":
            if self.retirement:
                self.retirement.check()
            self.admit(request)
            self.given = parameters.read(request.query_params, self.known_parameters)

    def admit(self, request: Request) -> None:
        """Raise the problem of whoever may not ask here. Everybody may."""

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Say what the address takes."""
        return Response(headers={"Allow": ", ".join(self.allowed_methods)})


class PublicView(ProgramView):
    """An anonymous, cacheable address that scripts of every site may read.

    Subclasses name the tags that purge their answers, and answer with ``respond``.
    """

    # What a browser may send, and what a script may read, besides the ordinary.
    headers_allowed = "If-None-Match"
    headers_exposed = "ETag, Link"
    tags: tuple[str, ...] = ()

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Add what also a refusal carries, so that a browser may read the reason."""
        answer = super().dispatch(request, *args, **kwargs)
        answer["Access-Control-Allow-Origin"] = "*"
        answer["Access-Control-Expose-Headers"] = self.headers_exposed + (
            ", Deprecation, Sunset" if self.retirement else ""
        )
        if "Cache-Control" not in answer:
            if answer.status_code in CACHED_PROBLEMS:
                set_public_cache(answer, tags=self.cache_tags())
            else:
                answer["Cache-Control"] = "no-store"
        return answer

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Answer a browser that asks what it may send."""
        answer = super().options(request, *args, **kwargs)
        answer["Access-Control-Allow-Methods"] = answer["Allow"]
        answer["Access-Control-Allow-Headers"] = self.headers_allowed
        answer["Access-Control-Max-Age"] = "86400"
        return answer

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
        return self.respond_json(request, encode(data), following=following)

    def respond_json(
        self, request: HttpRequest, body: bytes, *, following: str | None = None
    ) -> HttpResponse:
        """Answer JSON, with an ETag made of its bytes."""
        return self.respond(
            request, lambda: body, etag=etag_of(body), following=following
        )

    def cache_tags(self) -> tuple[str, ...]:
        return self.tags


class Nothing(PublicView):
    """An address with nothing behind it: a problem like any other, not a web page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at no parameter: none could make this address right."""

    def get(self, request: HttpRequest) -> NoReturn:
        raise problems.NotFound

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> NoReturn:
        self.get(request)  # Whatever the method is, there is nothing.


def refuse_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what was refused before any view saw it, such as a wrong Host.

    Named as ``handler400``. Programs get a problem, people Django's own page.
    """
    if not request.path_info.startswith(FOR_PROGRAMS):
        return bad_request(request, exception)
    answer = problems.answer(problems.BadRequest(), explained_at="")
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cache-Control"] = "no-store"
    return answer


def encode(data: Any) -> bytes:
    """Return JSON in UTF-8, without spaces."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def etag_of(data: bytes) -> str:
    """Return a strong, quoted ETag that is a function of ``data`` alone."""
    return quote_etag(hashlib.sha256(data).hexdigest()[:32])
