"""What the clipboard takes: headings, paragraphs, lists, links, and no look of ours.

It takes the look of wherever it is pasted.
"""

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from . import inline
from .copies import Copy
from .pieces import Piece, Role, grouped

TAGS = {
    Role.TITLE: "h2",
    Role.HEADING: "h3",
    Role.PARAGRAPH: "p",
    Role.ITEM: "li",
    Role.CREDIT: "p",
}


def make(copy: Copy) -> SafeString:
    """Return HTML without a single attribute but the addresses of links."""
    lines = format_html_join("\n", "{}", ((one,) for one in _lines(copy.pieces())))
    return format_html("{}\n", lines)


def _lines(pieces: list[Piece]) -> Iterator[SafeString]:
    for together in grouped(pieces):
        if together[0].role == Role.ITEM:
            items = format_html_join("\n", "{}", ((_line(one),) for one in together))
            yield format_html("<ul>\n{}\n</ul>", items)
        elif together[0].role != Role.RULE:
            # Not everywhere is there a line across: the credit says itself what it is.
            yield _line(together[0])


def _line(piece: Piece) -> SafeString:
    return format_html("<{0}>{1}</{0}>", TAGS[piece.role], inline.html(piece.runs))
