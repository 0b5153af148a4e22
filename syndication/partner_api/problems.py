"""What a partner with a key can get wrong, besides what any address for programs refuses."""

from typing import Any, ClassVar

from django.conf import settings

from syndication.rest import problems
from syndication.rest.problems import (
    BadRequest,
    InvalidBody,
    InvalidParameter,
    LengthRequired,
    NotAllowed,
    NotFound,
    RepeatedParameter,
    Retired,
    ServerError,
    TooLarge,
    TooManyRequests,
    TryLater,
    UnknownParameter,
    UnsupportedMediaType,
)

# Where each is explained, with its code behind.
EXPLAINED_AT = "/api/partner/v1/problems/"
REALM = "partners"


class KeyProblem(problems.Problem):
    """What is wrong with a key. ``bearer_error`` is what RFC 6750 (3.1) calls it."""

    bearer_error: ClassVar[str] = ""

    def headers(self) -> dict[str, str]:
        error = f', error="{self.bearer_error}"' if self.bearer_error else ""
        return {"WWW-Authenticate": f'Bearer realm="{REALM}"{error}'}


class KeyMissing(KeyProblem):
    status_code = 401
    title = "No key"
    default_code = "key_missing"
    default_detail = (
        "These addresses need your key. Send it in the header "
        "“Authorization: Bearer countersign_…”."
    )


class KeyUnknown(KeyProblem):
    status_code = 401
    title = "Unknown key"
    default_code = "key_unknown"
    default_detail = (
        "This is none of our keys. Check that all of it was copied: it begins with "
        "“countersign_” and has 45 characters."
    )
    bearer_error = "invalid_token"


class KeyExpired(KeyProblem):
    status_code = 401
    title = "Expired key"
    default_code = "key_expired"
    default_detail = "The time of this key is over. Ask us for a new one."
    bearer_error = "invalid_token"


class KeyRevoked(KeyProblem):
    status_code = 401
    title = "Revoked key"
    default_code = "key_revoked"
    default_detail = "This key was revoked. Ask us for a new one."
    bearer_error = "invalid_token"


class KeyInAddress(problems.Problem):
    title = "Key in the address"
    default_code = "key_in_address"
    default_detail = (
        "A key came in the address. Addresses are kept in logs, histories and caches, "
        "so this key counts as leaked: ask us for a new one, and have this one revoked. "
        "Send keys in the header “Authorization” only."
    )


class ScopeMissing(KeyProblem):
    status_code = 403
    title = "Not for this key"
    default_code = "scope_missing"
    default_detail = "This key may not do that. Ask us for one with the scope it needs."
    bearer_error = "insufficient_scope"


class Unencrypted(problems.Problem):
    status_code = 403
    title = "Not encrypted"
    default_code = "unencrypted"
    default_detail = (
        "This came over plain HTTP, where anybody on the way can read a key. Use "
        "https://. A key that was sent like this counts as leaked: ask us for a new one."
    )


class RemovalNotFound(problems.Problem):
    status_code = 404
    title = "No such removal"
    default_code = "removal_not_found"
    default_detail = (
        "No removal that concerns you has this number. “removals” lists all of them."
    )


PROBLEMS: dict[str, type[problems.Problem]] = {
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
        RepeatedParameter,
        InvalidParameter,
        InvalidBody,
        UnsupportedMediaType,
        LengthRequired,
        TooLarge,
        BadRequest,
        NotFound,
        RemovalNotFound,
        NotAllowed,
        Retired,
        TooManyRequests,
        TryLater,
        ServerError,
    )
}


def described(problem: type[problems.Problem]) -> dict[str, Any]:
    """Return what the address in the ``type`` of a problem says of it."""
    code = problem.default_code
    return {
        "type": f"{settings.PUBLIC_ORIGIN}{EXPLAINED_AT}{code}",
        "title": problem.title,
        "status": problem.status_code,
        "detail": str(problem.default_detail),
        "code": code,
    }
