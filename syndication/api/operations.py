"""What every address of the API does, for OpenAPI and the pages made of it."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)

from syndication.rest.described import Method, Schema, refusals
from syndication.rest.described import examples as examples_of
from syndication.rest.parameters import LONGEST
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

from . import examples, problems, schema
from .parameters import DEFAULT_LIMIT, MOST
from .selections import KINDS, MOST_VERSIONS, MOST_WORDS, OLDEST_AGE, ORDERS, VIEWS


def _slug(name: str, description: str, example: str) -> OpenApiParameter:
    return OpenApiParameter(
        name,
        {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,50}$"},
        description=description,
        examples=[OpenApiExample("One of them", value=example)],
    )


LIMIT = OpenApiParameter(
    "limit",
    {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
    description=(
        f"How many entries a page has, 1 to {MOST}; {DEFAULT_LIMIT} without it. More "
        "is refused rather than cut short."
    ),
    examples=[OpenApiExample("Fifty at a time", value=50)],
)
CURSOR = OpenApiParameter(
    "cursor",
    {"type": "string", "maxLength": LONGEST},
    description="A place in the list, taken from “next”. Never make one yourself.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of the copy you hold. If it still fits, the answer is 304.",
)
ETAG = OpenApiParameter(
    "ETag",
    str,
    OpenApiParameter.HEADER,
    response=[200, 304],
    description="Names these bytes. Send it back as If-None-Match next time.",
)
FOLLOWED = [
    OpenApiParameter(
        "kind",
        str,
        enum=KINDS,
        description="Only items of this kind.",
        examples=[OpenApiExample("News only", value="news")],
    ),
    _slug(
        "area",
        "Only items for this area, by its slug. A slug that no area has gives an empty "
        "list, not an error.",
        "shropshire",
    ),
    _slug("topic", "Only items about this topic, by its slug.", "health"),
]
STAGE = _slug("stage", "Only items for this stage of life, by its code.", "early-years")
TIER = _slug("tier", "Only items of this tier of support, by its code.", "universal")
AGE = OpenApiParameter(
    "age",
    {"type": "integer", "minimum": 0, "maximum": OLDEST_AGE},
    description="Only items for children or young people of this age, in years. What "
    "names no age is for every age.",
    examples=[OpenApiExample("Seven years old", value=7)],
)
UPDATED_SINCE = OpenApiParameter(
    "updated_since",
    OpenApiTypes.DATETIME,
    description="Only items whose version became public at this moment or later, as in "
    "RFC 3339, with its offset. Does not tell what was taken back: follow the changes "
    "for that.",
    examples=[OpenApiExample("A moment", value="2026-11-01T00:00:00Z")],
)
REVIEWED_SINCE = OpenApiParameter(
    "reviewed_since",
    OpenApiTypes.DATE,
    description="Only items that somebody read and found right on this day or later.",
    examples=[OpenApiExample("A day", value="2026-11-01")],
)
Q = OpenApiParameter(
    "q",
    {"type": "string", "minLength": 1, "maxLength": LONGEST},
    description=f"Only items that have all these words, at most {MOST_WORDS}, in any "
    "form: “stammers” finds “stammering”. What is long overdue for a check is not found.",
    examples=[OpenApiExample("Two words", value="advice line")],
)
ORDER = OpenApiParameter(
    "order",
    str,
    enum=ORDERS,
    description="“newest” by the day of release; “updated” by when the version became "
    "public; “relevance”, only with “q”, and the default there.",
    examples=[OpenApiExample("Last changed first", value="updated")],
)
VIEW = OpenApiParameter(
    "view",
    str,
    enum=VIEWS,
    description="“full”, the default, gives each item whole; “summary” leaves “content” "
    "out and tells summary, ages, areas, topics and terms instead.",
    examples=[OpenApiExample("No bodies", value="summary")],
)
VERSION = OpenApiParameter(
    "version",
    {"type": "integer", "minimum": 1, "maximum": MOST_VERSIONS},
    description="An earlier version, as it was released. 410 when something was taken "
    "out of the item since.",
    examples=[OpenApiExample("The first", value=1)],
)
NOT_CHANGED = OpenApiResponse(description="Your copy is still right. There is no body.")


# Where 410 is no notice of an item.
_GONE: dict[str, type[Schema]] = {"listChanges": schema.ResyncSerializer}


def _operation(
    *,
    name: str,
    tag: str,
    summary: str,
    description: str,
    answer: type[Schema],
    meaning: str,
    example: dict[str, Any],
    parameters: Sequence[OpenApiParameter] = (),
    errors: Sequence[type[Problem]] = (),
    media_type: str = "",
    body: type[Schema] | None = None,
) -> Callable[[Method], Method]:
    """Describe an operation. What is always made anew, or sent, is not conditional."""
    is_conditional = not media_type and body is None
    refused: list[type[Problem]] = [UnknownParameter, *errors, TryLater, ServerError]
    responses: dict[Any, Any] = {
        (200, media_type) if media_type else 200: OpenApiResponse(
            answer, description=meaning
        ),
    }
    if is_conditional:
        responses[304] = NOT_CHANGED
        parameters = [*parameters, IF_NONE_MATCH, ETAG]
    responses |= refusals(refused, {410: _GONE.get(name, schema.WithdrawnSerializer)})
    described: Callable[[Method], Method] = extend_schema(
        operation_id=name,
        tags=[tag],
        summary=summary,
        description=description,
        parameters=list(parameters),
        request=body,
        responses=responses,
        examples=[
            OpenApiExample(
                meaning,
                value=example,
                status_codes=["200"],
                response_only=True,
                media_type=media_type or "application/json",
            ),
            *(
                [OpenApiExample("Two copies", value=examples.COPIES, request_only=True)]
                if body
                else []
            ),
            *examples_of(
                refused, explained_at=problems.EXPLAINED_AT, members=examples.MEMBERS
            ),
        ],
    )
    return described


items = _operation(
    name="listItems",
    tag="Items",
    summary="List what is public now",
    description=(
        "All items that are public now, each with its receipt, or those that you choose. "
        "Filters go together: each narrows the list. Follow “next” until it is null. An item that gets a new version "
        "while you walk moves to the front, where you have already been: follow the "
        "changes as well if you keep copies."
    ),
    answer=schema.ItemPageSerializer,
    meaning="One page of items",
    example=examples.ITEMS,
    parameters=[
        *FOLLOWED,
        STAGE,
        TIER,
        AGE,
        UPDATED_SINCE,
        REVIEWED_SINCE,
        Q,
        ORDER,
        VIEW,
        LIMIT,
        CURSOR,
    ],
    errors=[
        RepeatedParameter,
        InvalidParameter,
        problems.BadCursor,
        problems.CursorMismatch,
        TooManyRequests,
    ],
)
item = _operation(
    name="getItem",
    tag="Items",
    summary="Read one item",
    description=(
        "The current release of an item. Once it is withdrawn, this address answers "
        "410 with the time and, where there are any, a note to the public and the item "
        "that replaces it."
    ),
    answer=schema.ItemSerializer,
    meaning="The item as it is public now",
    example=examples.ITEM,
    parameters=[
        OpenApiParameter(
            "content_id",
            OpenApiTypes.UUID,
            OpenApiParameter.PATH,
            description="The identity of the item, in lower case.",
            examples=[OpenApiExample("An item", value=examples.CONTENT_ID)],
        ),
        VERSION,
    ],
    errors=[
        RepeatedParameter,
        InvalidParameter,
        problems.ItemNotFound,
        problems.VersionNotFound,
        problems.ItemWithdrawn,
        problems.ItemExpired,
        problems.VersionWithdrawn,
    ],
)
changes = _operation(
    name="listChanges",
    tag="Changes",
    summary="Follow what changes",
    description=(
        "Everything that was published, updated and withdrawn, in the order in which "
        "it happened. Begin with the address that the export gave you, or without a "
        "cursor for all that is kept. Follow “next” until a page is empty, keep that "
        "“next” and ask it again later. With filters you are told what concerns that "
        "selection: removals, and “left_selection” for what is no longer in it. A "
        "cursor older than what is kept is answered with 410 “resync”."
    ),
    answer=schema.ChangePageSerializer,
    meaning="What happened since the cursor",
    example=examples.CHANGES,
    parameters=[*FOLLOWED, LIMIT, CURSOR],
    errors=[
        RepeatedParameter,
        InvalidParameter,
        problems.BadCursor,
        problems.CursorMismatch,
        problems.Resync,
    ],
)
reconcile = _operation(
    name="reconcile",
    tag="Changes",
    summary="Compare your copies",
    description=(
        "Send the version of every copy that you hold, at most 10,000 at once. You are "
        "told which are no longer what is public: newer by now, taken back, or never "
        "public here. It changes nothing."
    ),
    answer=schema.ReconciledSerializer,
    meaning="What is to be done with these copies",
    example=examples.RECONCILED,
    body=schema.CopiesSerializer,
    errors=[
        InvalidBody,
        UnsupportedMediaType,
        LengthRequired,
        TooLarge,
        TooManyRequests,
    ],
)
export = _operation(
    name="exportItems",
    tag="Changes",
    summary="Load everything",
    description=(
        "Every item that is public now, as lines of JSON (NDJSON), or those of one "
        "selection. The first line tells when, and with “changes” the address from "
        "which to follow what happens after. What changes while you load may be in "
        "neither version here, and is in the changes."
    ),
    answer=schema.ExportLineSerializer,
    meaning="A line each: first where to go on, then the items",
    example=examples.EXPORTED,
    media_type="application/x-ndjson",
    parameters=FOLLOWED,
    errors=[RepeatedParameter, InvalidParameter, TooManyRequests],
)
areas = _operation(
    name="listAreas",
    tag="Directory",
    summary="List the areas",
    description="The areas that content can be for, with the forums that sign there.",
    answer=schema.AreaDirectorySerializer,
    meaning="All areas",
    example=examples.AREAS,
)
forums = _operation(
    name="listForums",
    tag="Directory",
    summary="List the forums",
    description="The parent carer forums that sign.",
    answer=schema.ForumDirectorySerializer,
    meaning="All forums",
    example=examples.FORUMS,
)
topics = _operation(
    name="listTopics",
    tag="Directory",
    summary="List the topics",
    description="What content can be about.",
    answer=schema.TopicDirectorySerializer,
    meaning="All topics",
    example=examples.TOPICS,
)
terms = _operation(
    name="listTerms",
    tag="Directory",
    summary="List the terms",
    description=(
        "The terms of our vocabularies that are in use today: areas of need, stages, "
        "tiers, adulthood outcomes, and what the law asks a Local Offer to tell."
    ),
    answer=schema.TermDirectorySerializer,
    meaning="All terms in use",
    example=examples.TERMS,
)
receipt = _operation(
    name="getReceipt",
    tag="Receipts",
    summary="Check a receipt",
    description=(
        "Whether the text with this fingerprint was signed and released, by which "
        "forums, and whether it still stands."
    ),
    answer=schema.ConfirmationSerializer,
    meaning="What stands behind the fingerprint",
    example=examples.CONFIRMATION,
    parameters=[
        OpenApiParameter(
            "fingerprint",
            {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            OpenApiParameter.PATH,
            description="SHA-256 of the signed bytes, 64 lower-case hex digits.",
            examples=[OpenApiExample("A fingerprint", value=examples.FINGERPRINT)],
        )
    ],
    errors=[problems.ReceiptNotFound],
)
