"""The description of every answer, for OpenAPI alone: nothing is serialised by it.

``tests/test_api_contract.py`` holds real answers against it.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import serializers

from . import examples, problems
from .parameters import DEFAULT_LIMIT, LONGEST, MOST

KIND_CHOICES = [
    ("local-offer", "a page of the SEND Local Offer"),
    ("news", "a news item"),
    ("issues", "an issue of the newsletter"),
]
KINDS = tuple(kind for kind, _ in KIND_CHOICES)
DECISION_CHOICES = [
    ("agree", "the forum agreed"),
    ("agree_with_comments", "the forum agreed and left comments for the editors"),
    (
        "dissent",
        "the forum did not agree, and the text says so: never name it as agreeing",
    ),
]
ROLE_CHOICES = [
    ("forum", "a parent carer forum"),
    ("professional", "a professional, such as a clinical lead, who signs as well"),
]
LABEL_CHOICES = [
    (
        "co-produced",
        "a forum helped before anything was written, and agreed to the result",
    ),
    ("consulted", "people were asked while it was made"),
    ("reviewed", "a forum read the finished text and agreed to it"),
    ("information", "no forum has agreed to this text"),
]
STAGE_CHOICES = [
    ("idea", "before anything was written"),
    ("draft", "while it was written"),
    ("review", "reading the finished draft"),
    ("evaluation", "looking at how it works"),
]
HOW_MANY_CHOICES = [("1-5", "1 to 5"), ("6-20", "6 to 20"), ("21+", "more than 20")]
STATUS_CHOICES = [
    ("current", "this text is public now"),
    ("superseded", "a newer version of the item is public now"),
    ("withdrawn", "the item was taken back: remove every copy"),
]
CHANGE_CHOICES = [
    ("published", "public for the first time"),
    ("updated", "a newer version is public"),
    ("corrected", "a fact was put right at once, before the forums' review"),
    ("withdrawn", "taken back: remove every copy"),
    ("redirected", "taken back and replaced by another item: remove every copy"),
    ("expired", "its time was over: remove every copy"),
    ("restored", "public again after it was taken back"),
    ("reduced", "something it repeated was taken back: keep only the newer version"),
    (
        "consent_ended",
        "the consent for a voice in it ended: keep only the newer version, at once",
    ),
    ("left_selection", "no longer for an area: remove it if that is yours"),
]
REASON = (
    "A class of reasons for a removal, where one is told. consent_withdrawn: whoever it "
    "is about no longer agrees. Nothing more of it is told to anybody."
)

Method = TypeVar("Method", bound=Callable[..., Any])
Schema = serializers.Serializer[Any]


class SignatureSerializer(Schema):
    """What one forum said of this text."""

    slug = serializers.SlugField(help_text="The forum, as in the list of forums.")
    name = serializers.CharField(help_text="Its full name, to show beside the text.")
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    decision = serializers.ChoiceField(choices=DECISION_CHOICES)
    signed_at = serializers.DateTimeField(help_text="When it signed, in UTC.")


class LabelSerializer(Schema):
    """What the text may call itself. Computed from what happened, never typed."""

    slug = serializers.ChoiceField(choices=LABEL_CHOICES)
    name = serializers.CharField(help_text="The label, to show beside the text.")
    reason = serializers.CharField(help_text="Why, in a sentence. Show it as well.")


class BeforeReviewSerializer(Schema):
    """A fact was put right at once, and no forum has agreed to this version yet.

    Show “Changed on DATE before forum review” wherever you show the text, lists and
    summaries included. A new version follows when the forums have answered.
    """

    changed_at = serializers.DateTimeField(help_text="When it was changed, in UTC.")
    fields = serializers.ListField(  # type: ignore[assignment]
        child=serializers.CharField(),
        help_text="What was changed since forums last signed, in words for people.",
    )


class ReceiptSerializer(Schema):
    """Who signed exactly this text, and when."""

    version = serializers.IntegerField(help_text="The version that was signed.")
    fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$",
        help_text=(
            "SHA-256 of the signed bytes: of “content” in canonical form (RFC 8785)."
        ),
    )
    signed_fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text=(
            "Only where something was taken out since: the fingerprint of all that "
            "the forums signed. Nothing was added or altered."
        ),
    )
    algorithm = serializers.CharField(
        help_text="How the fingerprint is made. jcs-sha256: RFC 8785, then SHA-256."
    )
    url = serializers.URLField(help_text="A page that shows the receipt to people.")
    label = LabelSerializer()  # type: ignore[assignment]
    forums = SignatureSerializer(
        many=True,
        help_text=(
            "Every forum that had to sign, with its signature. Empty for a correction "
            "that no forum has reviewed yet."
        ),
    )
    before_review = BeforeReviewSerializer(required=False)


class TermSerializer(Schema):
    """An area or a topic."""

    slug = serializers.SlugField(help_text="Its short name in addresses.")
    name = serializers.CharField(help_text="Its name, to show to people.")


class DissentSerializer(Schema):
    """A forum that did not agree and signed that the text is published saying so."""

    forum = serializers.SlugField(help_text="The forum, as in the list of forums.")
    name = serializers.CharField(help_text="Its full name.")
    comment = serializers.CharField(
        required=False, help_text="Why, where it lets its reason be shown."
    )


class PartSerializer(Schema):
    """Who took part in making the text."""

    who = serializers.CharField(help_text="A forum or a group, never a person.")
    forum = serializers.SlugField(
        required=False, help_text="The forum, if it was one, as in the list of forums."
    )
    stage = serializers.ChoiceField(choices=STAGE_CHOICES)
    how_many = serializers.ChoiceField(choices=HOW_MANY_CHOICES, required=False)


class CoProductionSerializer(Schema):
    """How the text was made together, as the forums signed it."""

    level = serializers.CharField(
        allow_null=True,
        help_text=(
            "What was decided together: individual (one child’s support), service (how "
            "a service works) or strategic (what is planned for the area)."
        ),
    )
    parts = PartSerializer(many=True, help_text="Who took part, and from when on.")
    changed = serializers.CharField(
        allow_blank=True, help_text="What changed because of them. May be empty."
    )


class ContentSerializer(Schema):
    """What the forums signed, byte for byte.

    Which fields there are depends on the kind, and fields may be added: keep the ones
    you do not know, or the fingerprint no longer fits.
    """

    schema = serializers.CharField(help_text="The form of the content.")
    content_id = serializers.UUIDField(help_text="The identity of the item, for life.")
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    language = serializers.CharField(
        required=False, help_text="Language of the text (BCP 47)."
    )
    title = serializers.CharField(help_text="Plain text.")
    summary = serializers.CharField(
        required=False, help_text="One or two sentences, plain text."
    )
    areas = TermSerializer(many=True, required=False, help_text="Whom it is for.")
    topics = TermSerializer(many=True, required=False, help_text="What it is about.")
    audience = serializers.CharField(
        required=False, help_text="Who it is for, in a sentence. Local offer only."
    )
    age_from = serializers.IntegerField(required=False, help_text="Youngest age.")
    age_to = serializers.IntegerField(required=False, help_text="Oldest age.")
    review_by = serializers.DateField(
        required=False,
        allow_null=True,
        help_text="The day by which somebody checks that this is still right.",
    )
    closure = serializers.CharField(
        required=False,
        help_text="A closure or change at short notice. Stands at the top of html too.",
    )
    release_at = serializers.DateTimeField(
        required=False, help_text="It was not to be public before this time."
    )
    dissent = DissentSerializer(
        many=True,
        required=False,
        help_text="Forums that did not agree. Stands at the top of html too.",
    )
    co_production = CoProductionSerializer(required=False)
    body = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text=(
            "The text in blocks, in order. Each has a type: heading, paragraph, image, "
            "contact, call_to_action, voice or left_out. Skip types that you do not "
            "know, or show html. A voice is a family's own: its licence is permission "
            "for this channel only, and attribution is null or the name to give."
        ),
    )
    forms = serializers.DictField(
        child=serializers.RegexField("^[0-9a-f]{64}$"),
        required=False,
        help_text=(
            "The SHA-256 of what other channels get, where it is not this text: the "
            "forums signed those bytes too. They are not given out here."
        ),
    )
    introduction = serializers.CharField(
        required=False, help_text="Words before the items. Newsletter issues only."
    )
    items = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="The items of the issue, in order. Newsletter issues only.",
    )
    sections = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text=(
            "The part of the text that each item has in the issue. Newsletter issues "
            "only."
        ),
    )
    html = serializers.CharField(
        help_text="The body as clean HTML: no scripts, no styles, absolute links."
    )
    text = serializers.CharField(help_text="The body as plain text.")


class ItemSerializer(Schema):
    """One item as it is public now."""

    content_id = serializers.UUIDField(
        help_text="The identity of the item, the same through all its versions."
    )
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    version = serializers.IntegerField(help_text="Counts up with every release.")
    title = serializers.CharField(help_text="Plain text.")
    url = serializers.URLField(help_text="Its page for people. Link to this one.")
    released_at = serializers.DateTimeField(help_text="When this version went public.")
    receipt = ReceiptSerializer()
    content = ContentSerializer()


class ItemPageSerializer(Schema):
    items = ItemSerializer(many=True, help_text="The items of this page.")
    next = serializers.URLField(
        allow_null=True,
        help_text="The next page, to be followed as it is. Null on the last one.",
    )


class ReferenceSerializer(Schema):
    """The item that replaces one that was taken back."""

    content_id = serializers.UUIDField(help_text="The identity of that item.")
    url = serializers.URLField(help_text="Its page for people. Link to this one.")


class ChangeSerializer(Schema):
    """One thing that happened."""

    number = serializers.IntegerField(help_text="Its place in the log, rising.")
    type = serializers.ChoiceField(choices=CHANGE_CHOICES)
    content_id = serializers.UUIDField(help_text="The item that it is about.")
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    version = serializers.IntegerField(help_text="The version that it is about.")
    at = serializers.DateTimeField(help_text="When it happened.")
    url = serializers.URLField(help_text="The page of the item for people.")
    note = serializers.CharField(
        required=False,
        help_text="A word to the public about a removal, when there is one.",
    )
    reason = serializers.CharField(required=False, help_text=REASON)
    area = serializers.SlugField(
        required=False,
        help_text="The area that it is no longer for. Only with left_selection.",
    )
    replacement = ReferenceSerializer(required=False)


class ChangePageSerializer(Schema):
    changes = ChangeSerializer(many=True, help_text="What happened, oldest first.")
    next = serializers.URLField(
        help_text=(
            "Where to go on. Always there, also when there was nothing new: keep it "
            "and ask it again later."
        )
    )


NEXT_OF_WHOLE_LIST = (
    "Always null: the list is whole. It is there so that every list reads the same."
)


class AreaSerializer(Schema):
    """A place that content can be for."""

    slug = serializers.SlugField(help_text="The value of the filter “area”.")
    name = serializers.CharField(help_text="Its name, to show to people.")
    forums = serializers.ListField(
        child=serializers.SlugField(),
        help_text="The forums that must sign whatever is for this area.",
    )


class AreaDirectorySerializer(Schema):
    items = AreaSerializer(many=True, help_text="Every area, by name.")
    next = serializers.URLField(
        required=False, allow_null=True, help_text=NEXT_OF_WHOLE_LIST
    )


class ForumSerializer(Schema):
    """Who signs: a parent carer forum, or a professional who signs besides them."""

    slug = serializers.SlugField(help_text="Its short name in receipts and areas.")
    name = serializers.CharField(help_text="Its full name.")
    short_name = serializers.CharField(help_text="As families say it.")
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    website = serializers.URLField(
        required=False, help_text="Its own website, when it has one."
    )


class ForumDirectorySerializer(Schema):
    items = ForumSerializer(many=True, help_text="Every forum, by short name.")
    next = serializers.URLField(
        required=False, allow_null=True, help_text=NEXT_OF_WHOLE_LIST
    )


class TopicDirectorySerializer(Schema):
    items = TermSerializer(many=True, help_text="Every topic, by name.")
    next = serializers.URLField(
        required=False, allow_null=True, help_text=NEXT_OF_WHOLE_LIST
    )


class ConfirmationSerializer(Schema):
    """What stands behind a fingerprint."""

    fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$", help_text="The fingerprint that you asked about."
    )
    content_id = serializers.UUIDField(help_text="The item whose text was signed.")
    kind = serializers.ChoiceField(choices=KIND_CHOICES)
    version = serializers.IntegerField(help_text="The version with this fingerprint.")
    title = serializers.CharField(
        required=False, help_text="Left out once the item is withdrawn."
    )
    url = serializers.URLField(help_text="The page of the item for people.")
    status = serializers.ChoiceField(choices=STATUS_CHOICES)
    released_at = serializers.DateTimeField(help_text="When that version went public.")
    withdrawn_at = serializers.DateTimeField(
        required=False, help_text="When the item was taken back, if it was."
    )
    receipt = ReceiptSerializer()


class ProblemSerializer(Schema):
    """An error (RFC 9457). Decide by “code”, show “detail” to people."""

    type = serializers.URLField(help_text="Where this error is explained.")
    title = serializers.CharField(help_text="The error in a few words.")
    status = serializers.IntegerField(help_text="The HTTP status again.")
    detail = serializers.CharField(help_text="What is wrong with this request.")
    code = serializers.CharField(help_text="The error for programs; never changes.")
    parameter = serializers.CharField(
        required=False, help_text="The query parameter at fault, if it was one."
    )


class WithdrawnSerializer(ProblemSerializer):
    """The notice that stands where an item was taken back."""

    content_id = serializers.UUIDField(help_text="The item that was taken back.")
    withdrawn_at = serializers.DateTimeField(help_text="When it was taken back.")
    note = serializers.CharField(
        required=False, help_text="A word to the public about it, when there is one."
    )
    reason = serializers.CharField(required=False, help_text=REASON)
    replacement = ReferenceSerializer(required=False)


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
NOT_CHANGED = OpenApiResponse(description="Your copy is still right. There is no body.")


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
    errors: Sequence[type[problems.Problem]] = (),
) -> Callable[[Method], Method]:
    refused: list[type[problems.Problem]] = [problems.UnknownParameter, *errors]
    responses: dict[Any, Any] = {
        200: OpenApiResponse(answer, description=meaning),
        304: NOT_CHANGED,
    }
    for status in sorted({problem.status_code for problem in refused}):
        responses[status, problems.CONTENT_TYPE] = OpenApiResponse(
            WithdrawnSerializer if status == 410 else ProblemSerializer,
            description=" ".join(
                f"{problem.default_code}: {problem.default_detail}"
                for problem in refused
                if problem.status_code == status
            ),
        )
    described: Callable[[Method], Method] = extend_schema(
        operation_id=name,
        tags=[tag],
        summary=summary,
        description=description,
        parameters=[*parameters, IF_NONE_MATCH, ETAG],
        responses=responses,
        examples=[
            OpenApiExample(meaning, value=example, status_codes=["200"]),
            *(_example(problem) for problem in refused),
        ],
    )
    return described


def _example(problem: type[problems.Problem]) -> OpenApiExample:
    return OpenApiExample(
        problem.title,
        value={
            "type": f"{examples.ORIGIN}/api/v1/docs#{problem.default_code}",
            "title": problem.title,
            "status": problem.status_code,
            "detail": str(problem.default_detail),
            "code": problem.default_code,
        }
        | examples.MEMBERS.get(problem.default_code, {}),
        status_codes=[str(problem.status_code)],
        media_type=problems.CONTENT_TYPE,
    )


items = _operation(
    name="listItems",
    tag="Items",
    summary="List what is public now",
    description=(
        "All items that are public now, the newest release first, each whole and with "
        "its receipt. Follow “next” until it is null. An item that gets a new version "
        "while you walk moves to the front, where you have already been: follow the "
        "changes as well if you keep copies."
    ),
    answer=ItemPageSerializer,
    meaning="One page of items",
    example=examples.ITEMS,
    parameters=[
        OpenApiParameter(
            "kind",
            str,
            enum=KINDS,
            description="Only items of this kind.",
            examples=[OpenApiExample("News only", value="news")],
        ),
        OpenApiParameter(
            "area",
            {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,50}$"},
            description=(
                "Only items for this area, by its slug. A slug that no area has gives "
                "an empty list, not an error."
            ),
            examples=[OpenApiExample("One area", value="shropshire")],
        ),
        LIMIT,
        CURSOR,
    ],
    errors=[
        problems.RepeatedParameter,
        problems.InvalidParameter,
        problems.BadCursor,
        problems.CursorMismatch,
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
    answer=ItemSerializer,
    meaning="The item as it is public now",
    example=examples.ITEM,
    parameters=[
        OpenApiParameter(
            "content_id",
            OpenApiTypes.UUID,
            OpenApiParameter.PATH,
            description="The identity of the item, in lower case.",
            examples=[OpenApiExample("An item", value=examples.CONTENT_ID)],
        )
    ],
    errors=[problems.ItemNotFound, problems.ItemWithdrawn],
)
changes = _operation(
    name="listChanges",
    tag="Changes",
    summary="Follow what changes",
    description=(
        "Everything that was published, updated and withdrawn, in the order in which "
        "it happened. Begin without a cursor, follow “next” until a page is empty, "
        "keep that “next” and ask it again later. Removals are never filtered out."
    ),
    answer=ChangePageSerializer,
    meaning="What happened since the cursor",
    example=examples.CHANGES,
    parameters=[LIMIT, CURSOR],
    errors=[
        problems.RepeatedParameter,
        problems.InvalidParameter,
        problems.BadCursor,
    ],
)
areas = _operation(
    name="listAreas",
    tag="Directory",
    summary="List the areas",
    description="The areas that content can be for, with the forums that sign there.",
    answer=AreaDirectorySerializer,
    meaning="All areas",
    example=examples.AREAS,
)
forums = _operation(
    name="listForums",
    tag="Directory",
    summary="List the forums",
    description="The parent carer forums that sign.",
    answer=ForumDirectorySerializer,
    meaning="All forums",
    example=examples.FORUMS,
)
topics = _operation(
    name="listTopics",
    tag="Directory",
    summary="List the topics",
    description="What content can be about.",
    answer=TopicDirectorySerializer,
    meaning="All topics",
    example=examples.TOPICS,
)
receipt = _operation(
    name="getReceipt",
    tag="Receipts",
    summary="Check a receipt",
    description=(
        "Whether the text with this fingerprint was signed and released, by which "
        "forums, and whether it still stands."
    ),
    answer=ConfirmationSerializer,
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
