"""A piece of HTML for the “code” block of a newsletter tool: every look is inline.

Such tools drop style sheets and classes, and some cut off what is long.
"""

from collections.abc import Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from . import inline
from .copies import Copy
from .errors import TooLong
from .picks import Length
from .pieces import Piece, Role, grouped

# Bytes. Beyond it some tools refuse a code block, or mail programs cut the mail off.
LARGEST = 20_000
WHOLE = mark_safe(
    "font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5;"
    "color:#1a1a1a;background:#ffffff;max-width:600px"
)
LINK = mark_safe("color:#0b4f8a;text-decoration:underline")
LOOKS = {
    Role.TITLE: ("h2", mark_safe("font-size:24px;line-height:1.25;margin:0 0 16px")),
    Role.HEADING: ("h3", mark_safe("font-size:19px;line-height:1.3;margin:24px 0 8px")),
    Role.PARAGRAPH: ("p", mark_safe("margin:0 0 12px")),
    Role.ITEM: ("li", mark_safe("margin:0 0 8px")),
    Role.CREDIT: ("p", mark_safe("font-size:14px;margin:0 0 8px")),
}
LIST = mark_safe("margin:0 0 12px;padding:0 0 0 24px")
RULE = mark_safe("border:0;border-top:1px solid #767676;margin:24px 0 12px")


def make(copy: Copy) -> str:
    """Return the fragment; without a length, in the longest that fits.

    Raises ``TooLong`` where it does not fit.
    """
    lengths = [copy.pick.length] if copy.pick.length else list(Length)
    for length in lengths:
        html = _html(copy, length)
        size = len(html.encode())
        if size <= LARGEST:
            return html
    raise TooLong(
        f"This would be {size:,} bytes, and many newsletter tools take no more than "
        f"{LARGEST:,}. Leave some items out, or take less of each."
    )


def _html(copy: Copy, length: Length) -> str:
    lines = format_html_join(
        "\n", "{}", ((one,) for one in _lines(copy.pieces(length)))
    )
    return format_html(
        '<div lang="{}" dir="{}" style="{}">\n{}\n</div>\n',
        copy.language,
        copy.direction,
        WHOLE,
        lines,
    )


def _lines(pieces: list[Piece]) -> Iterator[SafeString]:
    for together in grouped(pieces):
        if together[0].role == Role.RULE:
            yield format_html('<hr style="{}">', RULE)
        elif together[0].role == Role.ITEM:
            items = format_html_join("\n", "{}", ((_line(one),) for one in together))
            yield format_html('<ul style="{}">\n{}\n</ul>', LIST, items)
        else:
            yield _line(together[0])


def _line(piece: Piece) -> SafeString:
    tag, look = LOOKS[piece.role]
    words = inline.html(piece.runs, link_style=LINK)
    return format_html('<{0} style="{1}">{2}</{0}>', tag, look, words)
