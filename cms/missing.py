"""What to do where something is missing, in a sentence beside the field.

Django and Wagtail say that a field is required, which is no help to somebody who
wonders what belongs there.
"""

from collections.abc import Iterator
from typing import Any

from wagtail import blocks
from wagtail.blocks.stream_block import BaseStreamBlock
from wagtail.blocks.struct_block import BaseStructBlock

OF_FIELDS = {
    "title": "Write a title: families and lists know this by it.",
    "summary": "Say in one or two sentences what this is.",
    "audience": "Say in one sentence who it is for.",
    "areas": "Choose at least one area. Its forums sign this.",
    "age_from": "Write the youngest age, 0 where there is none.",
    "age_to": "Write the oldest age, at most 25.",
    "review_by": "Write the day by which somebody checks this again.",
    "response": "Write what you answer.",
}
FILL_IN = "Fill this in, or take the block out."
CHOOSE = "Choose one, or take the block out."
NO_TEXT = "Write the text: add at least one block, such as a heading or a paragraph."


def say_what_to_do(form: Any) -> None:
    """Let a form of the admin say what to do in place of “This field is required.”"""
    for name, field in form.fields.items():
        if name in OF_FIELDS:
            field.error_messages["required"] = OF_FIELDS[name]
        for block in _fields_in(getattr(field, "block", None)):
            # The block is one for all forms, and says the same in each.
            block.field.error_messages["required"] = (
                CHOOSE if _offers_choices(block) else FILL_IN
            )


def _fields_in(block: Any) -> Iterator[Any]:
    """Every block inside ``block`` that is one field of a form."""
    if isinstance(block, BaseStreamBlock | BaseStructBlock):
        for child in block.child_blocks.values():
            yield from _fields_in(child)
    elif isinstance(block, blocks.ListBlock):
        yield from _fields_in(block.child_block)
    elif isinstance(block, blocks.FieldBlock):
        yield block


def _offers_choices(block: Any) -> bool:
    return isinstance(block, blocks.ChooserBlock) or hasattr(block.field, "choices")
