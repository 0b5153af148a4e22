"""The words of what is public, for searching: each database keeps them its own way."""

from django.db import migrations

FORWARDS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE syndication_releasewords USING fts5("
        "title, about, body, "
        "tokenize = 'porter unicode61 remove_diacritics 2')",
    ],
    # No foreign key: whoever empties all tables knows nothing of this one. Small rows,
    # for a search looks at that of each text that has the words: where they are has a
    # vector of its own, and when the text is from is here too.
    "postgresql": [
        "CREATE TABLE syndication_releasewords (release_id bigint PRIMARY KEY, "
        "released_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, "
        "title tsvector NOT NULL, about tsvector NOT NULL, words tsvector NOT NULL)",
        "ALTER TABLE syndication_releasewords ALTER words SET STORAGE EXTERNAL",
        "CREATE INDEX releasewords_words ON syndication_releasewords "
        "USING gin (words) WITH (fastupdate = off)",
    ],
}


def forwards(apps, editor):
    for statement in FORWARDS[editor.connection.vendor]:
        editor.execute(statement)


def backwards(apps, editor):
    editor.execute("DROP TABLE syndication_releasewords")


class Migration(migrations.Migration):
    dependencies = [("syndication", "0002_append_only")]
    operations = [migrations.RunPython(forwards, backwards)]
