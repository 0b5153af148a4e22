"""Plain text in short lines that a mail program may join again (RFC 3676)."""

import re
from collections.abc import Iterator

WIDTH = 76


def flow(words: str) -> str:
    """Return ``words`` in lines of 76 signs where they have spaces to be broken at.

    A line that ends in a space goes on in the next: nothing is added or lost, so that
    the signed words can be had back to the letter (``unflow``). A web address is never
    broken, nor parted from the words before it.

    >>> flow("One two. " * 9)[60:80]
    'o. One two. One \\ntwo'
    """
    return "\n".join(
        _stuffed(line)
        for paragraph in words.split("\n")
        for line in _lines(paragraph.rstrip(" "))
    )


def unflow(words: str) -> str:
    """Return the words that ``flow`` put into short lines."""
    lines: list[str] = []
    goes_on = False
    for line in words.split("\n"):
        plain = line.removeprefix(" ")
        if goes_on:
            lines[-1] += plain
        else:
            lines.append(plain)
        goes_on = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def _lines(paragraph: str) -> Iterator[str]:
    if paragraph == "--":  # The usual line above a footer, of which the space is part.
        yield "-- "
        return
    line = ""
    for word in re.findall(r"[^ ]+ *| +", paragraph):
        too_long = len(line + word.rstrip(" ")) > WIDTH
        # An address stays beside the words that say what it is.
        if line and too_long and "://" not in word:
            yield line
            line = ""
        line += word
    yield line


def _stuffed(line: str) -> str:
    """A space before what would mean something else at the start of a line."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
