"""The migrated database of SQLite, kept between runs: migrating takes half a minute.

It is kept by what the migrations say, so that a change of any makes another. What
``post_migrate`` does is done anew each time. A fresh clone has none, nor has CI.
"""

import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import django
from django.apps import apps
from django.conf import settings
from django.db import connection

# What migrations of ours call.
CALLED = ("cms/append_only.py", "syndication/receipts.py")


class Migrated:
    """One of two workers migrates; the other waits, and takes a copy.

    ``begin`` before the database of the tests is made, ``end`` after it.
    """

    def __init__(self, folder: Path) -> None:
        self.kept = folder / f"{_fingerprint()}.sqlite3"
        self.is_copy = False
        self.held: sqlite3.Connection | None = None
        self.lock: IO[str] = (folder / "lock").open("w")

    def begin(self) -> None:
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        if self.kept.exists():
            # In memory, and there as long as somebody holds it: then Django finds it.
            creation: Any = connection.creation
            name = creation._get_test_db_name()
            self.held = sqlite3.connect(name, uri=True, check_same_thread=False)
            with closing(sqlite3.connect(self.kept)) as kept:
                kept.backup(self.held)
            self.is_copy = True
            self.lock.close()

    def end(self) -> None:
        if self.held:
            self.held.close()
        if self.is_copy:
            return
        for old in self.kept.parent.glob("*.sqlite3"):
            old.unlink()
        connection.ensure_connection()
        unfinished = self.kept.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(unfinished)) as kept:
            connection.connection.backup(kept)
        unfinished.replace(self.kept)
        self.lock.close()


def _fingerprint() -> str:
    made = hashlib.sha256(f"{django.VERSION} {sqlite3.sqlite_version}".encode())
    for path in _sources():
        made.update(str(path).encode())
        made.update(path.read_bytes())
    return made.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    for app in apps.get_app_configs():
        yield from sorted((Path(app.path) / "migrations").glob("*.py"))
    for name in CALLED:
        yield settings.BASE_DIR / name
