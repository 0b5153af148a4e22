"""Which queries submitting, signing and releasing take, and who asks each.

Run ``python -m benchmarks.queries --help``. Prints every statement with the innermost
line of ours, and of Wagtail, from which it came; the same ones together, so that what
is asked twice is seen.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.releasing import body_of, installation
from tests.statements import MARKS

HERE = Path(__file__).resolve().parent.parent
OURS = tuple(str(HERE / name) for name in ("cms", "syndication", "site_settings"))
THEIRS = re.compile(r"/site-packages/((?:wagtail|modelcluster|treebeard)/.+)")
WIDTH = 100


def main(arguments: list[str] | None = None) -> None:
    """Submit, sign twice and release; print what was asked."""
    options = _options(arguments)
    with installation():
        for act, asked in _acts(options.blocks).items():
            _tell(act, asked, whole=options.whole)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.queries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--blocks", type=int, default=40, help="how many blocks the page has"
    )
    parser.add_argument(
        "--whole", action="store_true", help="print statements whole, values included"
    )
    return parser.parse_args(arguments)


Asked = list[tuple[str, str]]


def _acts(blocks: int) -> dict[str, Asked]:
    from django.test import Client

    from cms import sign_off
    from cms.models import Proof
    from tests.conftest import make_world, write_draft
    from tests.posting import post_of

    world = make_world()
    # What Wagtail and Django keep for the life of a process is read before.
    first = write_draft(world, areas=[world.shropshire])
    first.get_workflow().start(first, world.editor)

    found: dict[str, Asked] = {}

    def act(name: str, verb: Callable[[], Any]) -> None:
        with _asked() as found[name]:
            verb()

    client = Client()
    client.force_login(world.editor)
    page = write_draft(world)
    data = post_of(client, page, body_of(blocks)) | {"action-submit": "Submit"}
    address = f"/admin/pages/{page.pk}/edit/"
    act("submit in the admin", lambda: client.post(address, data))

    page = write_draft(world, body=body_of(blocks))
    act("submit", lambda: page.get_workflow().start(page, world.editor))
    proof = Proof.objects.open().get(content_id=page.content_id)
    signers = ((world.pacc, world.pat), (world.pods, world.pip))
    for name, (forum, by) in zip(("sign first", "sign last"), signers, strict=True):
        fresh = Proof.objects.get(pk=proof.pk)
        act(
            name,
            lambda fresh=fresh, forum=forum, by=by: sign_off.sign(  # type: ignore[misc]
                proof=fresh, forum=forum, by=by, fingerprint=fresh.fingerprint
            ),
        )
    return found


@contextmanager
def _asked() -> Iterator[Asked]:
    """Collect every statement inside, with where it came from."""
    from django.db import connection

    asked: Asked = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((f"{sql}  -- {params}" if params else sql, _whence()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield asked


def _whence() -> str:
    """The innermost line of ours and, where it is further in, of Wagtail's."""
    ours, theirs = "", ""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not ours:
        name = frame.f_code.co_filename
        line = f"{frame.f_lineno} {frame.f_code.co_name}"
        if name.startswith(OURS):
            ours = f"{Path(name).relative_to(HERE)}:{line}"
        elif not theirs and (found := THEIRS.search(name)):
            theirs = f" > {found[1]}:{line}"
        frame = frame.f_back
    return (ours + theirs).strip(" >") or "elsewhere"


def _tell(act: str, asked: Asked, *, whole: bool) -> None:
    def shown(sql: str) -> str:
        return sql if whole else _short(sql.partition("  -- ")[0])

    marks = [sql for sql, _ in asked if sql.startswith(MARKS)]
    count = f"{len(asked) - len(marks)} queries, and {len(marks)} marks to go back to"
    lines = [f"\n{act}: {count}"]
    statements = [(sql, whence) for sql, whence in asked if sql not in marks]
    if whole:
        lines += [f"  {whence}\n      {sql}" for sql, whence in statements]
    else:
        grouped = Counter((shown(sql), whence) for sql, whence in statements)
        lines += [
            f"{count:>4}  {sql}\n        {whence}"
            for (sql, whence), count in grouped.items()
        ]
    sys.stdout.write("\n".join(lines) + "\n")


def _short(sql: str) -> str:
    """A statement by its verb, its table and what it looks for."""
    sql = re.sub(r"SELECT .+? FROM", "SELECT … FROM", sql, count=1)
    sql = re.sub(r'"', "", sql)
    return sql if len(sql) <= WIDTH else f"{sql[:WIDTH]}…"


if __name__ == "__main__":
    main()
