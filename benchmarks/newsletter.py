"""How quickly an issue goes out, beside what else one could take.

Run ``python -m benchmarks.newsletter --help``. Needs PostgreSQL 15, which it runs by
itself with fsync on, and postfix's ``smtp-sink``: on PATH, or named with ``--sink`` as it
lies in an unpacked package (``apt-get download postfix; dpkg -x postfix*.deb R``, then
``--sink R/usr/sbin/smtp-sink``). Told are ratios of what was measured in the same run.
"""

import argparse
import asyncio
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from tests.loopback import free_port
from tests.run import find_postgresql, server

ROOT = Path(__file__).parent.parent
RESULTS = Path(__file__).parent / "results"
PEER = Path(__file__).parent / "peers" / "django_newsletter.py"
# A mail has some 21 KB then.
ITEMS = 6


def main(arguments: list[str] | None = None) -> int:
    """Measure everything, print a table and keep it."""
    options = read_options(arguments)
    if options.worker:
        return work()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = find_postgresql()
    sink = options.sink or shutil.which("smtp-sink")
    if programs is None or sink is None:
        print(__doc__)  # noqa: T201
        return 1
    with ExitStack() as stack:
        database = stack.enter_context(server(programs, durable=True))
        place = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "site_settings.settings.dev",
            "DATABASE_URL": database.url.removesuffix("countersign") + "postgres",
            "DATA_DIR": place,
            "PUBLIC_ORIGIN": "https://localoffer.example",
            "LOG_LEVEL": "ERROR",
            "DEBUG": "false",
            "NEWSLETTER_CONNECTIONS": str(options.connections),
        }
        found = measure(options, Path(sink))
    table = _table(found)
    print(table)  # noqa: T201
    if not options.dry:
        RESULTS.mkdir(exist_ok=True)
        name = f"newsletter-{found['machine']['day']}"
        (RESULTS / f"{name}.md").write_text(table, encoding="utf-8")
        (RESULTS / f"{name}.json").write_text(
            json.dumps(found, indent=2) + "\n", encoding="utf-8"
        )
    return 0


def read_options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.newsletter",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sink", type=Path, help="where smtp-sink is")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000, help="for freezing")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument(
        "--peer",
        type=Path,
        help="the python of an environment with django-newsletter, sorl-thumbnail, "
        "easy-thumbnails and Pillow; left out without it",
    )
    parser.add_argument("--dry", action="store_true", help="print, and keep no file")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def measure(options: argparse.Namespace, sink: Path) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from syndication.newsletters import messages
    from tests.mailings import signed_issue, subscribe

    call_command("migrate", verbosity=0)
    release = signed_issue(items=ITEMS)
    mould = messages.mould(release)
    size = len(_mail(mould, 0))
    subscribe(0, options.people)
    choose(release)
    found: dict[str, Any] = {"machine": _machine(), "bytes": size}
    say(f"{options.people} subscribers, {size} bytes each")
    rounds: dict[str, list[float]] = {
        name: [] for name in ("raw", "ours", "two workers", "django", "peer")
    }
    for _ in range(options.rounds):
        with _smtp_sink(sink) as port:
            rounds["raw"].append(raw(mould, port, options.connections, 30_000))
            rounds["django"].append(one_by_one(mould, port, 2_000))
            if options.peer:
                rounds["peer"].append(peer(options.peer, port, size))
            _vacuum()
            told = send(release, port, workers=1)
            rounds["ours"].append(told["speed"])
            _vacuum()
            rounds["two workers"].append(send(release, port, workers=2)["speed"])
        say(
            ", ".join(
                f"{name} {values[-1]:.0f}" for name, values in rounds.items() if values
            )
        )
    found["rounds"] = rounds
    found["speed"] = {name: median(values) for name, values in rounds.items() if values}
    found["slow"] = [
        _with_slow_sink(release, workers, people=min(6000, options.people))
        for workers in (1, 2, 1, 2)
    ]
    found["memory"] = {}
    with _smtp_sink(sink) as port:
        told = send(release, port, workers=1, people=10_000)
        found["memory"]["10000"] = told["memory"]
        subscribe_many(options.people, options.many - options.people)
        choose(release)
        _vacuum()
        told = send(release, port, workers=1)
        found["memory"][str(options.many)] = told["memory"]
        found["many"] = told
    say(json.dumps({"slow": found["slow"], "memory": found["memory"], "many": told}))
    return found


# What is measured


def raw(mould: Any, port: int, connections: int, count: int) -> float:
    """Mails a second of a pipelining client that keeps no ledger and makes no mail."""
    data = _mail(mould, 0) + b".\r\n"

    async def run() -> float:
        loop = asyncio.get_running_loop()
        shares = [count // connections] * connections
        talks = [
            (await loop.create_connection(lambda: Bare(data), "127.0.0.1", port))[1]
            for _ in range(connections)
        ]
        started = time.perf_counter()
        await asyncio.gather(
            *(talk.send(share) for talk, share in zip(talks, shares, strict=True))
        )
        return sum(shares) / (time.perf_counter() - started)

    return asyncio.run(run())


class Bare(asyncio.Protocol):
    """As little as SMTP with PIPELINING can be: two writes and two waits for a mail."""

    def __init__(self, data: bytes) -> None:
        self.data, self.lines, self.wanted = data, 0, 1
        self.answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.lines += data.count(b"\n") - data.count(b"250-")
        if self.lines >= self.wanted and not self.answered.done():
            self.answered.set_result(None)

    async def _ask(self, data: bytes, wanted: int) -> None:
        self.lines, self.wanted = 0, wanted
        self.answered = asyncio.get_running_loop().create_future()
        self.transport.write(data)
        await self.answered

    async def send(self, count: int) -> None:
        await self.answered
        await self._ask(b"EHLO bench\r\n", 1)
        commands = (
            b"MAIL FROM:<newsletter@example.org>\r\n"
            b"RCPT TO:<reader0000000@example.org>\r\nDATA\r\n"
        )
        for _ in range(count):
            await self._ask(commands, 3)
            await self._ask(self.data, 1)
        self.transport.close()


def one_by_one(mould: Any, port: int, count: int) -> float:
    """Mails a second of Django's own class over one connection, parts already made."""
    from django.core.mail import EmailMultiAlternatives, get_connection

    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port
    )
    connection.open()
    started = time.perf_counter()
    for number in range(count):
        personal = _personal(number)
        text, html = mould.text, mould.html
        for blank, value in (
            (mould.blanks.unsubscribe, personal["unsubscribe"]),
            (mould.blanks.preferences, personal["preferences"]),
        ):
            text, html = text.replace(blank, value), html.replace(blank, value)
        mail = EmailMultiAlternatives(
            mould.subject,
            text,
            to=[personal["to"]],
            headers={"Message-ID": personal["message_id"]},
            connection=connection,
        )
        mail.attach_alternative(html, "text/html")
        mail.send()
    seconds = time.perf_counter() - started
    connection.close()
    return count / seconds


def peer(python: Path, port: int, size: int) -> float:
    """Mails a second of django-newsletter's ``submit``."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(  # noqa: S603 - the environment that was named
            [python, PEER, str(port), place, "500", str(ITEMS)],
            stdout=subprocess.PIPE,
            check=True,
        )
    return float(done.stdout.split()[-1])


def send(
    release: Any, port: int, *, workers: int, people: int | None = None
) -> dict[str, Any]:
    """Freeze an issue's audience and let workers send it. Gives what that took."""
    from django.db import connection

    from syndication.newsletters import mailings
    from syndication.newsletters.models import Claim, Delivery, Mailing, Route

    for model in (Claim, Route):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"TRUNCATE {Mailing._meta.db_table}, {Delivery._meta.db_table},"
            f" {Claim._meta.db_table} CASCADE"
        )
        # What was written before this is on disk already.
        cursor.execute("CHECKPOINT")
    mailing = mailings.begin(release=release)
    assert mailing
    started = time.perf_counter()
    mailings.freeze(mailing=mailing)
    frozen = time.perf_counter() - started
    mailing.refresh_from_db()
    count = mailing.audience
    if people is not None and people < count:
        # The same rows, fewer of them.
        kept = Delivery.objects.order_by("pk").values_list("pk", flat=True)[people]
        Delivery.objects.filter(pk__gte=kept).delete()
        Mailing.objects.update(audience=people)
        count = people
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    connection.close()
    crew = [_hire(port) for _ in range(workers)]
    for one in crew:
        assert one.stdout
        one.stdout.readline()
    started = time.perf_counter()
    for one in crew:
        assert one.stdin
        one.stdin.write("go\n")
        one.stdin.flush()
    told = [json.loads(one.communicate()[0]) for one in crew]
    seconds = time.perf_counter() - started
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.FINISHED, mailing.state
    assert mailing.counts == {"accepted": count}, mailing.counts
    return {
        "people": count,
        "freeze": frozen,
        "seconds": seconds,
        "speed": count / seconds,
        "memory": max(one["memory"] for one in told),
        "memory before": max(one["memory before"] for one in told),
        "cpu": sum(one["cpu"] for one in told),
    }


def subscribe_many(first: int, count: int) -> None:
    """As ``tests.mailings.subscribe``, in the database itself."""
    from django.db import connection

    from syndication.newsletters.models import Subscriber, Subscription

    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Subscriber._meta.db_table} (email, created_at)"
            " SELECT 'reader' || lpad(n::text, 7, '0') || '@example.org', now()"
            " FROM generate_series(%s, %s) AS n",
            [first, first + count - 1],
        )
        table = Subscription._meta.db_table
        columns = [
            field.column
            for field in Subscription._meta.local_fields
            if field.name not in ("id", "key", "subscriber")
        ]
        named = ", ".join(f'"{one}"' for one in columns)
        values = ", ".join(f'one."{one}"' for one in columns)
        cursor.execute(
            f"INSERT INTO {table} (key, subscriber_id, {named})"
            f" SELECT gen_random_uuid(), s.id, {values} FROM {Subscriber._meta.db_table} s,"
            f" (SELECT * FROM {table} ORDER BY id LIMIT 1) AS one"
            f" WHERE s.id NOT IN (SELECT subscriber_id FROM {table})"
        )
        cursor.execute("ANALYZE")


def choose(release: Any) -> None:
    """Let three of five choose an area and two of five a kind, which the issue meets."""
    from django.db import connection

    from syndication.newsletters.models import Choice, Subscription

    rule = json.loads(bytes(release.payload))["recipients"]
    with connection.cursor() as cursor:
        for sort, value, of_five in (
            ("area", rule["areas"][0], 3),
            ("kind", rule["kinds"][0], 2),
        ):
            cursor.execute(
                f"INSERT INTO {Choice._meta.db_table} (subscription_id, sort, value)"
                f" SELECT id, %s, %s FROM {Subscription._meta.db_table}"
                " WHERE id %% 5 < %s ON CONFLICT DO NOTHING",
                [sort, value, of_five],
            )
        cursor.execute("ANALYZE")


# A worker


def work() -> int:
    """Send until nothing is left, as ``manage.py worker`` does, then tell what it took."""
    import django

    django.setup()
    from syndication.management.commands import worker
    from syndication.newsletters import carriers, sending
    from syndication.newsletters.models import Mailing

    began = _most_memory()
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    sys.stdin.readline()
    with worker.settled():
        while Mailing.objects.unfinished().exists():
            sending.send_mailings(seconds=5)
            worker.clear_up()
    carriers.hang_up()
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "memory": _most_memory(),
        "memory before": began,
        "cpu": used.ru_utime + used.ru_stime,
    }
    print(json.dumps(told))  # noqa: T201
    return 0


def _most_memory() -> float:
    """The most megabytes that this process had. ``ru_maxrss`` begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [one for one in status.splitlines() if one.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _hire(port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.newsletter", "--worker"],
        cwd=ROOT,
        env={**os.environ, "EMAIL_URL": f"smtp://127.0.0.1:{port}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


# Mail servers


@contextmanager
def _smtp_sink(program: Path) -> Iterator[int]:
    port = free_port()
    libraries = program.resolve().parent.parent / "lib" / "postfix"
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    running = subprocess.Popen(  # noqa: S603 - the program that was named
        [program, *account, "-m", "400", f"127.0.0.1:{port}", "512"],
        env={**os.environ, "LD_LIBRARY_PATH": str(libraries)},
    )
    time.sleep(0.5)
    try:
        yield port
    finally:
        running.terminate()
        running.wait()


def _with_slow_sink(release: Any, workers: int, *, people: int) -> dict[str, Any]:
    """10 ms for each reply, as over a long way; ten connections for each worker."""
    port = free_port()
    before = os.environ["NEWSLETTER_CONNECTIONS"]
    os.environ["NEWSLETTER_CONNECTIONS"] = "10"
    with tempfile.NamedTemporaryFile() as log:
        running = subprocess.Popen(  # noqa: S603 - ourselves
            [
                *(sys.executable, "-m", "tests.sink", "--port", str(port)),
                *("--log", log.name, "--delay", "0.01"),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert running.stdout
        running.stdout.readline()
        try:
            told = send(release, port, workers=workers, people=people)
        finally:
            running.terminate()
            running.wait()
            os.environ["NEWSLETTER_CONNECTIONS"] = before
    return {"workers": workers, **told}


def _personal(number: int) -> dict[str, str]:
    token = f"{number:032x}.Kb0klDfPlH_huXbQzTdSbSlcdDOxY4Q7PJlptEuVoss"
    origin = "https://localoffer.example/newsletter"
    return {
        "to": f"reader{number:07}@example.org",
        "message_id": f"<00000000-0000-4000-8000-{number:012}@localoffer.example>",
        "unsubscribe": f"{origin}/unsubscribe/{token}/",
        "preferences": f"{origin}/preferences/{token}/",
    }


def _mail(mould: Any, number: int) -> bytes:
    made: bytes = mould.join(**_personal(number))
    return made


def _vacuum() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


# What is told


def _machine() -> dict[str, Any]:
    return {
        "day": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load before": os.getloadavg()[0],
    }


def _table(found: dict[str, Any]) -> str:
    speed, slow = found["speed"], found["slow"]
    many, memory = found["many"], found["memory"]
    one = median(told["speed"] for told in slow if told["workers"] == 1)
    two = median(told["speed"] for told in slow if told["workers"] == 2)
    theirs = speed.get("peer")
    goals = [
        ("one worker, beside the raw client", speed["ours"] / speed["raw"], "≥ 0.5"),
        ("two workers, beside it", speed["two workers"] / speed["raw"], "≥ 0.5"),
        ("two workers, mails a second", speed["two workers"], "≥ 5000"),
        *(
            [("one worker, beside django-newsletter", speed["ours"] / theirs, "≥ 15")]
            if theirs
            else []
        ),
        ("beside Django over one connection", speed["ours"] / speed["django"], ""),
        (f"freezing {many['people']} rows, seconds", many["freeze"], "≤ 10"),
        (f"{many['people']} mails, mails a second", many["speed"], ""),
        ("memory of a worker that has sent nothing yet, MB", many["memory before"], ""),
        ("memory of a worker with 10,000 mails, MB", memory["10000"], "≤ 150"),
        (f"and with {many['people']}, MB", many["memory"], "≤ 150"),
        ("two workers beside one, 10 ms a reply", two / one, "≥ 1.6"),
        ("two workers beside one, smtp-sink", speed["two workers"] / speed["ours"], ""),
    ]
    rows = [f"| {what} | {value:,.2f} | {goal} |" for what, value, goal in goals]
    rows += ["", "| mails a second, each round | |", "|---|---|"]
    rows += [
        f"| {name} | {', '.join(f'{value:,.0f}' for value in values)} |"
        for name, values in found["rounds"].items()
        if values
    ]
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    return "\n".join(
        [
            f"A mail has {found['bytes']:,} bytes. {machine}.",
            "",
            "| | measured | goal |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
