"""Child processes that live and die together."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Self

SECONDS_TO_STOP = 15


class ChildEnded(Exception):
    """A child that should run until it is told to stop has ended."""

    def __init__(self, name: str, status: int) -> None:
        cause = f"with exit status {status}"
        if status < 0:
            cause = f"by signal {signal.Signals(-status).name}"
        super().__init__(f"The {name} ended by itself, {cause}.")


class Children:
    """Starts processes; however its block is left, none of them remains."""

    def __init__(self, *, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str]) -> None:
        # In a session of its own a child does not see Ctrl-C: it is told to stop,
        # once, by us.
        self.running[name] = subprocess.Popen(  # noqa: S603 - the caller's own command
            command, cwd=self.folder, start_new_session=True
        )

    def refuse_ended(self) -> None:
        """Raise ``ChildEnded`` for the first child that no longer runs."""
        for name, process in self.running.items():
            if (status := process.poll()) is not None:
                raise ChildEnded(name, status)

    def stop(self) -> None:
        """Ask every child to end, the last one started first; insist in the end."""
        for process in reversed(self.running.values()):
            process.terminate()
        deadline = time.monotonic() + SECONDS_TO_STOP
        for process in self.running.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                # The session is the child's alone: this takes its own children too.
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@contextmanager
def stop_signals() -> Iterator[list[int]]:
    """A list that stays empty until somebody asks this process to stop."""
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, note) for number in signals}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
