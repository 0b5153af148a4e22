"""Releases and the change log are kept as they were written, in the database too."""

from django.db import migrations

from cms.append_only import protect, unprotect

TABLES = {
    "syndication_release": (
        "item_id", "version", "proof_id", "before_review", "payload", "fingerprint",
        "text_fingerprint",
        "released_at", "updated_at",
    ),
    "syndication_releaseform": ("release_id", "channel", "payload", "fingerprint"),
    "syndication_changeselection": ("change_id", "scheme", "slug"),
    "syndication_change": (
        "number", "type", "content_id", "kind", "version", "at", "note", "area",
        "topic", "replacement", "reason",
    ),
}


def forwards(apps, editor):
    for table, columns in TABLES.items():
        protect(editor, table, columns)


def backwards(apps, editor):
    for table in TABLES:
        unprotect(editor, table)


class Migration(migrations.Migration):
    dependencies = [("syndication", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
