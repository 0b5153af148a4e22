"""Every error of the API as ``application/problem+json`` (RFC 9457)."""

import json
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import HttpResponse
from django.utils.log import log_response
from rest_framework.exceptions import APIException, MethodNotAllowed
from rest_framework.views import exception_handler

CONTENT_TYPE = "application/problem+json"


class Problem(APIException):
    """An error that a partner can act on. ``members`` are added to the answer.

    ``default_detail`` is what the documentation says of it.
    """

    status_code = 400
    title: ClassVar[str]
    default_code: str

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


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


class BadCursor(Problem):
    title = "Bad cursor"
    default_code = "bad_cursor"
    default_detail = (
        "This cursor was not given out by this address, or was damaged on the way. "
        "Start again without it, and follow “next” as it is."
    )


class CursorMismatch(Problem):
    title = "Cursor of another selection"
    default_code = "cursor_mismatch"
    default_detail = (
        "This cursor belongs to other filters. Keep the filters of the first page, or "
        "start again without the cursor."
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


class ItemNotFound(Problem):
    status_code = 404
    title = "No such item"
    default_code = "item_not_found"
    default_detail = "No item with this identity was ever released."


class ReceiptNotFound(Problem):
    status_code = 404
    title = "No such receipt"
    default_code = "receipt_not_found"
    default_detail = (
        "Nothing with this fingerprint was ever released here. If somebody showed you "
        "a text with it, the forums did not sign that text."
    )


class ItemWithdrawn(Problem):
    status_code = 410
    title = "Withdrawn"
    default_code = "item_withdrawn"
    default_detail = "This item was taken back. Remove every copy of it."
    replaced_detail = (
        "This item was taken back and another replaces it. Remove every copy of it, "
        "and link to the replacement."
    )


class ItemExpired(Problem):
    status_code = 410
    title = "Expired"
    default_code = "item_expired"
    default_detail = (
        "The time of this item is over, as its forums signed it. Remove every copy."
    )


class VersionNotFound(Problem):
    status_code = 404
    title = "No such version"
    default_code = "version_not_found"
    default_detail = "This item never had a version with this number."


class VersionWithdrawn(Problem):
    status_code = 410
    title = "Version taken back"
    default_code = "version_withdrawn"
    default_detail = (
        "Something in this version was taken back since. Remove every copy of it, and "
        "read the item without “version”."
    )


class Resync(Problem):
    status_code = 410
    title = "Start again"
    default_code = "resync"
    default_detail = (
        "This cursor is older than the changes that are kept. Load everything again "
        "from “start”, remove what is not in it, and follow the changes from the "
        "address in its first line."
    )


class InvalidBody(Problem):
    title = "Invalid body"
    default_code = "invalid_body"
    default_detail = "The body of the request is not what this address takes."


class NotAllowed(Problem):
    status_code = 405
    title = "Method not allowed"
    default_code = "method_not_allowed"
    default_detail = (
        "This API is read only: use GET or HEAD; POST at “reconcile” alone."
    )


class TooManyRequests(Problem):
    status_code = 429
    title = "Too many requests"
    default_code = "too_many_requests"
    default_detail = (
        "Your network asked this costly address more often than the limit allows. Wait "
        "as many seconds as “Retry-After” says, then go on."
    )


class TryLater(Problem):
    status_code = 503
    title = "Try later"
    default_code = "try_later"
    default_detail = (
        "This took too long, or the database is busy. Try again in a while, and ask for "
        "less at once: a smaller “limit”, or fewer filters."
    )


class ServerError(Problem):
    status_code = 500
    title = "Server error"
    default_code = "server_error"
    default_detail = "The mistake is ours. Try again later, and tell us if it stays."


# In the order of the documentation page.
PROBLEMS: tuple[type[Problem], ...] = (
    UnknownParameter,
    RepeatedParameter,
    InvalidParameter,
    BadCursor,
    CursorMismatch,
    BadRequest,
    InvalidBody,
    NotFound,
    ItemNotFound,
    VersionNotFound,
    ReceiptNotFound,
    NotAllowed,
    ItemWithdrawn,
    ItemExpired,
    VersionWithdrawn,
    Resync,
    TooManyRequests,
    TryLater,
    ServerError,
)


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception of any API view; named in ``REST_FRAMEWORK``.

    What nobody foresaw is logged and reported as Django would, then answered as a
    problem too. With ``DEBUG`` it is left to Django's page with the traceback.
    """
    if isinstance(exc, Problem):
        return _answer(exc)
    if isinstance(exc, MethodNotAllowed):
        return _answer(NotAllowed())
    if isinstance(exc, SuspiciousOperation):
        return _answer(BadRequest())
    usual = exception_handler(exc, dict(context))
    if usual is not None:
        # Of another view: the Wagtail admin has some made with the same framework.
        return usual
    if settings.DEBUG:
        return None
    if isinstance(exc, OperationalError):
        # Cut short by the database's own limit, or nobody there to ask.
        response = _answer(TryLater())
        response["Retry-After"] = "30"
    else:
        response = _answer(ServerError())
    request = context["request"]._request
    got_request_exception.send(sender=None, request=request)
    log_response(
        "%s: %s",
        response.reason_phrase,
        request.path,
        response=response,
        request=request,
        exception=sys.exc_info()[1],
    )
    return response


def _answer(problem: Problem) -> HttpResponse:
    return _respond(
        problem.status_code,
        title=problem.title,
        detail=str(problem.detail),
        code=problem.default_code,
        **problem.members,
    )


def _respond(
    status: int, *, title: str, detail: str, code: str, **members: Any
) -> HttpResponse:
    body = {
        "type": f"{settings.PUBLIC_ORIGIN}/api/v1/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    } | members
    return HttpResponse(
        json.dumps(body, ensure_ascii=False).encode(),
        status=status,
        content_type=CONTENT_TYPE,
    )
