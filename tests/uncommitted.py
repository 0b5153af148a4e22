"""What another process is about to commit while this one reads."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from cms import withdrawals


@contextmanager
def withdrawal_not_committed(content_id: UUID, *, by: Any) -> Iterator[None]:
    """Take an item back in another connection, and commit it when the block is over.

    Needs a database that lets others read beside a writer, and a transactional test.
    """
    written, read = threading.Event(), threading.Event()
    failed: list[Exception] = []

    def withdraw() -> None:
        try:
            with transaction.atomic():
                withdrawals.withdraw(content_id=content_id, by=by, reason="A name")
                written.set()
                assert read.wait(20), "nobody read beside it"
        except Exception as error:  # noqa: BLE001 - raised where the test waits
            failed.append(error)
        finally:
            written.set()
            connection.close()

    other = threading.Thread(target=withdraw)
    other.start()
    try:
        assert written.wait(20)
        yield
    finally:
        read.set()
        other.join(20)
    if failed:
        raise failed[0]
