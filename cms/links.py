"""Links in rich text that point to other items."""

from typing import Any

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler

from .models import Proof


class PermalinkHandler(PageLinkHandler):
    """A link to a page becomes its permalink, if its forums have signed it.

    Anything else becomes an anchor without target, which ``rendering.sanitise`` turns
    into plain words: the address of a draft never gets out.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        pages = cls.get_many(attrs_list)
        ids = {page.content_id for page in pages if hasattr(page, "content_id")}
        released = set(
            Proof.objects.signed()
            .filter(content_id__in=ids)
            .values_list("content_id", flat=True)
        )
        return [
            f'<a href="{escape(page.permalink)}">'
            if getattr(page, "content_id", None) in released
            else "<a>"
            for page in pages
        ]
