"""A4 pages to print or to hang up, as a PDF that screen readers can read (PDF/UA-1).

The page is laid out by Typst, which takes all words as data. It is given no file and no
address, so that nothing in a newsletter can make it read one.
"""

import json
import re
import unicodedata
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import typst

from .copies import Copy
from .pieces import Piece, Role, grouped

PAGE = Path(__file__).with_name("paper.typ")
ACCESSIBLE = "ua-1"
NO_SIGN_FOR = re.compile(r"the text `(\".*?\")` could not be displayed with font")
# Of signs without words, such as an emoji and what it is joined with.
SYMBOLS = {"So", "Sk", "Sm", "Cf", "Mn", "Me", "Co", "Cn"}
# How many signs without a shape a page may have before it is given up to name them.
PATIENCE = 20
WEB = ("https://", "http://")


def make(copy: Copy) -> bytes:
    """Return the PDF, the same bytes for the same copy.

    A sign that the typeface lacks is named in brackets. Where it lacks the letters of a
    whole script it shows boxes in their place, and the file does not claim to be PDF/UA.
    """
    named: dict[str, str] = {}
    for _ in range(PATIENCE):
        try:
            return _compile(copy, named, [ACCESSIBLE])
        except typst.TypstError as error:
            unknown = _signs(error)
            if not unknown or any(not _is_symbol(sign) for sign in unknown):
                break
            named |= {sign: _name(sign) for sign in unknown}
    return _compile(copy, named, [])


def _compile(copy: Copy, named: dict[str, str], standards: list[Any]) -> bytes:
    made = typst.compile(
        PAGE.read_bytes(),
        format="pdf",
        font_paths=_fonts(),
        sys_inputs={"issue": json.dumps(_data(copy, named))},
        pdf_standards=standards,
        timestamp=datetime.fromisoformat(copy.as_of),
    )
    assert isinstance(made, bytes)  # noqa: S101 - a list only of pictures of pages
    return made


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Return our typeface and no other: a page is the same on every machine."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[font_source_sans_pro.font_directory],
    )


def _data(copy: Copy, named: dict[str, str]) -> dict[str, Any]:
    language, _, region = copy.language.partition("-")
    return {
        "title": copy.title,
        "author": copy.credit.publisher_name,
        "language": language,
        "region": region or None,
        "pieces": [_piece(together, named) for together in grouped(copy.pieces())],
    }


def _piece(together: list[Piece], named: dict[str, str]) -> dict[str, Any]:
    first = together[0]
    if first.role == Role.ITEM:
        return {"role": "list", "items": [_runs(one, named) for one in together]}
    return {"role": first.role.value, "runs": _runs(first, named)}


def _runs(piece: Piece, named: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "text": _said(run.text, named),
            "href": run.href,
            "address": "" if run.text in run.href else _typed(run.href),
            "strong": run.strong,
        }
        for run in piece.runs
    ]


def _typed(href: str) -> str:
    """What somebody with the page before them types to get there."""
    return href if href.startswith(WEB) else ""


def _said(words: str, named: dict[str, str]) -> str:
    for sign, name in named.items():
        words = words.replace(sign, name)
    return words


def _signs(error: typst.TypstError) -> str:
    """The signs that an error says have no shape in our typeface."""
    found = NO_SIGN_FOR.search(error.message)
    return json.loads(found[1]) if found else ""


def _is_symbol(sign: str) -> bool:
    return unicodedata.category(sign) in SYMBOLS


def _name(sign: str) -> str:
    """Return what a sign is called, or nothing for one that only joins others.

    >>> _name("\\N{SNOWFLAKE}")
    '[snowflake]'
    """
    if unicodedata.category(sign) in {"Cf", "Mn", "Me"}:
        return ""
    return f"[{unicodedata.name(sign, 'a sign').lower()}]"
