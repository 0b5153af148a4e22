"""The form with which somebody asks for the newsletter."""

from hashlib import sha256
from typing import Any

from django import forms

from cms.models import Area

from . import subscriptions
from .errors import NotAnAddress


class SubscribeForm(forms.Form):
    """An address, areas, and agreement to the wording on the page."""

    email = forms.CharField(
        max_length=254,
        label="Your email address",
        error_messages={
            "required": "Enter your email address, for example name@example.org."
        },
    )
    areas = forms.MultipleChoiceField(required=False, label="Which areas?")
    agree = forms.BooleanField(
        error_messages={"required": "Tick the box if you would like the newsletter."}
    )
    # The wording that was on the page when it was opened, so that nobody is recorded
    # as agreeing to words that were changed while they read.
    wording = forms.CharField(widget=forms.HiddenInput, required=False)
    # Left empty by people, who do not see it; filled in by programs.
    website = forms.CharField(required=False)

    def __init__(self, *args: Any, wording: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = wording
        self.fields["areas"].choices = list(  # type: ignore[attr-defined]
            Area.objects.values_list("slug", "name")
        )
        self.fields["agree"].label = wording

    @property
    def wording_mark(self) -> str:
        """What the page carries to tell which wording it showed."""
        return sha256(self.words.encode()).hexdigest()[:16]

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_email(self) -> str:
        try:
            return subscriptions.normalised(self.cleaned_data["email"])
        except NotAnAddress as error:
            raise forms.ValidationError(
                "Enter an email address in the form name@example.org."
            ) from error

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("wording") != self.wording_mark and "agree" in cleaned:
            self.add_error(
                "agree",
                "The wording has just been changed. Please read it and tick the box "
                "again.",
            )
        return cleaned
