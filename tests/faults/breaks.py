"""Each fault: break something while an issue goes out, and see how it ends."""

import os
import re
import subprocess
import sys
import threading
import time
from zlib import crc32

from .stage import CONNECTIONS, ROOT, Figures, NotFinished, Stage, begin


def kills(stage: Stage, *, people: int, times: int) -> Figures:
    """Kill -9 of workers that have mails on the way, with 3 % temporary failures."""
    figures = Figures(f"kill -9, {times} times", people)
    stage.open_sink("--temporary", "3")
    stage.hire(3)
    begin()
    for number in range(times):
        _wait_for(stage, people * (number + 0.5) / (times + 1))
        while not stage.kill_one_at_work():
            time.sleep(0.002)
        figures.breaks += 1
        stage.hire()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(
        figures.repeats <= times * CONNECTIONS,
        f"more repeats than {CONNECTIONS} connections for each kill",
    )
    figures.expect(figures.states == {"accepted": people}, "not everybody has it")
    return figures


def database(stage: Stage, *, people: int, times: int) -> Figures:
    """PostgreSQL stopped hard while an issue goes out, and started again."""
    figures = Figures(f"PostgreSQL stopped hard, {times} times", people)
    stage.open_sink("--delay", "0.01")
    stage.hire(2)
    begin()
    for number in range(times):
        _wait_for(stage, people * (number + 0.5) / (times + 1))
        stage.database.stop_hard()
        time.sleep(1)
        stage.database.start()
        figures.breaks += 1
    _reconnect()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(
        figures.repeats <= 2 * times * CONNECTIONS,
        f"more repeats than {CONNECTIONS} connections for each worker and stop",
    )
    figures.expect(figures.states == {"accepted": people}, "not everybody has it")
    return figures


def down(stage: Stage, *, people: int, times: int) -> Figures:
    """The mail server is not there at first, and goes away in the middle."""
    return _outage(stage, "SMTP down", people, None)


def hanging(stage: Stage, *, people: int, times: int) -> Figures:
    """The mail server takes connections and says nothing."""
    return _outage(stage, "SMTP hanging", people, "hang")


def closing(stage: Stage, *, people: int, times: int) -> Figures:
    """The mail server answers 421 to everybody."""
    return _outage(stage, "SMTP says 421", people, "421")


def _outage(stage: Stage, name: str, people: int, mode: str | None) -> Figures:
    figures = Figures(name, people)

    def out_of_order() -> None:
        if mode:
            stage.open_sink("--mode", mode)
        else:
            stage.close_sink()
        figures.breaks += 1

    out_of_order()
    stage.hire(2)
    begin()
    time.sleep(15)
    stage.open_sink("--delay", "0.05")
    _wait_for(stage, people / 3)
    out_of_order()
    time.sleep(5)
    stage.open_sink()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(
        figures.repeats <= 2 * CONNECTIONS,
        f"more repeats than {CONNECTIONS} connections for each worker",
    )
    figures.expect(figures.states == {"accepted": people}, "not everybody has it")
    return figures


def greylisting(stage: Stage, *, people: int, times: int) -> Figures:
    """The mail server refuses everybody once, for now."""
    figures = Figures("greylisting", people, breaks=people)
    stage.open_sink("--greylist")
    stage.hire(2)
    begin()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(not figures.repeats, "somebody got it twice")
    figures.expect(figures.states == {"accepted": people}, "not everybody has it")
    return figures


def refusals(stage: Stage, *, people: int, times: int) -> Figures:
    """The mail server refuses two of a hundred for good."""
    from syndication.newsletters.models import Subscriber

    addresses = Subscriber.objects.values_list("email", flat=True)
    gone = sum(crc32(one.encode()) % 1000 / 10 < 2 for one in addresses)
    figures = Figures("5xx for 2 %", people, breaks=gone)
    stage.open_sink("--permanent", "2")
    stage.hire(2)
    begin()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(not figures.repeats, "somebody got it twice")
    wanted = {"accepted": people - gone, "failed": gone}
    figures.expect(figures.states == wanted, f"{gone} should have failed")
    return figures


def crowd(stage: Stage, *, people: int, times: int) -> Figures:
    """Eight workers, a send begun eight times at once, two schedulers."""
    from syndication.newsletters.models import Issue, Mailing

    figures = Figures("eight workers, begun eight times", people, breaks=8)
    issues = Issue.objects.count()
    stage.open_sink()
    stage.hire(8)
    gate = threading.Barrier(8)

    def press() -> None:
        from django.db import connection

        gate.wait()
        try:
            begin()
        finally:
            connection.close()

    presses = [threading.Thread(target=press) for _ in range(8)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    schedulers = [
        subprocess.Popen(
            [sys.executable, "manage.py", "compile_digest"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        for _ in range(2)
    ]
    for one_of_two in schedulers:
        one_of_two.wait()
    stage.wait(seconds=600)
    stage.take_stock(figures)
    figures.expect(not figures.repeats, "somebody got it twice")
    figures.expect(Mailing.objects.count() == 1, "there is more than one mailing")
    figures.expect(Issue.objects.count() == issues, "a second issue was made")
    return figures


def clock(stage: Stage, *, people: int, times: int) -> Figures:
    """The clock moved by 26 hours, back and forth, and over both changes of the clock.

    Hours of a clock cannot be waited for, so these are journeys of the test suite, on
    the same server: each fails if an issue is made early, late or twice.
    """
    figures = Figures("clock moved by 26 hours, summer time")
    done = subprocess.run(  # noqa: S603 - ourselves
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-k", "clock"),
            *("tests/test_clocks.py", "tests/test_compiling.py"),
        ],
        cwd=ROOT,
        # Of its own settings the suite reads the database alone.
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "site_settings.settings.test"},
        capture_output=True,
        text=True,
    )
    passed = re.search(r"(\d+) passed", done.stdout)
    figures.breaks = int(passed[1]) if passed else 0
    figures.expect(done.returncode == 0, "an issue was made early, late or twice")
    if figures.wrong:
        sys.stderr.write(done.stdout[-3000:])
    return figures


def _wait_for(stage: Stage, taken: float) -> None:
    until = time.monotonic() + 300
    while stage.progress() < taken:
        if time.monotonic() > until:
            raise NotFinished
        time.sleep(0.002)


def _reconnect() -> None:
    from django.db import connection

    connection.close()


FAULTS = [
    kills,
    database,
    down,
    hanging,
    closing,
    greylisting,
    refusals,
    crowd,
    clock,
]
