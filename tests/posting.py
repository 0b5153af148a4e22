"""The edit form of a page as a browser sends it, with any blocks in its body."""

from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageBlock
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from .test_bypass import form_of


def post_of(client, page, body):
    """What a browser posts when the draft of ``page`` got these blocks."""
    kept = {
        name: value
        for name, value in form_of(client, page).items()
        if not name.startswith("body-")
    }
    stream = page.body.stream_block
    return kept | nested_form_data({"body": _shown(stream, stream.to_python(body))})


def _shown(block, value):
    """The inputs with which Wagtail's editor shows the value of a block."""
    if isinstance(block, blocks.StreamBlock):
        return streamfield(
            [(one.block_type, _shown(one.block, one.value)) for one in value]
        )
    if isinstance(block, ImageBlock):
        # Its value is the image itself, with what is said of it here.
        value = {
            "image": value,
            "alt_text": value.contextual_alt_text,
            "decorative": value.decorative,
        }
    if isinstance(block, blocks.StructBlock):
        shown = {
            name: _shown(child, value[name])
            for name, child in block.child_blocks.items()
        }
        # A box that is not ticked is not sent.
        return {name: one for name, one in shown.items() if one is not None}
    if isinstance(block, blocks.ListBlock):
        return streamfield([("item", _shown(block.child_block, one)) for one in value])
    if isinstance(block, TypedTableBlock):
        return _table(value)
    if isinstance(block, blocks.RichTextBlock):
        return rich_text(value.source, block.editor, block.features)
    shown = block.field.prepare_value(block.value_for_form(value))
    if isinstance(block, blocks.BooleanBlock):
        return "on" if shown else None
    return "" if shown is None else str(getattr(shown, "pk", shown))


def _table(table):
    return {
        "caption": table.caption,
        "column-count": len(table.columns),
        "column": [
            {
                "type": column["block"].name,
                "order": number,
                "heading": column["heading"],
                "deleted": "",
            }
            for number, column in enumerate(table.columns)
        ],
        "row-count": len(table.row_data),
        "row": [
            {"order": number, "deleted": ""} for number in range(len(table.row_data))
        ],
        "cell": [row["values"] for row in table.row_data],
    }
