"""The blocks of typed facts beside a body: places, times, ways in, events, surveys.

``public`` turns a value into what goes into a proof, as in ``cms.blocks``; what is
empty is left out. Rules wait until submission, so that a half-known fact can be saved.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from wagtail import blocks

POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?) ?([0-9][A-Z]{2})")
COORDINATE = RegexValidator(
    r"^-?[0-9]{1,2}\.[0-9]{2,6}$",
    "Write it as a map shows it, for example 52.70778 or -2.75401.",
)
# The United Kingdom, with a little sea around it.
LATITUDES, LONGITUDES = (49.5, 61.0), (-8.7, 2.0)
DAYS = [
    ("MO", "Mondays"),
    ("TU", "Tuesdays"),
    ("WE", "Wednesdays"),
    ("TH", "Thursdays"),
    ("FR", "Fridays"),
    ("SA", "Saturdays"),
    ("SU", "Sundays"),
]
WAYS_IN = [
    ("open", "nobody has to ask: families can just come or ring"),
    ("self", "a parent, carer or young person asks"),
    ("school", "school, college or nursery asks"),
    ("professional", "a professional asks, such as a GP or health visitor"),
    ("plan", "through an education, health and care plan"),
]


def _filled(value: Any, *names: str) -> dict[str, str]:
    """The texts of ``value`` that are not empty, under their names."""
    return {
        name: value[name].strip() for name in names if (value.get(name) or "").strip()
    }


class RuledBlock(blocks.StructBlock):
    """A group of fields with rules across them, which a draft need not keep yet."""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        # The first said of a field is what has to be mended first.
        errors: dict[str, ValidationError] = {}
        for name, message in self.wrong(cleaned):
            errors.setdefault(name, ValidationError(message))
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        """Yield the name of each field that is no good, and what to do about it."""
        raise NotImplementedError


class PlaceBlock(RuledBlock):
    name = blocks.CharBlock(
        required=False, max_length=120, help_text="For example “Community centre”."
    )
    street = blocks.CharBlock(required=False, max_length=200)
    town = blocks.CharBlock(required=False, max_length=100)
    county = blocks.CharBlock(required=False, max_length=100)
    postcode = blocks.CharBlock(required=False, max_length=8)
    latitude = blocks.CharBlock(
        required=False,
        max_length=10,
        validators=[COORDINATE],
        help_text="Optional map point, for example 52.70778.",
    )
    longitude = blocks.CharBlock(
        required=False,
        max_length=10,
        validators=[COORDINATE],
        help_text="The other half of the map point, for example -2.75401.",
    )
    access = blocks.TextBlock(
        required=False,
        max_length=500,
        label="Getting in and around",
        help_text="Steps, lift, changing place, parking, noise, a quiet room.",
    )
    withheld = blocks.BooleanBlock(
        required=False,
        label="The address is not published",
        help_text="For somebody’s safety. Then the public reads only the words below.",
    )
    area = blocks.CharBlock(
        required=False,
        max_length=120,
        label="Area, in place of the address",
        help_text="Only where the address is not published, for example “north "
        "Shropshire”.",
    )

    class Meta:
        icon = "site"
        label = "Place"

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        if value["withheld"]:
            if not value["area"]:
                yield "area", "Say roughly where it is: this is all that is published."
            return
        for name, what in (
            ("street", "the street"),
            ("town", "the town"),
            ("postcode", "the postcode"),
        ):
            if not value[name]:
                yield name, f"Write {what}, or say that the address is not published."
        if value["postcode"] and not POSTCODE.fullmatch(value["postcode"].upper()):
            yield "postcode", "This is no UK postcode. Write it as SY1 1AA."
        if bool(value["latitude"]) != bool(value["longitude"]):
            missing = "longitude" if value["latitude"] else "latitude"
            yield missing, "A map point needs both numbers. Fill in this one too."
        for name, (lowest, highest) in (
            ("latitude", LATITUDES),
            ("longitude", LONGITUDES),
        ):
            if value[name] and not lowest <= float(value[name]) <= highest:
                yield name, "This point is not in the United Kingdom. Swap the two?"

    def public(self, value: Any) -> dict[str, Any]:
        if value["withheld"]:
            # Nothing else: the name of a house can give away where it is.
            return {"withheld": True, "area": (value["area"] or "").strip()}
        found: dict[str, Any] = _filled(
            value, "name", "street", "town", "county", "postcode", "access"
        )
        if "postcode" in found:
            found["postcode"] = _postcode(found["postcode"])
        if value["latitude"] and value["longitude"]:
            # As text: canonical JSON has no fractions.
            found |= _filled(value, "latitude", "longitude")
        return found


def _postcode(words: str) -> str:
    """
    >>> _postcode("sy11aa")
    'SY1 1AA'
    """
    known = POSTCODE.fullmatch(words.upper())
    return f"{known[1]} {known[2]}" if known else words


class PlacesBlock(blocks.StreamBlock):
    place = PlaceBlock()

    class Meta:
        max_num = 20

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


class TimesBlock(RuledBlock):
    """From when to when, which both are given or neither."""

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        opens, closes = value["opens"], value["closes"]
        if bool(opens) != bool(closes):
            missing = "closes" if opens else "opens"
            yield missing, "Give both times, or neither."
        elif opens and closes <= opens:
            yield "closes", "This is not after it opens."


def _times(value: Any) -> dict[str, str]:
    return {name: f"{value[name]:%H:%M}" for name in ("opens", "closes") if value[name]}


class WeeklyBlock(TimesBlock):
    days = blocks.MultipleChoiceBlock(choices=DAYS, label="On")
    opens = blocks.TimeBlock(required=False, label="From")
    closes = blocks.TimeBlock(required=False, label="To")
    note = blocks.CharBlock(
        required=False, max_length=200, help_text="For example “in term time”."
    )

    class Meta:
        icon = "time"
        label = "Every week"

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        yield from super().wrong(value)
        if not value["opens"] and not value["note"]:
            yield "opens", "Give the times, or say them in the note."

    def public(self, value: Any) -> dict[str, Any]:
        days = [code for code, _ in DAYS if code in (value["days"] or ())]
        return {
            "type": "weekly",
            "days": days,
            **_times(value),
            **_filled(value, "note"),
        }


class HolidayBlock(TimesBlock):
    first = blocks.DateBlock(label="First day")
    last = blocks.DateBlock(label="Last day")
    opens = blocks.TimeBlock(
        required=False, label="From", help_text="No times: it is closed."
    )
    closes = blocks.TimeBlock(required=False, label="To")
    note = blocks.CharBlock(
        required=False, max_length=200, help_text="For example “Christmas”."
    )

    class Meta:
        icon = "date"
        label = "Holidays and other days"

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        yield from super().wrong(value)
        if value["last"] < value["first"]:
            yield "last", "The last day must not be before the first."

    def public(self, value: Any) -> dict[str, Any]:
        days = {
            name: value[name].isoformat() for name in ("first", "last") if value[name]
        }
        return {
            "type": "holiday",
            **days,
            "closed": not value["opens"],
            **_times(value),
            **_filled(value, "note"),
        }


class HoursBlock(blocks.StreamBlock):
    weekly = WeeklyBlock()
    holiday = HolidayBlock()

    class Meta:
        max_num = 30

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


class LanguagesBlock(blocks.StreamBlock):
    language = blocks.CharBlock(
        max_length=80, help_text="For example “Polish” or “British Sign Language”."
    )

    class Meta:
        max_num = 20

    def public(self, value: Any) -> list[str]:
        return [child.value.strip() for child in value if child.value.strip()]


class WayInBlock(blocks.StructBlock):
    by = blocks.ChoiceBlock(choices=WAYS_IN, label="Who asks")
    how = blocks.TextBlock(
        required=False,
        max_length=1000,
        label="How",
        help_text="What to do, step by step. A line for each step.",
    )

    class Meta:
        icon = "arrow-right"
        label = "Way in"

    def public(self, value: Any) -> dict[str, Any]:
        return {"by": value["by"] or "", **_filled(value, "how")}


class WaysInBlock(blocks.StreamBlock):
    way = WayInBlock()

    class Meta:
        max_num = 10

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


class VenueBlock(PlaceBlock):
    """Where something takes place; nothing of it where that is online only."""

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        if any(value.values()):
            yield from super().wrong(value)


class EventBlock(RuledBlock):
    name = blocks.CharBlock(max_length=120, help_text="What happens.")
    starts = blocks.DateTimeBlock(label="Begins")
    ends = blocks.DateTimeBlock(required=False, label="Ends")
    place = VenueBlock()
    online = blocks.URLBlock(
        required=False,
        label="Address online",
        help_text="Where it takes place online, or also online.",
    )
    access = blocks.TextBlock(
        max_length=500,
        label="Who can take part, and what is there to help",
        help_text="Interpreters, a quiet room, coming with a carer, where to ask.",
    )

    class Meta:
        icon = "date"
        label = "Event"

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        if value["ends"] and value["ends"] <= value["starts"]:
            yield "ends", "It must not end before it begins."
        if not value["online"] and not any(value["place"].values()):
            yield "online", "Say where: fill in the place, or an address online."

    def public(self, value: Any) -> dict[str, Any]:
        moments = {
            name: timezone.localtime(value[name], UTC).isoformat()
            for name in ("starts", "ends")
            if value[name]
        }
        place = self.child_blocks["place"].public(value["place"])
        return {
            **_filled(value, "name"),
            **moments,
            **({"place": place} if place else {}),
            **_filled(value, "online", "access"),
        }


class EventsBlock(blocks.StreamBlock):
    event = EventBlock()

    class Meta:
        max_num = 20

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


class SurveyBlock(RuledBlock):
    name = blocks.CharBlock(max_length=120, help_text="What it asks about.")
    url = blocks.URLBlock(
        label="Address", help_text="The full address, starting with https://"
    )
    closes = blocks.DateBlock(
        label="Last day", help_text="After this day it is shown as closed, by itself."
    )

    class Meta:
        icon = "form"
        label = "Survey"

    def wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        if value["closes"] < timezone.localdate():
            yield "closes", "This day has passed. Choose a later one, or take it out."

    def public(self, value: Any) -> dict[str, Any]:
        closes: date | None = value["closes"]
        return {
            **_filled(value, "name", "url"),
            **({"closes": closes.isoformat()} if closes else {}),
        }


class SurveysBlock(blocks.StreamBlock):
    survey = SurveyBlock()

    class Meta:
        max_num = 10

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


class ReportsOnBlock(blocks.StreamBlock):
    """Other items, by their pages; see ``cms.links`` for what the public gets."""

    page = blocks.PageChooserBlock(
        page_type=["cms.LocalOfferPage", "cms.NewsItemPage"], label="Page or news item"
    )

    class Meta:
        max_num = 20
