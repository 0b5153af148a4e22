"""How quickly the partner API answers, beside what else one could take.

Run ``python -m benchmarks.api --help``. Seeds a database for each size, runs the production
server with two workers on one core and readers on the other, and asks for everything in
turn, round after round. Told are ratios: seconds of different machines say nothing.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

RESULTS = Path(__file__).parent / "results"
STOCK_PAGES = 2000
# How often everything is exported.
EXPORTS = 7


@dataclass(frozen=True)
class Promise:
    """What is to be reached: ``ratio`` of two measurements, and where it has to be."""

    name: str
    of: str
    beside: str
    least: float | None = None
    most: float | None = None

    def is_kept(self, ratio: float) -> bool:
        return (self.least is None or ratio >= self.least) and (
            self.most is None or ratio <= self.most
        )

    @property
    def bound(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


def promises(vendor: str) -> list[Promise]:
    """Ratios of requests per second; of seconds per request where ``most`` is given."""
    return [
        Promise("one item, beside a bare view", "item", "bare", least=0.7),
        Promise("20 whole items, beside a bare view of 20", "list", "bare 20", least=0.5),
        Promise("nothing new (304), beside a bare view", "304", "bare", least=0.8),
        Promise(
            "20 whole items, beside Wagtail's API", "list", "stock",
            least=100 if vendor == "sqlite" else 50,
        ),
        Promise("last page, beside the first", "last page", "list", most=1.5),
        Promise("filtered list, beside the plain one", "filtered", "list", most=3),
        Promise("searched list, beside the plain one", "searched", "list", most=3),
        Promise(
            "the same, both for the first time", "first search", "first plain list",
            most=3,
        ),
        Promise("page of changes, beside a list", "changes", "list", most=1.2),
    ]  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Measure each size on each database, print tables and keep them."""
    options = read_options(arguments, module="benchmarks.api", about=__doc__)
    return measure_each(options, name="api", measure=_measure, table=_table)


def measure_each(
    options: argparse.Namespace,
    *,
    name: str,
    measure: Callable[[argparse.Namespace], dict[str, Any]],
    table: Callable[[str, int, dict[str, Any]], str],
) -> int:
    """Measure each size on each database by the module ``name``, print and keep tables."""
    # So that whatever was started is stopped as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if options.inside:
        print(json.dumps(measure(options)))  # noqa: T201 - for the process outside
        return 0
    for vendor in options.database:
        for count in options.items:
            with _database(vendor) as address:
                if address is None:
                    print("PostgreSQL is not installed: left out.")  # noqa: T201
                    break
                found = measure_inside(f"benchmarks.{name}", address, count, options)
            told = table(vendor, count, found)
            print(told)  # noqa: T201
            if not options.dry:
                RESULTS.mkdir(exist_ok=True)
                kept = f"{name}-{vendor}-{count}-{found['machine']['day']}"
                (RESULTS / f"{kept}.md").write_text(told, encoding="utf-8")
                (RESULTS / f"{kept}.json").write_text(
                    json.dumps(found, indent=2) + "\n", encoding="utf-8"
                )
    return 0


def read_options(
    arguments: list[str] | None, *, module: str, about: str | None
) -> argparse.Namespace:
    """Return what a benchmark was asked for; ``about`` is what ``--help`` says of it."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--items", type=int, nargs="+", default=[2000, 100_000],
        help="how many items are public (default: 2000 and 100000)",
    )  # fmt: skip
    parser.add_argument(
        "--database", nargs="+", choices=["sqlite", "postgresql"],
        default=["sqlite", "postgresql"], help="on which databases (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "--rounds", type=int, default=5, help="how often each is measured (default: 5)"
    )
    parser.add_argument(
        "--seconds", type=float, default=2, help="for how long each time (default: 2)"
    )
    parser.add_argument("--dry", action="store_true", help="print, and keep no file")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


@contextmanager
def _database(vendor: str) -> Iterator[str | None]:
    """The address of a database that exists only inside; None where there is none."""
    if vendor == "sqlite":
        with tempfile.TemporaryDirectory() as place:
            yield f"sqlite:///{place}/bench.sqlite3"
        return
    from tests.run import find_postgresql, postgresql

    programs = find_postgresql()
    if programs is None:
        yield None
        return
    with postgresql(programs) as address:
        # The one that there is from the beginning.
        yield address.removesuffix("countersign") + "postgres"


def measure_inside(
    module: str, address: str, count: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure in a process of its own, whose settings are the production server's."""
    own = [sys.executable, "-m", module, "--inside", "--items", str(count)]
    own += ["--rounds", str(options.rounds), "--seconds", str(options.seconds)]
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(  # noqa: S603 - ourselves
            own,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "site_settings.settings.production",
                "DATABASE_URL": address,
                "DATA_DIR": place,
                "SECRET_KEY": "for-this-run-only",
                "PUBLIC_ORIGIN": "http://127.0.0.1",
                "ALLOWED_HOSTS": "127.0.0.1",
                "SECURE_SSL_REDIRECT": "false",
                "LOG_LEVEL": "ERROR",
            },
            stdout=subprocess.PIPE,
            check=True,
            cwd=Path(__file__).parent.parent,
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from . import edge, load, seeding

    (count,) = options.items
    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    some = seeding.fill(count, min(count, STOCK_PAGES))
    seeded = time.perf_counter() - began
    asked = _queries(some)
    from tests.run import _free_port

    with ExitStack() as stack:
        ours, bare, stock = (
            stack.enter_context(load.serve(settings, _free_port(), {}))
            for settings in (
                "site_settings.settings.production",
                "benchmarks.peers.bare",
                "benchmarks.peers.stock",
            )
        )
        load.await_answer(ours, "/api/v1/items?limit=1")
        load.await_answer(bare, "/stored/1")
        load.await_answer(stock, "/stock/pages/?limit=1")
        _, page = load.get(stock, "/stock/pages/?limit=20&fields=*")
        if len(json.loads(page)["items"]) < 20:
            raise SystemExit("Wagtail's own API does not show the pages.")
        nginx = stack.enter_context(load.serve_file(_free_port(), _document(some[0])))
        idle = ours.memory()
        exported = _exports(ours)
        etags = [_etag(one) for one in some]
        targets = [
            load.Target("bare", bare, [f"/stored/{pk}" for pk in range(1, 1 + len(some))]),
            load.Target("item", ours, [f"/api/v1/items/{one}" for one in some]),
            *(
                [load.Target("304", ours, [f"/api/v1/items/{some[0]}"],
                             {"If-None-Match": etags[0]}, status=304)]
            ),
            load.Target("bare 20", bare, ["/stored"]),
            load.Target("list", ours, ["/api/v1/items"]),
            load.Target("list in gzip", ours, ["/api/v1/items"], {"Accept-Encoding": "gzip"}),
            load.Target("summaries", ours, ["/api/v1/items?view=summary"]),
            load.Target("last page", ours, [_last_page(ours, count)]),
            load.Target("filtered", ours, ["/api/v1/items?kind=local-offer&area=shropshire"]),
            load.Target("searched", ours, [f"/api/v1/items?q={seeding.WORDS[7]}"]),
            # More words than the processes keep answers to, each in as many texts.
            load.Target("first search", ours, [
                f"/api/v1/items?q={word}" for word in seeding.SEARCHED
            ]),
            load.Target("first search, newest first", ours, [
                f"/api/v1/items?q={word}&order=newest" for word in seeding.SEARCHED
            ]),
            load.Target("first search of two words", ours, [
                f"/api/v1/items?q={word}+school" for word in seeding.SEARCHED
            ]),
            load.Target("first plain list", ours, [
                f"/api/v1/items?updated_since=2020-01-01T00:{second // 60:02}:{second % 60:02}Z"
                for second in range(len(seeding.SEARCHED))
            ]),
            load.Target("changes", ours, ["/api/v1/changes"]),
            load.Target("stock", stock, ["/stock/pages/?limit=20&fields=*"]),
            load.Target("stock item", stock, [_stock_item(stock)]),
        ]  # fmt: skip
        if nginx is None:
            print("nginx is not installed: left out.", file=sys.stderr)  # noqa: T201
        else:
            load.await_answer(nginx, "/item.json")
            targets.append(load.Target("nginx", nginx, ["/item.json"]))
        load.ask(targets, options.seconds, options.rounds)
        gone = _withdraw(ours, some[0])
    return {
        "items": count,
        "rates": {one.name: one.rate for one in targets},
        "milliseconds of processor": {one.name: one.cost for one in targets},
        "queries": asked,
        "export": exported | {"idle": idle},
        "410 at the next request": gone,
        "through Varnish": edge.through_varnish(),
        "seconds of seeding": seeded,
        "machine": _machine(connection),
    }


def _etag(content_id: str) -> str:
    from syndication.models import Release

    return Release.objects.get(item__content_id=content_id).quoted_etag


def _document(content_id: str) -> bytes:
    from syndication.models import Release

    return bytes(Release.objects.get(item__content_id=content_id).document)


def _queries(some: list[str]) -> dict[str, int]:
    """How many queries a request asks, in a process that has answered before."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    def count(path: str, **headers: str) -> int:
        client = Client(headers=headers, SERVER_NAME="127.0.0.1")
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        return len(queries)

    return {
        "item": count(f"/api/v1/items/{some[0]}"),
        "304": count(f"/api/v1/items/{some[0]}", if_none_match=_etag(some[0])),
        "list": count("/api/v1/items"),
        "searched": count("/api/v1/items?q=help"),
        "changes": count("/api/v1/changes"),
    }


def _last_page(server: Any, count: int) -> str:
    """The address of the last full page, found by its cursor."""
    from syndication.api import cursors, selections
    from syndication.models import Release

    row = Release.objects.current().order_by("released_at", "pk")[min(20, count - 1)]
    selection = selections.read({})
    cursor = cursors.write(
        "items",
        bound=[*selection.bound, selections.NEWEST, None],
        position=[row.released_at.isoformat(), row.pk],
    )
    return f"/api/v1/items?cursor={cursor}"


def _stock_item(server: Any) -> str:
    from cms.models import LocalOfferPage

    page = LocalOfferPage.objects.filter(title__startswith="Stock").first()
    return f"/stock/pages/{page.pk}/?fields=*"


def _exports(server: Any) -> dict[str, Any]:
    """Load everything several times over HTTP, and read the same rows after each."""
    most = before = server.memory()
    exports, rows = [], []
    cores = os.sched_getaffinity(0)
    try:
        # The first of either fills the caches of the database, and is not counted.
        for number in range(EXPORTS + 1):
            os.sched_setaffinity(0, {max(cores)})
            one = _export(server)
            # Where the server is.
            os.sched_setaffinity(0, {min(cores)})
            other = _rows()
            most = max(most, one["memory"])
            if number:
                exports.append(one["seconds"])
                rows.append(other)
    finally:
        os.sched_setaffinity(0, cores)
    return {
        "seconds": exports,
        "rows": rows,
        "bytes": one["bytes"],
        "more memory": most - before,
    }


def _export(server: Any) -> dict[str, Any]:
    """Load everything over HTTP, and look at how much memory the server takes for it."""
    import http.client

    most = 0
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    connection.request("GET", "/api/v1/export")
    answer = connection.getresponse()
    size, looked = 0, 0
    while some := answer.read(1 << 20):
        size += len(some)
        if size - looked > 4_000_000:
            looked = size
            most = max(most, server.memory())
    seconds = time.perf_counter() - began
    connection.close()
    return {
        "seconds": seconds,
        "bytes": size,
        "memory": max(most, server.memory()),
    }


def _rows() -> float:
    """How long it takes to read the same rows, and nothing else."""
    from django.db import connection

    began = time.perf_counter()
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, document FROM syndication_release WHERE id > %s AND "
                "superseded_at IS NULL AND withdrawn_at IS NULL ORDER BY id LIMIT 200",
                [last],
            )
            rows = cursor.fetchall()
        if not rows:
            return time.perf_counter() - began
        last = rows[-1][0]


def _withdraw(server: Any, content_id: str) -> bool:
    """Take an item back, and ask for it once."""
    from django.contrib.auth.models import User

    from cms import withdrawals

    from . import load

    withdrawals.withdraw(
        content_id=UUID(content_id),
        by=User.objects.get(username="pat"),
        reason="It is over",
    )
    status, _ = load.get(server, f"/api/v1/items/{content_id}")
    return status == 410


def _machine(connection: Any) -> dict[str, Any]:
    import django

    names = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT version()"
            if connection.vendor == "postgresql"
            else "SELECT sqlite_version()"
        )
        (version,) = cursor.fetchone()
    return {
        "processor": names[0] if names else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": f"{connection.vendor} {version}".partition(" on ")[0],
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "load": round(os.getloadavg()[0], 1),
    }


def _table(vendor: str, count: int, found: dict[str, Any]) -> str:
    """Tell what was found, as Markdown."""
    rates, machine = found["rates"], found["machine"]
    lines = [
        f"# {count:,} items on {machine['database']}",
        "",
        ", ".join(
            f"{name}: {value}" for name, value in machine.items() if name != "database"
        ),
        "",
        "| what | ratio | to be reached | reached |",
        "|---|---|---|---|",
    ]
    for one in promises(vendor):
        ratio = rates[one.of] / rates[one.beside]
        if one.most is not None:
            ratio = 1 / ratio
        lines.append(
            f"| {one.name} | {ratio:.2f} | {one.bound} | {_yes(one.is_kept(ratio))} |"
        )
    export, gone = found["export"], _yes(found["410 at the next request"])
    more = export["more memory"] / 1e6
    slower = median(export["seconds"]) / median(export["rows"])
    lines += [
        f"| export: megabytes more than idle | {more:.1f} | ≤ 30 | {_yes(more <= 30)} |",
        f"| export, beside reading the rows | {slower:.2f} | ≤ 2 | {_yes(slower <= 2)} |",
        f"| 410 at the next request after a withdrawal | | | {gone} |",
        *_of_varnish(found["through Varnish"]),
        "",
        "Queries: "
        + ", ".join(f"{name} {n}" for name, n in found["queries"].items())
        + ".",
        "",
        "| | requests, beside one whole item | processor, beside one whole item |",
        "|---|---|---|",
    ]
    costs = found["milliseconds of processor"]
    lines += [
        f"| {name} | {rate / rates['item']:.2f} | {costs[name] / costs['item']:.2f} |"
        for name, rate in rates.items()
    ]
    return "\n".join(lines) + "\n"


def _of_varnish(found: dict[str, Any]) -> list[str]:
    what = "seconds until it is gone through Varnish"
    if reason := found.get("left out"):
        return [f"| {what} | {reason}: left out | ≤ 5 | |"]
    purged, failing = found["purged"], found["failing"]
    slowest, times = max(purged), len(purged)
    told = [
        (f"{what}, the slowest of {times}", f"{slowest:.2f}", "5", slowest <= 5),
        ("the same while purges fail", f"{failing:.1f}", "60", failing <= 60),
    ]
    return [
        f"| {name} | {seconds} | ≤ {most} | {_yes(is_reached)} |"
        for name, seconds, most, is_reached in told
    ]


def _yes(is_reached: bool) -> str:
    return "yes" if is_reached else "**no**"


if __name__ == "__main__":
    raise SystemExit(main())
