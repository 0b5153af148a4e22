"""Words in order, with no markup of any format in them: what every format is made of."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString

STRONG = ("strong", "b")
HEADINGS = ("h2", "h3", "h4")
ITEMS = ("li",)
# What begins words of their own. Everything else stands inside these.
BLOCKS = (
    *HEADINGS, *ITEMS, "article", "blockquote", "caption", "div", "figcaption", "figure",
    "ol", "p", "section", "table", "tbody", "td", "th", "thead", "tr", "ul",
)  # fmt: skip


# Which no document can hold, or which would begin a line.
NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


class Role(StrEnum):
    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    # A line across, and what stands below it: whose this is, and how to check it.
    RULE = "rule"
    CREDIT = "credit"


@dataclass(frozen=True)
class Run:
    """Words that are written in one way. ``href`` is absolute, or empty."""

    text: str
    href: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Piece:
    """A heading, a paragraph or an item of a list."""

    role: Role
    runs: tuple[Run, ...] = ()
    # What plain text says instead, where addresses stand in the middle of it.
    plain: str = ""

    @property
    def text(self) -> str:
        """The words alone, in one line."""
        return "".join(run.text for run in self.runs)

    @property
    def is_notice(self) -> bool:
        """Whether it begins in bold: a correction, a closure, who did not agree."""
        return bool(self.runs) and self.role == Role.PARAGRAPH and self.runs[0].strong


def line(words: str) -> str:
    """Return ``words`` in one line, as they are but for what no document can hold.

    >>> line("One\\n two\\0 three ")
    'One two three'
    """
    safe = (" " if _is_no_sign(sign) else sign for sign in words)
    return " ".join("".join(safe).split())


def _is_no_sign(sign: str) -> bool:
    # The last two of each plane stand for nothing, and XML refuses them.
    return unicodedata.category(sign) in NOT_IN_A_LINE or ord(sign) & 0xFFFE == 0xFFFE


def said(role: Role, words: str, href: str = "") -> Piece:
    """Return plain words, all of them one link where there is an address."""
    return Piece(role, (Run(line(words), href),))


def read(html: str) -> list[Piece]:
    """Return cleaned HTML as pieces. What is neither a link nor bold loses its look.

    >>> read('<p><b>New:</b> ring <a href="https://x.example/">us</a></p>')[0].text
    'New: ring us'
    """
    found: list[Piece] = []
    _read(BeautifulSoup(html, "html.parser"), Role.PARAGRAPH, found)
    return found


def grouped(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Return items of lists that follow each other together, all else alone."""
    together: list[Piece] = []
    for piece in pieces:
        if together and piece.role != Role.ITEM:
            yield together
            together = []
        if piece.role == Role.ITEM:
            together.append(piece)
        else:
            yield [piece]
    if together:
        yield together


def _read(within: Tag, role: Role, found: list[Piece]) -> None:
    runs: list[Run] = []
    for child in within.children:
        if isinstance(child, Tag) and child.name in BLOCKS:
            _add(role, runs, found)
            runs = []
            _read(child, _role(child, role), found)
        else:
            runs += _runs(child)
    _add(role, runs, found)


def _role(tag: Tag, around: Role) -> Role:
    if tag.name in HEADINGS:
        return Role.HEADING
    return Role.ITEM if tag.name in ITEMS else around


def _runs(node: object, href: str = "", strong: bool = False) -> Iterator[Run]:
    if isinstance(node, Tag):
        if node.name == "br":
            yield Run(" ", href, strong)
        if node.name == "img" and node.get("alt"):
            yield Run(f"[Image: {node['alt']}]", href, strong)
        link = str(node.get("href", "")) if node.name == "a" else ""
        for child in node.children:
            yield from _runs(child, link or href, strong or node.name in STRONG)
    elif isinstance(node, NavigableString):
        yield Run(str(node), href, strong)


def _add(role: Role, runs: list[Run], found: list[Piece]) -> None:
    """Keep ``runs`` as a piece, with single spaces and none at its ends."""
    tidy: list[Run] = []
    space = True
    for run in runs:
        words = _single_spaced(run.text, after_space=space)
        if words:
            tidy.append(Run(words, run.href, run.strong))
            space = words.endswith(" ")
    if tidy:
        last = tidy.pop()
        if words := last.text.rstrip():
            tidy.append(Run(words, last.href, last.strong))
    if tidy:
        found.append(Piece(role, tuple(tidy)))


def _single_spaced(words: str, *, after_space: bool) -> str:
    inner = line(words)
    if not inner:
        return " " if words and not after_space else ""
    before = " " if words[0].isspace() and not after_space else ""
    return f"{before}{inner}{' ' if words[-1].isspace() else ''}"
