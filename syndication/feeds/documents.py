"""Feeds made once per change, and served as they are.

What a feed says follows from the releases, the names of areas and topics, the publisher
and the day. A document counts only while all of these are what they were when it was
made; the statement that reads it asks for them too, so no process can serve one that is
older than a withdrawal which another has committed. The same goes for those that a process
remembers: it asks what counts now, and answers from memory if that is what they are of.
"""

import gzip
import hashlib
import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from site_settings.models import PublisherSettings
from syndication import attribution, checked, encodings, library, receipts
from syndication.memory import Memory
from syndication.narrowing import LAST_CHANGE
from syndication.publisher import Publisher

from . import atom, json_feed, rss
from .entries import Feed
from .models import FeedDocument, FeedEdition

logger = logging.getLogger(__name__)


class Writer(Protocol):
    def __call__(self, feed: Feed, *, address: str) -> bytes: ...


@dataclass(frozen=True)
class Format:
    """One way to write a feed."""

    name: str
    write: Writer
    content_type: str


FORMATS: Mapping[str, Format] = {
    "rss": Format("RSS", rss.write, rss.CONTENT_TYPE),
    "atom": Format("Atom", atom.write, atom.CONTENT_TYPE),
    "json": Format("JSON Feed", json_feed.write, json_feed.CONTENT_TYPE),
}
PUBLISHER = ("name", "licence_name", "licence_url")
# The modules whose words stand in a feed. With other words a document does not count.
WORDS = (attribution, checked, receipts, library)
# What paths of archive documents begin with.
ARCHIVE = "archive/"
# Bytes of feeds that one process remembers, and how many one takes without its body.
MOST, LEAST = 16_000_000, 1_000

_EDITION = f"(SELECT last FROM {FeedEdition._meta.db_table} WHERE id = 1)"  # noqa: S608
_FIRST = f"FROM {PublisherSettings._meta.db_table} ORDER BY id LIMIT 1"
# What counts now. One row in any case; no parameters, so that Django looks for none.
_BASIS = f"SELECT {LAST_CHANGE}, {_EDITION}, " + ", ".join(
    f"(SELECT {name} {_FIRST})" for name in PUBLISHER
)


class Basis(NamedTuple):
    """What a document is made of, besides the releases themselves."""

    change: int
    edition: int
    day: date
    publisher: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        return _fingerprint(
            self.edition,
            self.day,
            self.publisher,
            settings.PUBLIC_ORIGIN,
            settings.LANGUAGE_CODE,
            settings.TIME_ZONE,
            tuple(settings.WEBSUB_HUBS),
        )

    def as_publisher(self) -> Publisher:
        told = dict(zip(PUBLISHER, self.publisher, strict=True))
        return cast(Publisher, {"contact_email": "", "other_ways": "", **told})


@dataclass(frozen=True)
class Document:
    """A feed in one format, with what tells a reader whether it has it."""

    etag: str
    modified: int
    # None where nobody is going to read it.
    body: bytes | None

    def is_with(self, held: Collection[str], since: int | None) -> bool:
        """Whether a reader has it who holds these tags, or, without, has it since then."""
        return (
            self.etag in held
            or "*" in held
            or (since is not None and self.modified <= since)
        )


class Remembered(NamedTuple):
    """A document that this process has read, and what it was made of."""

    change: int
    fingerprint: str
    document: Document


remembered = Memory[Remembered](MOST)


def read(
    path: str, *, held: Collection[str], since: int | None, coding: str
) -> tuple[Document | None, Basis]:
    """Return the document of a feed if there is one that counts, and what would count.

    The body is in ``coding``, gzip or none; it may be left out for a reader who ``held``
    its tag (or ``{"*"}``) or, without tags, has had it ``since`` it was made. One query;
    two where this process remembers one that counts no more.
    """
    known = remembered.get((path, coding))
    if known and (known.document.body or known.document.is_with(held, since)):
        basis = _basis()
        if (known.change, known.fingerprint) == (basis.change, basis.fingerprint):
            return known.document, basis
    document, basis = _fetch(path, held, since, coding)
    # Archives are many, and each is asked for by few.
    if document and not path.startswith(ARCHIVE):
        body = document.body
        if body is None and known and known.document.etag == document.etag:
            document = replace(document, body=known.document.body)
        remembered.put(
            (path, coding),
            Remembered(basis.change, basis.fingerprint, document),
            size=LEAST + len(document.body or b""),
        )
    return document, basis


def _basis() -> Basis:
    day = _day()
    with connection.cursor() as cursor:
        cursor.execute(_BASIS)
        change, edition, *publisher = cursor.fetchone()
    return _basis_of(change, edition, day, publisher)


def _fetch(
    path: str, held: Collection[str], since: int | None, coding: str
) -> tuple[Document | None, Basis]:
    """Read a document, and in the same statement what counts.

    By hand: making it of models takes longer than answering it. Nothing in it but names
    of ours; what readers sent is in the parameters.
    """
    wanted, given = "1 = 1", list[Any]()
    if "*" in held:
        wanted = "1 = 0"
    elif held:
        wanted = f"document.etag NOT IN ({', '.join(['%s'] * len(held))})"
        given += held
    elif since is not None:
        wanted = "document.modified > %s"
        given.append(since)
    is_packed = coding or path.startswith(ARCHIVE)
    statement = f"""
        {_BASIS}, document.change, document.basis, document.etag, document.modified,
            CASE WHEN {wanted}
                THEN document.{"compressed" if is_packed else "body"} END
        FROM (SELECT 1 AS one) always
        LEFT JOIN {FeedDocument._meta.db_table} document ON document.path = %s
    """
    # Before the statement: at midnight, what is asked for may be made for yesterday.
    day = _day()
    with connection.cursor() as cursor:
        cursor.execute(statement, [*given, path])
        counted, edition, *rest = cursor.fetchone()
    change, fingerprint, etag, modified, body = rest[len(PUBLISHER) :]
    basis = _basis_of(counted, edition, day, rest[: len(PUBLISHER)])
    if (change, fingerprint) != (basis.change, basis.fingerprint):
        return None, basis
    if body is not None:
        body = bytes(body)
        if is_packed and not coding:
            body = gzip.decompress(body)
    return Document(etag, modified, body), basis


def _basis_of(
    change: int | None, edition: int | None, day: date, publisher: Sequence[Any]
) -> Basis:
    is_named = publisher[0] is not None
    return Basis(
        change or 0,
        edition or 0,
        day,
        tuple(publisher) if is_named else _default_publisher(),
    )


def write(path: str, form: str, feed: Feed, address: str, basis: Basis) -> Document:
    """Make the document of a feed, and keep it for the next reader.

    Of archives only in gzip: they are many and long, and most readers take it so.
    """
    body = FORMATS[form].write(feed, address=address)
    etag = etag_of(body)
    seconds = int(feed.updated.timestamp())
    try:
        modified = _keep(path, body, etag, seconds, basis)
    except OperationalError as reason:
        # Such as SQLite's one writer being busy for long. It is right all the same.
        logger.warning("The feed %s was made, and could not be kept: %s", path, reason)
        modified = seconds
    return Document(etag, modified, body)


def etag_of(body: bytes) -> str:
    """Return a tag that is a function of the bytes alone.

    A reader with a stale copy of the headers and a fresh one of the body would else ask
    for ever.
    """
    return hashlib.sha256(body).hexdigest()[:32]


def start_edition() -> None:
    """Let no document count that was made before."""
    FeedEdition.objects.get_or_create(pk=1)
    FeedEdition.objects.filter(pk=1).update(last=F("last") + 1)


@transaction.atomic
def _keep(path: str, body: bytes, etag: str, seconds: int, basis: Basis) -> int:
    """Keep a document, unless a newer one is kept already. Returns when it was made.

    The same bytes keep their date. Other ones get that of their newest entry or, where
    that did not move, the time: a reader that asks by date alone has to learn of them.
    """
    rows = FeedDocument.objects.filter(path=path)
    before = (
        rows.select_for_update().values("change", "basis", "etag", "modified").first()
    )
    made = {"change": basis.change, "basis": basis.fingerprint}
    if before is None:
        # Of two who make it for the first time, the second finds that it is there.
        FeedDocument.objects.bulk_create(
            [
                FeedDocument(
                    path=path,
                    etag=etag,
                    modified=seconds,
                    **_bodies(path, body),
                    **made,
                )
            ],
            ignore_conflicts=True,
        )
        return seconds
    if before["etag"] == etag:
        modified: int = before["modified"]
        if before["change"] <= basis.change:
            rows.update(**made)
        return modified
    if seconds <= before["modified"]:
        # Later in any case: two changes can come within a second.
        seconds = max(before["modified"] + 1, int(timezone.now().timestamp()))
    if before["change"] <= basis.change:
        rows.update(etag=etag, modified=seconds, **_bodies(path, body), **made)
    return seconds


def _bodies(path: str, body: bytes) -> dict[str, bytes]:
    return {
        "body": b"" if path.startswith(ARCHIVE) else body,
        "compressed": encodings.encode(body, encodings.GZIP, encodings.ONCE),
    }


def _day() -> date:
    return _day_of(int(time.time() // 60), settings.TIME_ZONE)


@lru_cache(maxsize=1)
def _day_of(minute: int, zone: str) -> date:
    """Return the day here that a minute of the clock is in. Asked at every answer."""
    return datetime.fromtimestamp(minute * 60, ZoneInfo(zone)).date()


@cache
def _default_publisher() -> tuple[str, ...]:
    defaults = PublisherSettings()
    return tuple(getattr(defaults, name) for name in PUBLISHER)


@lru_cache(maxsize=8)
def _fingerprint(*parts: Any) -> str:
    return hashlib.sha256(repr((*parts, _words())).encode()).hexdigest()


@cache
def _words() -> str:
    """A fingerprint of this program, as far as it says how feeds are written.

    After an upgrade that changed a word no document from before counts.
    """
    files = [*Path(__file__).parent.glob("*.py")]
    files += [Path(str(module.__file__)) for module in WORDS]
    said = b"".join(file.read_bytes() for file in sorted(files))
    return hashlib.sha256(said).hexdigest()
