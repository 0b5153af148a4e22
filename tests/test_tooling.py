"""What a developer and an operator lean on: runner, audit, image, handbook."""

import json
import re
from pathlib import Path

import yaml

from tests import audit, run

ROOT = Path(__file__).resolve().parent.parent


def test_without_postgresql_the_suite_says_so_once_and_runs_on_sqlite(
    monkeypatch, capsys
):
    asked = []
    monkeypatch.setattr(run, "find_postgresql", lambda: None)

    def run_pytest(label, database_url, arguments):
        asked.append(label)
        return True

    monkeypatch.setattr(run, "run_pytest", run_pytest)

    assert run.main(["-k", "feeds"]) == 0

    assert asked == ["SQLite"]
    assert capsys.readouterr().out.count("\n") == 1


def test_an_audit_that_finds_something_fails_and_names_it():
    report = {
        "dependencies": [
            {
                "name": "django",
                "version": "3.2",
                "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.2.1"]}],
            },
            {"name": "wagtail", "version": "8.0.1", "vulns": []},
        ]
    }

    assert audit.judge(1, json.dumps(report), "") == (
        False,
        "django 3.2: PYSEC-1, fixed in 3.2.1",
    )


def test_every_environment_variable_of_the_settings_is_in_the_handbook():
    handbook = (ROOT / "docs/operations.md").read_text()
    read = {
        name
        for path in (ROOT / "site_settings/settings").glob("*.py")
        for name in re.findall(r'\benv(?:\.\w+)?\(\s*"(\w+)"', path.read_text())
    }

    assert {"SECRET_KEY", "DATABASE_URL"} <= read
    assert {name for name in read if f"| `{name}` |" not in handbook} == set()


def test_the_image_does_not_run_as_root():
    users = re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert users
    assert users[-1].partition(":")[0] not in ("root", "0")


def test_compose_names_every_process_and_keeps_no_secret():
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())

    assert {"web", "worker", "setup", "database", "mail"} == set(compose["services"])
    environment = compose["services"]["web"]["environment"]
    assert environment["SECRET_KEY"].startswith("${SECRET_KEY:?")
    assert "${POSTGRES_PASSWORD:?" in environment["DATABASE_URL"]
