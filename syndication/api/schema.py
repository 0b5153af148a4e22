"""The shape of every answer, for OpenAPI alone: nothing is serialised by it.

``tests/test_api_contract.py`` holds real answers against it.
"""

from rest_framework import serializers

from syndication.rest.described import ProblemSerializer, Schema

KIND_CHOICES = [
    ("local-offer", "a page of the SEND Local Offer"),
    ("news", "a news item"),
    ("issues", "an issue of the newsletter"),
    ("you-said-we-did", "what somebody said of a text, and what was done"),
    ("shared-block", "a text that is written once and stands in several items"),
]
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
FORMAT_CHOICES = [
    ("plain_text", "the text without markup; every item has it"),
    ("easy_read", "Easy Read, with pictures and short sentences"),
    ("bsl", "a video in British Sign Language"),
    ("large_print", "large print"),
    ("audio", "a recording"),
    ("translation", "another language: see “language”"),
]
STATE_CHOICES = [
    ("available", "to be had at “url”"),
    ("being_made", "not there yet"),
    ("on_request", "made for whoever asks the publisher, within “days” days"),
]
TOPIC_CHOICES = [
    ("content", "what it says"),
    ("accessibility", "how easy it is to find, read or use"),
    ("making", "how it was made, and who was asked"),
]
STATUS_CHOICES = [
    ("current", "this text is public now"),
    ("superseded", "a newer version of the item is public now"),
    ("withdrawn", "the item was taken back: remove every copy"),
    ("expired", "the time of the item is over: remove every copy"),
]
CHANGE_CHOICES = [
    ("published", "public for the first time"),
    ("updated", "a newer version is public"),
    ("corrected", "a fact was put right at once, before the forums' review"),
    ("withdrawn", "taken back: remove every copy"),
    ("redirected", "taken back and replaced by another item: remove every copy"),
    ("expired", "its time was over: remove every copy"),
    ("restored", "public again after it was taken back"),
    (
        "reduced",
        "something in it was taken back, or a survey closed: keep the newer version",
    ),
    (
        "host_content_updated",
        "a shared block in it has a newer version; nothing else of it changed",
    ),
    (
        "consent_ended",
        "the consent for a voice in it ended: keep only the newer version, at once",
    ),
    ("left_selection", "no longer for an area: remove it if that is yours"),
    ("assured", "found still correct: only the days in “review” have changed"),
]
REASON = (
    "A class of reasons for a removal, where one is told. consent_withdrawn: whoever it "
    "is about no longer agrees. Nothing more of it is told to anybody."
)

SCHEME_CHOICES = [
    ("need", "an area of need, or a condition in it"),
    ("stage", "a stage of life"),
    ("tier", "a tier of support"),
    ("outcome", "an outcome in adult life"),
    ("statutory", "an item that the law asks the Local Offer to tell"),
]
DESCRIBES_CHOICES = [
    ("service", "a service that families can use"),
    ("information", "information, or an answer to a question"),
]
HOURS_CHOICES = [
    ("weekly", "the usual week"),
    ("holiday", "holidays and other days on which it differs"),
]
COST_CHOICES = [
    ("free", "free for families"),
    ("paid", "there is a charge"),
    ("varies", "some of it costs something"),
]
WAY_CHOICES = [
    ("open", "nobody has to ask: families can just come or ring"),
    ("self", "a parent, carer or young person asks"),
    ("school", "school, college or nursery asks"),
    ("professional", "a professional asks"),
    ("plan", "through an education, health and care plan"),
]
COORDINATE = r"^-?[0-9]{1,2}\.[0-9]{2,6}$"
CLOCK = "^[0-9]{2}:[0-9]{2}$"
NEXT_OF_WHOLE_LIST = (
    "Always null: the list is whole. It is there so that every list reads the same."
)


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


class SharedBlockReceiptSerializer(Schema):
    """Who signed a shared block that came into the text after it was signed."""

    content_id = serializers.UUIDField(help_text="The shared block, as an item.")
    version = serializers.IntegerField(help_text="Its version that stands in the text.")
    fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$", help_text="SHA-256 of all that is public of the block."
    )
    signed_fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text="Where it differs: the fingerprint of what its forums signed.",
    )
    url = serializers.URLField(help_text="A page that shows its receipt to people.")
    forums = SignatureSerializer(many=True, help_text="Every forum that signed it.")
    before_review = BeforeReviewSerializer(required=False)
    shared_blocks = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="The same of a shared block inside it that is newer still.",
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
            "Only where something was taken out since, or a shared block in it has a "
            "newer version: the fingerprint of all that the forums signed. Nothing was "
            "added or altered but what “shared_blocks” names."
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
    shared_blocks = SharedBlockReceiptSerializer(
        many=True,
        required=False,
        help_text=(
            "Shared blocks in it that are newer than what “signed_fingerprint” names, "
            "each with the signatures of its own. Empty or not there otherwise."
        ),
    )


class TermSerializer(Schema):
    """An area or a topic."""

    slug = serializers.SlugField(help_text="Its short name in addresses.")
    name = serializers.CharField(help_text="Its name, to show to people.")


class VocabularyTermSerializer(Schema):
    """A term of a vocabulary: an area of need, a stage, a statutory item."""

    scheme = serializers.ChoiceField(choices=SCHEME_CHOICES)
    code = serializers.SlugField(help_text="Its short name, the same for life.")
    name = serializers.CharField(help_text="Its name, to show to people.")
    term_uri = serializers.URLField(
        required=False, help_text="Where a national list defines it."
    )


class DirectoryTermSerializer(VocabularyTermSerializer):
    """A term that is in use."""

    description = serializers.CharField(help_text="What it means, in a sentence.")
    parent = serializers.SlugField(  # type: ignore[assignment]
        required=False, help_text="The code of the term that it is a part of."
    )
    is_draft = serializers.BooleanField(
        required=False,
        help_text="Words the law in a way that was not checked against the law.",
    )


class TermDirectorySerializer(Schema):
    items = DirectoryTermSerializer(many=True, help_text="Every term in use.")
    next = serializers.URLField(
        required=False, allow_null=True, help_text=NEXT_OF_WHOLE_LIST
    )


class PlaceSerializer(Schema):
    """Where something is. Of a withheld one only its area is told, for safety."""

    name = serializers.CharField(required=False, help_text="What it is called.")
    street = serializers.CharField(required=False, help_text="Street and number.")
    town = serializers.CharField(required=False, help_text="Town.")
    county = serializers.CharField(required=False, help_text="County.")
    postcode = serializers.CharField(required=False, help_text="UK postcode.")
    latitude = serializers.RegexField(
        COORDINATE, required=False, help_text="Map point (WGS 84), as text."
    )
    longitude = serializers.RegexField(
        COORDINATE, required=False, help_text="Map point (WGS 84), as text."
    )
    access = serializers.CharField(
        required=False, help_text="Getting in and around: steps, parking, noise."
    )
    withheld = serializers.BooleanField(
        required=False, help_text="True where the address is not published."
    )
    area = serializers.CharField(
        required=False, help_text="Roughly where, in place of an address."
    )


class HoursSerializer(Schema):
    """Opening times: of every week, or of holidays and other days."""

    type = serializers.ChoiceField(choices=HOURS_CHOICES)
    days = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="MO to SU, as in calendars (RFC 5545). Only with weekly.",
    )
    first = serializers.DateField(
        required=False, help_text="First day. Only with holiday."
    )
    last = serializers.DateField(
        required=False, help_text="Last day. Only with holiday."
    )
    closed = serializers.BooleanField(
        required=False, help_text="Whether it is closed. Only with holiday."
    )
    opens = serializers.RegexField(
        CLOCK, required=False, help_text="Local time, as 09:00."
    )
    closes = serializers.RegexField(
        CLOCK, required=False, help_text="Local time, as 17:00."
    )
    note = serializers.CharField(required=False, help_text="A word on it.")


class CostSerializer(Schema):
    """What it costs families."""

    kind = serializers.ChoiceField(choices=COST_CHOICES, required=False)
    details = serializers.CharField(required=False, help_text="Amounts, and for what.")
    help = serializers.CharField(
        required=False, help_text="Who pays less, and how to ask."
    )


class WayInSerializer(Schema):
    """One way to get it."""

    by = serializers.ChoiceField(choices=WAY_CHOICES)
    how = serializers.CharField(
        required=False, help_text="What to do, a line for each step."
    )


class WaitingSerializer(Schema):
    """How long families wait. Never show it without its date."""

    time = serializers.CharField(required=False, help_text="In words.")
    as_at = serializers.DateField(
        required=False, help_text="The day on which this was so."
    )


class ProviderSerializer(Schema):
    """Who provides it."""

    name = serializers.CharField(required=False, help_text="The organisation.")
    website = serializers.URLField(required=False, help_text="Its website.")


class ContactPointSerializer(Schema):
    """Whom families can ask. A team, never a person."""

    team = serializers.CharField(required=False, help_text="The team or line.")
    phone = serializers.CharField(required=False, help_text="Telephone number.")
    email = serializers.EmailField(required=False, help_text="A shared mailbox.")
    hours = serializers.CharField(required=False, help_text="When somebody answers.")
    website = serializers.URLField(required=False, help_text="Where to ask online.")


class EventSerializer(Schema):
    """Something that takes place."""

    name = serializers.CharField(help_text="What happens.")
    starts = serializers.DateTimeField(help_text="When it begins, in UTC.")
    ends = serializers.DateTimeField(required=False, help_text="When it ends, in UTC.")
    place = PlaceSerializer(required=False)
    online = serializers.URLField(required=False, help_text="Where, online.")
    access = serializers.CharField(
        required=False, help_text="Who can take part, and what is there to help."
    )


class SurveySerializer(Schema):
    """A survey. Once it is over it has no address."""

    name = serializers.CharField(help_text="What it asks about.")
    url = serializers.URLField(required=False, help_text="Where to answer it.")
    closes = serializers.DateField(help_text="The last day on which it is open.")
    closed = serializers.BooleanField(
        required=False, help_text="True once that day has passed."
    )


class ReportedItemSerializer(Schema):
    """Another item that this one reports on, public when this was signed."""

    content_id = serializers.UUIDField(help_text="The identity of that item.")
    title = serializers.CharField(help_text="Its title.")
    url = serializers.URLField(help_text="Its page for people. Link to this one.")


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


class RecipientsSerializer(Schema):
    """The rule by which an issue is mailed. An empty list leaves nobody out."""

    frequencies = serializers.ListField(
        child=serializers.CharField(), help_text="How often people asked for mail."
    )
    areas = serializers.ListField(
        child=serializers.SlugField(), help_text="Areas, by slug."
    )
    kinds = serializers.ListField(
        child=serializers.CharField(), help_text="Kinds of items."
    )
    stages = serializers.ListField(
        child=serializers.SlugField(), help_text="Stages of life, by code."
    )
    words = serializers.CharField(help_text="The same as a sentence.")


class FormatSerializer(Schema):
    """One way to get the text. What stands here follows from what forums signed."""

    format = serializers.ChoiceField(choices=FORMAT_CHOICES)
    name = serializers.CharField(help_text="Its name, to show to people.")
    state = serializers.ChoiceField(choices=STATE_CHOICES)
    language = serializers.CharField(
        required=False, help_text="Of a translation: its language (BCP 47)."
    )
    url = serializers.URLField(
        required=False, help_text="Where it is, when it is available."
    )
    checked_on = serializers.DateField(
        required=False, help_text="When somebody last compared it with the text."
    )
    version = serializers.IntegerField(
        required=False,
        help_text="The version of the item that it was made for, where that is known.",
    )
    older = serializers.BooleanField(
        required=False,
        help_text=(
            "Whether it was made for another text than the one that is public. Please "
            "say so where you link to it. Found by comparing texts, not dates."
        ),
    )
    days = serializers.IntegerField(
        required=False, help_text="Made on request: within how many days."
    )


class SignedFormatSerializer(Schema):
    """One format as the forums signed it."""

    format = serializers.ChoiceField(choices=FORMAT_CHOICES)
    state = serializers.ChoiceField(choices=STATE_CHOICES)
    language = serializers.CharField(
        required=False, help_text="Of a translation: its language (BCP 47)."
    )
    url = serializers.URLField(
        required=False, help_text="Where it is, when it is available."
    )
    checked_on = serializers.DateField(
        required=False, help_text="When somebody last compared it with the text."
    )
    made_for = serializers.RegexField(
        "^[0-9a-f]{64}$",
        required=False,
        help_text="SHA-256 of the text that it was made for.",
    )
    version = serializers.IntegerField(
        required=False,
        help_text="Instead of made_for: the earlier version that it was made for.",
    )
    days = serializers.IntegerField(
        required=False, help_text="Made on request: within how many days."
    )


class AboutSerializer(Schema):
    """The item that a comment is about."""

    content_id = serializers.UUIDField(help_text="The identity of that item.")
    url = serializers.URLField(help_text="Its page for people.")


class CommentSerializer(Schema):
    """What somebody said, in the words that the forums signed."""

    topic = serializers.ChoiceField(choices=TOPIC_CHOICES)
    gap = serializers.BooleanField(help_text="Whether something needed is missing.")
    said = serializers.CharField(help_text="Their words, plain text.")


class ResultSerializer(Schema):
    """The version of the item that came of the comment."""

    version = serializers.IntegerField(help_text="That version of the item.")
    fingerprint = serializers.RegexField(
        "^[0-9a-f]{64}$", help_text="Its fingerprint, as in its receipt."
    )
    url = serializers.URLField(help_text="Its receipt, for people.")


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
    describes = serializers.ChoiceField(choices=DESCRIBES_CHOICES, required=False)
    terms = VocabularyTermSerializer(
        many=True,
        required=False,
        help_text="Needs, stages, tiers, outcomes and statutory items.",
    )
    eligibility = serializers.CharField(required=False, help_text="Who can have it.")
    places = PlaceSerializer(many=True, required=False, help_text="Where it is.")
    hours = HoursSerializer(many=True, required=False, help_text="Opening times.")
    languages = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="In which languages people are helped, by name.",
    )
    communication = serializers.CharField(
        required=False, help_text="Help to understand and to be understood."
    )
    cost = CostSerializer(required=False)
    ways_in = WayInSerializer(many=True, required=False, help_text="How to get it.")
    what_next = serializers.CharField(
        required=False, help_text="What happens after somebody asked."
    )
    waiting = WaitingSerializer(required=False)
    decisions = serializers.CharField(
        required=False, help_text="How decisions are made."
    )
    complaints = serializers.CharField(
        required=False, help_text="What to do if somebody disagrees or complains."
    )
    provider = ProviderSerializer(required=False)
    contact = ContactPointSerializer(required=False)
    law_as_at = serializers.DateField(
        required=False, help_text="The day on which the law was checked."
    )
    events = EventSerializer(
        many=True, required=False, help_text="What takes place. News only."
    )
    surveys = SurveySerializer(
        many=True, required=False, help_text="Surveys to answer. News only."
    )
    reports_on = ReportedItemSerializer(
        many=True, required=False, help_text="Items that it reports on. News only."
    )
    expires_on = serializers.DateField(
        required=False,
        help_text="The last day on which it is shown. Then it is taken off by itself.",
    )
    review_by = serializers.DateField(
        required=False,
        allow_null=True,
        help_text=(
            "The day by which somebody checks that this is still right, as the forums "
            "signed it. The day in force is in “review”."
        ),
    )
    formats = SignedFormatSerializer(
        many=True, required=False, help_text="Other formats, as the forums signed them."
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
            "contact, call_to_action, steps, question, diagram, video, table, "
            "related_items, attachment, voice or shared_block, which has a body of its "
            "own; left_out stands where something was taken back. The partner guide "
            "lists what each holds. Skip types that you do not know, or show html. A "
            "voice is a family's own: its licence is permission for this channel only, "
            "and attribution is null or the name to give."
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
    recipients = RecipientsSerializer(
        required=False, help_text="Who gets it by email. Newsletter issues only."
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
    about = AboutSerializer(required=False)
    comment = CommentSerializer(required=False)
    response = serializers.CharField(
        required=False, help_text="The answer. Answers to comments only."
    )
    action = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="What is done or will be. May be empty. Answers to comments only.",
    )
    result = ResultSerializer(required=False)
    html = serializers.CharField(
        help_text="The body as clean HTML: no scripts, no styles, absolute links."
    )
    text = serializers.CharField(help_text="The body as plain text.")


class ReviewSerializer(Schema):
    """When somebody last read it and found it right, and when that is due again.

    These days move without a new version, and the ETag moves with them.
    """

    last_reviewed = serializers.DateField(
        required=False,
        help_text=(
            "The later of the day of the last signature and of assured_date. Left out "
            "for a correction that no forum has reviewed."
        ),
    )
    assured_date = serializers.DateField(
        required=False,
        help_text="When somebody last found it still correct, without an edit.",
    )
    review_by = serializers.DateField(
        required=False,
        help_text=(
            "The day in force by which somebody checks it again. Once it has passed, "
            "please say so to your readers. It replaces the day in content."
        ),
    )


class CreditedSerializer(Schema):
    """Who publishes."""

    name = serializers.CharField(help_text="Its name, to show.")
    url = serializers.URLField(help_text="Its website. Link the name to it.")


class LicenceSerializer(Schema):
    """What one may do with the text."""

    name = serializers.CharField(help_text="Its name, to show.")
    url = serializers.CharField(
        help_text="Its words. Link the name to it, with rel “license”."
    )
    excludes = serializers.CharField(
        required=False,
        help_text=(
            "What in this text it does not extend to, in words: voices of families. Left "
            "out where it extends to all of it."
        ),
    )


class AttributionSerializer(Schema):
    """The credit to show with every copy, ready made and in parts.

    It is made again when the publisher changes its name or its licence: the version
    stays and the ETag moves.
    """

    text = serializers.CharField(help_text="All of it in one line of plain text.")
    html = serializers.CharField(
        help_text="All of it as one paragraph of HTML with links. Put it below the text."
    )
    publisher = CreditedSerializer()
    forums = serializers.ListField(
        child=serializers.CharField(),
        help_text=(
            "The full names of those that stand behind it. Empty for a correction that "
            "no forum has reviewed."
        ),
    )
    statement = serializers.CharField(
        help_text="Who agreed and when, and who did not, in a sentence."
    )
    signed_on = serializers.DateField(
        required=False,
        help_text="When the last of “forums” agreed. Left out where there is none.",
    )
    last_reviewed = serializers.DateField(
        required=False, help_text="As in “review”, for whoever keeps no more than this."
    )
    review_by = serializers.DateField(required=False, help_text="As in “review”.")
    licence = LicenceSerializer()
    source_url = serializers.URLField(help_text="Its page. Link to this one.")
    check_url = serializers.URLField(
        help_text="Where anybody can check who signed it, and compare a copy."
    )
    version = serializers.IntegerField(help_text="The version that is credited.")
    language = serializers.CharField(help_text="Language of the text (BCP 47).")


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
    formats = FormatSerializer(
        many=True, help_text="Every way to get the text, plain text first."
    )
    review = ReviewSerializer(required=False)
    attribution = AttributionSerializer()
    content = ContentSerializer()


class ListedItemSerializer(ItemSerializer):
    """An item in a list: whole, or with “view=summary” what follows “content” here."""

    content = ContentSerializer(
        required=False, help_text="What the forums signed. Not with “view=summary”."
    )
    summary = serializers.CharField(
        required=False, help_text="One sentence. Only with “view=summary”."
    )
    audience = serializers.CharField(
        required=False, help_text="Who it is for. Only with “view=summary”."
    )
    age_from = serializers.IntegerField(
        required=False, help_text="Youngest age, in years. Only with “view=summary”."
    )
    age_to = serializers.IntegerField(
        required=False, help_text="Oldest age, in years. Only with “view=summary”."
    )
    areas = TermSerializer(
        many=True, required=False, help_text="Its areas. Only with “view=summary”."
    )
    topics = TermSerializer(
        many=True, required=False, help_text="Its topics. Only with “view=summary”."
    )
    terms = VocabularyTermSerializer(
        many=True, required=False, help_text="Its terms. Only with “view=summary”."
    )
    closure = serializers.CharField(
        required=False,
        help_text="What is closed or has ended. Only with “view=summary”.",
    )
    expires_on = serializers.DateField(
        required=False, help_text="The last day of news. Only with “view=summary”."
    )


class ItemPageSerializer(Schema):
    items = ListedItemSerializer(many=True, help_text="The items of this page.")
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
    topic = serializers.SlugField(
        required=False,
        help_text="The topic that it is no longer about. Only with left_selection.",
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


class WithdrawnSerializer(ProblemSerializer):
    """The notice that stands where an item was taken back."""

    content_id = serializers.UUIDField(help_text="The item that was taken back.")
    withdrawn_at = serializers.DateTimeField(help_text="When it was taken back.")
    note = serializers.CharField(
        required=False, help_text="A word to the public about it, when there is one."
    )
    reason = serializers.CharField(required=False, help_text=REASON)
    replacement = ReferenceSerializer(required=False)


class ResyncSerializer(ProblemSerializer):
    """The cursor is older than what is kept."""

    start = serializers.URLField(help_text="Where to load everything again.")


class CopySerializer(Schema):
    """A copy that somebody holds."""

    content_id = serializers.UUIDField(help_text="The identity of the item.")
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, help_text="The version you hold."
    )


class CopiesSerializer(Schema):
    """The copies that somebody holds."""

    items = serializers.ListField(
        child=CopySerializer(),
        max_length=10_000,
        help_text="Your copies, each item once.",
    )


class StaleSerializer(Schema):
    """An item of which there is another version than the one you hold."""

    content_id = serializers.UUIDField(help_text="The item.")
    version = serializers.IntegerField(help_text="The version that is public now.")
    url = serializers.URLField(help_text="Where to read it.")


class NamedSerializer(Schema):
    """An item of which there is nothing to read."""

    content_id = serializers.UUIDField(help_text="The item.")


class ReconciledSerializer(Schema):
    """What is to be done with copies."""

    current = serializers.IntegerField(help_text="How many of them are right.")
    stale = StaleSerializer(many=True, help_text="Read these again.")
    withdrawn = NamedSerializer(many=True, help_text="Remove every copy of these.")
    unknown = NamedSerializer(
        many=True, help_text="Never public here: check where you have them from."
    )


class ExportLineSerializer(Schema):
    """The first line. Every other is an item as “getItem” answers it."""

    exported_at = serializers.DateTimeField(help_text="When it was begun.")
    changes = serializers.URLField(help_text="Where to follow what happens from then.")
