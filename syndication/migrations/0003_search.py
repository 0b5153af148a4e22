"""The words of releases, for searching: each database keeps them its own way."""

from django.db import migrations

# No foreign key: Django empties tables for tests without knowing of this one.
FORWARDS = {
    "sqlite": [
        "CREATE VIRTUAL TABLE syndication_releasewords USING fts5("
        "title, summary, often, body, "
        "tokenize = 'porter unicode61 remove_diacritics 2')",
    ],
    "postgresql": [
        "CREATE TABLE syndication_releasewords (release_id bigint PRIMARY KEY, "
        "title tsvector NOT NULL, head tsvector NOT NULL, often tsvector NOT NULL, "
        "words tsvector NOT NULL)",
        *(
            f"CREATE INDEX releasewords_{column} ON syndication_releasewords "
            f"USING gin ({column}) WITH (fastupdate = off)"
            for column in ("title", "head", "often", "words")
        ),
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
