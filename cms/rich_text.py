"""The one kind of running text in which editors may write."""

from typing import Any

from wagtail import blocks

from . import rendering

RICH_TEXT_FEATURES = ["h3", "bold", "italic", "ol", "ul", "link"]
# Inside something that has a heading of its own.
WITHIN = ["bold", "italic", "ol", "ul", "link"]


class ParagraphBlock(blocks.RichTextBlock):
    class Meta:
        icon = "pilcrow"
        label = "Text"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("features", RICH_TEXT_FEATURES)
        super().__init__(**kwargs)

    def public(self, value: Any) -> dict[str, Any]:
        return {"type": "paragraph", "html": rendering.rich_text(value.source)}


def html_of(value: Any) -> str:
    """Return what a ``ParagraphBlock`` inside another block holds, as public HTML."""
    return rendering.rich_text(value.source) if value else ""
