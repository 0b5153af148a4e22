"""The database itself keeps records as they were written."""

import pytest
from django.db import IntegrityError, connection, transaction

from cms.models import Proof, SignOff
from syndication.models import Change, Release

ALTERATIONS = [
    (Proof, {"payload": b"{}"}),
    (Proof, {"fingerprint": "0" * 64}),
    (SignOff, {"decision": "changes", "comment": "No."}),
    (Release, {"payload": b"{}"}),
    (Release, {"version": 7}),
    (Change, {"type": "withdrawn"}),
]


@pytest.mark.parametrize(("model", "values"), ALTERATIONS)
def test_a_record_cannot_be_altered(write, release, model, values):
    release(write())

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
    ):
        model.objects.update(**values)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL only")
@pytest.mark.parametrize("model", [SignOff, Change])
def test_a_record_cannot_be_deleted(write, release, model):
    release(write())

    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
    ):
        model.objects.all().delete()


def test_a_change_is_never_saved_again(write, release):
    release(write())

    with pytest.raises(TypeError, match="never edited"):
        Change.objects.get().save()
