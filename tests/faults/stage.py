"""The service with everything that can break: database, mail server, workers."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.loopback import free_port
from tests.run import Server, find_postgresql, server

ROOT = Path(__file__).resolve().parent.parent.parent
CONNECTIONS = 10


class NotFinished(Exception):
    """A mailing did not come to its end in time."""


@dataclass
class Figures:
    """What a fault came to. ``wrong`` is empty when everything was as it should be."""

    fault: str
    people: int = 0
    seconds: float = 0
    breaks: int = 0
    states: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    repeats: int = 0
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.wrong.append(otherwise)


class Stage:
    """Everything a fault needs. Made once, swept before each."""

    def __init__(self, database: Server, place: Path) -> None:
        self.database, self.place = database, place
        self.port = free_port()
        self.log = place / "taken"
        self.sink: subprocess.Popen[str] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    # The mail server

    def open_sink(self, *options: str) -> None:
        self.close_sink()
        self.sink = subprocess.Popen(  # noqa: S603 - ourselves
            [
                *(sys.executable, "-m", "tests.sink", "--port", str(self.port)),
                *("--log", str(self.log), *options),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.sink.stdout
        self.sink.stdout.readline()

    def close_sink(self) -> None:
        if self.sink is not None:
            self.sink.kill()
            self.sink.wait()
            self.sink = None

    # Workers

    def hire(self, count: int = 1) -> None:
        for _ in range(count):
            with (self.place / "output").open("a") as output:
                self.workers.append(
                    subprocess.Popen(
                        [sys.executable, "manage.py", "worker", "--sweep", "1"],
                        cwd=ROOT,
                        stdout=output,
                        stderr=output,
                    )
                )

    def kill_one_at_work(self) -> bool:
        """Kill -9 a worker that has mails on the way. False when none has."""
        from syndication.newsletters.models import Claim, Delivery

        on_the_way = Delivery.objects.filter(state=Delivery.State.HANDED_OVER)
        for claim in Claim.objects.filter(pk__in=on_the_way.values("claim")):
            pid = int(claim.worker.rpartition(" ")[2])
            for worker in self.workers:
                if worker.pid == pid and worker.poll() is None:
                    worker.kill()
                    worker.wait()
                    self.workers.remove(worker)
                    return True
        return False

    def dismiss(self) -> None:
        for worker in self.workers:
            worker.kill()
        for worker in self.workers:
            worker.wait()
        self.workers = []

    # The ledger

    def sweep(self) -> None:
        """Back to before anything was mailed; who subscribed stays."""
        from django.db import connection
        from django_tasks_db.models import DBTaskResult

        from syndication.newsletters.models import Claim, Delivery, Mailing, Route

        connection.close()
        for model in (Delivery, Claim, Mailing, Route, DBTaskResult):
            model.objects.all().delete()
        self.log.write_bytes(b"")

    def progress(self) -> int:
        """How many mails the mail server has taken."""
        return self.log.read_bytes().count(b"\n")

    def wait(self, *, seconds: float) -> None:
        """Wait until the mailing is over. Raises ``NotFinished``."""
        from syndication.newsletters.models import Mailing

        until = time.monotonic() + seconds
        while Mailing.objects.unfinished().exists():
            if time.monotonic() > until:
                raise NotFinished
            time.sleep(0.3)

    def take_stock(self, figures: Figures) -> None:
        """Compare what the ledger says with what the mail server took."""
        from syndication.newsletters import mailings
        from syndication.newsletters.models import Delivery, Mailing

        mailing = Mailing.objects.get()
        counts = mailings.count_states(mailing)
        figures.states = dict(sorted(counts.items()))
        taken: dict[str, list[str]] = {}
        for line in self.log.read_text().splitlines():
            to, message_id = line.split(" ")
            if not to.startswith("reader"):
                continue  # A notice to forums or editors.
            taken.setdefault(to, []).append(message_id)
        figures.repeats = sum(len(ids) - 1 for ids in taken.values())
        accepted = set(
            Delivery.objects.filter(state=Delivery.State.ACCEPTED).values_list(
                "subscriber__email", flat=True
            )
        )
        figures.lost = len(accepted - set(taken))
        figures.expect(not figures.lost, f"{figures.lost} were lost")
        unmarked = len(set(taken) - accepted)
        figures.expect(not unmarked, f"{unmarked} got it and are not marked so")
        other = sum(len(set(ids)) > 1 for ids in taken.values())
        figures.expect(not other, f"{other} repeats have another Message-ID")
        figures.expect(
            mailing.state == Mailing.State.FINISHED, f"it is {mailing.state}"
        )
        figures.expect(mailings.balances(mailing, counts), "the sum does not balance")
        figures.expect(mailing.audience == figures.people, "somebody was forgotten")


@contextmanager
def stage(people: int) -> Iterator[Stage]:
    """Start everything, with that many subscribers, in a database of its own."""
    programs = find_postgresql()
    if programs is None:
        raise SystemExit("PostgreSQL 15 or newer is needed: apt-get install postgresql")
    with (
        tempfile.TemporaryDirectory() as place,
        server(programs, durable=True) as database,
    ):
        made = Stage(database, Path(place))
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "site_settings.settings.dev",
            "DATABASE_URL": database.url.removesuffix("countersign") + "postgres",
            "EMAIL_URL": f"smtp://127.0.0.1:{made.port}",
            "DATA_DIR": place,
            "LOG_LEVEL": "WARNING",
            "DEBUG": "false",
            "NEWSLETTER_CONNECTIONS": str(CONNECTIONS),
        }
        _fill(people)
        try:
            yield made
        finally:
            made.dismiss()
            made.close_sink()


def _fill(people: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from tests.mailings import signed_issue, subscribe

    call_command("migrate", verbosity=0)
    signed_issue()
    subscribe(0, people)


def begin() -> None:
    """Let the signed issue be mailed, as its last signature did."""
    from syndication.models import Release
    from syndication.newsletters import mailings

    mailings.begin(release=Release.objects.current().get(kind="issues"))


def table(found: Sequence[Figures]) -> str:
    """All figures, as a table for people."""
    rows = [
        "| fault | people | breaks | seconds | ended as | lost | repeats | |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for one in found:
        states = ", ".join(f"{count} {state}" for state, count in one.states.items())
        verdict = "; ".join(one.wrong) or "ok"
        rows.append(
            f"| {one.fault} | {one.people} | {one.breaks} | {one.seconds:.0f} | {states} "
            f"| {one.lost} | {one.repeats} | {verdict} |"
        )
    return "\n".join(rows)
