"""The blocks of a body. Each says itself in public as plain data.

``public`` turns a block's value into what goes into a proof; ``cms.rendering``
turns that data into HTML and text. There is no raw HTML block.
"""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.documents.models import Document
from wagtail.images.blocks import ImageBlock
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail.snippets.blocks import SnippetChooserBlock

from . import embedding, missing
from .diagrams import DiagramBlock
from .films import VideoBlock
from .instructions import QuestionBlock, StepsBlock
from .models.frozen import freeze_image, frozen_together
from .references import AttachmentBlock, RelatedItemsBlock
from .rich_text import ParagraphBlock
from .tables import TableBlock
from .targets import looked_up_together
from .voices import VoiceBlock

# What needs more words than this is no picture that one sentence can describe.
LONGEST_ALT = 200


class HeadingBlock(blocks.CharBlock):
    class Meta:
        icon = "title"
        label = "Heading"

    def public(self, value: str) -> dict[str, Any]:
        return {"type": "heading", "text": value.strip()}


class DescribedImageBlock(ImageBlock):
    """A picture that is decoration, or that one sentence can describe.

    One that says more is a ``DiagramBlock``.
    """

    class Meta:
        icon = "image"
        label = "Image"
        description = (
            "A picture that decorates, or that one sentence can describe. For a "
            "diagram, chart, map or timetable use “Diagram”."
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        words = getattr(cleaned, "contextual_alt_text", None) or ""
        if not self.is_deferred_validation and len(words) > LONGEST_ALT:
            raise blocks.StructBlockValidationError(
                block_errors={
                    "alt_text": ValidationError(
                        f"Use at most {LONGEST_ALT} characters. A picture that says "
                        "more is a diagram: put it into the block “Diagram”, which has "
                        "room for its steps, values and labels."
                    )
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any] | None:
        if value is None:
            return None
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
        if not (self.is_deferred_validation or cleaned["phone"] or cleaned["email"]):
            raise blocks.StructBlockValidationError(
                block_errors={
                    "phone": ValidationError(
                        "Give a telephone number or an email address."
                    )
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        return {"type": "contact", "name": value["name"].strip()} | {
            name: value[name].strip()
            for name in ("phone", "email", "hours")
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


class SharedBlockBlock(SnippetChooserBlock):
    """A block that is written and signed once and stands in many texts."""

    class Meta:
        icon = "copy"
        label = "Shared block"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("target_model", None)
        super().__init__("cms.SharedBlock", **kwargs)

    def public(self, value: Any) -> dict[str, Any]:
        return embedding.placeholder(value.content_id if value else None)


class BodyBlock(blocks.StreamBlock):
    """What the body of a page or a news item is made of."""

    heading = HeadingBlock(max_length=120)
    paragraph = ParagraphBlock()
    image = DescribedImageBlock()
    contact = ContactBlock()
    call_to_action = CallToActionBlock()
    steps = StepsBlock()
    question = QuestionBlock()
    diagram = DiagramBlock()
    video = VideoBlock()
    table = TableBlock()
    related_items = RelatedItemsBlock()
    attachment = AttachmentBlock()
    shared_block = SharedBlockBlock()
    voice = VoiceBlock()

    def clean(self, value: Any) -> Any:
        if self.is_deferred_validation:
            return super().clean(value)
        if self.required and not value:
            raise blocks.StreamBlockValidationError(
                non_block_errors=[ValidationError(missing.NO_TEXT)]
            )
        with looked_up_together(self._named(value)[Page]):
            cleaned = super().clean(value)
        if lacking := _not_public(cleaned):
            raise blocks.StreamBlockValidationError(block_errors=lacking)
        return cleaned

    def public(self, value: Any) -> list[dict[str, Any]]:
        """Return the body as data, one dict with a ``type`` per block, in order.

        What all blocks need of the database is fetched at once, so that forty of them
        take no more queries than one.
        """
        named = self._named(value)
        with (
            looked_up_together(named[Page]),
            frozen_together(
                images=Image.objects.filter(pk__in=named[Image]),
                documents=Document.objects.filter(pk__in=named[Document]),
            ),
        ):
            said = [child.block.public(child.value) for child in value]
        # A draft may hold a picture that was not chosen yet, or is gone.
        return embedding.fill(one for one in said if one is not None)

    def _named(self, value: Any) -> dict[type, set[int]]:
        """The keys of the pictures, files and pages that a body names."""
        named: dict[type, set[int]] = {Image: set(), Document: set(), Page: set()}
        for model, pk, *_ in self.extract_references(value):
            for base, keys in named.items():
                if issubclass(model, base):
                    keys.add(int(pk))
        return named


def _not_public(value: Any) -> dict[int, ValidationError]:
    """What to say beside shared blocks that no text can hold yet."""
    chosen = {
        at: str(child.value.content_id)
        for at, child in enumerate(value)
        if child.block_type == embedding.TYPE and child.value
    }
    public = embedding.current(set(chosen.values()))
    return {
        at: ValidationError(embedding.NOT_PUBLIC)
        for at, content_id in chosen.items()
        if content_id not in public
    }


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
        both = bool(cleaned["forum"]) == bool(cleaned["who"])
        if both and not self.is_deferred_validation:
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
