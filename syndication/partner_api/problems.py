"""Every error of the keyed addresses as ``application/problem+json`` (RFC 9457)."""

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

CONTENT_TYPE = "application/problem+json"
REALM = "partners"


class Problem(APIException):
    """An error that a partner can act on. ``members`` are added to the answer."""

    status_code = 400
    title: ClassVar[str]
    default_code: str
    # What RFC 6750 calls it, in the header WWW-Authenticate; empty for no such header.
    bearer_error: ClassVar[str | None] = None

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class KeyMissing(Problem):
    status_code = 401
    title = "No key"
    default_code = "key_missing"
    default_detail = (
        "These addresses need your key. Send it in the header "
        "“Authorization: Bearer countersign_…”."
    )
    bearer_error = ""


class KeyUnknown(Problem):
    status_code = 401
    title = "Unknown key"
    default_code = "key_unknown"
    default_detail = (
        "This is none of our keys. Check that all of it was copied: it begins with "
        "“countersign_” and has 45 characters."
    )
    bearer_error = "invalid_token"


class KeyExpired(Problem):
    status_code = 401
    title = "Expired key"
    default_code = "key_expired"
    default_detail = "The time of this key is over. Ask us for a new one."
    bearer_error = "invalid_token"


class KeyRevoked(Problem):
    status_code = 401
    title = "Revoked key"
    default_code = "key_revoked"
    default_detail = "This key was revoked. Ask us for a new one."
    bearer_error = "invalid_token"


class KeyInAddress(Problem):
    title = "Key in the address"
    default_code = "key_in_address"
    default_detail = (
        "A key came in the address. Addresses are kept in logs, histories and caches, "
        "so this key counts as leaked: ask us for a new one, and have this one revoked. "
        "Send keys in the header “Authorization” only."
    )


class ScopeMissing(Problem):
    status_code = 403
    title = "Not for this key"
    default_code = "scope_missing"
    default_detail = "This key may not do that. Ask us for one with the scope it needs."
    bearer_error = "insufficient_scope"


class Unencrypted(Problem):
    status_code = 403
    title = "Not encrypted"
    default_code = "unencrypted"
    default_detail = (
        "This came over plain HTTP, where anybody on the way can read a key. Use "
        "https://. A key that was sent like this counts as leaked: ask us for a new one."
    )


class UnknownParameter(Problem):
    title = "Unknown query parameter"
    default_code = "unknown_parameter"
    default_detail = "The address does not know this query parameter."


class InvalidParameter(Problem):
    title = "Invalid query parameter"
    default_code = "invalid_parameter"
    default_detail = "A query parameter has a value that cannot be meant."


class InvalidBody(Problem):
    title = "Invalid body"
    default_code = "invalid_body"
    default_detail = (
        "Send JSON such as {“change”: 12, “state”: “removed”}; “state” is “received” or "
        "“removed”."
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


class RemovalNotFound(Problem):
    status_code = 404
    title = "No such removal"
    default_code = "removal_not_found"
    default_detail = (
        "No removal that concerns you has this number. “removals” lists all of them."
    )


class NotAllowed(Problem):
    status_code = 405
    title = "Method not allowed"
    default_code = "method_not_allowed"
    default_detail = (
        "This address does not take this method. “Allow” names what it takes."
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
    default_detail = "The database is busy. Try again in a while."


class ServerError(Problem):
    status_code = 500
    title = "Server error"
    default_code = "server_error"
    default_detail = "The mistake is ours. Try again later, and tell us if it stays."


PROBLEMS: dict[str, type[Problem]] = {
    problem.default_code: problem
    for problem in (
        KeyMissing,
        KeyUnknown,
        KeyExpired,
        KeyRevoked,
        KeyInAddress,
        ScopeMissing,
        Unencrypted,
        UnknownParameter,
        InvalidParameter,
        InvalidBody,
        BadRequest,
        NotFound,
        RemovalNotFound,
        NotAllowed,
        TooManyRequests,
        TryLater,
        ServerError,
    )
}


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception of any keyed address.

    What nobody foresaw is logged and reported as Django would, then answered as a
    problem too. With ``DEBUG`` it is left to Django's page with the traceback.
    """
    if isinstance(exc, Problem):
        return _answer(exc)
    if isinstance(exc, MethodNotAllowed):
        return _answer(NotAllowed())
    if isinstance(exc, SuspiciousOperation):
        return _answer(BadRequest())
    if settings.DEBUG:
        return None
    if isinstance(exc, OperationalError):
        response = _answer(TryLater())
        response["Retry-After"] = "30"
    else:
        response = _answer(ServerError())
    request = context["request"]._request
    got_request_exception.send(sender=None, request=request)
    # The path alone: what stands behind its “?” may be somebody's key.
    log_response(
        "%s: %s",
        response.reason_phrase,
        request.path,
        response=response,
        request=request,
        exception=sys.exc_info()[1],
    )
    return response


def described(problem: type[Problem]) -> dict[str, Any]:
    """Return what the address in the ``type`` of a problem says of it."""
    code = problem.default_code
    return {
        "type": f"{settings.PUBLIC_ORIGIN}/api/partner/v1/problems/{code}",
        "title": problem.title,
        "status": problem.status_code,
        "detail": str(problem.default_detail),
        "code": code,
    }


def _answer(problem: Problem) -> HttpResponse:
    body = described(type(problem)) | {"detail": str(problem.detail)} | problem.members
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False).encode(),
        status=problem.status_code,
        content_type=CONTENT_TYPE,
    )
    if problem.bearer_error is not None:
        error = f', error="{problem.bearer_error}"' if problem.bearer_error else ""
        response["WWW-Authenticate"] = f'Bearer realm="{REALM}"{error}'
    return response
