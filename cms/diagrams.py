"""Pictures that say more than a sentence: never without the words that they show.

The page that Countersign began with shows its most important content as a picture and
asks whoever cannot see it to write an email. Here such a picture cannot be submitted
until its words are there, and the words go out in every form.
"""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from .models.frozen import freeze_image


class PointBlock(blocks.StructBlock):
    name = blocks.CharBlock(max_length=160, label="Words in the picture")
    meaning = blocks.CharBlock(
        required=False,
        max_length=300,
        help_text="What it means, or the number beside it. Leave it out if the words "
        "say all.",
    )

    class Meta:
        icon = "minus"
        label = "One of them"

    def public(self, value: Any) -> dict[str, str]:
        return _filled(value, "name", "meaning")


class RelationBlock(blocks.StructBlock):
    start = blocks.CharBlock(max_length=160, label="From")
    relation = blocks.CharBlock(
        max_length=160, help_text="For example “leads to” or “is part of”."
    )
    end = blocks.CharBlock(max_length=160, label="To")

    class Meta:
        icon = "arrow-right"
        label = "One line or arrow"

    def public(self, value: Any) -> dict[str, str]:
        return _filled(value, "start", "relation", "end")


class PartBlock(blocks.StructBlock):
    """Some words of a picture that belong together, under a heading."""

    kind: str

    heading = blocks.CharBlock(
        max_length=120,
        help_text="For example “Seven steps” or “What the colours mean”.",
    )

    def public(self, value: Any) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "heading": value["heading"].strip(),
            "points": [
                value["points"].list_block.child_block.public(point)
                for point in value["points"]
            ],
        }


class StepsPartBlock(PartBlock):
    kind = "steps"
    points = blocks.ListBlock(PointBlock(), min_num=1, label="Steps, in order")

    class Meta:
        icon = "list-ol"
        label = "Steps"
        description = "What comes one after the other. The order counts."


class ValuesPartBlock(PartBlock):
    kind = "values"
    points = blocks.ListBlock(PointBlock(), min_num=1, label="Values")

    class Meta:
        icon = "list-ul"
        label = "Values"
        description = "Values, principles or numbers. The order does not count."


class LabelsPartBlock(PartBlock):
    kind = "labels"
    points = blocks.ListBlock(PointBlock(), min_num=1, label="Labels")

    class Meta:
        icon = "tag"
        label = "Labels"
        description = "What stands at parts of the picture: places, colours, people."


class RelationsPartBlock(PartBlock):
    kind = "relations"
    points = blocks.ListBlock(RelationBlock(), min_num=1, label="Lines and arrows")

    class Meta:
        icon = "link"
        label = "Relations"
        description = "What the lines and arrows of the picture say."


class WordsBlock(blocks.StreamBlock):
    """All words of a picture."""

    steps = StepsPartBlock()
    values = ValuesPartBlock()
    labels = LabelsPartBlock()
    relations = RelationsPartBlock()

    class Meta:
        required = False


class DiagramBlock(blocks.StructBlock):
    """A diagram, chart, map, timetable or picture of text, with all its words."""

    title = blocks.CharBlock(max_length=160, help_text="What the picture is about.")
    image = ImageChooserBlock()
    alt_text = blocks.CharBlock(
        max_length=200,
        label="What kind of picture it is",
        help_text="One sentence, for example “Five circles that touch each other in a "
        "ring”. What the picture says comes below.",
    )
    words = WordsBlock(
        required=False,
        label="What the picture says, in words",
        help_text="Everything that somebody learns who can see it. Families who do not "
        "see the picture read this; so do search engines, partners and email.",
    )

    class Meta:
        icon = "site"
        label = "Diagram"
        description = (
            "A diagram, chart, map, timetable or picture of text, with its words."
        )

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not self.is_deferred_validation and not cleaned["words"]:
            raise blocks.StructBlockValidationError(
                block_errors={
                    "words": blocks.StreamBlockValidationError(
                        non_block_errors=[
                            ValidationError(
                                "Write what this picture says: its steps, values, "
                                "labels or relations. Without them, families who do "
                                "not see it would learn nothing. Your draft can be "
                                "saved, but not submitted."
                            )
                        ]
                    )
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        data: dict[str, Any] = {"type": "diagram", "title": value["title"].strip()}
        if image := value["image"]:
            frozen = freeze_image(image)
            data |= {
                "url": frozen.url,
                "width": frozen.width,
                "height": frozen.height,
                "sha256": frozen.sha256,
                "alt": value["alt_text"].strip(),
            }
        return data | {
            "parts": [part.block.public(part.value) for part in value["words"]]
        }


def _filled(value: Any, *names: str) -> dict[str, str]:
    return {name: value[name].strip() for name in names if (value[name] or "").strip()}
