"""The audit log, and that whatever is altered of it or behind its back is found."""

import json
import threading
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from hashlib import sha256
from io import StringIO
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.db import DataError, IntegrityError, connection, models, transaction
from hypothesis import HealthCheck, given, settings, strategies

from cms import audit, canonical, notices, sign_off, withdrawals
from cms.append_only import unprotect
from cms.management.commands import audit_verify
from cms.models import AuditEntry, AuditHead, NoReply, Proof, SignOff
from syndication.management.commands import rebuild_documents
from syndication.models import Release

WATCHED = [Proof, SignOff, NoReply, Release]


@pytest.fixture
def unprotected(db):
    """The triggers are gone: somebody has the password of the database's owner."""
    editor = connection.schema_editor()
    for model in (AuditEntry, *WATCHED):
        unprotect(editor, model._meta.db_table)


@contextmanager
def undone():
    """What happens inside is rolled back."""
    with transaction.atomic():
        mark = transaction.savepoint()
        try:
            yield
        finally:
            transaction.savepoint_rollback(mark)


@pytest.fixture
def log(world):
    """Five entries, of which the second tells what a forum was asked."""
    with transaction.atomic():
        for number in range(1, 6):
            audit.record(action="noted", by=world.pat, number=number, text="Zoë’s")
    return AuditEntry.objects.order_by("number")


@pytest.fixture
def record_of(world, write, submit, sign):
    """An item with every kind of record: it was released and taken back."""
    page = write()
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign_off.take_back(proof=proof, forum=world.pacc, by=world.pat, reason="Wait.")
    notices.record_no_reply(proof=proof, forum=world.pods)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    withdrawals.withdraw(
        content_id=page.content_id,
        by=None,
        reason="It is wrong.",
        public_note="We are checking this.",
    )
    return Release.objects.get()


def rows(found):
    return [fault.row for fault in found]


# Writing


def test_an_entry_says_who_did_what_and_when(world, time_machine):
    time_machine.move_to("2026-11-24T18:30:00Z", tick=False)
    with transaction.atomic():
        entry = audit.record(action="noted", by=world.pat, why="It was wrong.")

    assert entry.at == "2026-11-24T18:30:00.000000Z"
    assert entry.actor == f"pat ({world.pat.pk})"
    assert entry.data == {"why": "It was wrong."}


def test_what_the_system_does_has_no_person(world):
    with transaction.atomic():
        entry = audit.record(action="released", by=None)

    assert (entry.actor, entry.by) == ("system", None)


@pytest.mark.django_db(transaction=True)
def test_an_entry_needs_the_transaction_of_its_cause():
    with pytest.raises(transaction.TransactionManagementError, match="transaction"):
        audit.record(action="noted", by=None)


def test_what_is_undone_is_not_in_the_log(log):
    before = audit.head()
    with undone():
        audit.record(action="noted", by=None)

    assert audit.head() == before
    assert audit.verify() == []


def test_an_entry_outlives_the_account_of_its_author(world):
    kit = User.objects.create_user("kit")
    with transaction.atomic():
        entry = audit.record(action="noted", by=kit)

    kit.delete()

    entry = AuditEntry.objects.select_related("by").get(pk=entry.pk)
    assert entry.actor.startswith("kit (")
    assert audit.verify() == []


def test_an_entry_is_never_saved_again(log):
    with pytest.raises(TypeError, match="never edited"):
        log.first().save()


@pytest.mark.parametrize("column", [f.attname for f in AuditEntry._meta.fields])
def test_the_database_refuses_to_alter_an_entry(log, column):
    value = 999 if column in {"number", "by_id", "row_id"} else "x"

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AuditEntry.objects.filter(number=3).update(**{column: value})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")
def test_the_database_refuses_to_delete_an_entry(log):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        log.filter(number=3).delete()


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite lets one transaction write at a time"
)
@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_keep_one_chain():
    before = audit.head().number
    gate = threading.Barrier(4)

    def write(name):
        gate.wait()
        try:
            for number in range(25):
                with transaction.atomic():
                    audit.record(action="noted", by=None, name=name, number=number)
        finally:
            connection.close()

    writers = [threading.Thread(target=write, args=[name]) for name in "abcd"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert audit.head().number == before + 100
    assert audit.verify() == []


# Membership


def membership():
    return [
        (entry.action, entry.data["forum"], entry.data["member"].split()[0])
        for entry in AuditEntry.objects.filter(action__startswith="member_")
    ]


def test_who_joins_and_leaves_a_forum_is_recorded(world):
    before = len(membership())
    kit = User.objects.create_user("kit")

    kit.groups.add(world.pacc.group)
    world.pods.group.user_set.add(kit)
    kit.groups.remove(world.pacc.group)
    world.pods.group.user_set.clear()

    assert membership()[before:] == [
        ("member_joined", "pacc", "kit"),
        ("member_joined", "pods", "kit"),
        ("member_left", "pacc", "kit"),
        ("member_left", "pods", "pip"),
        ("member_left", "pods", "kit"),
    ]


def test_who_leaves_all_groups_leaves_the_forum(world):
    before = len(membership())

    world.pat.groups.clear()

    assert membership()[before:] == [("member_left", "pacc", "pat")]


def test_a_member_whose_account_goes_leaves(world):
    before = len(membership())

    world.pat.delete()

    assert membership()[before:] == [("member_left", "pacc", "pat")]


def test_groups_without_a_forum_are_of_no_interest(world):
    before = len(membership())

    world.pat.groups.add(Group.objects.create(name="Bakers"))
    world.pat.groups.add(world.pacc.group)  # Is in it already.

    assert membership()[before:] == []


# Verifying the chain


def test_a_log_as_it_was_written_has_no_faults(log):
    assert audit.verify() == []
    assert audit.verify(known_head=audit.head()) == []


def test_an_empty_log_has_no_faults(db):
    assert audit.verify() == []


def columns_of(model):
    return [(model, column) for column in audit._watched[model].columns]


VOUCHED_FOR = [
    *[(AuditEntry, field.attname) for field in AuditEntry._meta.fields],
    *columns_of(Proof),
    *columns_of(SignOff),
    *columns_of(NoReply),
    *columns_of(Release),
    *[(Release, column) for column in ("document", "etag", "receipt")],
]


# Constraints allow no flip of these by themselves.
KEPT_BY_THE_DATABASE = {
    (Proof, "route"),
    (Proof, "correction"),
    (Release, "withdrawn_to"),
}


INSTEAD_OF_NOTHING = {
    models.DateField: "2026-11-24",
    models.DateTimeField: "2026-11-24 18:30:00+00:00",
    models.UUIDField: UUID(int=1).hex,
    models.JSONField: "{}",
}


def flipped(value, position, bit):
    """A value with one bit of one byte turned over, as near as its type allows."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value ^ (1 << bit)
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1 << bit)
    if isinstance(value, date):
        return value + timedelta(days=1 << bit)
    if isinstance(value, UUID):
        return UUID(int=value.int ^ (1 << bit))
    if isinstance(value, str):
        letters = list(value or "?")
        at = position % len(letters)
        letters[at] = chr(ord(letters[at]) ^ (1 << (bit % 5)))
        return "".join(letters)
    data = bytearray(value or b"?")
    data[position % len(data)] ^= 1 << bit
    return bytes(data)


def flip(model, pk, column, position, bit):
    """Turn over one bit in the database, and in SQLite whatever the bytes mean."""
    table, key = model._meta.db_table, model._meta.pk.column
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            read, kind = f'"{column}"', ""
        else:
            cursor.execute(f'SELECT typeof("{column}") FROM {table}')  # noqa: S608
            kind = cursor.fetchone()[0]
            read = f'CAST("{column}" AS BLOB)' if kind == "text" else f'"{column}"'
        cursor.execute(
            f"SELECT {read} FROM {table} WHERE {key} = %s",  # noqa: S608
            [pk],
        )
        (value,) = cursor.fetchone()
        if value is None:
            value = INSTEAD_OF_NOTHING.get(type(model._meta.get_field(column)), 1)
        else:
            value = flipped(value, position, bit)
        put = "CAST(%s AS TEXT)" if kind == "text" else "%s"
        cursor.execute(
            f'UPDATE {table} SET "{column}" = {put} WHERE {key} = %s',  # noqa: S608
            [value, pk],
        )


def fault_of(target, pk, position, bit):
    """What is found after a flip; nothing where the database refuses it."""
    model, column = target
    with undone():
        try:
            flip(model, pk, column, position, bit)
        except (IntegrityError, DataError):
            return None
        found = rows(audit.verify())
    assert found, f"{model.__name__}.{column} of {pk}: bit {bit} of byte {position}"
    if column not in {"number", "id"}:
        # Another row may be faulty with it: the next entry, a receipt of the proof.
        assert named(model, pk) in found
    return found


def pks_of(model):
    return sorted(model.objects.values_list("pk", flat=True))


def named(model, pk):
    return f"entry {pk}" if model is AuditEntry else f"{model._meta.db_table} {pk}"


def test_a_flipped_bit_in_any_column_is_found(record_of, unprotected):
    looked_at = {
        target
        for target in VOUCHED_FOR
        for pk in (min(pks_of(target[0])), max(pks_of(target[0])))
        for position, bit in ((0, 0), (-1, 1), (2, 0))
        if fault_of(target, pk, position, bit)
    }

    assert audit.verify() == []
    assert looked_at | KEPT_BY_THE_DATABASE == set(VOUCHED_FOR)


@given(
    target=strategies.sampled_from(VOUCHED_FOR),
    row=strategies.integers(0, 500),
    position=strategies.integers(0, 5000),
    bit=strategies.integers(0, 7),
)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_flipped_bit_anywhere_is_found(
    record_of, unprotected, target, row, position, bit
):
    pks = pks_of(target[0])

    fault_of(target, pks[row % len(pks)], position, bit)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps to UTF-8")
@pytest.mark.parametrize("model", [AuditEntry, SignOff])
def test_text_that_is_no_text_is_named(record_of, unprotected, model):
    column = {AuditEntry: "details", SignOff: "comment"}[model]
    pk = model.objects.values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET {column} = CAST(X'FF7B7D' AS TEXT)"  # noqa: S608
            f" WHERE {model._meta.pk.column} = %s",
            [pk],
        )

    assert rows(audit.verify()) == [named(model, pk)]


def test_a_missing_entry_is_named(log, unprotected):
    third = log[2].number
    log.filter(number=third).delete()

    assert [str(fault) for fault in audit.verify()] == [f"entry {third}: is missing"]


def test_a_log_that_was_cut_off_is_found(log, unprotected):
    last = audit.head().number
    log.filter(number__gt=last - 2).delete()

    assert [str(fault) for fault in audit.verify()] == [
        f"entries {last - 1} to {last}: are missing"
    ]


def test_a_log_without_any_entry_is_found(log, unprotected):
    log.all().delete()

    assert [str(fault) for fault in audit.verify()] == [
        f"entries 1 to {audit.head().number}: are missing"
    ]


def test_an_entry_that_was_replaced_with_its_hash_is_found(log, unprotected):
    entry = log[2]
    replace(entry)

    found = audit.verify()

    assert rows(found) == [f"entry {entry.number + 1}"]
    assert f"does not continue entry {entry.number}" in found[0].what


def test_a_replaced_last_entry_does_not_fit_the_head(log, unprotected):
    replace(log.last())

    assert rows(audit.verify()) == ["head"]


def replace(entry, **columns):
    """Write an entry anew, with a hash that fits it."""
    entry.details = '{"text":"Something else"}'
    entry.__dict__.update(columns)
    told = json.loads(audit.line(entry))
    del told["hash"]
    entry.hash = sha256(canonical.encode(told)).hexdigest()
    AuditEntry.objects.filter(pk=entry.pk).update(
        details=entry.details, previous=entry.previous, hash=entry.hash
    )
    return entry.hash


def test_a_log_that_was_wholly_rewritten_does_not_fit_a_head_kept_elsewhere(
    log, unprotected
):
    kept = audit.head()
    with transaction.atomic():
        audit.record(action="noted", by=None)
    previous = AuditEntry.objects.get(number=1).previous
    for entry in log.all():
        previous = replace(entry, previous=previous)
    AuditHead.objects.update(hash=previous)

    assert audit.verify() == []
    assert rows(audit.verify(known_head=kept)) == [f"entry {kept.number}"]


def test_a_log_that_was_restored_from_before_lacks_what_a_kept_head_knows(
    log, unprotected
):
    kept = audit.head()
    log.filter(number=kept.number).delete()
    AuditHead.objects.update(number=kept.number - 1, hash=log.last().hash)

    assert audit.verify() == []
    assert [str(fault) for fault in audit.verify(known_head=kept)] == [
        f"entry {kept.number}: is missing"
    ]


def test_a_head_that_was_set_back_is_found(log):
    AuditHead.objects.update(number=1)

    assert rows(audit.verify()) == ["head"]


def test_more_than_a_batch_is_read(log, monkeypatch):
    monkeypatch.setattr(audit, "BATCH", 2)

    assert audit.verify() == []
    assert [entry.number for entry in audit.entries(after=3)] == list(
        range(4, audit.head().number + 1)
    )


# Records behind the log


def test_a_sign_off_that_nobody_gave_is_found(record_of, unprotected):
    given = SignOff.objects.first()
    with undone():
        SignOff.objects.filter(pk=given.pk).update(id=given.pk + 100)
        found = audit.verify()

    assert {str(fault) for fault in found} == {
        f"cms_signoff {given.pk}: is missing",
        f"cms_signoff {given.pk + 100}: was added by hand: no entry of the log tells of it",
    }


def test_a_sign_off_that_is_gone_is_found(record_of, unprotected):
    pk = SignOff.objects.values_list("pk", flat=True)[0]
    with undone(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cms_signoff WHERE id = %s", [pk])
        found = audit.verify()

    assert [str(fault) for fault in found] == [f"cms_signoff {pk}: is missing"]


def test_a_release_brought_back_behind_the_log_is_found(record_of):
    Release.objects.update(
        withdrawn_at=None, withdrawn_reason="", withdrawn_note="", withdrawn_kind=""
    )

    assert rows(audit.verify()) == [f"syndication_release {record_of.pk}"]


def test_an_earlier_release_that_was_made_current_again_is_found(write, release, edit):
    page = write()
    first = release(page)
    second = release(edit(page, page.owner, summary="Newer."))
    assert audit.verify() == []

    Release.objects.filter(pk=second.pk).update(superseded_at=second.released_at)
    Release.objects.filter(pk=first.pk).update(superseded_at=None)

    assert [str(fault) for fault in audit.verify()] == [
        f"syndication_release {one.pk}: its end is not what was released"
        for one in (first, second)
    ]


def test_a_change_that_is_recorded_is_no_fault(record_of):
    Release.objects.update(withdrawn_note="We have looked at it.")
    with transaction.atomic():
        audit.record(action="note_changed", by=None, row=Release.objects.get())

    assert audit.verify() == []


# Commands


def run(command, *options):
    out = StringIO()
    call_command(command, *options, stdout=out, stderr=out)
    return out.getvalue()


def test_verify_says_ok_and_where_the_log_ends(record_of):
    end = audit.head()

    assert run("audit_verify") == f"ok: {end.number} entries, head {end.hash}\n"


def test_verify_names_the_altered_row(record_of, unprotected):
    given = SignOff.objects.first()
    SignOff.objects.filter(pk=given.pk).update(
        decision="agree_with_comments", comment="!"
    )
    out = StringIO()

    with pytest.raises(CommandError, match="1 row is not as written") as failed:
        call_command("audit_verify", stdout=out)

    assert failed.value.returncode == 1
    # Addresses are among what is compared.
    assert "PUBLIC_ORIGIN, which is https://localoffer.example here" in str(
        failed.value
    )
    assert (
        out.getvalue() == f"cms_signoff {given.pk}: was altered since it was recorded\n"
    )


def test_verify_shows_how_far_it_is(record_of, monkeypatch):
    monkeypatch.setattr(audit_verify, "SHOWN_EVERY", 2)

    assert run("audit_verify").startswith("2 rows looked at …\n4 rows looked at …\n")


def test_after_a_move_to_another_domain_the_record_fits_again(
    world, write, submit, sign, client, settings, monkeypatch
):
    monkeypatch.setattr(rebuild_documents, "SHOWN_EVERY", 1)
    page = write()
    proof = submit(page)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    signed = bytes(Release.objects.get().payload)
    settings.PUBLIC_ORIGIN = "https://moved.example"
    with pytest.raises(CommandError, match="run rebuild_documents first"):
        run("audit_verify")

    assert run("rebuild_documents") == (
        "1 releases looked at …\n1 release was brought to https://moved.example.\n"
    )

    assert run("audit_verify").startswith("ok: ")
    assert bytes(Release.objects.get().payload) == signed
    told = client.get(f"/api/v1/items/{page.content_id}").json()
    assert told["receipt"]["url"].startswith("https://moved.example/receipts/")
    assert told["attribution"]["source_url"].startswith("https://moved.example/items/")
    assert run("rebuild_documents").endswith(
        "0 releases were brought to https://moved.example.\n"
    )


@pytest.mark.parametrize("head", ["7", "x:" + "0" * 64, "7:abc"])
def test_verify_refuses_a_head_it_cannot_read(db, head):
    with pytest.raises(CommandError, match="is not NUMBER:HASH"):
        run("audit_verify", "--head", head)


def test_an_export_can_be_verified_without_us_and_its_head_with_us(log):
    *lines, last = run("audit_export").splitlines()

    previous = "0" * 64
    for line in lines:
        entry = json.loads(line)
        told = entry.pop("hash")
        assert entry["previous"] == previous
        text = json.dumps(
            entry, ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        assert sha256(text.encode()).hexdigest() == told
        previous = told
    end = json.loads(last)["head"]
    assert end == {"number": len(lines), "hash": previous}
    with transaction.atomic():
        audit.record(action="noted", by=None)
    assert run("audit_verify", "--head", f"{end['number']}:{end['hash']}").startswith(
        "ok"
    )


def test_an_export_goes_on_where_the_last_one_ended(log, tmp_path):
    file = tmp_path / "audit.jsonl"
    last = audit.head().number

    assert run("audit_export", "--since", str(last - 1), "--output", str(file)) == ""

    entry, end = map(json.loads, file.read_text().splitlines())
    assert entry["number"] == end["head"]["number"] == last


def test_an_export_with_nothing_new_still_tells_the_head(log):
    (line,) = run("audit_export", "--since", str(audit.head().number)).splitlines()

    assert json.loads(line)["head"]["number"] == audit.head().number


def test_an_export_never_overwrites_an_earlier_one(log, tmp_path):
    file = tmp_path / "audit.jsonl"
    file.write_text("kept")

    with pytest.raises(CommandError, match="File exists"):
        run("audit_export", "--output", str(file))

    assert file.read_text() == "kept"
