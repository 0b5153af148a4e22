"""Every error of an address for programs as ``application/problem+json`` (RFC 9457)."""

import json
import sys
from http import HTTPStatus
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils.log import log_response
from rest_framework.exceptions import APIException

CONTENT_TYPE = "application/problem+json"
# Seconds after which a busy database may be asked again.
RETRY_AFTER = 30


class Problem(APIException):
    """An error that a partner can act on. ``members`` are added to the answer.

    ``default_detail`` is what the documentation says of it. Without a ``title`` of its
    own it has the phrase of its status.
    """

    status_code = 400
    title: ClassVar[str] = ""
    default_code: str

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.members = members

    def headers(self) -> dict[str, str]:
        """Return what the answer says besides its body."""
        return {}


class UnknownParameter(Problem):
    title = "Unknown query parameter"
    default_code = "unknown_parameter"
    default_detail = (
        "The address does not know this query parameter. It is refused rather than "
        "ignored, so that a misspelt filter never gives you more than you asked for."
    )


class RepeatedParameter(Problem):
    title = "Repeated query parameter"
    default_code = "repeated_parameter"
    default_detail = "A query parameter was given more than once. Give each one once."


class InvalidParameter(Problem):
    title = "Invalid query parameter"
    default_code = "invalid_parameter"
    default_detail = (
        "A query parameter has a value that cannot be meant: empty, too long, out of "
        "range, or not one of the values allowed."
    )


class BadRequest(Problem):
    title = "Bad request"
    default_code = "bad_request"
    default_detail = "The request could not be read."


class NotFound(Problem):
    status_code = 404
    title = "Not found"
    default_code = "not_found"
    default_detail = "There is nothing at this address."


class Retired(Problem):
    status_code = 410
    title = "No longer in use"
    default_code = "retired"
    default_detail = (
        "This address ended, as its answers said for at least a year. The page that the "
        'header “Link” names with rel="sunset" says what to use in its place.'
    )


class InvalidBody(Problem):
    title = "Invalid body"
    default_code = "invalid_body"
    default_detail = "The body of the request is not what this address takes."


class UnsupportedMediaType(Problem):
    status_code = 415
    title = "Unsupported media type"
    default_code = "unsupported_media_type"
    default_detail = "Send JSON, with the header Content-Type: application/json."


class LengthRequired(Problem):
    status_code = 411
    title = "Length required"
    default_code = "length_required"
    default_detail = (
        "Say with the header Content-Length how many bytes you send, rather than "
        "sending them in chunks."
    )


class TooLarge(Problem):
    status_code = 413
    title = "Too large"
    default_code = "too_large"
    default_detail = "Send less at once, in several requests."


class NotAllowed(Problem):
    status_code = 405
    title = "Method not allowed"
    default_code = "method_not_allowed"
    default_detail = (
        "This address does not take this method. The header “Allow” names those that "
        "it takes."
    )


class TooManyRequests(Problem):
    status_code = 429
    title = "Too many requests"
    default_code = "too_many_requests"
    default_detail = (
        "You asked more often than the limit allows. Wait as many seconds as "
        "“Retry-After” says, then go on."
    )


class TryLater(Problem):
    status_code = 503
    title = "Try later"
    default_code = "try_later"
    default_detail = (
        "This took too long, or the database is busy. Try again in a while, and ask for "
        "less at once: shorter pages, or fewer filters."
    )

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(RETRY_AFTER)}


class ServerError(Problem):
    status_code = 500
    title = "Server error"
    default_code = "server_error"
    default_detail = "The mistake is ours. Try again later, and tell us if it stays."


def handle(
    exc: Exception, request: HttpRequest, *, explained_at: str
) -> HttpResponse | None:
    """Answer what went wrong; ``explained_at`` as for ``answer``.

    What nobody foresaw is logged and reported as Django would, then answered as a
    problem too. With ``DEBUG`` it is left to Django's page with the traceback: None.
    """
    if foreseen := _foreseen(exc):
        return answer(foreseen, explained_at=explained_at)
    if settings.DEBUG:
        return None
    # Cut short by the database's own limit, or nobody there to ask; or our mistake.
    problem = TryLater() if isinstance(exc, OperationalError) else ServerError()
    response = answer(problem, explained_at=explained_at)
    got_request_exception.send(sender=None, request=request)
    # The path alone: what stands behind its “?” may be somebody's secret.
    log_response(
        "%s: %s",
        response.reason_phrase,
        request.path,
        response=response,
        request=request,
        exception=sys.exc_info()[1],
    )
    return response


def answer(problem: Problem, *, explained_at: str) -> HttpResponse:
    """Return the answer. ``explained_at``: what comes before the code in its ``type``.

    That is the address under which the problem is explained. Without one the status is
    the type, as RFC 9457 (4.2.1) has it, and then its phrase is the title.
    """
    code = problem.default_code
    phrase = HTTPStatus(problem.status_code).phrase
    body = {
        "type": f"{settings.PUBLIC_ORIGIN}{explained_at}{code}"
        if explained_at
        else "about:blank",
        "title": problem.title if explained_at else phrase,
        "status": problem.status_code,
        "detail": str(problem.detail),
        "code": code,
    } | problem.members
    return HttpResponse(
        json.dumps(body, ensure_ascii=False).encode(),
        status=problem.status_code,
        content_type=CONTENT_TYPE,
        headers=problem.headers(),
    )


def _foreseen(exc: Exception) -> Problem | None:
    if isinstance(exc, Problem):
        return exc
    if isinstance(exc, SuspiciousOperation):
        return BadRequest()
    return None
