"""A text taken apart into what a reader sees as one thing: a paragraph, a contact."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from . import canonical, rendering, structures

TEXT = "Text"
HEADING = "Heading"
PICTURE = "Picture"
ROW = "Row of a table"
KINDS = {"contact": "Contact", "call_to_action": "Link"}
# Follows from which picture it is.
OF_THE_FILE = {"height", "sha256", "width"}
BLOCK_TAGS = {
    "article", "blockquote", "caption", "div", "figcaption", "figure", "h2", "h3", "h4",
    "li", "ol", "p", "section", "table", "tbody", "thead", "tr", "ul",
}  # fmt: skip
NAMES = {"h2": HEADING, "h3": "Small heading", "h4": "Small heading"}
OTHER_NAMES = {"caption": "Name of a table", "figcaption": "Title of a picture"}
CELLS = {"td", "th"}
SPACE = re.compile(r"\s+")
MARKS = {"b": "*", "strong": "*", "i": "_", "em": "_"}
# What the keys of a block are called; any other key is called by its own name.
PARTS = {
    "alt": "description",
    "film_title": "title of the film",
    "phone": "telephone",
    "transcript": "the film in words",
    "hours": "when somebody answers",
    "url": "address",
}


@dataclass(frozen=True)
class Part:
    """Some words of a passage that are compared with their like."""

    name: str
    words: str
    # The same with marks for bold and italics.
    marked: str
    # A telephone number or an address: half of one is of no use to anyone.
    whole: bool = False
    is_picture: bool = False


@dataclass(frozen=True)
class Passage:
    """What is compared as one: ``source`` is everything that the public gets of it."""

    kind: str
    parts: tuple[Part, ...]
    source: str
    # What stands above it, and which item of a newsletter it belongs to.
    heading: str = ""
    prefix: str = ""

    @property
    def name(self) -> str:
        """What a reader calls it, for example “Contact “Advice line””."""
        name = self.kind
        called = next((part.words for part in self.parts if part.name == "name"), "")
        if called:
            name = f"{self.kind} “{called}”"
        elif self.heading:
            name = f"{self.kind} under “{self.heading}”"
        return f"{self.prefix}: {name[:1].lower()}{name[1:]}" if self.prefix else name

    @property
    def words(self) -> str:
        """All its words, a part to a line."""
        return "\n".join(
            part.words
            if part.name in ("", "name")
            else f"{capital(part.name)}: {part.words}"
            for part in self.parts
        )


def of_body(blocks: Iterable[Mapping[str, Any]]) -> list[Passage]:
    """Return the passages of a body, as ``BodyBlock.public`` gives it."""
    found: list[Passage] = []
    for block in blocks:
        if block.get("type") == "paragraph" and block.keys() == {"type", "html"}:
            found += _of_html(block["html"])
        elif block.get("type") in structures.HTML:
            found += _of_structure(block)
        elif block.get("type") == "shared_block" and {"title", "body"} <= block.keys():
            found += _of_shared(block)
        else:
            found.append(_of_block(block))
    return list(_below_headings(found))


def of_html(source: str, prefix: str = "") -> list[Passage]:
    """Return the passages of sanitised HTML. ``prefix`` begins each one's name."""
    return list(_below_headings(_of_html(source), prefix))


def of_lines(text: str, kind: str, prefix: str = "") -> list[Passage]:
    """Return the lines of plain text that are not empty, each a passage."""
    return [
        Passage(kind, (Part("", line, line),), line, prefix=prefix)
        for line in text.split("\n")
        if line.strip()
    ]


def say(value: Any) -> str:
    """Return a value of a representation as lines of words, with nothing left out.

    >>> say({"level": "service", "how_many": 2})
    'Level: service\\nHow many: 2'
    """
    if isinstance(value, Mapping) and value:
        return "\n".join(
            f"{capital(called(key))}: {spell_out(item)}" for key, item in value.items()
        )
    if isinstance(value, list | tuple) and value:
        return "\n".join(map(spell_out, value))
    return spell_out(value)


def spell_out(value: Any) -> str:
    """Return any value of a representation in one row of words."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list | tuple) and not value:
        return "(none)"
    if isinstance(value, Mapping):
        items = (f"{called(key)}: {spell_out(item)}" for key, item in value.items())
        return ", ".join(items)
    if isinstance(value, list | tuple):
        return "; ".join(map(spell_out, value))
    return str(value) or "(empty)"


def called(key: str) -> str:
    """Return how a reader would call a key of a representation.

    >>> called("opening_hours")
    'opening hours'
    """
    return PARTS.get(key, key.replace("_", " "))


def _below_headings(passages: Iterable[Passage], prefix: str = "") -> Iterator[Passage]:
    heading = ""
    for passage in passages:
        if passage.prefix:  # In a shared block: named by itself.
            yield passage
            continue
        is_heading = passage.kind in NAMES.values()
        yield replace(passage, heading="" if is_heading else heading, prefix=prefix)
        if is_heading:
            heading = passage.words


def _of_block(block: Mapping[str, Any]) -> Passage:
    kind = str(block.get("type", ""))
    rest = {key: value for key, value in block.items() if key != "type"}
    source = canonical.encode(block).decode()
    if kind == "heading" and rest.keys() == {"text"}:
        return Passage(HEADING, (Part("", rest["text"], rest["text"]),), source)
    if kind == "image" and {"url", "alt"} <= rest.keys():
        return Passage(PICTURE, tuple(_of_picture(rest)), source)
    if kind == "left_out":
        words = structures.LEFT_OUT
        return Passage(TEXT, (Part("", words, words),), source)
    if kind == "voice" and "url" in rest:
        rest = {key: value for key, value in rest.items() if key not in OF_THE_FILE}
    title = next((name for name in ("name", "text") if name in rest), "")
    parts = [_part("name", rest.pop(title))] if title else []
    parts += [
        _part(called(name), value, whole=name in ("phone", "email", "url"))
        for name, value in rest.items()
    ]
    return Passage(KINDS.get(kind) or capital(called(kind)), tuple(parts), source)


def _of_structure(block: Mapping[str, Any]) -> Iterator[Passage]:
    """A block with parts, as it reads: a step, a row, a value is a passage each."""
    if "alt" in block:
        picture = {key: block[key] for key in ("url", "alt", *OF_THE_FILE)}
        source = canonical.encode(picture).decode()
        yield Passage(PICTURE, tuple(_of_picture(picture)), source)
    for passage in _of_html(rendering.html([block])):
        if "[Picture: " not in passage.words:
            yield passage


def _of_shared(block: Mapping[str, Any]) -> Iterator[Passage]:
    """A shared block: which one in which version, then its words one by one."""
    rest = {key: value for key, value in block.items() if key != "body"}
    aside = ("type", "title", "content_id", "fingerprint")
    yield Passage(
        "Shared block",
        (
            _part("name", block["title"]),
            *(_part(called(key), rest[key]) for key in rest if key not in aside),
        ),
        canonical.encode(rest).decode(),
    )
    name = f"Shared block “{block['title']}”"
    for passage in of_body(block["body"]):
        prefix = f"{name}, {passage.prefix}" if passage.prefix else name
        yield replace(passage, prefix=prefix)


def _of_picture(block: Mapping[str, Any]) -> Iterator[Part]:
    missing = "(none: it is decoration)" if block.get("decorative") else "(none)"
    yield _part("description", block["alt"] or missing)
    yield Part("picture", block["url"], block["url"], whole=True, is_picture=True)
    for name in sorted(block.keys() - {"url", "alt", "decorative", *OF_THE_FILE}):
        yield _part(called(name), block[name])


def _part(name: str, value: Any, *, whole: bool = False) -> Part:
    words = spell_out(value)
    return Part(name, words, words, whole=whole)


def capital(words: str) -> str:
    """Return ``words`` with a capital letter at the start, the rest untouched."""
    return words[:1].upper() + words[1:]


def _of_html(source: str) -> list[Passage]:
    return list(_walk(BeautifulSoup(source, "html.parser"), TEXT))


def _walk(node: Tag, kind: str) -> Iterator[Passage]:
    """Yield what stands directly in ``node`` as one passage, its blocks as their own."""
    inline: list[Any] = []
    for child in node.children:
        if isinstance(child, Tag) and child.name in BLOCK_TAGS:
            yield from _passage(inline, kind)
            inline = []
            if child.name == "tr":
                yield from _passage(_cells(child), ROW)
            else:
                yield from _walk(child, _kind(child, kind))
        else:
            inline.append(child)
    yield from _passage(inline, kind)


def _cells(row: Tag) -> Iterator[Any]:
    """The cells of a row with a bar between two, also where one is empty."""
    for number, cell in enumerate(row.find_all(CELLS, recursive=False)):
        if number:
            yield NavigableString(" | ")
        yield cell


def _kind(node: Tag, outer: str) -> str:
    if node.name != "li":
        return NAMES.get(node.name) or OTHER_NAMES.get(node.name, outer)
    numbered = isinstance(node.parent, Tag) and node.parent.name == "ol"
    name = "Numbered point" if numbered else "Point in a list"
    return f"{name}, indented" if "oint" in outer else name


def _passage(nodes: Iterable[Any], kind: str) -> Iterator[Passage]:
    nodes = list(nodes)
    words = _tidy("".join(_inline(node, marks=False) for node in nodes))
    if not words:
        return
    marked = _tidy("".join(_inline(node, marks=True) for node in nodes))
    part = Part("", words, marked=marked)
    yield Passage(kind, (part,), "".join(map(str, nodes)))


def _inline(node: Any, *, marks: bool) -> str:
    if isinstance(node, NavigableString):
        return SPACE.sub(" ", node)
    if node.name == "br":
        return "\n"
    if node.name == "img":
        return f"[Picture: {node.get('alt', '')} ({node.get('src', '')})]"
    words = "".join(_inline(child, marks=marks) for child in node.children)
    if node.name == "a":
        return f"{words} ({node.get('href', '')})"
    mark = MARKS.get(node.name, "") if marks and words.strip() else ""
    return f"{mark}{words}{mark}"


def _tidy(words: str) -> str:
    lines = (" ".join(line.split()) for line in words.split("\n"))
    return "\n".join(lines).strip()
