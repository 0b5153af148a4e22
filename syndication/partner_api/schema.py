"""The shape of every keyed answer, for OpenAPI alone: nothing is serialised by it."""

from rest_framework import serializers

from syndication.partners.models import Acknowledgement, ApiKey, Contact, Partner
from syndication.rest.described import Schema

# The highest whole number that JSON holds exactly in every language.
HIGHEST = 2**53 - 1

REMOVAL_TYPE_CHOICES = [
    ("withdrawn", "taken back: remove every copy"),
    ("redirected", "taken back, and another item replaces it"),
    ("expired", "its time is over"),
    ("reduced", "something in it was taken back: fetch it again"),
    ("consent_ended", "the consent for a voice in it ended: fetch it again"),
    ("left_selection", "it is not for your area any longer"),
]


ROLE_CHOICES = Contact.Role.choices
STATE_CHOICES = Acknowledgement.State.choices


class OrganisationSerializer(Schema):
    """An organisation that shows what is public here."""

    name = serializers.CharField(help_text="Its name.")
    kind = serializers.ChoiceField(Partner.Kind.choices, help_text="What it is.")
    website = serializers.URLField(
        allow_null=True, help_text="Where it shows what it takes from here."
    )


class MailboxSerializer(Schema):
    """A mailbox of an organisation, never a person's."""

    role = serializers.ChoiceField(ROLE_CHOICES, help_text="What it is for.")
    email = serializers.EmailField(help_text="Its address.")


class PartnerAreaSerializer(Schema):
    """An area that an organisation shows."""

    slug = serializers.SlugField(help_text="The area for filters.")
    name = serializers.CharField(help_text="The area for people.")


class KeySerializer(Schema):
    """A key, as far as it may be told."""

    name = serializers.CharField(help_text="What it is for.")
    prefix = serializers.CharField(help_text="How it begins.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(ApiKey.Scope.choices),
        help_text="What it may do.",
    )
    expires_at = serializers.DateTimeField(help_text="When it stops to work.")


class LimitSerializer(Schema):
    """How many requests in how many seconds."""

    name = serializers.CharField(help_text="As in the header RateLimit-Policy.")
    requests = serializers.IntegerField(help_text="How many you may make.")
    seconds = serializers.IntegerField(help_text="In how many seconds.")


class MeSerializer(Schema):
    """Who we think you are, and what your key may do."""

    organisation = OrganisationSerializer(help_text="Your organisation.")
    contacts = MailboxSerializer(many=True, help_text="Its mailboxes.")
    areas = PartnerAreaSerializer(
        many=True, help_text="The areas it shows; none means all."
    )
    key = KeySerializer(help_text="The key that you sent.")
    limits = LimitSerializer(many=True, help_text="What holds for you.")


class AcknowledgedSerializer(Schema):
    """What you confirmed of a removal."""

    received = serializers.DateTimeField(
        allow_null=True, help_text="When you said that you had it."
    )
    removed = serializers.DateTimeField(
        allow_null=True, help_text="When you said that every copy was down."
    )


class RemovalSerializer(Schema):
    """Something that you are asked to take down, or to fetch again."""

    change = serializers.IntegerField(help_text="Its number, to confirm it by.")
    type = serializers.ChoiceField(REMOVAL_TYPE_CHOICES, help_text="What happened.")
    content_id = serializers.UUIDField(help_text="The identity of the item.")
    kind = serializers.CharField(help_text="What kind of item it is.")
    version = serializers.IntegerField(help_text="The version that this is about.")
    at = serializers.DateTimeField(help_text="When it happened.")
    url = serializers.URLField(help_text="The page of the item for people.")
    acknowledged = AcknowledgedSerializer(help_text="What you confirmed of it.")


class RemovalPageSerializer(Schema):
    """One page of removals."""

    removals = RemovalSerializer(many=True, help_text="Oldest first.")
    next = serializers.URLField(help_text="Where it goes on; ask again later.")


class AcknowledgementSerializer(Schema):
    """Your word about a removal."""

    change = serializers.IntegerField(
        min_value=1, max_value=HIGHEST, help_text="Its number."
    )
    state = serializers.ChoiceField(STATE_CHOICES, help_text="What you did about it.")


class AcknowledgementMadeSerializer(AcknowledgementSerializer):
    """Your word, as it stands on record."""

    at = serializers.DateTimeField(help_text="When you said it first.")


class DaySerializer(Schema):
    """How often your keys were used on one day."""

    day = serializers.DateField(help_text="The day, in UTC.")
    requests = serializers.IntegerField(help_text="All requests.")
    refused = serializers.IntegerField(help_text="Those over the limit.")


class UsageSerializer(Schema):
    """How often your keys were used."""

    days = DaySerializer(many=True, help_text="The last 90 days, newest first.")
    next = serializers.URLField(
        required=False, allow_null=True, help_text="Always null: there is one page."
    )
