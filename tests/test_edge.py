"""Shared caches forget what was taken back, and are asked until they have."""

import contextlib
import json
import logging
import shutil
import signal
import socket
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
import requests
import time_machine
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test import Client

from cms import withdrawals
from syndication import changes
from syndication.edge import caches, outages, purger, purges
from syndication.edge.caches import PurgeFailed
from syndication.edge.models import Outage, Purge
from syndication.newsletters import sweep as newsletters

from .concurrency import with_real_concurrency
from .conftest import make_world, submit_draft, write_draft
from .test_web_browser import sign

VARNISH = shutil.which("varnishd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
# Half of how long Varnish may keep an answer: what is gone by then was made to go. Not the
# five seconds that are promised, because tests share their machine.
SOON = 30
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONTENT_ID = UUID("4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10")


class Edge:
    """A cache that notes what it is asked, and answers as it is told."""

    def __init__(self):
        self.asked: list[dict[str, Any]] = []
        self.answers: list[tuple[int, str]] = []
        edge = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                edge.asked.append(
                    {
                        "method": self.command,
                        "path": self.path,
                        "headers": dict(self.headers),
                        "body": self.rfile.read(length).decode(),
                    }
                )
                status, body = edge.answers.pop(0) if edge.answers else (200, "{}")
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_PURGE = do_POST = do_GET = answer  # noqa: N815 - as the server looks for it

            def log_message(self, *args):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def edge():
    edge = Edge()
    yield edge
    edge.close()


@pytest.fixture
def happen(db):
    def happen(kind="published", within=(("area", "shropshire"),)):
        with transaction.atomic():
            return changes.record(
                change=kind,
                content_id=CONTENT_ID,
                kind="news",
                version=1,
                within=within,
            )

    return happen


@pytest.fixture
def varnish(edge, settings):
    """One cache that understands tags, of which nothing but the requests is real."""
    settings.EDGE_CACHES = [f"varnish+http://127.0.0.1:{edge.port}"]
    settings.PUBLIC_ORIGIN = f"http://127.0.0.1:{edge.port}"
    return edge


def send_at(moment):
    with time_machine.travel(moment, tick=False):
        return purges.send_due()


def test_a_cache_is_asked_to_forget_what_a_change_alters(varnish, happen):
    happen()

    assert purges.send_due() == 1

    (asked,) = varnish.asked
    assert (asked["method"], asked["path"]) == ("PURGE", "/")
    tags = asked["headers"]["xkey-softpurge"].split()
    assert {
        f"item-{CONTENT_ID}",
        "kind-news",
        "area-shropshire",
        "list-items",
        "list-changes",
        "feeds",
    } <= set(tags)
    assert "images" not in tags
    assert Purge.objects.waiting().count() == 0
    assert purges.send_due() == 0


@pytest.mark.parametrize(
    "kind",
    [
        "withdrawn",
        "redirected",
        "expired",
        "reduced",
        "consent_ended",
        "left_selection",
    ],
)
def test_what_was_taken_back_is_forgotten_at_once_with_its_files(varnish, happen, kind):
    happen(kind)
    varnish.answers = [(200, "{}"), (410, "{}")]

    purges.send_due()

    tags = varnish.asked[0]["headers"]["xkey-purge"].split()
    assert {"images", "attachments", f"item-{CONTENT_ID}"} <= set(tags)
    assert "xkey-softpurge" not in varnish.asked[0]["headers"]


def test_a_withdrawal_counts_as_forgotten_when_a_reader_is_told_so(varnish, happen):
    happen("withdrawn")
    start = datetime.now(UTC)
    # The cache says yes, and still has it.
    varnish.answers = [(200, "{}"), (200, "{}")]
    send_at(start)
    (row,) = Purge.objects.waiting()
    assert row.purged_at
    assert "a reader still gets it" in row.last_error

    varnish.answers = [(200, "{}"), (410, "{}")]
    assert send_at(start + timedelta(seconds=32)) == 1

    row.refresh_from_db()
    assert row.confirmed_at
    assert row.last_error == ""
    assert varnish.asked[-1]["path"] == f"/api/v1/items/{CONTENT_ID}"


def test_what_was_being_answered_at_the_withdrawal_is_forgotten_too(varnish, happen):
    happen("withdrawn")
    start = datetime.now(UTC)
    varnish.answers = [(200, "{}"), (410, "{}")] * 2

    assert send_at(start + timedelta(seconds=1)) == 1
    assert Purge.objects.waiting().get().purged_at
    assert send_at(start + timedelta(seconds=29)) == 0
    assert send_at(start + timedelta(seconds=31)) == 1

    assert [one["method"] for one in varnish.asked] == ["PURGE", "GET"] * 2
    assert not Purge.objects.waiting().exists()


def test_what_became_public_again_meanwhile_may_be_shown(varnish, happen):
    happen("withdrawn")
    happen("restored")
    varnish.answers = [(200, "{}"), (200, "{}"), (200, "{}")]

    send_at(datetime.now(UTC) + timedelta(seconds=31))

    assert not Purge.objects.waiting().exists()


def test_a_cache_that_does_not_confirm_is_asked_again_and_somebody_is_told(
    varnish, happen, caplog
):
    happen("withdrawn")
    start = datetime.now(UTC)
    for seconds in (0, 1, 3, 8, 23, 53):
        varnish.answers = [(503, "")]
        assert send_at(start + timedelta(seconds=seconds)) == 1
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]

    varnish.answers = [(503, "")]
    assert send_at(start + timedelta(seconds=113)) == 1

    (row,) = Purge.objects.waiting()
    assert (row.attempts, row.last_error) == (7, "answered 503")
    assert [one for one in caplog.records if "does not forget" in one.getMessage()]
    varnish.answers = [(200, "{}"), (410, "{}")]
    assert send_at(start + timedelta(seconds=173)) == 1
    assert not Purge.objects.waiting().exists()


def test_a_cache_that_knows_only_addresses_is_told_those_of_feeds_and_their_pages(
    varnish, happen
):
    happen("withdrawn", within=(("area", "shropshire"), ("topic", "health")))

    paths = set(Purge.objects.get().paths)
    assert {
        f"/feeds/{kind}{place}{end}"
        for kind in ("all", "news", "withdrawals")
        for place in ("", "/shropshire", "/topic/health", "/shropshire/health")
        for end in (".rss", ".atom", ".json", "/")
    } <= paths


def test_many_changes_are_told_at_once(varnish, happen):
    for _ in range(30):
        happen()

    assert purges.send_due() == 30

    assert len(varnish.asked) == 1


def test_one_cache_that_is_down_holds_up_no_other(edge, happen, settings):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        settings.EDGE_CACHES = [
            f"varnish+http://127.0.0.1:{nobody.getsockname()[1]}",
            f"varnish+http://127.0.0.1:{edge.port}",
        ]
        happen()
        purges.send_due()

    assert len(edge.asked) == 1
    (row,) = Purge.objects.waiting()
    assert row.last_error == "no answer (ConnectionError)"


class Hanging:
    """A cache that takes every connection and says nothing, until it is well again."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.taken: list[socket.socket] = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self.socket.accept()[0])

    def close(self):
        # Closing alone does not wake whoever waits for a connection.
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for one in self.taken:
            one.close()


@pytest.fixture
def hanging(monkeypatch):
    monkeypatch.setattr(caches, "TIMEOUT", (0.2, 0.3))
    hanging = Hanging()
    yield hanging
    hanging.close()


@pytest.fixture
def two(edge, hanging, settings):
    """A cache that hangs, named first, and one that is well."""
    settings.EDGE_CACHES = [
        f"varnish+http://127.0.0.1:{hanging.port}",
        f"varnish+http://127.0.0.1:{edge.port}",
    ]
    return hanging, edge


def test_one_change_waits_for_a_cache_that_hangs_and_all_others_do_not(two, happen):
    hanging, edge = two
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(10):
            # Changes of both kinds, which are asked for apart.
            happen()
            happen("reduced")
            purges.send_due()
            clock.shift(0.05)

    assert len(hanging.taken) == 1
    assert len(edge.asked) == 20
    assert Purge.objects.filter(cache__endswith=str(edge.port)).count() == 20
    waiting = Purge.objects.waiting().filter(purged_at=None)
    assert {row.cache for row in waiting} == {
        f"varnish+http://127.0.0.1:{hanging.port}"
    }
    assert waiting.count() == 20


def test_a_cache_that_hangs_is_tried_less_and_less_often_by_one_worker_at_a_time(
    two, happen
):
    hanging, _ = two
    tried = []
    with time_machine.travel(NOON, tick=False) as clock:
        happen()
        for second in range(120):
            before = len(hanging.taken)
            purges.send_due()
            tried += [second] * (len(hanging.taken) - before)
            clock.shift(1)

        assert tried == [0, 1, 3, 8, 23, 53, 83, 113]
        outage = Outage.objects.get()
        assert outage.since == NOON
        clock.shift(30)
        assert [outages.may_ask(outage) for _ in range(2)] == [True, False]


def test_a_cache_that_answers_again_is_asked_at_once_for_all_that_waits(
    edge, hanging, happen, settings, monkeypatch
):
    settings.EDGE_CACHES = [f"varnish+http://127.0.0.1:{hanging.port}"]
    with time_machine.travel(NOON, tick=False) as clock:
        happen("reduced")
        for _ in range(60):
            happen()
            purges.send_due()
            clock.shift(1)
    (name,) = {row.cache for row in Purge.objects.waiting()}
    well = caches.Varnish(name, f"http://127.0.0.1:{edge.port}")
    monkeypatch.setattr(caches, "configured", lambda: [well])

    assert send_at(NOON + timedelta(seconds=82)) == 0
    assert send_at(NOON + timedelta(seconds=83)) == 61

    assert not Outage.objects.exists()
    assert not Purge.objects.filter(purged_at=None).exists()


def test_a_cache_that_refuses_is_no_outage(varnish, happen):
    happen()
    varnish.answers = [(503, "")]
    start = datetime.now(UTC)
    send_at(start)
    happen()

    assert send_at(start + timedelta(seconds=0.5)) == 1
    assert not Outage.objects.exists()


def test_one_reader_s_question_is_waited_for_and_not_one_for_each_text(
    edge, hanging, happen, settings
):
    settings.EDGE_CACHES = [f"varnish+http://127.0.0.1:{edge.port}"]
    settings.PUBLIC_ORIGIN = f"http://127.0.0.1:{hanging.port}"
    for _ in range(20):
        happen("withdrawn")

    assert purges.send_due() == 20

    assert len(hanging.taken) == 1
    assert len(edge.asked) == 1
    assert not Purge.objects.filter(purged_at=None).exists()
    errors = {row.last_error for row in Purge.objects.waiting()}
    assert errors == {"the probe got no answer (ReadTimeout)"}


def test_readers_are_looked_after_when_every_cache_was_asked(edge, happen, settings):
    settings.PUBLIC_ORIGIN = f"http://127.0.0.1:{edge.port}"
    settings.EDGE_CACHES = [
        f"varnish+http://127.0.0.1:{edge.port}",
        f"varnish+http://localhost:{edge.port}",
    ]
    edge.answers = [(200, "{}"), (200, "{}"), (410, "{}"), (410, "{}")]
    happen("withdrawn")

    purges.send_due()

    assert [one["method"] for one in edge.asked] == ["PURGE", "PURGE", "GET", "GET"]


def test_nothing_is_asked_for_what_was_undone(varnish, happen):
    with transaction.atomic():
        happen()
        transaction.set_rollback(True)

    assert purges.send_due() == 0


def test_a_worker_that_was_held_up_marks_nothing(varnish, happen):
    happen()
    start = datetime.now(UTC)
    (late,) = purges._claim(caches.configured()[0])
    assert send_at(start + timedelta(minutes=1)) == 0
    assert send_at(start + timedelta(minutes=6)) == 1

    purges._again([late], "it was held up")

    assert not Purge.objects.waiting().exists()


def test_without_a_cache_nothing_is_written(happen, settings):
    settings.EDGE_CACHES = []
    happen()

    assert not Purge.objects.exists()


def test_fastly_is_asked_by_keys_and_softly_where_that_will_do(edge):
    fastly = caches.Fastly("f", f"http://127.0.0.1:{edge.port}", "SERVICE", "TOKEN")

    fastly.purge(tags=["a", "b"], paths=[], is_hard=False)
    fastly.purge(tags=["a"], paths=[], is_hard=True)

    soft, hard = edge.asked
    assert (soft["method"], soft["path"]) == ("POST", "/service/SERVICE/purge")
    assert soft["headers"]["Surrogate-Key"] == "a b"
    assert soft["headers"]["Fastly-Key"] == "TOKEN"
    assert soft["headers"]["Fastly-Soft-Purge"] == "1"
    assert "Fastly-Soft-Purge" not in hard["headers"]


def test_cloudflare_is_asked_by_tags_and_has_to_say_that_it_did(edge):
    cloudflare = caches.Cloudflare(
        "c", f"http://127.0.0.1:{edge.port}", "ZONE", "TOKEN"
    )
    edge.answers = [(200, '{"success": true}')] * 2 + [(200, '{"success": false}')]

    cloudflare.purge(tags=[f"tag-{n}" for n in range(40)], paths=[], is_hard=True)

    first, second = edge.asked
    assert first["path"] == "/client/v4/zones/ZONE/purge_cache"
    assert first["headers"]["Authorization"] == "Bearer TOKEN"
    assert len(json.loads(first["body"])["tags"]) == 30
    assert len(json.loads(second["body"])["tags"]) == 10
    with pytest.raises(PurgeFailed):
        cloudflare.purge(tags=["a"], paths=[], is_hard=True)


def test_a_plain_cache_is_asked_by_address(edge, settings):
    settings.PUBLIC_ORIGIN = "https://localoffer.example"
    plain = caches.PlainPurge("p", f"http://127.0.0.1:{edge.port}")
    edge.answers = [(200, ""), (404, "")]

    plain.purge(tags=["a"], paths=["/items/1", "/feeds/all.rss"], is_hard=True)

    assert [one["path"] for one in edge.asked] == ["/items/1", "/feeds/all.rss"]
    assert edge.asked[0]["headers"]["Host"] == "localoffer.example"


def test_a_redirect_is_no_confirmation(edge):
    edge.answers = [(302, "")]
    varnish = caches.Varnish("v", f"http://127.0.0.1:{edge.port}")

    with pytest.raises(PurgeFailed, match="answered 302"):
        varnish.purge(tags=["a"], paths=[], is_hard=True)


@pytest.mark.parametrize(
    "address",
    [
        "cache.internal",
        "http://cache.internal",
        "varnish+http://",
        "varnish+http://cache.internal:x",
        "varnish+http://cache.internal/path",
        "fastly://api.fastly.com",
        "fastly://SERVICE@api.fastly.com",
        "cloudflare://:SECRET@api.cloudflare.com",
    ],
)
def test_an_address_that_cannot_be_meant_is_noticed_at_the_start(settings, address):
    settings.EDGE_CACHES = [address]

    (error,) = [one for one in run_checks() if one.id == "countersign.E010"]

    assert "SECRET" not in error.msg


def test_no_token_is_in_a_name(settings):
    settings.EDGE_CACHES = ["fastly://SERVICE:SECRET@api.fastly.com"]

    (fastly,) = caches.configured()

    assert fastly.name == "fastly://api.fastly.com/SERVICE"
    assert (fastly.account, fastly.token) == ("SERVICE", "SECRET")
    assert fastly.origin == "https://api.fastly.com"


def test_every_answer_says_in_three_ways_what_it_is_made_of(db):
    answer = Client().get("/api/v1/items?area=shropshire")

    keys = answer["xkey"].split()
    assert keys == answer["Surrogate-Key"].split() == answer["Cache-Tag"].split(",")
    assert {"api", "list-items", "area-shropshire"} == set(keys)
    assert "s-maxage" not in answer["Cache-Control"]


@time_machine.travel("2026-11-25T12:00Z", tick=False)
def test_a_cache_that_can_be_purged_is_told_its_own_time(db, settings):
    settings.EDGE_CACHES = ["varnish+http://127.0.0.1:6081"]
    settings.EDGE_MAX_AGE = 600

    answer = Client().get("/api/v1/items")

    assert "max-age=60" in answer["Cache-Control"]
    assert "s-maxage=600" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("now", "reader", "cache"),
    [
        ("2026-11-25T12:00:00+00:00", 60, 600),
        ("2026-11-25T23:55:00+00:00", 60, 300),
        ("2026-11-25T23:59:30+00:00", 30, 30),
        ("2026-11-25T23:59:59.7+00:00", 1, 1),
        ("2026-11-26T00:00:00+00:00", 60, 600),
        # An hour before midnight in UTC, and midnight where the families are.
        ("2026-06-25T22:59:40+00:00", 20, 20),
    ],
)
def test_nothing_is_kept_past_midnight_when_what_has_a_last_day_ends(
    db, settings, now, reader, cache
):
    settings.EDGE_CACHES = ["varnish+http://127.0.0.1:6081"]
    settings.EDGE_MAX_AGE = 600

    with time_machine.travel(datetime.fromisoformat(now), tick=False):
        answer = Client().get("/api/v1/items")

    kept = sorted(answer["Cache-Control"].split(", "))
    assert kept == [f"max-age={reader}", "public", f"s-maxage={cache}"]


@pytest.fixture
def real_varnish(live_server, settings, tmp_path):
    """Varnish with the configuration of docs/varnish.vcl, in front of the live server."""
    if VARNISH is None:
        pytest.skip("no Varnish here (Debian: apt install varnish varnish-modules)")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    host, backend_port = live_server.url.removeprefix("http://").split(":")
    vcl = (settings.BASE_DIR / "docs" / "varnish.vcl").read_text()
    vcl = vcl.replace('.host = "127.0.0.1"', f'.host = "{host}"')
    vcl = vcl.replace('.port = "8000"', f'.port = "{backend_port}"')
    (tmp_path / "test.vcl").write_text(vcl)
    said = (tmp_path / "varnish.log").open("wb")
    process = subprocess.Popen(  # noqa: S603 - a fixed program with our own file
        [VARNISH, "-F", "-n", str(tmp_path / "varnish"), "-f", str(tmp_path / "test.vcl"),
         "-a", f"127.0.0.1:{port}", "-s", "malloc,16m", "-j", "none"],
        stdout=said,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                requests.get(f"{url}/livez", timeout=60)
                break
            except requests.ConnectionError:
                assert process.poll() is None, (tmp_path / "varnish.log").read_text()
                time.sleep(0.1)
        settings.EDGE_CACHES = [f"varnish+http://127.0.0.1:{port}"]
        settings.PUBLIC_ORIGIN = url
        yield url
    finally:
        process.terminate()
        process.wait(10)
        said.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_real_varnish_shows_a_withdrawal_as_soon_as_the_worker_has_asked(
    real_varnish,
):
    world = make_world()
    page = write_draft(world)
    sign(world, submit_draft(world, page))
    purges.send_due()
    item = f"{real_varnish}/api/v1/items/{page.content_id}"
    listed = f"{real_varnish}/api/v1/items"
    for url in (item, listed):
        assert requests.get(url, timeout=10).status_code == 200
        again = requests.get(url, timeout=10)
        # It came from the cache.
        assert len(again.headers["X-Varnish"].split()) == 2
        assert "xkey" not in again.headers

    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="It names a person"
    )
    assert requests.get(item, timeout=10).status_code == 200
    began = time.monotonic()
    purges.send_due()

    assert requests.get(item, timeout=10).status_code == 410
    assert requests.get(listed, timeout=10).json()["items"] == []
    assert time.monotonic() - began < SOON
    send_at(datetime.now(UTC) + timedelta(seconds=31))
    assert not Purge.objects.waiting().exists()


@pytest.fixture
def shown(real_varnish):
    """A text that a real Varnish holds: ``shown.take_back()``, ``shown.wait(SOON)``."""

    def take_back():
        withdrawals.withdraw(
            content_id=page.content_id, by=world.pat, reason="It names a person"
        )

    world = make_world()
    page = write_draft(world)
    sign(world, submit_draft(world, page))
    item = f"{real_varnish}/api/v1/items/{page.content_id}"
    listed = f"{real_varnish}/api/v1/items"

    def fetch():
        return [requests.get(url, timeout=10) for url in (item, listed)]

    def is_there():
        one, every = fetch()
        return [one.status_code == 200, len(every.json()["items"]) == 1]

    def wait(seconds):
        """Wait until it is gone from both, at most so long."""
        began = time.monotonic()
        while any(is_there()):
            assert time.monotonic() - began < seconds
            time.sleep(0.05)

    return SimpleNamespace(
        take_back=take_back, fetch=fetch, is_there=is_there, wait=wait
    )


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_what_is_taken_back_waits_for_no_other_work_of_a_worker(shown, monkeypatch):
    at_work, end = threading.Event(), threading.Event()

    def send_a_long_newsletter():
        at_work.set()
        assert end.wait(60)

    def work():
        try:
            call_command("worker")
        finally:
            connection.close()

    told: dict[int, Any] = {}
    monkeypatch.setattr(signal, "signal", told.__setitem__)
    monkeypatch.setattr(newsletters, "sweep", send_a_long_newsletter)
    working = threading.Thread(target=work, daemon=True)
    working.start()
    assert at_work.wait(30)
    assert shown.is_there() == [True, True]

    shown.take_back()
    shown.wait(SOON)

    assert not end.is_set()
    assert working.is_alive()
    told[signal.SIGTERM](signal.SIGTERM, None)
    end.set()
    working.join(40)
    assert not working.is_alive()


def test_purging_goes_on_after_an_error_and_after_the_database_was_away(
    monkeypatch, caplog
):
    asked = []

    def ask():
        asked.append(True)
        if len(asked) == 1:
            raise OperationalError("the server restarts")
        if len(asked) == 2:
            raise ValueError("a reply that nobody understands")
        one._stopping.set()
        return 0

    monkeypatch.setattr(purger, "PAUSE", 0.0)
    monkeypatch.setattr(purger, "PAUSE_WITHOUT_DATABASE", 0.0)
    monkeypatch.setattr(purger, "purge_what_is_due", ask)
    one = purger.Purger()
    one.start()
    one.join(10)

    assert len(asked) == 3
    assert "The database does not answer" in caplog.text
    assert "Purging caches failed" in caplog.text


@pytest.mark.parametrize("how", ["refuses", "hangs"])
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_with_purges_that_fail_varnish_shows_it_for_as_long_as_it_may_keep_it(
    settings, shown, edge, hanging, how
):
    """Eight seconds here, so that nothing else can be what ends it; a minute as it comes."""
    port = edge.port if how == "refuses" else hanging.port
    settings.EDGE_CACHES = [f"varnish+http://127.0.0.1:{port}"]
    settings.EDGE_MAX_AGE = 8
    edge.answers = [(503, "")] * 50
    answers = shown.fetch()
    assert {"s-maxage=8", "max-age=60"} <= {
        *answers[0].headers["Cache-Control"].split(", ")
    }
    fetched = time.monotonic()

    shown.take_back()
    purges.send_due()
    assert shown.is_there() == [True, True]
    shown.wait(SOON)

    assert 7 < time.monotonic() - fetched < SOON
    assert not Purge.objects.filter(is_hard=True).exclude(purged_at=None).exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_a_real_varnish_keeps_nothing_for_longer_than_a_minute_and_nothing_of_the_admin(
    real_varnish,
):
    answer = requests.get(f"{real_varnish}/api/v1/items", timeout=10)
    assert "max-age=60" in answer.headers["Cache-Control"]
    for _ in range(2):
        login = requests.get(f"{real_varnish}/admin/login/", timeout=10)
        assert len(login.headers["X-Varnish"].split()) == 1
    refused = requests.request("PURGE", f"{real_varnish}/", timeout=10)
    assert refused.status_code == 400
