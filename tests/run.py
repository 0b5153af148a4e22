"""Run the whole suite twice: on SQLite, then on a PostgreSQL of its own.

``python -m tests.run -k feeds`` hands everything it does not know to pytest.
What says the same on every database (``tests/once.py``) runs on SQLite only, unless
``--only postgresql`` or a ``-m`` of your own says otherwise. The PostgreSQL server is
private to the run: a temporary directory, a free loopback port, a password made up for
the occasion, gone afterwards.
"""

import argparse
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TypedDict

ROOT = Path(__file__).resolve().parent.parent
OLDEST_POSTGRESQL = 15
NO_TESTS = 5
NOT_ONCE = ["-m", "not once"]
# A test that waits for ever says where, and the run goes on. Games by night last hours.
NO_LONGER = [
    "-o",
    "faulthandler_timeout=600",
    "-o",
    "faulthandler_exit_on_timeout=true",
]
HOURS = {"HYPOTHESIS_PROFILE", "RACES"}
# Without compiled files each process rewrites the asserts of 100 files anew.
NOT_HANDED_ON = {"DATABASE_URL", "PYTHONDONTWRITEBYTECODE"}


class AsUser(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.run",
        description="Run the suite on SQLite, then on PostgreSQL.",
        epilog="Everything else is handed to pytest, for example -k feeds or -n 0.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--only", choices=["sqlite", "postgresql"], help="run on this database only"
    )
    options, pytest_arguments = parser.parse_known_args(arguments)

    programs = None if options.only == "sqlite" else find_postgresql()
    if programs is None and options.only != "sqlite":
        say(
            f"No PostgreSQL {OLDEST_POSTGRESQL} or newer on this machine: "
            "the suite runs on SQLite only."
        )
        if options.only:
            return 1

    failed = []
    if options.only != "postgresql" and not run_pytest(
        "SQLite", None, pytest_arguments
    ):
        failed.append("SQLite")
    if programs is not None:
        with postgresql(programs) as url:
            chosen = options.only or "-m" in pytest_arguments
            once = [] if chosen else NOT_ONCE
            if not run_pytest("PostgreSQL", url, [*once, *pytest_arguments]):
                failed.append("PostgreSQL")
    if failed:
        say(f"Failed on {' and '.join(failed)}.")
    return 1 if failed else 0


def run_pytest(label: str, database_url: str | None, arguments: list[str]) -> bool:
    """Return whether the suite passed; its output goes to the terminal as it comes."""
    say(f"== The suite on {label}")
    environment = {k: v for k, v in os.environ.items() if k not in NOT_HANDED_ON}
    if database_url:
        environment["DATABASE_URL"] = database_url
    patience = [] if HOURS.intersection(os.environ) else NO_LONGER
    command = [sys.executable, "-m", "pytest", "-n", "2", *patience, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment)  # noqa: S603 - the developer's own arguments
    # All that was asked for may have run on SQLite.
    is_nothing = done.returncode == NO_TESTS and arguments[:2] == NOT_ONCE
    return done.returncode == 0 or is_nothing


def find_postgresql() -> Path | None:
    """The directory of the newest server programs that are new enough, if any."""
    candidates = {*Path("/usr/lib/postgresql").glob("*/bin")}
    if on_path := shutil.which("initdb"):
        candidates.add(Path(on_path).resolve().parent)
    found = [
        (version, directory)
        for directory in candidates
        if (version := _major_version(directory)) >= OLDEST_POSTGRESQL
    ]
    return max(found)[1] if found else None


def _major_version(programs: Path) -> int:
    if not all((programs / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
        return 0
    answer = subprocess.run(  # noqa: S603 - a program found where PostgreSQL installs
        [programs / "initdb", "--version"], capture_output=True, text=True, check=True
    )
    number = re.search(r"\d+", answer.stdout)
    return int(number[0]) if number else 0


@contextmanager
def postgresql(programs: Path) -> Iterator[str]:
    """A running server's address, as ``DATABASE_URL`` wants it. It loses all in a crash.

    PostgreSQL refuses to run as root; root lends it to an unprivileged user.
    """
    with server(programs, durable=False) as started:
        yield started.url


class Server:
    """A PostgreSQL server of one's own, which can be stopped hard and started again."""

    def __init__(
        self, programs: Path, directory: Path, account: AsUser, *, durable: bool
    ) -> None:
        self.programs, self.directory, self.account = programs, directory, account
        self.port, self.password = _free_port(), secrets.token_hex(16)
        self.settings = (
            f"-p {self.port} -k {directory} -c listen_addresses=127.0.0.1"
            " -c max_connections=200"
        )
        if not durable:
            self.settings += (
                " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
                " -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=4GB"
                " -c checkpoint_timeout=1h -c shared_buffers=256MB -c jit=off"
            )

    @property
    def url(self) -> str:
        return (
            f"postgres://countersign:{self.password}@127.0.0.1:{self.port}/countersign"
        )

    @property
    def runs(self) -> bool:
        return (self.directory / "data" / "postmaster.pid").exists()

    def create(self) -> None:
        (self.directory / "password").write_text(self.password)
        if self.account:
            for path in (self.directory, self.directory / "password"):
                os.chown(path, self.account["user"], self.account["group"])
        self._control(
            "initdb",
            *("--username", "countersign", "--pwfile", f"{self.directory}/password"),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8"),
            "--no-sync",
        )

    def start(self) -> None:
        self._control("pg_ctl", "start", "--wait", "--options", self.settings)

    def stop_hard(self) -> None:
        """As after a power cut: no transaction is finished, nothing is written down."""
        self._control("pg_ctl", "stop", "--wait", "--mode", "immediate")

    def _control(self, program: str, *arguments: str) -> None:
        _run(
            [self.programs / program, "--pgdata", self.directory / "data", *arguments],
            directory=self.directory,
            account=self.account,
        )


@contextmanager
def server(programs: Path, *, durable: bool) -> Iterator[Server]:
    """A running server. ``durable``: what it committed survives ``stop_hard``."""
    account: AsUser = _unprivileged() if os.geteuid() == 0 else {}
    # Directly under /tmp: another user must be able to reach it, and the path of
    # a socket must be short.
    with tempfile.TemporaryDirectory(prefix="countersign-", dir="/tmp") as name:
        started = Server(programs, Path(name), account, durable=durable)
        started.create()
        try:
            started.start()
            yield started
        finally:
            # A second Ctrl-C must not leave a server behind.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            if started.runs:
                started.stop_hard()


def _run(command: list[str | Path], *, directory: Path, account: AsUser) -> None:
    # A file, not a pipe: the server inherits it and would keep a pipe open.
    with (directory / "output").open("a+") as output:
        done = subprocess.run(  # noqa: S603 - programs found by find_postgresql
            command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **account,
        )
        if done.returncode != 0:
            output.seek(0)
            raise SystemExit(f"{output.read()}\n{command[0]} failed.")


def _unprivileged() -> AsUser:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise SystemExit(
        "PostgreSQL does not run as root, and there is no user postgres or nobody."
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Whoever stops the run with SIGTERM still gets the server stopped.
    signal.signal(signal.SIGTERM, _leave)
    try:
        raise SystemExit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
