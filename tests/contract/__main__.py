"""Hold the API to docs/openapi.yaml with other people's programs.

``python -m tests.contract`` runs Schemathesis at full size against the demonstration
content, then what partners check and generate with. ``--lints`` runs the latter alone.
Without Node, or when their packages cannot be fetched, it says so and goes on: only
what they find wrong is a failure.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.loopback import free_port

from . import HERE, IDENTITIES, schemathesis

ROOT = HERE.parent.parent
DOCUMENT = ROOT / "docs" / "openapi.yaml"
# Packages are kept between runs.
KEPT = ROOT / "var" / "contract"
# 4,000 cases of each who asks, in about a minute.
CASES = 200
OLDEST_NODE = (20, 19)
# Seconds that fetching packages may take.
PATIENCE = 180
IMPORT_ALL = """
import importlib, pkgutil, sys
(name,) = (one.name for one in pkgutil.iter_modules([sys.argv[1]]))
sys.path.insert(0, sys.argv[1])
package = importlib.import_module(name)
found = [one.name for one in pkgutil.walk_packages(package.__path__, f"{name}.")]
for one in found:
    importlib.import_module(one)
print(f"{len(found)} modules, all of which can be imported")
"""


class NotToBeHad(Exception):
    """Something is not on this machine and could not be fetched."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.contract",
        description="Hold the API to its description with other people's programs.",
    )
    parser.add_argument("--lints", action="store_true", help="leave Schemathesis out")
    parser.add_argument(
        "--cases", type=int, default=CASES, help="the most of each operation"
    )
    options = parser.parse_args(arguments)
    failed = [] if options.lints else _properties(options.cases)
    for checks in (_with_node, _with_python):
        try:
            failed += checks()
        except NotToBeHad as missing:
            say(f"Left out: {missing}")
    say(f"Failed: {', '.join(failed)}." if failed else "The contract holds.")
    return 1 if failed else 0


def _properties(cases: int) -> list[str]:
    with _demonstration() as (origin, headers):
        return [
            f"Schemathesis ({identity})"
            for identity in IDENTITIES
            if not passes(
                f"Schemathesis, {cases} cases of each operation, {identity}",
                schemathesis(origin, most=cases, headers=headers[identity]),
            )
        ]


@contextmanager
def _demonstration() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """The address of a server with the demonstration content, and the headers of all."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="countersign-contract-") as directory:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "site_settings.settings.dev",
            "DATABASE_URL": f"sqlite:///{directory}/demo.sqlite3",
            "DATA_DIR": directory,
            "PUBLIC_ORIGIN": origin,
            # With it, what nobody foresaw is a page with a traceback.
            "DEBUG": "false",
            "LOG_LEVEL": "ERROR",
            # Thousands of requests a minute is what this is about.
            "LIMIT_KEY_PER_MINUTE": "0",
        }

        def python(*command: str, **more: str) -> str:
            return subprocess.run(  # noqa: S603 - commands of our own
                [sys.executable, *command],
                cwd=ROOT,
                env=environment | more,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            ).stdout

        python("manage.py", "migrate", "--verbosity", "0")
        # Its passwords are public, so it wants a developer's settings.
        python("manage.py", "seed_demo", DEBUG="true")
        headers = json.loads(python("-m", "tests.contract.identities"))
        server = subprocess.Popen(  # noqa: S603 - what this environment has installed
            [
                *(sys.executable, "-m", "granian", "--interface", "wsgi"),
                *("--host", "127.0.0.1", "--port", str(port)),
                "site_settings.wsgi:application",
            ],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_for(f"{origin}/livez")
            yield origin, headers
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 - ours
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"Nothing answers at {url}.")


def _with_node() -> list[str]:
    """Lint, and make types for TypeScript. Returns what failed."""
    programs = node_packages() / "node_modules" / ".bin"
    with tempfile.TemporaryDirectory() as name:
        types, client = Path(name) / "api.d.ts", Path(name) / "client.ts"
        shutil.copy(HERE / "client.ts", client)
        checks: dict[str, list[str | Path]] = {
            "Redocly, recommended": [
                # Strict: a warning is a failure.
                *("redocly", "lint", "--extends=recommended-strict", DOCUMENT)
            ],
            "Spectral, oas": [
                *("spectral", "lint", "--fail-severity=warn"),
                *("--ruleset", HERE / "spectral.yaml", DOCUMENT),
            ],
            "openapi-typescript": ["openapi-typescript", DOCUMENT, "-o", types],
            "tsc": [
                *("tsc", "--noEmit", "--strict", "--target", "es2022"),
                *("--moduleResolution", "node", client, types),
            ],
        }
        return [
            what
            for what, (program, *rest) in checks.items()
            if not passes(what, [programs / program, *rest])
        ]


def node_packages(here: Path = HERE) -> Path:
    """The folder with the packages of the ``package-lock.json`` that stands ``here``."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotToBeHad("no npm here, so neither lints nor TypeScript were run.")
    said = subprocess.run(  # noqa: S603 - found on PATH
        [node, "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if tuple(map(int, re.findall(r"\d+", said)[:2])) < OLDEST_NODE:
        raise NotToBeHad(f"Node {said} is too old for the lints, which want 20.19.")
    folder = KEPT / ("node" if here == HERE else f"node-{here.name}")
    lock = (here / "package-lock.json").read_text()
    if _holds(folder / "installed", lock):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(here / name, folder)
    said = _fetch(
        [
            *(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"),
            *("--fetch-retries", "1", "--fetch-timeout", "30000"),
        ],
        folder,
    )
    if "npm error code EUSAGE" in said:
        raise SystemExit(f"{said}\n{here}/package-lock.json is out of date.")
    if said:
        raise NotToBeHad(f"npm could not fetch the lints. It said:\n{said}")
    (folder / "installed").write_text(lock)
    return folder


def _with_python() -> list[str]:
    """Generate a client for Python and import all of it. Returns what failed."""
    python = _python_packages()
    with tempfile.TemporaryDirectory() as name:
        generated = Path(name) / "generated"
        checks: dict[str, list[str | Path]] = {
            "openapi-python-client": [
                *(python.parent / "openapi-python-client", "generate"),
                *("--path", DOCUMENT, "--output-path", generated),
                *("--config", HERE / "openapi-python-client.yaml"),
                # A warning means that something is missing in the client.
                "--fail-on-warning",
            ],
            "the generated client for Python": [
                *(python, "-W", "error", "-c", IMPORT_ALL, generated)
            ],
        }
        return [what for what, command in checks.items() if not passes(what, command)]


def _python_packages() -> Path:
    """The Python of an environment of its own: it wants other versions than we do."""
    folder = KEPT / "python"
    python = folder / "bin" / "python"
    wanted = HERE / "requirements.txt"
    if _holds(folder / "installed", wanted.read_text()):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    said = _fetch([sys.executable, "-m", "venv", folder], ROOT) or _fetch(
        [
            *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
            *("--retries", "1", "--requirement", wanted),
        ],
        ROOT,
    )
    if said:
        raise NotToBeHad(f"pip could not fetch openapi-python-client. It said:\n{said}")
    (folder / "installed").write_text(wanted.read_text())
    return python


def _holds(file: Path, text: str) -> bool:
    return file.exists() and file.read_text() == text


def _fetch(command: Sequence[str | Path], folder: Path) -> str:
    """Run what fetches packages; return what it said if it failed, or nothing."""
    try:
        done = subprocess.run(  # noqa: S603 - found on PATH, or our own environment
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE
        )
    except subprocess.TimeoutExpired:
        return f"Nothing came within {PATIENCE} seconds."
    if done.returncode == 0:
        return ""
    return "\n".join((done.stdout + done.stderr).splitlines()[-12:]) or "nothing"


def passes(what: str, command: Sequence[str | Path]) -> bool:
    """Run a check and show what it says."""
    say(f"-- {what}")
    environment = os.environ | {
        # Nobody is told that we run them.
        "REDOCLY_TELEMETRY": "off",
        "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
        "NO_COLOR": "1",
    }
    return (
        subprocess.run(command, cwd=ROOT, env=environment).returncode == 0  # noqa: S603 - programs of pinned packages
    )


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
