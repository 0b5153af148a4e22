"""Sanitised HTML as plain text, for mail and for whoever reads without a browser."""

from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag


def text_of_html(source: str) -> str:
    """Return sanitised HTML as plain text: items dashed, links followed by addresses.

    >>> text_of_html('<p>Ring <a href="tel:01632">us</a>.</p><ul><li>One</li></ul>')
    'Ring us (tel:01632).\\n\\n- One'
    >>> text_of_html("<ol><li>One<ul><li>Half</li></ul></li><li>Two</li></ol>")
    '1. One\\n  - Half\\n2. Two'
    """
    parts: list[str] = []
    for node in BeautifulSoup(source, "html.parser").children:
        if isinstance(node, Tag) and node.name in ("ul", "ol"):
            parts.append("\n".join(_points(node)))
        elif words := _inline(node):
            parts.append(words)
    return "\n\n".join(parts)


def _points(points: Tag, indent: str = "") -> Iterator[str]:
    """The lines of a list; a list inside a point follows it, moved to the right."""
    items = points.find_all("li", recursive=False)
    for number, item in enumerate(items, 1):
        mark = f"{number}. " if points.name == "ol" else "- "
        inner = item.find_all(["ul", "ol"], recursive=False)
        for one in inner:
            one.extract()
        yield indent + mark + _inline(item)
        for one in inner:
            yield from _points(one, indent + "  ")


def _inline(node: Any) -> str:
    if isinstance(node, NavigableString):
        return " ".join(str(node).split())
    pieces: list[str] = []
    for child in node.children:
        if isinstance(child, NavigableString):
            pieces.append(str(child))
        elif child.name == "br":
            pieces.append("\n")
        elif child.name == "a":
            pieces.append(f"{child.get_text()} ({child['href']})")
        else:
            pieces.append(_inline(child))
    return "\n".join(" ".join(line.split()) for line in "".join(pieces).split("\n"))
