"""The register of consent: on whose word a voice may be heard, where, until when.

An internal register. What the public may read of it is an attribution, if that; all
else stays here and gets into no proof, no mail and no export.
"""

import hashlib
import json
from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from cms import channels

from .vocabulary import Forum

# Each channel with the field that says whether a voice may be heard there.
SCOPES = {
    channels.SITE: "on_site",
    channels.API: "in_api",
    channels.FEEDS: "in_feeds",
    channels.EMAIL: "in_email",
    channels.PRINT: "in_print",
}
# The kinds of a voice in a text, with the kinds of consent that cover them.
COVERED_BY = {
    "quote": ("quote", "story"),
    "story": ("story",),
    "photo": ("photo",),
    "film": ("film", "voice"),
}


class ConsentQuerySet(models.QuerySet["Consent"]):
    def live(self, today: date | None = None) -> Self:
        """Given, not withdrawn, not over, and not against the child's own wish."""
        today = today or timezone.localdate()
        return self.filter(
            Q(expires_on=None) | Q(expires_on__gte=today),
            given_on__lte=today,
            withdrawn_at=None,
        ).exclude(wish=Consent.Wish.AGAINST)

    def over(self, today: date | None = None) -> Self:
        """Those that have expired, which nothing was done about yet.

        From the first moment of the day after the last one, in our time zone.
        """
        today = today or timezone.localdate()
        return self.filter(expires_on__lt=today, withdrawn_at=None, expired_at=None)

    def to_review(self, today: date | None = None) -> Self:
        """Live ones whose review is due and whose keepers were not told yet."""
        today = today or timezone.localdate()
        return (
            self.live(today)
            .filter(review_on__lte=today)
            .exclude(reminded_for=models.F("review_on"))
        )

    def for_forums(self, forums: Any) -> Self:
        """Those that the people of these forums may use in what they write."""
        return self.filter(forum__in=forums)


class Consent(models.Model):
    """One person's permission to publish one voice: what, where, and until when."""

    class Kind(models.TextChoices):
        QUOTE = "quote", "a few words"
        STORY = "story", "a story"
        PHOTO = "photo", "a photo"
        VOICE = "voice", "a recorded voice"
        FILM = "film", "a film"

    class GivenBy(models.TextChoices):
        CHILD = "child", "the child"
        PARENT = "parent", "a parent or carer"
        BOTH = "both", "the child and a parent or carer"
        YOUNG_PERSON = "young_person", "the young person (16 or over)"

    class Wish(models.TextChoices):
        FOR = "for", "wants it to be public"
        AGAINST = "against", "does not want it to be public"
        CANNOT_SAY = "cannot_say", "cannot say so; how they show it is written below"

    class AgeBand(models.TextChoices):
        UNDER_5 = "0-4", "0 to 4"
        UNDER_11 = "5-10", "5 to 10"
        UNDER_16 = "11-15", "11 to 15"
        UNDER_18 = "16-17", "16 or 17"
        ADULT = "18+", "18 or over"

    class Attribution(models.TextChoices):
        NONE = "none", "no name at all"
        FIRST_NAME = "first_name", "the first name"
        ALIAS = "alias", "the name in this text"

    alias = models.CharField(
        max_length=60,
        verbose_name="name in the text",
        help_text="A made-up first name, or “a parent in Telford”. Never a full name.",
    )
    kind = models.CharField(
        max_length=10, choices=Kind.choices, verbose_name="what it is about"
    )
    given_by = models.CharField(
        max_length=20, choices=GivenBy.choices, verbose_name="who consented"
    )
    wish = models.CharField(
        max_length=20,
        choices=Wish.choices,
        verbose_name="the child’s own wish",
        help_text="Asked of every child. Against their wish nothing is shown, whoever "
        "consented. Of an adult who speaks for themselves: their own wish.",
    )
    wish_words = models.TextField(
        blank=True,
        max_length=500,
        verbose_name="how they were asked, and what they said",
    )
    age_band = models.CharField(
        max_length=5, choices=AgeBand.choices, verbose_name="age then"
    )
    on_site = models.BooleanField(default=False, verbose_name="our own site")
    in_api = models.BooleanField(
        default=False,
        verbose_name="partners’ sites",
        help_text="Through the partner API: other organisations show it too.",
    )
    in_feeds = models.BooleanField(
        default=False,
        verbose_name="feeds",
        help_text="Anybody can subscribe to them and keep what they get.",
    )
    in_email = models.BooleanField(
        default=False,
        verbose_name="email",
        help_text="A mail that was sent cannot be called back.",
    )
    in_print = models.BooleanField(
        default=False,
        verbose_name="print",
        help_text="Paper cannot be called back. Needs our own site as well.",
    )
    attribution = models.CharField(
        max_length=20,
        choices=Attribution.choices,
        default=Attribution.NONE,
        verbose_name="who readers are told it is",
    )
    first_name = models.CharField(
        max_length=40, blank=True, help_text="Only where readers are told it."
    )
    given_on = models.DateField(verbose_name="given on")
    review_on = models.DateField(
        verbose_name="ask again on",
        help_text="The keepers are reminded. At most a year later.",
    )
    expires_on = models.DateField(
        null=True,
        blank=True,
        verbose_name="last day",
        help_text="After this day it is taken out everywhere. Empty: until withdrawn.",
    )
    form_held = models.CharField(
        max_length=200,
        verbose_name="where the form is kept",
        help_text="For example “safe in the forum’s office, folder 3”.",
    )
    notes = models.TextField(blank=True, max_length=2000)
    forum = models.ForeignKey(
        Forum,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="forum that may use it",
        help_text="Its members can put this voice into what they write. Editors can "
        "use all of them.",
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    recorded_at = models.DateTimeField(editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # When what it allowed was taken out because its last day was over.
    expired_at = models.DateTimeField(null=True, editable=False)
    # The review date of which its keepers were told.
    reminded_for = models.DateField(null=True, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        # Nobody adds, changes or deletes it by Wagtail's own screens.
        default_permissions = ()
        permissions = [("keep_consent", "Can keep the register of consent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=models.F("given_on")),
                name="consent_does_not_end_before_it_is_given",
            ),
            models.CheckConstraint(
                condition=~Q(attribution="first_name") | ~Q(first_name=""),
                name="consent_to_a_first_name_says_which",
            ),
            models.CheckConstraint(
                condition=~Q(attribution="first_name", kind__in=["photo", "film"]),
                name="no_first_name_beside_a_picture",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.alias} ({self.get_kind_display()})"

    def clean(self) -> None:
        errors = self._wrong_of_who() | self._wrong_of_names()
        given: date | None = self.given_on
        if self.expires_on and given and self.expires_on < given:
            errors["expires_on"] = "The last day is before the day it was given."
        if self.in_print and not self.on_site:
            errors["in_print"] = (
                "What is printed is our own site. Choose that as well, or neither."
            )
        if errors:
            raise ValidationError(errors)

    def _wrong_of_who(self) -> dict[str, str]:
        """What does not fit of who consented, and of the child's own wish."""
        errors: dict[str, str] = {}
        adults = (self.AgeBand.UNDER_18, self.AgeBand.ADULT)
        young = (self.AgeBand.UNDER_5, self.AgeBand.UNDER_11)
        if self.given_by == self.GivenBy.YOUNG_PERSON and self.age_band not in adults:
            errors["given_by"] = (
                "Under 16 a parent or carer is asked as well. Choose who consented."
            )
        if self.given_by == self.GivenBy.CHILD and self.age_band in young:
            errors["given_by"] = (
                "Of a child under 11 a parent or carer has to consent as well. Choose "
                "who consented."
            )
        if self.wish == self.Wish.CANNOT_SAY and not self.wish_words.strip():
            errors["wish_words"] = "Write how they show what they want."
        return errors

    def _wrong_of_names(self) -> dict[str, str]:
        """What does not fit of what readers are told."""
        errors: dict[str, str] = {}
        if self.attribution == self.Attribution.FIRST_NAME:
            if self.kind in (self.Kind.PHOTO, self.Kind.FILM):
                errors["attribution"] = (
                    "A child’s name never stands beside their picture. Choose another."
                )
            elif not self.first_name.strip():
                errors["first_name"] = "Write the first name that readers are told."
        elif self.first_name.strip():
            errors["first_name"] = (
                "Readers are not told it, so please do not write it down here."
            )
        return errors

    @property
    def is_live(self) -> bool:
        """Whether it is given and neither over nor withdrawn, today in our time zone."""
        today = timezone.localdate()
        return (
            self.withdrawn_at is None
            and self.wish != self.Wish.AGAINST
            and self.given_on <= today
            and (self.expires_on is None or today <= self.expires_on)
        )

    @property
    def scope(self) -> frozenset[str]:
        """The channels that were agreed to, whether or not it is live."""
        return frozenset(name for name, field in SCOPES.items() if getattr(self, field))

    @property
    def public_name(self) -> str:
        """What readers are told of whose voice it is; empty for nothing."""
        if self.attribution == self.Attribution.FIRST_NAME:
            return self.first_name.strip()
        if self.attribution == self.Attribution.ALIAS:
            return self.alias.strip()
        return ""

    @property
    def state(self) -> str:
        """A word for everything that its keepers wrote: another after any change."""
        written = {
            field.attname: str(getattr(self, field.attname))
            for field in self._meta.concrete_fields
            if field.editable
        }
        return hashlib.sha256(json.dumps(written).encode()).hexdigest()[:32]

    @property
    def status(self) -> str:
        """How it stands, for people who keep no register: nothing of what a child said."""
        if self.withdrawn_at:
            return "withdrawn"
        if self.wish == self.Wish.AGAINST:
            return "not live"
        if self.given_on > timezone.localdate():
            return "not given yet"
        return "live" if self.is_live else "over"

    def allows(self, *, kind: str, attribution: str = "") -> frozenset[str]:
        """The channels in which a voice may be heard now, under that name.

        None of them when the consent is for something else, or for another name.
        """
        if not self.is_live or self.kind not in COVERED_BY.get(kind, ()):
            return frozenset()
        if attribution not in ("", self.public_name):
            return frozenset()
        return self.scope
