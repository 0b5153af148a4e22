"""What a partner acknowledged is kept as it was written, in the database too."""

from django.db import migrations

from cms.append_only import protect, unprotect

TABLE = "partners_acknowledgement"
COLUMNS = ("partner_id", "change_id", "state", "at")


def forwards(apps, editor):
    protect(editor, TABLE, COLUMNS)


def backwards(apps, editor):
    unprotect(editor, TABLE)


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
