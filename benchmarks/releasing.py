"""What submitting and releasing a long page costs, beside a short one.

Run ``python -m benchmarks.releasing --help``. Everything is measured in one run, on a
database and in a media folder that exist only for it, and told as ratios: numbers of
different machines cannot be compared, ratios can.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass
class Cost:
    """What one verb took, each time: queries and seconds."""

    queries: list[int]
    seconds: list[float]

    @property
    def milliseconds(self) -> float:
        return statistics.median(self.seconds) * 1000


def main(arguments: list[str] | None = None) -> None:
    """Measure, then print a table."""
    options = _options(arguments)
    with installation():
        _tell(_measure(options))


@contextmanager
def installation() -> Iterator[None]:
    """A database and a media folder that exist only inside."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings.settings.test")
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import get_runner

    with tempfile.TemporaryDirectory() as media:
        settings.MEDIA_ROOT = media
        runner = get_runner(settings)(verbosity=0, interactive=False)
        databases = runner.setup_databases()
        try:
            yield
        finally:
            runner.teardown_databases(databases)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.releasing", description=__doc__
    )
    parser.add_argument(
        "--blocks",
        type=int,
        nargs="+",
        default=[4, 40],
        help="how many blocks the pages have (default: 4 and 40)",
    )
    parser.add_argument(
        "--others",
        type=int,
        default=100,
        help="how many other pages there are the second time (default: 100)",
    )
    parser.add_argument(
        "--times", type=int, default=5, help="how often each is done (default: 5)"
    )
    return parser.parse_args(arguments)


def _measure(options: argparse.Namespace) -> dict[str, dict[str, Cost]]:
    from tests.conftest import make_world, write_draft

    world = make_world()
    found = {}
    for blocks in options.blocks:
        found[f"{blocks} blocks"] = _of_pages(world, blocks, options.times)
    for number in range(options.others):
        page = write_draft(world, title=f"Other {number}", areas=[world.shropshire])
        _take_through(world, page)
    most = max(options.blocks)
    name = f"{most} blocks, {options.others} other pages"
    found[name] = _of_pages(world, most, options.times)
    return found


def _of_pages(world: Any, blocks: int, times: int) -> dict[str, Cost]:
    from tests.conftest import write_draft

    costs = {
        name: Cost([], [])
        for name in ("submit", "of this: freeze", "sign", "of this: release")
    }
    for _ in range(times):
        page = write_draft(world, body=body_of(blocks), areas=[world.shropshire])
        _take_through(world, page, costs)
    return costs


def body_of(blocks: int) -> list[dict[str, Any]]:
    """A body of that many blocks, each picture and file its own."""
    from tests.every_block import (
        attachment,
        diagram,
        make_document,
        make_picture,
        question,
        steps,
        table,
        video,
    )

    made: list[dict[str, Any]] = []
    while len(made) < blocks:
        made += [
            {"type": "paragraph", "value": "<p>Some words of a paragraph.</p>"},
            diagram(make_picture()),
            attachment(make_document()),
            steps(),
            question(),
            table(),
            video(),
            {"type": "heading", "value": "And then"},
        ]
    return made[:blocks]


def _take_through(world: Any, page: Any, costs: dict[str, Cost] | None = None) -> None:
    """Submit a page and sign it, and note what that took."""
    from unittest.mock import patch

    from cms import sign_off
    from cms.models import Proof
    from syndication import releases

    costs = costs if costs is not None else {}
    freeze = _counted(sign_off.freeze, costs.get("of this: freeze"))
    release = _counted(releases.release, costs.get("of this: release"))
    with patch.object(sign_off, "freeze", freeze):
        _counted(page.get_workflow().start, costs.get("submit"))(page, world.editor)
    proof = Proof.objects.open().get(content_id=page.content_id)
    with patch.object(releases, "release", release):
        _counted(sign_off.sign, costs.get("sign"))(
            proof=proof,
            forum=world.pacc,
            by=world.pat,
            fingerprint=proof.fingerprint,
        )


def _counted(verb: Callable[..., Any], cost: Cost | None) -> Callable[..., Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from tests.statements import statements

    def call(*args: Any, **kwargs: Any) -> Any:
        with CaptureQueriesContext(connection) as captured:
            start = time.perf_counter()
            result = verb(*args, **kwargs)
            took = time.perf_counter() - start
        if cost is not None:
            cost.queries.append(len(statements(captured)))
            cost.seconds.append(took)
        return result

    return call


def _tell(found: dict[str, dict[str, Cost]]) -> None:
    first = next(iter(found.values()))
    lines = [f"{'':32}{'':22}{'queries':>8}{'ms':>9}{'times the first':>18}"]
    for page, costs in found.items():
        for verb, cost in costs.items():
            ratio = cost.milliseconds / first[verb].milliseconds
            lines.append(
                f"{page:32}{verb:22}{max(cost.queries):>8}"
                f"{cost.milliseconds:>9.1f}{ratio:>18.2f}"
            )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
