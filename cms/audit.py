"""Writing the audit log, and finding whatever was altered of what it vouches for.

Each entry is hashed together with the hash of the entry before, so altering one breaks
the chain behind it. Entries also carry digests of the records they tell of, so an
altered sign-off is found although its own table has no chain.

What the log cannot tell by itself is that all of it was written anew, head included.
An earlier head that was kept elsewhere tells (``manage.py audit_export``).
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, models, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Cast
from django.utils import timezone

from . import canonical, channels
from .canonical import Json
from .models import Assurance, AuditEntry, AuditHead, NoReply, Proof, SignOff
from .models.audit import NO_HASH

BATCH = 200
SYSTEM = "system"


class Head(NamedTuple):
    """Where the log ended at some time: the number and hash of its last entry."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


@dataclass(frozen=True)
class Fault:
    """One row that is not what was written. ``row`` names it: “entry 7”."""

    row: str
    what: str

    def __str__(self) -> str:
        return f"{self.row}: {self.what}"


@dataclass(frozen=True)
class Watch:
    """A table that the log vouches for.

    ``columns`` go into a row's digest: those that never change, or change only where
    an entry is recorded. ``check`` tells what is wrong with the rest of a row, when
    these are as they were.
    """

    model: type[models.Model]
    columns: Sequence[str]
    check: Callable[[Any], Sequence[str]] = lambda row: ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table


_watched: dict[type[models.Model], Watch] = {}


def watch(table: Watch) -> None:
    """Have ``verify`` look at a table. Called once, when an app is ready."""
    _watched[table.model] = table


def record(
    *,
    action: str,
    by: User | None,
    content_id: UUID | None = None,
    row: models.Model | None = None,
    **data: Json,
) -> AuditEntry:
    """Append one entry: ``by`` did ``action``; None when the system acts by itself.

    ``row`` is the record made or changed by it, of a watched table: from now on any
    other change of it is found. ``data`` is what else is worth knowing.

    Must be the last lock that a transaction takes, behind the change log's; it is held
    until the end. Raises ``TransactionManagementError`` outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "an audit entry is recorded in the transaction of its cause"
        )
    head = _lock_head()
    entry = AuditEntry(
        number=head.number + 1,
        at=_moment(timezone.now()),
        action=action,
        actor=actor(by),
        by_id=by.pk if by else None,
        content_id=str(content_id or ""),
        row_table=row._meta.db_table if row else "",
        row_id=row.pk if row else None,
        row_digest=digest_of(row) if row else "",
        details=canonical.encode(data).decode(),
        algorithm=canonical.ALGORITHM,
        previous=head.hash,
    )
    entry.hash = canonical.fingerprint(canonical.encode(_hashed(entry)))
    entry.save(force_insert=True)
    head.number, head.hash = entry.number, entry.hash
    head.save(update_fields=["number", "hash"])
    return entry


def _lock_head() -> AuditHead:
    heads = AuditHead.objects.select_for_update().filter(pk=1)
    if (head := heads.first()) is None:
        AuditHead.objects.get_or_create(pk=1)
        head = heads.get()
    return head


def actor(by: User | None) -> str:
    """How the log names a person for good: ``pat (7)``."""
    return f"{by.get_username()} ({by.pk})" if by else SYSTEM


def digest_of(row: models.Model) -> str:
    """Return the SHA-256 of what a row of a watched table says.

    Empty values are left out, so a column that is added later does not change the
    digests of earlier rows. Raises ``KeyError`` for a table that nobody watches.
    """
    values = {
        column: _plain(getattr(row, column))
        for column in _watched[type(row)].columns
        if getattr(row, column) not in (None, "", False)
    }
    return canonical.fingerprint(canonical.encode(values))


def line(entry: AuditEntry) -> bytes:
    """One entry as canonical JSON, as it is exported.

    Without ``hash`` these are the bytes whose SHA-256 is the hash.
    """
    return canonical.encode({**_hashed(entry), "hash": entry.hash})


def head() -> Head:
    """Where the log ends now."""
    row = AuditHead.objects.filter(pk=1).first()
    return Head(row.number, row.hash) if row else Head(0, NO_HASH)


def entries(*, after: int = 0) -> Iterator[AuditEntry]:
    """All entries with a higher number than ``after``, in order, a batch at a time.

    Each has the head of the log at the time of reading as ``head_number`` and
    ``head_hash``: read in the same statement, so that they fit together.
    """
    heads = AuditHead.objects.filter(pk=1)
    while True:
        batch = list(
            AuditEntry.objects.filter(number__gt=after)
            .annotate(
                head_number=Subquery(heads.values("number")),
                head_hash=Subquery(heads.values("hash")),
            )
            .order_by("number")[:BATCH]
        )
        yield from batch
        if not batch:
            return
        after = batch[-1].number


def verify(*, known_head: Head | None = None) -> list[Fault]:
    """Everything that is not as it was written; empty when all is well."""
    return [found for found in faults(known_head=known_head) if found]


def faults(*, known_head: Head | None = None) -> Iterator[Fault | None]:
    """Look at every entry and every row it vouches for; yield what is wrong.

    Yields None for each row that is as it should be, so that a long run can show how
    far it is. Keeps no more than a batch in memory. ``known_head`` is one that was
    exported earlier.
    """
    with _text_as_it_is():
        yield from _faults_of_the_chain(known_head)
        for table in _watched.values():
            yield from _faults_of_rows(table)
            yield from _rows_that_are_gone(table)


def _faults_of_the_chain(known: Head | None) -> Iterator[Fault | None]:
    last = Head(0, NO_HASH)
    end: Head | None = None
    for entry in entries():
        number = entry.number
        end = Head(entry.head_number, entry.head_hash)  # type: ignore[attr-defined]
        if number != last.number + 1:
            yield _missing(last.number + 1, number - 1)
        elif entry.previous != last.hash:
            yield Fault(
                f"entry {number}",
                f"does not continue entry {last.number}: one of them was replaced",
            )
        if not _is_intact(entry):
            yield Fault(f"entry {number}", "was altered: its hash does not fit")
        elif known and number == known.number and entry.hash != known.hash:
            yield Fault(
                f"entry {number}", "was replaced: the head you know has another hash"
            )
        else:
            yield None
        last = Head(number, entry.hash)
    end = end or head()
    if end.number > last.number:
        yield _missing(last.number + 1, end.number)
    elif end != last:
        yield Fault("head", f"says {end}, but the last entry is {last}")
    there = max(last.number, end.number)
    if known and known.number > there:
        yield _missing(there + 1, known.number)


def _missing(first: int, last: int) -> Fault:
    if first == last:
        return Fault(f"entry {first}", "is missing")
    return Fault(f"entries {first} to {last}", "are missing")


def _is_intact(entry: AuditEntry) -> bool:
    try:
        data = canonical.encode(entry.data)
        content = canonical.encode(_hashed(entry))
    except (TypeError, ValueError):  # No text, no JSON or no Unicode any more.
        return False
    return (
        data.decode() == entry.details and canonical.fingerprint(content) == entry.hash
    )


def _hashed(entry: AuditEntry) -> dict[str, Json]:
    return {
        "number": entry.number,
        "at": entry.at,
        "action": entry.action,
        "actor": entry.actor,
        "by": entry.by_id,
        "content_id": entry.content_id,
        "row": {
            "table": entry.row_table,
            "id": entry.row_id,
            "digest": entry.row_digest,
        },
        "data": entry.data,
        "algorithm": entry.algorithm,
        "previous": entry.previous,
    }


def _faults_of_rows(table: Watch) -> Iterator[Fault | None]:
    recorded = AuditEntry.objects.filter(
        row_table=table.table, row_id=OuterRef("pk")
    ).order_by("-number")
    rows = table.model._default_manager.annotate(
        # In one statement with the row: both may change while a long run goes on.
        recorded_digest=Subquery(recorded.values("row_digest")[:1]),
        **_stored_texts(table),
    ).order_by("pk")
    after = 0
    while pks := list(rows.filter(pk__gt=after).values_list("pk", flat=True)[:BATCH]):
        found = {row.pk: row for row in _readable(rows, pks)}
        for pk in pks:
            wrong = _wrong_with(table, found.get(pk))
            if not wrong:
                yield None
            for what in wrong:
                yield Fault(f"{table.table} {pk}", what)
        after = pks[-1]


def _rows_that_are_gone(table: Watch) -> Iterator[Fault]:
    there = table.model._default_manager.filter(pk=OuterRef("row_id"))
    gone = (
        AuditEntry.objects.filter(~models.Exists(there), row_table=table.table)
        .order_by("row_id")
        .values_list("row_id", flat=True)
        .distinct()
    )
    for pk in gone.iterator(chunk_size=BATCH):
        yield Fault(f"{table.table} {pk}", "is missing")


def _readable(rows: Any, pks: Sequence[int]) -> list[Any]:
    """The rows that can be read at all: SQLite keeps what is no date in a date."""
    try:
        return list(rows.filter(pk__in=pks))
    except (TypeError, ValueError):
        if len(pks) == 1:
            return []
    return [row for pk in pks for row in _readable(rows, [pk])]


def _wrong_with(table: Watch, row: Any) -> Sequence[str]:
    if row is None:
        return ["was altered: it cannot be read any more"]
    if row.recorded_digest is None:
        return ["was added by hand: no entry of the log tells of it"]
    if not _is_as_recorded(table, row):
        return ["was altered since it was recorded"]
    return table.check(row)


def _is_as_recorded(table: Watch, row: Any) -> bool:
    try:
        digest = digest_of(row)
    except (TypeError, ValueError):  # No text, or no Unicode any more.
        return False
    return bool(digest == row.recorded_digest) and all(
        getattr(row, f"stored_{column}") == _as_stored(row, column)
        for column in _told_as_text(table)
    )


def _told_as_text(table: Watch) -> list[str]:
    """Columns of which SQLite may hold another text with the same meaning.

    A time with a comma for its full stop, for example. PostgreSQL has types.
    """
    if connection.vendor != "sqlite":
        return []
    return [
        column
        for column in table.columns
        if not isinstance(table.model._meta.get_field(column), models.BinaryField)
    ]


def _stored_texts(table: Watch) -> dict[str, Cast]:
    return {
        f"stored_{column}": Cast(F(column), models.TextField())
        for column in _told_as_text(table)
    }


def _as_stored(row: models.Model, column: str) -> str | None:
    field: Any = row._meta.get_field(column)
    value = field.get_db_prep_save(getattr(row, column), connection)
    if value is None:
        return None
    return str(int(value)) if isinstance(value, bool) else str(value)


@contextmanager
def _text_as_it_is() -> Iterator[None]:
    """Have SQLite hand over text that is no UTF-8, so that its row can be named."""
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    before = connection.connection.text_factory
    connection.connection.text_factory = lambda text: text.decode(
        "utf-8", "surrogateescape"
    )
    try:
        yield
    finally:
        connection.connection.text_factory = before


def _plain(value: Any) -> Json:
    """A column's value as JSON has it; bytes as their SHA-256."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return canonical.fingerprint(bytes(value))
    plain: Json = value
    return plain


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def payload_fits(row: Any) -> list[str]:
    """Whether the bytes of a proof or a release have its fingerprint; for a watch."""
    if canonical.fingerprint(bytes(row.payload)) == row.fingerprint:
        return []
    return ["its content does not have its fingerprint"]


def proof_fits(proof: Proof) -> list[str]:
    """Whether a proof's bytes have its fingerprint, and other channels' bytes theirs."""
    return payload_fits(proof) or forms_fit(proof, proof.other_forms)


def forms_fit(row: Any, forms: Any) -> list[str]:
    """Whether the bytes of other channels are those that a payload names."""
    others = {one.channel: bytes(one.payload) for one in forms.all()}
    if channels.fits(json.loads(bytes(row.payload)), others):
        return []
    return ["what other channels get of it is not what its payload says"]


watch(
    Watch(
        model=Proof,
        columns=(
            "content_id",
            "kind",
            "title",
            "payload",
            "fingerprint",
            "algorithm",
            "source_digest",
            "route",
            "release_at",
            "review_by",
            "expires_on",
            "correction",
            "object_id",
            "submitted_at",
        ),
        check=proof_fits,
    )
)
watch(Watch(SignOff, [field.attname for field in SignOff._meta.concrete_fields]))
watch(Watch(NoReply, [field.attname for field in NoReply._meta.concrete_fields]))
watch(Watch(Assurance, [field.attname for field in Assurance._meta.concrete_fields]))
