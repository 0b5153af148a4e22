"""Files that families may download: which kinds, and how we know that they are one.

A file goes out as it was uploaded, so it is looked at before it is stored: what it
really is, and whether it could do something by itself when it is opened.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import NotAnAttachment

MOST_BYTES = 10 * 1024 * 1024
# What an unpacked file may take in the reader's memory.
MOST_UNPACKED = 200 * 1024 * 1024
# How much of a PDF's packed parts is looked at.
MOST_LOOKED_AT = 64 * 1024 * 1024


@dataclass(frozen=True)
class Kind:
    """One kind of file, as families and as programs call it."""

    name: str
    media_type: str
    # What stands in the parts of the package by which the kind is known.
    inside: str = ""


KINDS = {
    "pdf": Kind("PDF", "application/pdf"),
    "docx": Kind(
        "Word document",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "word/",
    ),
    "xlsx": Kind(
        "Excel spreadsheet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xl/",
    ),
    "pptx": Kind(
        "PowerPoint slides",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "ppt/",
    ),
    "odt": Kind("OpenDocument text", "application/vnd.oasis.opendocument.text"),
    "ods": Kind(
        "OpenDocument spreadsheet", "application/vnd.oasis.opendocument.spreadsheet"
    ),
    "odp": Kind(
        "OpenDocument slides", "application/vnd.oasis.opendocument.presentation"
    ),
}
EXTENSIONS = list(KINDS)

# Parts of a package that are programs, or files within the file.
ACTIVE_PARTS = re.compile(
    r"vbaproject|vbadata|macrosheets/|activex|embeddings/|oleobject|^basic/|^scripts/"
    r"|^object ?\d|\.(?:bin|exe|js|vbs|class|jar)$",
    re.IGNORECASE,
)
# Names in a PDF with which it acts by itself, brings files along, or hides.
ACTIVE_NAMES = re.compile(
    rb"/(?:JavaScript|JS|Launch|OpenAction\s*<<[^>]*/(?:JS|Launch|URI)|EmbeddedFiles?"
    rb"|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR)\b"
)
LOCKED = re.compile(rb"/Encrypt\b")
STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
SPELT_OUT = re.compile(rb"#([0-9A-Fa-f]{2})")

TOO_LARGE = "This file is larger than 10 MB. Make it smaller, or link to it instead."
WRONG_KIND = (
    "Files can be PDF, Word (docx), Excel (xlsx), PowerPoint (pptx) or OpenDocument "
    "(odt, ods, odp). Save it as one of these and choose it again."
)
DAMAGED = (
    "This file is not what its name says, or part of it is missing. Open it, save it "
    "again and choose the new one."
)
ACTIVE = (
    "This file holds a macro, a script or another file within it, which could harm "
    "whoever opens it. Save it without these, for example as a plain PDF."
)
LOCKED_FILE = (
    "This file is locked with a password, so families and screen readers could not "
    "open it. Save it without one and choose it again."
)


def check(name: str, data: bytes) -> Kind:
    """Return what kind of file this is, by its name and by what is in it.

    Raises ``NotAnAttachment`` where the two differ, or where it is not harmless.
    """
    if len(data) > MOST_BYTES:
        raise NotAnAttachment(TOO_LARGE)
    kind = KINDS.get(suffix_of(name))
    if kind is None:
        raise NotAnAttachment(WRONG_KIND)
    if kind is KINDS["pdf"]:
        _check_pdf(data)
    else:
        _check_package(kind, data)
    return kind


def suffix_of(name: str) -> str:
    """Return how a file's name ends, in small letters and without the dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def size_in_words(size: int) -> str:
    """Return a number of bytes as people say it.

    >>> size_in_words(900), size_in_words(2_400_000)
    ('1 KB', '2.4 MB')
    """
    if size < 1_000_000:
        return f"{max(1, round(size / 1000))} KB"
    return f"{size / 1_000_000:.1f} MB"


def _check_pdf(data: bytes) -> None:
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-2048:]:
        raise NotAnAttachment(DAMAGED)
    for part in _parts_of_pdf(data):
        plain = SPELT_OUT.sub(lambda sign: bytes([int(sign[1], 16)]), part)
        if LOCKED.search(plain):
            raise NotAnAttachment(LOCKED_FILE)
        if ACTIVE_NAMES.search(plain):
            raise NotAnAttachment(ACTIVE)


def _parts_of_pdf(data: bytes) -> Iterator[bytes]:
    """Yield what is written openly in a PDF, then what is packed in it.

    Pictures and fonts look like anything, so only what may hold names is searched.
    """
    yield STREAM.sub(b"", data)
    left = MOST_LOOKED_AT
    for found in STREAM.finditer(data):
        head = data[max(0, found.start() - 400) : found.start()]
        if b"/ObjStm" not in head[head.rfind(b" obj") :]:
            continue
        unpacker = zlib.decompressobj()
        try:
            unpacked = unpacker.decompress(found[1], left)
        except zlib.error as damage:
            raise NotAnAttachment(DAMAGED) from damage
        left -= len(unpacked)
        if left <= 0:
            raise NotAnAttachment(TOO_LARGE)
        yield unpacked


def _check_package(kind: Kind, data: bytes) -> None:
    if not data.startswith(b"PK\x03\x04"):
        # Word, Excel and PowerPoint wrap what has a password in their old format.
        locked = data.startswith(b"\xd0\xcf\x11\xe0")
        raise NotAnAttachment(LOCKED_FILE if locked else DAMAGED)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            names = [part.filename for part in parts]
            if sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise NotAnAttachment(TOO_LARGE)
            if any(part.flag_bits & 1 for part in parts):
                raise NotAnAttachment(LOCKED_FILE)
            if any(ACTIVE_PARTS.search(name) for name in names):
                raise NotAnAttachment(ACTIVE)
            if not _is_of(kind, package, names):
                raise NotAnAttachment(DAMAGED)
    except (zipfile.BadZipFile, zlib.error, OSError, ValueError, EOFError) as damage:
        raise NotAnAttachment(DAMAGED) from damage


def _is_of(kind: Kind, package: zipfile.ZipFile, names: list[str]) -> bool:
    if kind.inside:
        return "[Content_Types].xml" in names and any(
            name.startswith(kind.inside) for name in names
        )
    if "mimetype" not in names or package.getinfo("mimetype").file_size > 200:
        return False
    return package.read("mimetype").decode("ascii", "replace") == kind.media_type
