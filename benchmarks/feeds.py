"""How quickly feeds answer, beside what else one could take.

Run ``python -m benchmarks.feeds --help``. As ``benchmarks.api``, on the same items: the
production server with two workers on one core, readers on the other, everything in turn,
round after round. Told are ratios: seconds of different machines say nothing.
"""

import argparse
import statistics
import time
from contextlib import ExitStack
from typing import Any

from .api import Promise, _machine, _yes, measure_each, read_options

FEEDS = ("all.rss", "all.atom", "all.json")
NARROW = "local-offer/shropshire.rss"
ARCHIVE = "archive/0/all.atom"
# What is made once per change. That of archives is not remembered by processes.
MADE = (*FEEDS, NARROW, ARCHIVE)
PROMISES = [
    *(
        Promise(f"{one}, beside a bare view", one, f"bare {one}", least=0.5)
        for one in FEEDS
    ),
    Promise("all.atom in gzip, beside a bare view", "gzip", "bare all.atom", least=0.5),
    Promise("nothing new (304), beside a bare view", "304", "bare all.atom", least=0.8),
    Promise("nothing new by date, beside a bare view", "by date", "bare all.atom", least=0.8),
    Promise("all.atom, beside Django's own feed", "all.atom", "stock", least=10),
]  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Measure each size on each database, print tables and keep them."""
    options = read_options(arguments, module="benchmarks.feeds", about=__doc__)
    return measure_each(options, name="feeds", measure=_measure, table=_table)


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from tests.run import _free_port

    from . import load, seeding

    (count,) = options.items
    call_command("migrate", verbosity=0)
    seeding.fill(count, 0)
    made = {path: _seconds_of_making(path) for path in MADE}
    with ExitStack() as stack:
        ours, bare, stock = (
            stack.enter_context(load.serve(settings, _free_port(), {}))
            for settings in (
                "site_settings.settings.production",
                "benchmarks.peers.bare",
                "benchmarks.peers.django_feed",
            )
        )
        for path in MADE:
            load.await_answer(ours, f"/feeds/{path}")
        rows = _rows()
        load.await_answer(bare, rows["all.atom"])
        load.await_answer(stock, "/stock/feed.atom")
        etag, modified = _validators()
        targets = [
            *(load.Target(f"bare {one}", bare, [rows[one]]) for one in FEEDS),
            *(load.Target(one, ours, [f"/feeds/{one}"]) for one in FEEDS),
            load.Target("narrow", ours, [f"/feeds/{NARROW}"]),
            load.Target("gzip", ours, ["/feeds/all.atom"], {"Accept-Encoding": "gzip"}),
            load.Target("304", ours, ["/feeds/all.atom"], {"If-None-Match": etag}, status=304),
            load.Target("by date", ours, ["/feeds/all.atom"], {"If-Modified-Since": modified}, status=304),
            load.Target("bare 304", bare, [f"{rows['all.atom']}/unchanged"], {"If-None-Match": etag}, status=304),
            load.Target("archive", ours, [f"/feeds/{ARCHIVE}"]),
            load.Target("archive in gzip", ours, [f"/feeds/{ARCHIVE}"], {"Accept-Encoding": "gzip"}),
            load.Target("stock", stock, ["/stock/feed.atom"]),
        ]  # fmt: skip
        load.ask(targets, options.seconds, options.rounds)
        gone = _withdraw(ours)
    return {
        "items": count,
        "rates": {one.name: one.rate for one in targets},
        "milliseconds of processor": {one.name: one.cost for one in targets},
        "seconds of making": made,
        "bytes": _sizes(),
        "queries": {one: _queries(f"/feeds/{one}") for one in MADE},
        "gone at the next request": gone,
        "machine": _machine(connection),
    }


def _seconds_of_making(path: str) -> float:
    """How long it takes to make a feed that nobody has asked for since the last change."""
    from django.test import Client

    from syndication.feeds.models import FeedDocument

    taken = []
    for _ in range(3):
        FeedDocument.objects.all().delete()
        began = time.perf_counter()
        answer = Client(SERVER_NAME="127.0.0.1").get(f"/feeds/{path}")
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:
            raise SystemExit(f"{path} is answered with {answer.status_code}.")
    return statistics.median(taken)


def _rows() -> dict[str, str]:
    """The address of each feed in the bare view, which reads it by its primary key."""
    from syndication.feeds.models import FeedDocument

    return {one.path: f"/feeds/{one.pk}" for one in FeedDocument.objects.all()}


def _queries(path: str) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    return len(queries)


def _validators() -> tuple[str, str]:
    from django.test import Client

    answer = Client(SERVER_NAME="127.0.0.1").get("/feeds/all.atom")
    return answer["ETag"], answer["Last-Modified"]


def _sizes() -> dict[str, list[int]]:
    from syndication.feeds.models import FeedDocument

    return {
        one.path: [len(one.body), len(one.compressed)]
        for one in FeedDocument.objects.all()
    }


def _withdraw(server: Any) -> bool:
    """Take the newest item back, and ask for each format once."""
    from django.contrib.auth.models import User

    from cms import withdrawals
    from syndication.models import Change, Release

    from . import load

    newest = Change.objects.order_by("-number").first()
    release = Release.objects.get(item__content_id=newest.content_id)
    pages = [f"/feeds/{one}" for one in FEEDS]

    def told() -> list[bool]:
        title = release.title.encode()
        return [title in load.get(server, page)[1] for page in pages]

    if not all(told()):
        raise SystemExit("The newest item is not in the feeds.")
    withdrawals.withdraw(
        content_id=newest.content_id,
        by=User.objects.get(username="admin"),
        reason="It is over",
    )
    return not any(told())


def _table(vendor: str, count: int, found: dict[str, Any]) -> str:
    """Tell what was found, as Markdown."""
    rates, machine = found["rates"], found["machine"]
    lines = [
        f"# Feeds of {count:,} items on {machine['database']}",
        "",
        ", ".join(
            f"{name}: {value}" for name, value in machine.items() if name != "database"
        ),
        "",
        "| what | ratio | to be reached | reached |",
        "|---|---|---|---|",
    ]
    for promise in PROMISES:
        ratio = rates[promise.of] / rates[promise.beside]
        lines.append(
            f"| {promise.name} | {ratio:.2f} | {promise.bound} "
            f"| {_yes(promise.is_kept(ratio))} |"
        )
    gone = _yes(found["gone at the next request"])
    lines += [
        f"| gone from every format at the next request | | | {gone} |",
        "",
        "| feed | seconds to make it, once per change | bytes, in gzip | queries |",
        "|---|---|---|---|",
    ]
    for path, seconds in found["seconds of making"].items():
        plain, packed = found["bytes"].get(path, ["", ""])
        lines.append(
            f"| {path} | {seconds:.3f} | {plain}, {packed} | {found['queries'][path]} |"
        )
    costs = found["milliseconds of processor"]
    lines += [
        "",
        "| | requests, beside all.atom | processor, beside all.atom |",
        "|---|---|---|",
    ]
    lines += [
        f"| {name} | {rate / rates['all.atom']:.2f} "
        f"| {costs[name] / costs['all.atom']:.2f} |"
        for name, rate in rates.items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
