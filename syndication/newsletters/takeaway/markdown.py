"""Markdown as GOV.UK Notify reads it: headings, lists, lines, links, and no more.

Notify has no bold, italics or pictures. Double round brackets are its placeholders: a
letter would ask for a value, or show nothing. So what Notify would take for a mark is
escaped, and reads there as it was signed.
"""

import re
from collections.abc import Iterable

from .copies import Copy
from .pieces import Piece, Role, Run, grouped

# Anywhere in a line.
MARKS = re.compile(r"[\\\[\]]|(?<=\()\(|(?<=\))\)")
# At the start of one: a heading, a list, a line across, code. Not “>”: Notify takes HTML
# out before it looks for marks, and would show the escape.
AT_THE_START = re.compile(r"[#*+\-_`~|]")
NUMBERED = re.compile(r"(\d+)\.")
# Which Notify cannot be told to take for themselves: an invisible sign goes before.
WITHOUT_ESCAPE = ("^", "•")
WORD_JOINER = "\N{WORD JOINER}"
IN_ADDRESS = str.maketrans({"(": "%28", ")": "%29", " ": "%20"})


def make(copy: Copy) -> str:
    """Return the Markdown, to be pasted into a template of Notify."""
    parts = [_part(together) for together in grouped(copy.pieces())]
    return "\n\n".join(parts) + "\n"


def escape(words: str) -> str:
    """Return ``words`` so that Notify shows them as they are.

    >>> escape("Ring ((name)) [now]")
    'Ring (\\\\(name)\\\\) \\\\[now\\\\]'
    """
    return MARKS.sub(r"\\\g<0>", words)


def _part(together: list[Piece]) -> str:
    first = together[0]
    match first.role:
        case Role.TITLE:
            return f"# {_words(first.runs)}"
        case Role.HEADING:
            return f"## {_words(first.runs)}"
        case Role.ITEM:
            return "\n".join(f"* {_words(one.runs)}" for one in together)
        case Role.RULE:
            return "---"
        case Role.PARAGRAPH if first.is_notice:
            # The box is the only way in which Notify can set words apart.
            return f"^ {_words(first.runs)}"
        case _:
            return _at_the_start(_words(first.runs))


def _words(runs: Iterable[Run]) -> str:
    return "".join(_word(run) for run in runs)


def _word(run: Run) -> str:
    words = escape(run.text)
    if not run.href:
        return words
    return f"[{words}]({run.href.translate(IN_ADDRESS)})"


def _at_the_start(words: str) -> str:
    """Keep a paragraph from becoming something else by how it begins."""
    if words.startswith(WITHOUT_ESCAPE):
        return f"{WORD_JOINER}{words}"
    if AT_THE_START.match(words):
        return f"\\{words}"
    return NUMBERED.sub(r"\1\\.", words, count=1) if NUMBERED.match(words) else words
