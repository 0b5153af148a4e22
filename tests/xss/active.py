"""What in a piece of HTML acts, read as a browser reads it (the HTML5 algorithm).

Not a list of what is known to be dangerous: everything counts that is not known to be
harmless. So it finds what nobody has thought of yet, too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

# Written down here once more, so that a longer list in the project shows as a failure.
HARMLESS: dict[str, set[str]] = {
    "a": {"href", "lang", "dir", "rel", "class"},
    "img": {"src", "alt", "width", "height"},
    "th": {"scope"},
    "div": {"class"},
    "p": {"class", "lang"},
}
BARE = {
    "html", "head", "body", "article", "b", "blockquote", "br", "caption", "em",
    "figcaption", "figure", "h2", "h3", "h4", "hr", "i", "li", "ol", "section",
    "strong", "table", "tbody", "td", "thead", "tr", "ul",
}  # fmt: skip
CLASSES = {"not-in-print", "only-in-print", "countersign-credit"}
SCHEMES = {"https", "http", "mailto", "tel"}
# A browser takes these out of an address before it looks at the scheme.
IGNORED = re.compile(r"[\t\n\r]|^[\x00-\x20]+")


@dataclass(frozen=True)
class Active:
    """Something that acts. ``what`` names it, ``html`` shows where it stands."""

    what: str
    html: str


def active(html: str) -> list[Active]:
    """Return everything in ``html`` that is not known to be harmless."""
    return [
        Active(what, (node.html or "")[:400])
        for node in _elements(html)
        for what in _why(node)
    ]


def _elements(html: str) -> Iterator[LexborNode]:
    root = LexborHTMLParser(html).root
    if root is not None:
        # With what stands before and after the element of the whole.
        yield from (root.parent or root).traverse(include_text=False)


def _why(node: LexborNode) -> Iterator[str]:
    tag = str(node.tag)
    if tag == "-comment":
        # Old mail programs read conditions in them.
        yield "<!-- -->"
    if tag.startswith(("-", "!")):
        return
    if tag not in HARMLESS and tag not in BARE:
        yield f"<{tag}>"
    for name, value in node.attributes.items():
        if name not in HARMLESS.get(tag, ()):
            yield f"<{tag} {name}>"
        elif name in ("href", "src"):
            if why := _wrong_with(value or ""):
                yield f"<{tag} {name}={why}>"
        elif name == "class" and value not in CLASSES:
            yield f"<{tag} class={value}>"


def _wrong_with(address: str) -> str:
    scheme = urlsplit(IGNORED.sub("", address)).scheme
    return "" if scheme in SCHEMES else f"{scheme}:"
