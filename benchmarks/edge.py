"""How long readers behind a shared cache still get what was taken back."""

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from . import load

ROOT = Path(__file__).resolve().parent.parent
TIMES = 5
# Seconds. Long after what is promised, so that what is late is measured too.
PATIENCE = 180
LIST = "/api/v1/items"


def through_varnish() -> dict[str, Any]:
    """Take items back behind a Varnish of its own; tell why where there is none.

    ``purged`` are seconds until neither the item nor the list was shown any more, with a
    worker at work; ``failing`` are those with a worker whose purges nobody takes.
    """
    varnish = shutil.which("varnishd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if varnish is None:
        return {"left out": "varnishd is not installed"}
    from tests.run import _free_port

    port, nobody, behind = _free_port(), _free_port(), _free_port()
    cache = f"varnish+http://127.0.0.1:{port}"
    environment = {
        "EDGE_CACHES": cache,
        "PUBLIC_ORIGIN": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "CRITICAL",
    }
    with load.serve("site_settings.settings.production", behind, environment) as ours:
        load.await_answer(ours, "/api/v1/items?limit=1")
        with _varnish(varnish, port, behind) as shown:
            if shown is None:
                return {"left out": "varnishd has no module xkey"}
            load.await_answer(shown, "/livez")
            with _worker(environment):
                # Until it has started.
                _seconds_until_gone(shown, cache)
                purged = []
                for _ in range(TIMES):
                    _await_idle()
                    purged.append(_seconds_until_gone(shown, cache))
            refusing = f"varnish+http://127.0.0.1:{nobody}"
            with _worker(environment | {"EDGE_CACHES": refusing}):
                failing = _seconds_until_gone(shown, refusing)
    return {"purged": purged, "failing": failing}


def _seconds_until_gone(shown: load.Server, cache: str) -> float:
    """Take back the newest item that the cache shows, and ask until it is gone."""
    from django.contrib.auth.models import User
    from django.test import override_settings

    from cms import withdrawals
    from syndication.models import Release

    newest = Release.objects.current().order_by("-released_at", "-pk")
    content_id: UUID = newest.values_list("item__content_id", flat=True)[0]
    item = f"/api/v1/items/{content_id}"
    _get(shown, item)
    # Most items that were seeded have the bytes of another: so the whole list is compared.
    listed = _get(shown, LIST)
    with override_settings(EDGE_CACHES=[cache]):
        withdrawals.withdraw(
            content_id=content_id,
            by=User.objects.get(username="admin"),
            reason="It is over",
        )
    began = time.perf_counter()
    while (seconds := time.perf_counter() - began) < PATIENCE:
        status, _ = _ask(shown, item)
        if status == 410 and _get(shown, LIST) != listed:
            return seconds
        time.sleep(0.02)
    raise SystemExit(f"{item} is still shown after {PATIENCE} seconds.")


def _await_idle() -> None:
    """Wait until the worker has done what seeding left for it, and has paused since."""
    from django_tasks_db.models import DBTaskResult

    while DBTaskResult.objects.exclude(finished_at__isnull=False).exists():
        time.sleep(0.5)
    time.sleep(3)


def _get(shown: load.Server, path: str) -> bytes:
    status, body = _ask(shown, path)
    if status != 200:
        raise SystemExit(f"{path} is answered with {status}.")
    return body


def _ask(shown: load.Server, path: str) -> tuple[int, bytes]:
    # Not as the origin is asked: Varnish answers in pieces.
    asking = http.client.HTTPConnection("127.0.0.1", shown.port, timeout=60)
    try:
        asking.request("GET", path)
        answer = asking.getresponse()
        return answer.status, answer.read()
    finally:
        asking.close()


@contextmanager
def _varnish(program: str, port: int, behind: int) -> Iterator[load.Server | None]:
    """Varnish as docs/varnish.vcl has it; None where it cannot be had."""
    told = (ROOT / "docs" / "varnish.vcl").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        vcl = Path(place) / "default.vcl"
        vcl.write_text(told.replace('"8000"', f'"{behind}"'), encoding="utf-8")
        can = subprocess.run(  # noqa: S603 - found where Varnish installs
            [program, "-C", "-j", "none", "-f", str(vcl)],
            capture_output=True,
            check=False,
        )
        if can.returncode:
            yield None
            return
        process = subprocess.Popen(  # noqa: S603
            [
                *(program, "-F", "-n", f"{place}/varnish", "-f", str(vcl)),
                *("-a", f"127.0.0.1:{port}", "-s", "malloc,64m", "-j", "none"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield load.Server(process, port)
        finally:
            process.terminate()
            process.wait(30)


@contextmanager
def _worker(environment: Mapping[str, str]) -> Iterator[None]:
    """Run a worker as an installation does."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "worker"],
        env={**os.environ, **environment},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
