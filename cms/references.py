"""Blocks that lead to something else of ours: other items, and files."""

from typing import Any

from django.core.exceptions import ValidationError
from wagtail import blocks
from wagtail.documents.blocks import DocumentChooserBlock

from .models.frozen import freeze_document
from .targets import targets


class RelatedItemsBlock(blocks.StructBlock):
    """Other items to read, under the titles that their forums signed."""

    heading = blocks.CharBlock(
        max_length=120,
        default="Read more",
        help_text="For example “What else can help”.",
    )
    pages = blocks.ListBlock(
        blocks.PageChooserBlock(
            page_type=["cms.LocalOfferPage", "cms.NewsItemPage"],
            label="Page",
            required=True,
        ),
        min_num=1,
        max_num=8,
        label="Pages",
        help_text="Only what is public already. The title is the one that was signed.",
    )

    class Meta:
        icon = "link"
        label = "Related items"
        description = "Links to other pages and news of ours."

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        chosen = [page for page in cleaned["pages"] if page]
        public = targets(page.pk for page in chosen)
        errors = {
            number: ValidationError(
                "This is not public yet, or was taken back, so families could not read "
                "it. Take it out, or wait until its forums have signed it."
            )
            for number, page in enumerate(cleaned["pages"])
            if page and page.pk not in public
        }
        if errors:
            raise blocks.StructBlockValidationError(
                block_errors={
                    "pages": blocks.ListBlockValidationError(block_errors=errors)
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        """``body`` holds one block per item, so that each can be taken out by itself."""
        pages = [page for page in value["pages"] if page]
        public = targets(page.pk for page in pages)
        found = [public[page.pk] for page in pages if page.pk in public]
        return {
            "type": "related_items",
            "heading": value["heading"].strip(),
            "body": [
                {
                    "type": "related_item",
                    "content_id": target.content_id,
                    "kind": target.kind,
                    "title": target.title,
                    "url": target.url,
                }
                for target in dict.fromkeys(found)
            ],
        }


class AttachmentBlock(blocks.StructBlock):
    """A file to keep or to print. What matters stands in the text as well."""

    title = blocks.CharBlock(max_length=160, help_text="What the file is called.")
    document = DocumentChooserBlock(label="File")
    contents = blocks.TextBlock(
        max_length=500,
        rows=3,
        label="What is in it",
        help_text="In a sentence or two, so that nobody has to open it to find out.",
    )

    class Meta:
        icon = "doc-full"
        label = "Attachment"
        description = "A file to download: PDF, Word, Excel, PowerPoint, OpenDocument."

    def public(self, value: Any) -> dict[str, Any]:
        data = {
            "type": "attachment",
            "title": value["title"].strip(),
            "contents": " ".join(value["contents"].split()),
        }
        if document := value["document"]:
            frozen = freeze_document(document)
            data |= {
                "url": frozen.url,
                "format": frozen.kind.name,
                "media_type": frozen.kind.media_type,
                "bytes": frozen.size,
                "sha256": frozen.sha256,
            }
        return data
