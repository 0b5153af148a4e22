"""Links in rich text that point to other items."""

from typing import Any

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler

from .targets import targets


class PermalinkHandler(PageLinkHandler):
    """A link to a page becomes its permalink, if its forums have signed it.

    Anything else becomes an anchor without target, which ``rendering.sanitise`` turns
    into plain words: the address of a draft never gets out.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        keys = [_key(attrs) for attrs in attrs_list]
        found = targets(key for key in keys if key is not None)
        return [
            f'<a href="{escape(found[key].url)}">'
            if key is not None and key in found
            else "<a>"
            for key in keys
        ]


def _key(attrs: dict[str, Any]) -> int | None:
    number = str(attrs.get("id", ""))
    return int(number) if number.isdecimal() else None
