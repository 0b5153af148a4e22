"""What every address for programs does alike, and what every public one does."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import quote_etag
from django.views.defaults import bad_request
from rest_framework.views import APIView

from syndication import encodings
from syndication.http import etag_in, etag_matches, public_cache, set_public_cache

from . import parameters, problems
from .answers import GUARDS, Answer
from .retirement import Retirement

# A wrong address stays wrong for a while, and what was taken back stays so.
CACHED_PROBLEMS = {400, 404, 410}
FOR_PROGRAMS = ("/api/", "/oruk/")


class ProgramView(APIView):
    """An address for programs, which is strict about what it is asked.

    Subclasses name the query parameters they know, and where problems are explained.
    Nothing here looks at cookies, nor at ``Accept``: there is one form of every answer.

    A view of REST framework to whatever describes it, and answered without its requests:
    to wrap one, negotiate and authenticate took longer than to read what was asked for.
    """

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
        """Answer, and say also on refusals when the address is to end."""
        method = str(request.method).lower()
        try:
            self.prepare(request)
            if method not in self.http_method_names or not hasattr(self, method):
                self.refuse_method(request)
            answer: HttpResponseBase = getattr(self, method)(request, *args, **kwargs)
        except Exception as exc:
            refusal = problems.handle(exc, request, explained_at=self.explained_at)
            if refusal is None:
                raise
            answer = refusal
        if answer.status_code == 405:
            answer["Allow"] = ", ".join(self.allowed_methods)
        if self.retirement:
            self.retirement.say(answer)
        return answer

    def prepare(self, request: HttpRequest) -> None:
        """Raise the problem of a request that cannot be answered; read its parameters."""
        # A browser asks OPTIONS first: refused there, it could not show the reason.
        if request.method != "OPTIONS":
            if self.retirement:
                self.retirement.check()
            self.admit(request)
            self.given = (
                parameters.read(request.GET, self.known_parameters)
                if request.META.get("QUERY_STRING")
                else {}
            )

    def admit(self, request: HttpRequest) -> None:
        """Raise the problem of whoever may not ask here. Everybody may."""

    def refuse_method(self, request: HttpRequest) -> NoReturn:
        """Raise the problem of a method that this address does not take."""
        raise problems.NotAllowed

    def options(  # type: ignore[override]  # Nothing is rendered here.
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Say what the address takes."""
        return HttpResponse(headers={"Allow": ", ".join(self.allowed_methods)})


class PublicView(ProgramView):
    """An anonymous, cacheable address that scripts of every site may read.

    Subclasses name the tags that purge their answers, and answer with ``respond``.
    """

    # What a browser may send, and what a script may read, besides the ordinary.
    headers_allowed = "If-None-Match"
    headers_exposed = "ETag, Link"
    tags: tuple[str, ...] = ()
    # Put on every answer with a body of ours.
    guards: ClassVar[Mapping[str, str]] = GUARDS

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        """Add what also a refusal carries, so that a browser may read the reason."""
        answer = super().dispatch(request, *args, **kwargs)
        if isinstance(answer, Answer):
            return answer
        for name, value in self.shared_fields().items():
            answer[name] = value
        if not answer.has_header("Cache-Control"):
            if answer.status_code in CACHED_PROBLEMS:
                set_public_cache(answer, tags=self.cache_tags())
            else:
                answer["Cache-Control"] = "no-store"
        return answer

    def shared_fields(self) -> dict[str, str]:
        """Return the header fields that let scripts of every site read an answer."""
        ending = ", Deprecation, Sunset" if self.retirement else ""
        return {
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Expose-Headers": f"{self.headers_exposed}{ending}",
        }

    def options(  # type: ignore[override]
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
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
        used = encodings.chosen(request) if coding is None else coding
        fields = {
            "ETag": etag_in(used, etag),
            # Also where nothing was compressed: others may ask otherwise.
            "Vary": "Accept-Encoding",
            **public_cache(self.cache_tags()),
            **self.shared_fields(),
            **self.guards,
        }
        if following:
            fields["Link"] = f'<{following}>; rel="next"'
        if etag_matches(request, etag):
            return Answer(b"", status=304, content_type=content_type, fields=fields)
        data = body() if coding is not None else encodings.encode(body(), used)
        if used:
            fields["Content-Encoding"] = used
        return Answer(data, status=200, content_type=content_type, fields=fields)

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

    def prepare(self, request: HttpRequest) -> None:
        """Look at no parameter: none could make this address right."""

    def get(self, request: HttpRequest) -> NoReturn:
        raise problems.NotFound

    def refuse_method(self, request: HttpRequest) -> NoReturn:
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
