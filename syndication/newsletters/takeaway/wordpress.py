"""HTML as the block editor of WordPress stores it: paste it into its code editor."""

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from . import inline
from .copies import Copy
from .pieces import Piece, Role, grouped

RULE = mark_safe(
    "<!-- wp:separator -->\n"
    '<hr class="wp-block-separator has-alpha-channel-opacity"/>\n'
    "<!-- /wp:separator -->"
)
PARAGRAPH = "<!-- wp:paragraph -->\n<p>{}</p>\n<!-- /wp:paragraph -->"
# Level 2 is what a heading block is by itself, and is not written down.
TITLE = (
    '<!-- wp:heading -->\n<h2 class="wp-block-heading">{}</h2>\n<!-- /wp:heading -->'
)
HEADING = (
    '<!-- wp:heading {} -->\n<h3 class="wp-block-heading">{}</h3>\n<!-- /wp:heading -->'
)
LEVEL = mark_safe('{"level":3}')
LIST = '<!-- wp:list -->\n<ul class="wp-block-list">{}</ul>\n<!-- /wp:list -->'
ITEM = "<!-- wp:list-item -->\n<li>{}</li>\n<!-- /wp:list-item -->"


def make(copy: Copy) -> SafeString:
    """Return the blocks, an empty line between them."""
    blocks = format_html_join("\n\n", "{}", ((one,) for one in _blocks(copy.pieces())))
    return format_html("{}\n", blocks)


def _blocks(pieces: list[Piece]) -> Iterator[SafeString]:
    for together in grouped(pieces):
        first = together[0]
        match first.role:
            case Role.RULE:
                yield RULE
            case Role.TITLE:
                yield format_html(TITLE, inline.html(first.runs))
            case Role.HEADING:
                yield format_html(HEADING, LEVEL, inline.html(first.runs))
            case Role.ITEM:
                items = ((inline.html(one.runs),) for one in together)
                yield format_html(LIST, format_html_join("\n\n", ITEM, items))
            case _:
                yield format_html(PARAGRAPH, inline.html(first.runs))
