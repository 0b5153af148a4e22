"""Where other people's programs cannot be had it is said; what they find is a failure."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .contract import __main__ as contract

HERE = Path(contract.__file__).parent


@pytest.fixture
def kept(monkeypatch, tmp_path):
    """Nothing was fetched yet."""
    monkeypatch.setattr(contract, "KEPT", tmp_path)
    return tmp_path


@pytest.fixture
def no_python(monkeypatch):
    def nothing():
        raise contract.NotToBeHad("no openapi-python-client.")

    monkeypatch.setattr(contract, "_python_packages", nothing)


def test_without_npm_it_is_said_and_no_failure(kept, no_python, monkeypatch, capsys):
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert contract.main(["--lints"]) == 0
    said = capsys.readouterr().out
    assert "Left out: no npm here" in said
    assert "Left out: no openapi-python-client" in said


@pytest.mark.parametrize("version", ["v18.20.4", "v20.18.0"])
def test_an_old_node_is_said_and_no_failure(
    kept, no_python, monkeypatch, capsys, version
):
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(
        subprocess,
        "run",
        lambda command, **kwargs: subprocess.CompletedProcess(command, 0, version, ""),
    )

    assert contract.main(["--lints"]) == 0
    assert f"Node {version} is too old" in capsys.readouterr().out


@pytest.fixture
def npm(kept, no_python, monkeypatch):
    """An npm that says what it is told to, and fails."""

    def install(said):
        def run(command, **kwargs):
            if "--version" in command:
                return subprocess.CompletedProcess(command, 0, "v22.12.0", "")
            return subprocess.CompletedProcess(command, 1, "", said)

        monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(subprocess, "run", run)

    return install


def test_a_registry_that_does_not_answer_is_said_and_no_failure(npm, kept, capsys):
    npm("npm error code ECONNREFUSED")

    assert contract.main(["--lints"]) == 0
    assert "npm error code ECONNREFUSED" in capsys.readouterr().out
    assert not (kept / "node" / "installed").exists()


def test_a_lock_that_does_not_fit_is_a_failure(npm):
    npm("npm error code EUSAGE")

    with pytest.raises(SystemExit, match="out of date"):
        contract.main(["--lints"])


def test_what_a_lint_finds_is_a_failure(no_python, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(contract, "node_packages", lambda: tmp_path)
    monkeypatch.setattr(contract, "passes", lambda what, command: what != "tsc")

    assert contract.main(["--lints"]) == 1
    assert "Failed: tsc." in capsys.readouterr().out


def test_no_registry_is_named():
    for name in ("package.json", "package-lock.json", "requirements.txt"):
        text = (HERE / name).read_text()
        assert not re.search(r'"resolved"|\.tgz|\.whl|index-url', text)
