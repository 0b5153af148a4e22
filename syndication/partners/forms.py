"""What is asked about a partner and its keys."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from .keys import LIFETIME, LONGEST_LIFETIME
from .models import ApiKey, Contact, Partner

MISSING = {
    "name": "Write the name of the organisation.",
    "kind": "Choose what it is.",
    "removals": "Write the mailbox of those who take content down.",
}


class PartnerForm(forms.ModelForm[Partner]):
    """The organisation, the areas it shows, and whom to write to."""

    website = forms.URLField(
        required=False,
        assume_scheme="https",
        label="Website",
        help_text="Where it shows what it takes from here.",
        error_messages={
            "invalid": "Write the whole address, such as https://www.example.org."
        },
    )
    removals = forms.EmailField(
        label="Mailbox of those who take content down",
        help_text=(
            "One that stays when a person leaves, and that somebody reads every "
            "working day."
        ),
    )
    technical = forms.EmailField(
        required=False, label="Mailbox of those who run the programs"
    )
    office = forms.EmailField(required=False, label="Mailbox for everything else")

    field_order = ("name", "kind", "website", "areas")

    class Meta:
        model = Partner
        fields = ("name", "kind", "website", "areas")
        widgets = {
            "kind": forms.RadioSelect,
            "areas": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        kind: Any = self.fields["kind"]
        # No empty choice among the buttons: nothing is chosen for anybody.
        kind.choices = [one for one in kind.choices if one[0]]
        if self.instance.pk:
            for contact in self.instance.contacts.all():
                self.initial[contact.role] = contact.email
        for name, field in self.fields.items():
            if name in MISSING:
                field.error_messages["required"] = MISSING[name]
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = (
                    "Write an address such as web.team@example.org."
                )
        name_field = self.fields["name"]
        name_field.error_messages["unique"] = "There is a partner of this name already."

    @property
    def mailboxes(self) -> dict[str, str]:
        """The mailboxes by role; empty where there is none."""
        return {role: self.cleaned_data.get(role, "") for role in Contact.Role.values}


class KeyForm(forms.Form):
    """What a key is for, what it may do, and until when."""

    name = forms.CharField(
        max_length=60,
        label="What it is for",
        help_text="So that you know it again: “nightly update of the website”.",
        error_messages={"required": "Write what the key is for."},
    )
    scopes = forms.MultipleChoiceField(
        choices=ApiKey.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        label="What it may do",
        error_messages={"required": "Choose at least one."},
    )
    last_day = forms.DateField(
        label="Its last day",
        help_text="At most two years from now. A key that ends is a key that is renewed.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Write the last day on which it works.",
            "invalid": "Please write the date as 2026-11-24.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = {
            "scopes": ApiKey.Scope.values,
            "last_day": timezone.localdate() + LIFETIME,
        }
        super().__init__(*args, **{"label_suffix": "", "initial": initial} | kwargs)

    def clean_last_day(self) -> date:
        day: date = self.cleaned_data["last_day"]
        today = timezone.localdate()
        if not today <= day <= today + LONGEST_LIFETIME:
            raise forms.ValidationError(
                "Choose a day from today to two years from now."
            )
        return day

    @property
    def expires_at(self) -> datetime:
        """The end of its last day."""
        return timezone.make_aware(
            datetime.combine(self.cleaned_data["last_day"], time.max)
        )
