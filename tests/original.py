"""The database as it was when the cast was made, put back after a test that commits.

Django would empty each table, make permissions and the like anew, and the next test the
cast: that takes longer than most of these tests.
"""

import sqlite3
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DatabaseError, InterfaceError, connection
from django.test import TransactionTestCase

# Seconds.
PATIENCE = 5


# The triggers that keep records as they were written, and foreign keys, have to look
# away; only a superuser of the server may ask for that.
PUT_BACK = """
DO $$
DECLARE
    name text;
    names text;
BEGIN
    SET LOCAL session_replication_role = replica;
    SET LOCAL lock_timeout = '5s';
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        IF to_regclass(format('original.%I', name)) IS NOT NULL THEN
            SELECT string_agg(quote_ident(column_name), ', ') INTO names
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name = name
                AND is_generated = 'NEVER';
            EXECUTE format(
                'INSERT INTO public.%I (%s) SELECT %s FROM original.%I',
                name, names, names, name
            );
        END IF;
    END LOOP;
END $$
"""
KEEP = """
DO $$
DECLARE
    name text;
    is_empty bool;
BEGIN
    CREATE SCHEMA original;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM public.%I)', name) INTO is_empty;
        IF NOT is_empty THEN
            EXECUTE format('CREATE TABLE original.%I AS TABLE public.%I', name, name);
        END IF;
    END LOOP;
END $$
"""


def keep_original() -> None:
    """Tests that commit leave the database as it is now."""
    if connection.vendor == "sqlite":
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        connection.connection.backup(kept)
        put_back: Callable[[], None] = partial(_copy_back, kept)
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
            if cursor.fetchone() != (True,):
                return
            cursor.execute(KEEP)
        put_back = _write_back
    case: Any = TransactionTestCase
    empty = case._fixture_teardown

    def leave(case: Any) -> None:
        # Somebody whom a test did not wait for may hold a table. Django's way asks for
        # less; then the next test makes its cast itself.
        try:
            put_back()
        except (DatabaseError, InterfaceError, sqlite3.Error) as error:
            warnings.warn(f"Emptied, not put back: {error}", stacklevel=1)
            empty(case)

    case._fixture_teardown = leave


def _copy_back(kept: sqlite3.Connection) -> None:
    connection.ensure_connection()
    last = time.monotonic() + PATIENCE
    while True:
        try:
            return kept.backup(connection.connection)
        except sqlite3.OperationalError:
            # A request of a browser that is closing.
            if time.monotonic() > last:
                raise
            time.sleep(0.05)


def _write_back() -> None:
    # The server may have ended the one that the test had.
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute(PUT_BACK)
