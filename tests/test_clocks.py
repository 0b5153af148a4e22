"""A worker does nothing by date while its clock jumps."""

import time

import pytest

from syndication import clocks
from syndication.management.commands import worker

HOURS_26 = 26 * 3600


@pytest.fixture
def times(monkeypatch):
    """Both clocks, to be moved by hand: ``times.wall`` and ``times.even``."""

    class Times:
        wall = 1_800_000_000.0
        even = 1_000.0

        def go_on(self, seconds):
            self.wall += seconds
            self.even += seconds

    times = Times()
    monkeypatch.setattr(time, "time", lambda: times.wall)
    monkeypatch.setattr(time, "monotonic", lambda: times.even)
    return times


def test_a_clock_that_goes_on_evenly_is_believed(times):
    clock = clocks.Clock()
    for seconds in (0, 15, 15, 3600, 86_400):
        times.go_on(seconds)

        assert clock.is_steady()


@pytest.mark.parametrize("jump", [HOURS_26, -HOURS_26], ids=["forward", "back"])
def test_a_clock_that_jumped_is_not_believed_for_ten_minutes(times, jump, caplog):
    clock = clocks.Clock()
    clock.is_steady()
    times.wall += jump

    assert not clock.is_steady()
    times.go_on(590)
    assert not clock.is_steady()
    times.go_on(20)
    assert clock.is_steady()
    assert f"jumped by {jump / 60:.0f} minutes" in caplog.text


def test_a_clock_that_was_wrong_for_a_minute_did_nothing(times):
    clock = clocks.Clock()
    clock.is_steady()
    times.wall += HOURS_26
    believed = [clock.is_steady()]
    times.go_on(60)
    believed.append(clock.is_steady())
    times.wall -= HOURS_26
    believed.append(clock.is_steady())

    assert not any(believed)


def test_a_clock_that_the_network_sets_right_is_believed(times):
    clock = clocks.Clock()
    clock.is_steady()
    times.wall += 2

    assert clock.is_steady()


def test_a_worker_looks_for_nothing_that_is_due_while_its_clock_jumps(db, monkeypatch):
    loop = worker.Loop(seconds_between_sweeps=0)
    swept = []
    monkeypatch.setattr(loop, "_sweep", lambda: swept.append("swept"))
    monkeypatch.setattr(loop, "_run_tasks", lambda: swept.append("tasks"))
    monkeypatch.setattr(loop, "_forget_old_tasks", lambda: None)
    loop.turn()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + HOURS_26)

    loop.turn()

    assert swept == ["tasks", "swept", "tasks"]
