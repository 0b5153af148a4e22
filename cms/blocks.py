"""The blocks of a body. Each says itself in public as plain data.

``public`` turns a block's value into what goes into a proof; ``cms.rendering``
turns that data into HTML and text. There is no raw HTML block.
"""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.images.blocks import ImageBlock
from wagtail.snippets.blocks import SnippetChooserBlock

from . import rendering
from .models.images import freeze_image
from .voices import VoiceBlock

RICH_TEXT_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link"]


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = "Heading"

    def public(self, value: str) -> dict[str, Any]:
        return {"type": "heading", "text": value.strip()}


class ParagraphBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = "Text"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", RICH_TEXT_FEATURES)
        super().__init__(**kwargs)

    def public(self, value: Any) -> dict[str, Any]:
        return {"type": "paragraph", "html": rendering.rich_text(value.source)}


class DescribedImageBlock(ImageBlock):
    class Meta:
        icon = "image"
        label = "Image"

    def public(self, value: Any) -> dict[str, Any]:
        frozen = freeze_image(value)
        decorative = bool(getattr(value, "decorative", False))
        return {
            "type": "image",
            "url": frozen.url,
            "width": frozen.width,
            "height": frozen.height,
            "sha256": frozen.sha256,
            "decorative": decorative,
            "alt": ""
            if decorative
            else (getattr(value, "contextual_alt_text", None) or ""),
        }


class ContactBlock(blocks.StructBlock):
    name = blocks.CharBlock(
        max_length=120,
        help_text="A team or an advice line. Never the name of a person.",
    )
    phone = blocks.CharBlock(required=False, max_length=40)
    email = blocks.EmailBlock(required=False, help_text="A shared mailbox.")
    hours = blocks.CharBlock(
        required=False, max_length=200, help_text="When somebody answers."
    )

    class Meta:
        icon = "mail"
        label = "Contact"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not cleaned["phone"] and not cleaned["email"]:
            raise blocks.StructBlockValidationError(
                block_errors={
                    "phone": ValidationError(
                        "Give a telephone number or an email address."
                    )
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        return {"type": "contact"} | {
            name: value[name].strip()
            for name in ("name", "phone", "email", "hours")
            if value[name]
        }


class CallToActionBlock(blocks.StructBlock):
    text = blocks.CharBlock(
        max_length=80, help_text="What happens, for example “Book a place”."
    )
    url = blocks.URLBlock(help_text="The full address, starting with https://")

    class Meta:
        icon = "link"
        label = "Call to action"

    def public(self, value: Any) -> dict[str, Any]:
        return {
            "type": "call_to_action",
            "text": value["text"].strip(),
            "url": value["url"],
        }


class BodyBlock(blocks.StreamBlock):
    """What the body of a page or a news item is made of."""

    heading = HeadingBlock(max_length=120)
    paragraph = ParagraphBlock()
    image = DescribedImageBlock()
    contact = ContactBlock()
    call_to_action = CallToActionBlock()
    voice = VoiceBlock()

    def public(self, value: Any) -> list[dict[str, Any]]:
        """Return the body as data, one dict with a ``type`` per block, in order."""
        return [child.block.public(child.value) for child in value]


STAGES = [
    ("idea", "before anything was written"),
    ("draft", "while it was written"),
    ("review", "reading the finished draft"),
    ("evaluation", "looking at how it works"),
]
# Bands, so that nobody can be counted out by name.
HOW_MANY = [("1-5", "1 to 5"), ("6-20", "6 to 20"), ("21+", "more than 20")]


class PartBlock(blocks.StructBlock):
    """Who took part in making a text, and from when on."""

    forum = SnippetChooserBlock("cms.Forum", required=False)
    who = blocks.CharBlock(
        required=False,
        max_length=120,
        help_text="Or another group, for example “young people at a sixth form”. "
        "Never the name of a person.",
    )
    stage = blocks.ChoiceBlock(choices=STAGES, label="Joined")
    how_many = blocks.ChoiceBlock(
        choices=HOW_MANY, required=False, label="How many people, about"
    )

    class Meta:
        icon = "group"
        label = "Who took part"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if bool(cleaned["forum"]) == bool(cleaned["who"]):
            raise blocks.StructBlockValidationError(
                block_errors={
                    "who": ValidationError("Choose a forum or name a group, not both.")
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        """Return ``{"who", "stage"}``, with ``forum`` and ``how_many`` where known."""
        forum = value["forum"]
        return {
            "who": forum.name if forum else (value["who"] or "").strip(),
            "stage": value["stage"],
            **({"forum": forum.slug} if forum else {}),
            **({"how_many": value["how_many"]} if value["how_many"] else {}),
        }


class CoProductionBlock(blocks.StreamBlock):
    """Everyone who took part."""

    part = PartBlock()

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]
