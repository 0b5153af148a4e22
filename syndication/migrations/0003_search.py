"""The words of releases, for searching: each database keeps them its own way."""

from django.db import migrations

FORWARDS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE syndication_releasewords USING fts5("
        "title, summary, body, tokenize = 'porter unicode61 remove_diacritics 2')",
    ],
    "postgresql": [
        "ALTER TABLE syndication_release ADD COLUMN words tsvector",
        "CREATE INDEX release_current_words ON syndication_release USING gin (words) "
        "WHERE superseded_at IS NULL AND withdrawn_at IS NULL",
    ],
}
BACKWARDS = {
    "sqlite": "DROP TABLE syndication_releasewords",
    "postgresql": "ALTER TABLE syndication_release DROP COLUMN words",
}


def forwards(apps, editor):
    for statement in FORWARDS[editor.connection.vendor]:
        editor.execute(statement)


def backwards(apps, editor):
    editor.execute(BACKWARDS[editor.connection.vendor])


class Migration(migrations.Migration):
    dependencies = [("syndication", "0002_append_only")]
    operations = [migrations.RunPython(forwards, backwards)]
