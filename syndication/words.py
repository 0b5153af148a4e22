"""The words of a text, as they are compared with those of a copy.

Words count, and numbers, and the few signs that carry a fact (``£ % @ + &``, and ``<``
or ``>`` before a number). Capitals, punctuation, line ends, list marks, soft hyphens
and the shape of quotation marks do not: they change on the way from site to site and
in our own plain text.
"""

import re
import unicodedata
from functools import cached_property

from bs4 import BeautifulSoup

APOSTROPHES = "'`\u00b4\u02bc\u2018\u2019\u2032\uff07"
SIGNS = frozenset("%‰@&+±\u00d7÷≤≥")
# A mail program's mark of a quotation.
QUOTED = re.compile(r"^(?:[ \t]*>)+", re.MULTILINE)
# In the classes of ``_class``: a word, which may have apostrophes within; a sign; a
# comparison, which counts before a number only.
WORD = re.compile(r"[ln][lnm]*(?:'[ln][lnm]*)*|s|c(?= ?n)")
# A longer "word" is no word; normalising it could take its length squared.
LONGEST_WORD = 200
BREAKS = [
    "article", "br", "caption", "div", "figcaption", "figure", "h2", "h3", "h4", "img",
    "li", "ol", "p", "section", "table", "tbody", "td", "th", "thead", "tr", "ul",
]  # fmt: skip


class Words:
    """The words of a text, in order, each with its place in it.

    ``keys`` are the words as they are compared. Two texts are equal here exactly when
    their keys are.
    """

    def __init__(self, text: str) -> None:
        unseen = {ord(sign): None for sign in set(text) if _is_unseen(sign)}
        self._text = QUOTED.sub(" ", text.translate(unseen))
        classes = {ord(sign): _class(sign) for sign in set(self._text)}
        found = WORD.finditer(self._text.translate(classes))
        self._spans = [word.span() for word in found]
        known: dict[str, str] = {}
        self.keys = [
            known.get(word) or known.setdefault(word, _key(word))
            for word in (self._text[start:end] for start, end in self._spans)
        ]

    def __len__(self) -> int:
        return len(self.keys)

    @cached_property
    def line(self) -> str:
        return f" {' '.join(self.keys)} "

    def find(self, other: "Words", start: int = 0, end: int | None = None) -> int:
        """Return the number of the word from which ``other`` stands here, or -1.

        ``start`` and ``end`` are numbers of words between which to look.
        """
        # No key holds a space, so finding characters finds whole words.
        whole = start == 0 and end is None
        line = self.line if whole else f" {' '.join(self.keys[start:end])} "
        at = line.find(other.line) if other.keys else -1
        return at if at < 0 else start + line.count(" ", 0, at)

    def shown(self, start: int, end: int) -> str:
        """Return some words as they were written, on one line."""
        if start >= end:
            return ""
        text = self._text[self._spans[start][0] : self._spans[end - 1][1]]
        return " ".join(text.split())


def visible(html: str, *, numbers: bool = False, descriptions: bool = False) -> str:
    """Return the words of sanitised HTML that a reader sees.

    With the numbers of lists and the descriptions of images, which some browsers copy
    and others do not.

    >>> visible("<ol><li>A<b>B</b></li><li>C</li></ol>", numbers=True).split()
    ['1.', 'AB', '2.', 'C']
    """
    soup = BeautifulSoup(html, "html.parser")
    for tag in soup.find_all(BREAKS):
        tag.insert_before("\n")
        tag.insert_after("\n")
        if tag.name == "ol" and numbers:
            for number, item in enumerate(tag.find_all("li", recursive=False), 1):
                item.insert(0, f"{number}. ")
        if tag.name == "img" and descriptions:
            tag.insert_before(f"{tag.get('alt', '')}\n")
    return soup.get_text()


def _is_unseen(sign: str) -> bool:
    """Soft hyphens, joiners, marks of direction; and which picture an emoji shows."""
    return unicodedata.category(sign) == "Cf" or "\ufe00" <= sign <= "\ufe0f"


def _class(sign: str) -> str:
    if sign in APOSTROPHES:
        return "'"
    if sign in "<>":
        return "c"
    category = unicodedata.category(sign)
    if sign in SIGNS or category == "Sc":
        return "s"
    return {"L": "l", "N": "n", "M": "m"}.get(category[0], " ")


def _key(word: str) -> str:
    """Return a word as it is compared.

    >>> _key("Don’t"), _key("ﬁt")
    ("don't", 'fit')
    """
    key = word.casefold()
    for sign in APOSTROPHES:
        key = key.replace(sign, "'")
    return unicodedata.normalize("NFC", key) if len(key) <= LONGEST_WORD else key
