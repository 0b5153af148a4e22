"""Films: a link to where one is, never a player that watches who watches."""

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from wagtail import blocks

from .rich_text import WITHIN, ParagraphBlock, html_of

CAPTIONS_MISSING = (
    "Say where the captions are: give the address of the captions, or tick that they "
    "are part of the picture."
)


class VideoBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=160, help_text="What the film is called.")
    url = blocks.URLBlock(
        label="Address of the film",
        help_text="The page on which the film is, starting with https://",
    )
    length = blocks.CharBlock(
        required=False, max_length=40, help_text="For example “3 minutes”."
    )
    captions_url = blocks.URLBlock(
        required=False,
        label="Address of the captions",
        help_text="Where the captions are, or the page with captions switched on.",
    )
    captions_in_picture = blocks.BooleanBlock(
        required=False,
        label="The captions are part of the picture",
        help_text="Everybody sees them, without switching them on.",
    )
    transcript = ParagraphBlock(
        features=WITHIN,
        label="The film in words",
        help_text="Everything that is said, and what is to be seen where that matters.",
    )

    class Meta:
        icon = "media"
        label = "Film"
        description = "A link to a film, with captions and all its words."

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        errors = {
            name: ValidationError(
                "Give an address that starts with https://, so that nobody else can "
                "see or change what is watched."
            )
            for name in ("url", "captions_url")
            if cleaned[name] and urlsplit(cleaned[name]).scheme != "https"
        }
        if not (cleaned["captions_url"] or cleaned["captions_in_picture"]):
            errors["captions_url"] = ValidationError(CAPTIONS_MISSING)
        if errors:
            raise blocks.StructBlockValidationError(block_errors=errors)
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        data = {
            name: text
            for name in ("title", "url", "length", "captions_url")
            if (text := (value[name] or "").strip())
        }
        return {
            "type": "video",
            "title": "",
            "url": "",
            **data,
            "captions_in_picture": bool(value["captions_in_picture"]),
            "transcript": html_of(value["transcript"]),
        }
