"""Tables for a spreadsheet, of which no cell does anything when it is opened.

Spreadsheets take text that starts like a formula for one, and a comment can start with
whatever its author likes. Such text gets an apostrophe in front, in both formats: a
workbook is often saved as CSV later.
"""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from openpyxl.cell import WriteOnlyCell

Cell: TypeAlias = str | int | None

# Formulas, links and commands in Excel, LibreOffice and Google Sheets; the minus sign
# and full-width forms as some of them read those.
ACTIVE = frozenset("=+-@|%\N{MINUS SIGN}")
PIECE = 64 * 1024
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def harmless(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula. Numbers stay numbers.

    >>> harmless("=1+1"), harmless("Clear and kind."), harmless(3)
    ("'=1+1", 'Clear and kind.', 3)
    """
    if not isinstance(cell, str):
        return cell
    shown = "".join(
        character
        for character in unicodedata.normalize("NFKC", cell)
        # Spaces, controls and what takes no room are skipped by some programs.
        if unicodedata.category(character)[0] not in "ZC"
    )
    starts_oddly = unicodedata.category(cell[:1] or "x") == "Cc"
    return f"'{cell}" if starts_oddly or shown[:1] in ACTIVE else cell


def as_csv(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """The lines of a CSV file (RFC 4180, UTF-8), one at a time; it has no title.

    The byte order mark lets Excel read it as UTF-8.
    """
    writer = csv.writer(_Passing(), quoting=csv.QUOTE_NONNUMERIC)
    yield "\ufeff".encode()
    yield writer.writerow(headings)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def as_xlsx(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> Iterator[bytes]:
    """The bytes of an Excel workbook with one sheet, a piece at a time.

    It is put together on disk: the table of contents of such a file comes last.
    """
    # Loaded when somebody asks for one: it is large, and every process lists what it could
    # be asked for.
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.append(list(headings))
    for row in rows:
        sheet.append([_cell(sheet, harmless(cell)) for cell in row])
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _cell(sheet: object, value: Cell) -> "WriteOnlyCell":
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value)
    cell = WriteOnlyCell(
        sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)
    )
    # Text, whatever openpyxl or a program that opens it would make of it.
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


# How each is asked for in an address: what makes it, and its media type.
FILES = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, XLSX),
}


class _Passing:
    """A file that hands on what is written into it."""

    def write(self, text: str) -> bytes:
        return text.encode()
