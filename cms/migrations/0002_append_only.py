"""Proofs and answers are kept as they were written, in the database too."""

from django.db import migrations

from cms.append_only import protect, unprotect

TABLES = {
    "cms_proof": (
        "content_id", "kind", "payload", "fingerprint", "algorithm", "source_digest",
        "submitted_at",
    ),
    "cms_signoff": ("proof_id", "forum_id", "by_id", "decision", "comment", "at"),
}


def forwards(apps, editor):
    for table, columns in TABLES.items():
        protect(editor, table, columns)


def backwards(apps, editor):
    for table in TABLES:
        unprotect(editor, table)


class Migration(migrations.Migration):
    dependencies = [("cms", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
