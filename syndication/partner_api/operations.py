"""What every keyed address does, for OpenAPI and the pages made of it."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from syndication.rest import described
from syndication.rest.described import ORIGIN, Method, Schema
from syndication.rest.problems import (
    InvalidBody,
    InvalidParameter,
    LengthRequired,
    Problem,
    RepeatedParameter,
    ServerError,
    TooLarge,
    TooManyRequests,
    TryLater,
    UnknownParameter,
    UnsupportedMediaType,
)

from . import problems, schema
from .schema import HIGHEST

TAG = "Partners"
# Its name in the document's securitySchemes.
KEY = "key"
DEFAULT_LIMIT = 20
MOST = 100
ANY_KEY: tuple[type[Problem], ...] = (
    problems.KeyMissing,
    problems.KeyUnknown,
    problems.KeyExpired,
    problems.KeyRevoked,
    problems.KeyInAddress,
    problems.Unencrypted,
    TooManyRequests,
    UnknownParameter,
)
MEMBERS = {
    "unknown_parameter": {"parameter": "shw"},
    "repeated_parameter": {"parameter": "limit"},
    "invalid_parameter": {"parameter": "limit"},
    "scope_missing": {"scope": "acknowledge"},
}
CONTENT_ID = "4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10"
LIMITS = [
    OpenApiParameter(
        name,
        str,
        OpenApiParameter.HEADER,
        response=[200, 429],
        description=description,
    )
    for name, description in (
        ("RateLimit-Policy", "The limits that hold here: “q” requests in “w” seconds."),
        ("RateLimit", "What is left of each: “r” requests, for “t” more seconds."),
    )
]


def _operation(
    *,
    name: str,
    summary: str,
    description: str,
    answer: type[Schema],
    meaning: str,
    example: dict[str, Any],
    parameters: Sequence[OpenApiParameter] = (),
    errors: Sequence[type[Problem]] = (),
    body: type[Schema] | None = None,
    sent: dict[str, Any] | None = None,
    is_made: str = "",
) -> Callable[[Method], Method]:
    """Describe an operation. ``is_made`` is what 201 means, where it can come."""
    refused = [*ANY_KEY, *errors, TryLater, ServerError]
    answers: dict[Any, Any] = {200: OpenApiResponse(answer, description=meaning)}
    if is_made:
        answers[201] = OpenApiResponse(answer, description=is_made)
    decorate: Callable[[Method], Method] = extend_schema(
        operation_id=name,
        tags=[TAG],
        summary=summary,
        description=description,
        # As the document has it: typed as names, and put there as it is.
        auth=[{KEY: []}],  # type: ignore[list-item]
        parameters=[*parameters, *LIMITS],
        request=body,
        responses=answers | described.refusals(refused, {}),
        examples=[
            OpenApiExample(
                meaning,
                value=example,
                status_codes=[str(status) for status in answers],
                response_only=True,
            ),
            *(
                [OpenApiExample("Every copy is down", value=sent, request_only=True)]
                if sent
                else []
            ),
            *described.examples(
                refused, explained_at=problems.EXPLAINED_AT, members=MEMBERS
            ),
        ],
    )
    return decorate


me = _operation(
    name="getMe",
    summary="See what your key may do",
    description=(
        "Your organisation, its mailboxes and areas, what the key that you sent may do, "
        "and which limits hold. Any key may ask this."
    ),
    answer=schema.MeSerializer,
    meaning="Who you are to us",
    example={
        "organisation": {
            "name": "Example School",
            "kind": "school",
            "website": "https://school.example",
        },
        "contacts": [{"role": "removals", "email": "web.team@school.example"}],
        "areas": [{"slug": "shropshire", "name": "Shropshire"}],
        "key": {
            "name": "Nightly update",
            "prefix": "countersign_0HVD",
            "scopes": ["read", "acknowledge"],
            "expires_at": "2027-11-21T18:04:00Z",
        },
        "limits": [{"name": "key", "requests": 600, "seconds": 60}],
    },
)
removals = _operation(
    name="listRemovals",
    summary="List what to take down",
    description=(
        "What was taken back that concerns your areas since you became a partner, "
        "oldest first, and what you confirmed of it. Follow “next” until a page is "
        "empty, keep that “next” and ask it again later. Needs the scope “read”."
    ),
    answer=schema.RemovalPageSerializer,
    meaning="One page of removals",
    example={
        "removals": [
            {
                "change": 12,
                "type": "withdrawn",
                "content_id": CONTENT_ID,
                "kind": "news",
                "version": 2,
                "at": "2026-11-22T09:30:00Z",
                "url": f"{ORIGIN}/items/{CONTENT_ID}",
                "acknowledged": {
                    "received": "2026-11-22T09:31:00Z",
                    "removed": "2026-11-22T09:35:00Z",
                },
            }
        ],
        "next": f"{ORIGIN}/api/partner/v1/removals?after=12",
    },
    parameters=[
        OpenApiParameter(
            "show",
            str,
            enum=["all", "open"],
            description="“open” leaves out what you confirmed as removed.",
            examples=[OpenApiExample("What is left to do", value="open")],
        ),
        OpenApiParameter(
            "after",
            {"type": "integer", "minimum": 0, "maximum": HIGHEST},
            description="Only removals with a higher number: a place in the list, "
            "taken from “next”.",
        ),
        OpenApiParameter(
            "limit",
            {
                "type": "integer",
                "minimum": 1,
                "maximum": MOST,
                "default": DEFAULT_LIMIT,
            },
            description=f"How many removals a page has, 1 to {MOST}.",
            examples=[OpenApiExample("Fifty at a time", value=50)],
        ),
    ],
    errors=[problems.ScopeMissing, RepeatedParameter, InvalidParameter],
)
acknowledgements = _operation(
    name="acknowledge",
    summary="Confirm a removal",
    description=(
        "Say that you received a removal, or took every copy down. Saying it again "
        "changes nothing, not even the time. Needs the scope “acknowledge”."
    ),
    answer=schema.AcknowledgementMadeSerializer,
    meaning="You had said it before",
    is_made="It is on record now",
    example={"change": 12, "state": "removed", "at": "2026-11-22T09:35:00Z"},
    body=schema.AcknowledgementSerializer,
    sent={"change": 12, "state": "removed"},
    errors=[
        problems.ScopeMissing,
        InvalidBody,
        UnsupportedMediaType,
        LengthRequired,
        TooLarge,
        problems.RemovalNotFound,
    ],
)
usage = _operation(
    name="getUsage",
    summary="See how often your keys were used",
    description=(
        "Requests on each of the last 90 days, and how many of them were over the "
        "limit. Needs the scope “read”."
    ),
    answer=schema.UsageSerializer,
    meaning="The days on which there were any",
    example={
        "days": [{"day": "2026-11-22", "requests": 288, "refused": 0}],
    },
    errors=[problems.ScopeMissing],
)
