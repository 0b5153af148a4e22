"""Proofs and answers are kept as they were written, in the database too."""

from django.db import migrations

from cms.append_only import protect, unprotect

TABLES = {
    "cms_proof": (
        "content_id", "kind", "payload", "fingerprint", "algorithm", "source_digest",
        "route", "correction", "release_at", "review_by", "expires_on", "submitted_at",
    ),
    # Forums may join those who are asked; none may drop out.
    "cms_proof_forums": ("proof_id", "forum_id"),
    "cms_signoff": (
        "proof_id", "forum_id", "by_id", "decision", "comment", "comment_is_public",
        "at",
    ),
    "cms_auditentry": (
        "number", "at", "action", "actor", "by_id", "content_id", "row_table", "row_id",
        "row_digest", "details", "algorithm", "previous", "hash",
    ),
    "cms_proofform": ("proof_id", "channel", "payload", "fingerprint"),
    # ``lost`` may grow: consent ends after a text was signed.
    "cms_proofvoice": (
        "proof_id", "consent_id", "path", "kind", "attribution", "channels",
    ),
    "cms_noreply": ("proof_id", "forum_id", "due_on", "recorded_at"),
    "cms_assurance": (
        "content_id", "proof_id", "fingerprint", "by_id", "forum_id", "at",
        "signed_review_by", "review_by",
    ),
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
