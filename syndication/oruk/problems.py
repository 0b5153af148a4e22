"""Every error under ``/oruk/v3`` as ``application/problem+json`` (RFC 9457)."""

import json
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import HttpResponse
from django.utils.log import log_response
from rest_framework.exceptions import APIException, MethodNotAllowed

CONTENT_TYPE = "application/problem+json"


class Problem(APIException):
    """An error that a reader can act on. ``members`` are added to the answer."""

    status_code = 400
    default_code: str

    def __init__(self, detail: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class UnknownParameter(Problem):
    default_code = "unknown_parameter"


class RepeatedParameter(Problem):
    default_code = "repeated_parameter"


class InvalidParameter(Problem):
    default_code = "invalid_parameter"


class PostcodeUnknown(Problem):
    default_code = "postcode_unknown"


class BadRequest(Problem):
    default_code = "bad_request"
    default_detail = "The request could not be read."


class NotFound(Problem):
    status_code = 404
    default_code = "not_found"
    default_detail = "There is nothing at this address."


class ServiceWithdrawn(Problem):
    status_code = 410
    default_code = "service_withdrawn"
    default_detail = (
        "This was taken back. Remove every copy of it. The change log of the partner "
        "API tells of every removal: /api/v1/changes"
    )


class NotAllowed(Problem):
    status_code = 405
    default_code = "method_not_allowed"
    default_detail = "Everything here is read only: use GET or HEAD."


class TryLater(Problem):
    status_code = 503
    default_code = "try_later"
    default_detail = (
        "This took too long, or the database is busy. Try again in a while, and ask for "
        "less at once: a smaller “per_page”, or fewer filters."
    )


class ServerError(Problem):
    status_code = 500
    default_code = "server_error"
    default_detail = "The mistake is ours. Try again later, and tell us if it stays."


def handle_exception(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception of any view of this channel.

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
    body = {
        # Without a page of its own to point to, the status is the type.
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": str(problem.detail),
        "code": problem.default_code,
    } | problem.members
    return HttpResponse(
        json.dumps(body, ensure_ascii=False).encode(),
        status=problem.status_code,
        content_type=CONTENT_TYPE,
    )
