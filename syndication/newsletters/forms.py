"""The forms with which somebody asks for the newsletter, and changes what they get."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms

from cms.models import Term

from . import subscriptions, wordings
from .errors import NotAnAddress
from .models import Choice, Frequency, Subscription
from .wordings import Words

OFTEN = {
    Frequency.WEEKLY: ("Once a week", "Only in weeks with something new."),
    Frequency.MONTHLY: ("Once a month", "Only in months with something new."),
    Frequency.AT_ONCE: (
        "As it happens",
        "Each text by itself, on the day it is agreed. Can be several a week.",
    ),
}
KIND_NAMES = {
    "news": ("News", "Changes, events, deadlines."),
    "local-offer": ("Help and services", "Pages of the Local Offer."),
}


@dataclass(frozen=True)
class Option:
    """One thing to tick or to choose."""

    value: str
    label: str
    hint: str
    checked: bool


class AddressField(forms.CharField):
    """An address in the one form in which it is kept."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            max_length=254,
            error_messages={
                "required": "Enter your email address, for example name@example.org."
            },
            **more,
        )

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        try:
            return subscriptions.normalised(typed)
        except NotAnAddress as error:
            raise forms.ValidationError(
                "Enter an email address in the form name@example.org."
            ) from error


class ChoicesForm(forms.Form):
    """How often, and of what. Nobody chooses a diagnosis here."""

    frequency = forms.ChoiceField(
        choices=Frequency.choices,
        error_messages={"required": "Choose how often you would like mail."},
    )
    areas = forms.MultipleChoiceField(required=False)
    kinds = forms.MultipleChoiceField(required=False)
    stages = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, words: Words, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words
        self.area_rows = wordings.areas_with_forums()
        stages = Term.objects.of(Term.Scheme.STAGE).valid()
        self.stage_rows = list(stages.order_by("position", "pk"))
        for name, values in (
            ("areas", [area.slug for area in self.area_rows]),
            ("kinds", list(KIND_NAMES)),
            ("stages", [stage.code for stage in self.stage_rows]),
        ):
            field = self.fields[name]
            field.choices = [(value, value) for value in values]  # type: ignore[attr-defined]

    @property
    def often(self) -> list[Option]:
        chosen = self["frequency"].value() or Frequency.WEEKLY.value
        return [
            Option(value.value, label, hint, value.value == chosen)
            for value, (label, hint) in OFTEN.items()
        ]

    @property
    def area_options(self) -> list[Option]:
        return self._options(
            "areas",
            (
                (
                    area.slug,
                    area.name,
                    ", ".join(forum.name for forum in area.forums.all()),
                )
                for area in self.area_rows
            ),
        )

    @property
    def kind_options(self) -> list[Option]:
        return self._options(
            "kinds", ((kind, *names) for kind, names in KIND_NAMES.items())
        )

    @property
    def stage_options(self) -> list[Option]:
        return self._options(
            "stages",
            ((stage.code, stage.name, stage.description) for stage in self.stage_rows),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether somebody chose among kinds or stages, or got that wrong."""
        return any(
            self[name].value() or self[name].errors for name in ("kinds", "stages")
        )

    def chosen(self) -> dict[str, list[str]]:
        """What to keep, by sort.

        Every area is kept by name, also when all are meant: the wording named the
        forums of these areas, so an area that is added later does not come by itself.
        """
        return {
            Choice.Sort.AREA: self.cleaned_data["areas"]
            or [area.slug for area in self.area_rows],
            Choice.Sort.KIND: self.cleaned_data["kinds"],
            Choice.Sort.STAGE: self.cleaned_data["stages"],
        }

    def _options(
        self, name: str, options: Iterable[tuple[str, str, str]]
    ) -> list[Option]:
        chosen = self[name].value() or []
        return [
            Option(value, label, hint, value in chosen)
            for value, label, hint in options
        ]


class SubscribeForm(ChoicesForm):
    """An address, choices, and agreement to the wording on the page."""

    email = AddressField()
    agree = forms.BooleanField(
        error_messages={"required": "Tick the box if you would like the newsletter."}
    )
    # The wording that was on the page when it was opened, so that nobody is recorded
    # as agreeing to words that were changed while they read.
    wording = forms.CharField(required=False)
    # Left empty by people, who do not see it; filled in by programs.
    website = forms.CharField(required=False)
    # Who shows this form, and by which way somebody came to it (see ``sources``).
    source = forms.CharField(required=False)
    way = forms.CharField(required=False)

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("wording") != self.words.mark and "agree" in cleaned:
            self.add_error(
                "agree",
                "The wording has just been changed. Please read it and tick the box "
                "again.",
            )
        return cleaned


class PreferencesForm(ChoicesForm):
    """What somebody who gets the newsletter would like from now on."""

    agree = forms.BooleanField(required=False)
    wording = forms.CharField(required=False)

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        self.subscription = subscription
        kept = subscription.chosen()
        words = kwargs["words"]
        super().__init__(
            *args,
            initial={
                "frequency": subscription.frequency,
                "kinds": kept[Choice.Sort.KIND],
                "stages": kept[Choice.Sort.STAGE],
            },
            **kwargs,
        )
        # An area may have another short name by now than on the day it was chosen.
        self.initial["areas"] = [
            area.slug
            for area in self.area_rows
            if not kept[Choice.Sort.AREA]
            or {area.slug, *(former.slug for former in area.former_slugs.all())}
            & set(kept[Choice.Sort.AREA])
        ]
        self.has_new_words = words.text != subscription.wording.text

    @property
    def agreed(self) -> Words | None:
        """The words that they agreed to with this form, if there were new ones."""
        ticked = self.has_new_words and self.cleaned_data["agree"]
        return self.words if ticked else None

    def clean_areas(self) -> list[str]:
        areas: list[str] = self.cleaned_data["areas"]
        if self.area_rows and not areas:
            raise forms.ValidationError(
                "Choose at least one area. If you want no more mail, stop the "
                "newsletter below."
            )
        return areas

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("agree") and cleaned.get("wording") != self.words.mark:
            self.add_error(
                "agree",
                "The wording has just been changed. Please read it and tick the box "
                "again.",
            )
        added = set(cleaned.get("areas", [])) - set(self.initial["areas"])
        new = wordings.unnamed(self.subscription.wording, added) if added else []
        if new and self.has_new_words and not cleaned.get("agree"):
            self.add_error(
                "agree",
                f"You have not agreed yet to mail that {' and '.join(new)} signs. "
                "Tick this box, or leave out the area.",
            )
        return cleaned


class AddressForm(forms.Form):
    """An address to write to."""

    email = AddressField()
    website = forms.CharField(required=False)

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))
