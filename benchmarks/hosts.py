# mypy: allow-untyped-calls
"""How long hosts take to follow a shared block, and to lose one that is taken back.

Makes a database of its own, as tests do, and says everything in relation to one
signature that makes a page public, measured in the same run: absolute times say more of
the machine than of us. ``DATABASE_URL`` chooses SQLite (in memory) or PostgreSQL.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings.settings.test")

import django

django.setup()

from django.db import connection  # noqa: E402

from cms import audit, withdrawals  # noqa: E402
from syndication import hosts  # noqa: E402
from syndication.models import HostUpdate, Release  # noqa: E402
from tests.conftest import make_world, submit_draft, write_draft  # noqa: E402
from tests.shared_blocks import (  # noqa: E402
    everyone_signs,
    holding,
    release_block,
    rewrite_block,
    submit,
    write_block,
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--hosts",
        type=int,
        nargs="+",
        default=[20, 200],
        metavar="N",
        help="how many pages hold the block; one round for each (default: 20 200)",
    )
    options = parser.parse_args()
    name = connection.creation.create_test_db(verbosity=0)
    try:
        say(f"Database: {connection.vendor}")
        world = make_world()
        for count in sorted(options.hosts):
            measure(world, count)
        faults = audit.verify()
        say(f"\nAudit log: {'intact' if not faults else faults[:3]}")
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def measure(world: Any, count: int) -> None:
    """One round: a block, ``count`` pages that hold it, a new release, a withdrawal."""
    block = write_block(world, title=f"Block of {count}")
    release_block(world, block)
    block.refresh_from_db()
    signatures = []
    for number in range(count):
        page = write_draft(world, title=f"Page {number}", body=holding(block))
        proof = submit_draft(world, page)
        _, one = timed(partial(everyone_signs, world, proof))
        signatures.append(one)
    signature = median(signatures)
    say(
        f"\n{count} pages hold the block. Everything in signatures of {signature:.3f} s:"
    )

    rewrite_block(world, block, "Other words.")
    proof = submit(world, block)
    queries, released = timed(lambda: everyone_signs(world, proof))
    report("sign the block, write what is to follow", released, queries, signature)

    queries, followed = timed(follow)
    assert HostUpdate.objects.filter(state="done").count() >= count  # noqa: S101
    report("all pages follow, in the worker", followed, queries, signature, each=count)

    queries, left = timed(
        lambda: withdrawals.withdraw(
            content_id=block.content_id, by=world.admin, reason="Benchmark"
        )
    )
    held = Release.objects.current().filter(embeds__content_id=block.content_id)
    assert not held.exists()  # noqa: S101
    report(
        "take the block back, out of all pages", left, queries, signature, each=count
    )


def follow() -> None:
    """Work as a worker does, and show how far it is."""
    while hosts.update_due(seconds=2.0):
        due = HostUpdate.objects.filter(state="due").count()
        total = HostUpdate.objects.exclude(state="passed").count()
        say(f"    {total - due} of {total}")


def timed(work: Callable[[], object]) -> tuple[int, float]:
    """How many queries ``work`` takes, and how many seconds."""
    count = 0

    def note(execute: Any, *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with connection.execute_wrapper(note):
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
    return count, seconds


def report(
    what: str, seconds: float, queries: int, unit: float, *, each: int = 1
) -> None:
    per_page = ""
    if each > 1:
        per_page = (
            f", {seconds / each / unit:.2f} and {queries / each:.0f} queries a page"
        )
    say(
        f"  {what}: {seconds / unit:.1f} ({seconds:.2f} s, {queries} queries){per_page}"
    )


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    main()
