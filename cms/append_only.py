"""Triggers that keep records as they were written, whoever writes to the database.

Used by migrations. SQLite forgets triggers when a later migration rebuilds the table,
so such a migration calls ``protect`` again; ``tests/test_append_only.py`` notices.
"""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def protect(
    editor: BaseDatabaseSchemaEditor, table: str, columns: Sequence[str]
) -> None:
    """Refuse updates that change ``columns`` of ``table``, and deletes on PostgreSQL.

    SQLite rows can be deleted: its test runner and its users' backups do it by
    statement. An attempt raises ``IntegrityError``. Can be called again.
    """
    unprotect(editor, table)
    name = f"{table}_is_append_only"
    message = f"{table} is append-only"
    if editor.connection.vendor == "postgresql":
        new = ", ".join(f'NEW."{column}"' for column in columns)
        old = ", ".join(f'OLD."{column}"' for column in columns)
        editor.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'DELETE' OR ROW({new}) IS DISTINCT FROM ROW({old}) THEN "
            f"RAISE EXCEPTION '{message}' USING ERRCODE = '23000'; END IF; "
            "RETURN NEW; END $$",
            params=None,
        )
        editor.execute(
            f'CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON "{table}" '
            f"FOR EACH ROW EXECUTE FUNCTION {name}()"
        )
    else:
        changed = " OR ".join(
            f'NEW."{column}" IS NOT OLD."{column}"' for column in columns
        )
        editor.execute(
            f'CREATE TRIGGER {name} BEFORE UPDATE ON "{table}" WHEN {changed} '
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END",
            params=None,
        )


def unprotect(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    """Take the trigger of ``table`` away, if there is one."""
    name = f"{table}_is_append_only"
    if editor.connection.vendor == "postgresql":
        editor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')
        editor.execute(f"DROP FUNCTION IF EXISTS {name}()")
    else:
        editor.execute(f"DROP TRIGGER IF EXISTS {name}")
