"""The form with which somebody says what they think of a text."""

from typing import Any

from django import forms

from cms import comments
from cms.models import Comment
from cms.models.comments import LONGEST


class CommentForm(forms.Form):
    """What it is about, and the words. Nothing else is asked."""

    topic = forms.ChoiceField(
        choices=Comment.Topic.choices,
        label="What is it about?",
        error_messages={
            "required": "Choose what your comment is about.",
            "invalid_choice": "Choose what your comment is about.",
        },
    )
    is_gap = forms.BooleanField(
        required=False, label="Something that families need is missing"
    )
    words = forms.CharField(
        max_length=LONGEST,
        label="Your comment",
        error_messages={
            "required": "Write your comment.",
            "max_length": f"Shorten your comment to at most {LONGEST:,} characters.",
        },
    )
    stamp = forms.CharField(required=False, max_length=500)
    # Left empty by people, who do not see it; filled in by programs.
    website = forms.CharField(required=False)

    @property
    def is_from_a_program(self) -> bool:
        return bool(self.data.get("website"))

    def clean_words(self) -> str:
        words = comments.plain(self.cleaned_data["words"])
        if not words:
            raise forms.ValidationError("Write your comment.")
        return words

    @property
    def typed(self) -> dict[str, Any]:
        """What stands in the form when it is shown again."""
        return {name: self.data.get(name, "") for name in ("topic", "is_gap", "words")}
