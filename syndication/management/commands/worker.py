"""``manage.py worker``: everything that happens outside requests."""

import gc
import logging
import signal
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils.crypto import get_random_string
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, task_backends
from django_tasks_db import DatabaseBackend
from django_tasks_db.management.commands.db_worker import Worker

from cms import sweep as sign_off
from syndication import clocks, closings, crediting, files, hosts
from syndication.comments import sweep as comments
from syndication.edge import purger, purges
from syndication.feeds import sweep as feeds
from syndication.newsletters import sweep
from syndication.partners import sweep as partners
from syndication.websub import pings

logger = logging.getLogger(__name__)

# A mail is out within about this many seconds of the last signature.
PAUSE = 1.0
PAUSE_WITHOUT_DATABASE = 5.0
SECONDS_BETWEEN_PRUNING = 3600.0


class Command(BaseCommand):
    help = (
        "Run queued tasks and send what is due, until told to stop (SIGTERM or Ctrl-C: "
        "the piece of work in hand is finished first). Several workers may run at once. "
        "The database is the truth: a worker that dies loses nothing, another takes up "
        "its work."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sweep",
            type=float,
            default=15.0,
            metavar="SECONDS",
            help="how often to look for due work nobody was woken for (default: 15)",
        )
        parser.add_argument(
            "--once",
            action="store_true",
            help="do what there is to do now, then exit",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        once: bool = options["once"]
        loop = Loop(seconds_between_sweeps=options["sweep"], purges=once)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, loop.stop)
        logger.info("Worker started")
        with settled():
            if once:
                while loop.turn():
                    clear_up()
            else:
                with purger.at_work():
                    loop.run()
        logger.info("Worker stopped")


@contextmanager
def settled() -> Iterator[None]:
    """Look for garbage seldom, and not in what is loaded: that stays.

    It took a tenth of the time of sending newsletters. ``clear_up`` does what is left out.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 5, 5)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def clear_up() -> None:
    """Free the memory of work that is done, between pieces of much work.

    Left to itself Python waits until there is a quarter more than what stays: over a
    million mails a worker grew by five megabytes.
    """
    gc.collect()


class Loop:
    """Turn after turn: run what is queued, sweep when it is time, pause.

    ``purges``: whether caches are asked here too, and not beside it (``edge.purger``).
    """

    def __init__(self, *, seconds_between_sweeps: float, purges: bool = True) -> None:
        self.seconds_between_sweeps = seconds_between_sweeps
        self.purges = purges
        self.stopping = False
        self.tasks: Worker | None = None
        self._next_sweep = 0.0
        self._next_pruning = 0.0
        self.clock = clocks.Clock()
        # It would report its start and end every second.
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)

    @property
    def queue_is_ours(self) -> bool:
        return isinstance(task_backends[DEFAULT_TASK_BACKEND_ALIAS], DatabaseBackend)

    def stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping = True
        if self.tasks is not None:
            self.tasks.running = False

    def run(self) -> None:
        while not self.stopping:
            try:
                more = self.turn()
            except (OperationalError, InterfaceError) as error:
                # The database restarts or is locked. All work is still in it.
                logger.warning("The database does not answer: %s", error)
                close_old_connections()
                self._pause(PAUSE_WITHOUT_DATABASE)
                continue
            if more:
                clear_up()
            else:
                self._pause(PAUSE)

    def _pause(self, seconds: float) -> None:
        # In small pieces: a signal's handler may not wake anything that takes a lock.
        until = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < until:
            time.sleep(min(0.1, seconds))

    def turn(self) -> bool:
        """Work once through what there is. Returns whether more is left."""
        close_old_connections()
        self._run_tasks()
        steady = self.clock.is_steady()
        if self.stopping or time.monotonic() < self._next_sweep or not steady:
            return False
        more = self._sweep()
        if not more:
            self._next_sweep = time.monotonic() + self.seconds_between_sweeps
            self._forget_old_tasks()
        close_old_connections()
        return more

    def _sweep(self) -> bool:
        """Look for due work of every kind. What fails holds up nothing else."""
        purged = (
            sign_off.attempt("Purging caches", purges.send_due) if self.purges else 0
        )
        pinged = sign_off.attempt("Telling hubs of feeds", pings.send_due)
        newsletters = sign_off.attempt("The newsletter", sweep.sweep)
        followers = sign_off.attempt("Shared blocks", hosts.update_due)
        credited = sign_off.attempt("Naming the publisher", crediting.renew_due)
        sign_off.attempt("Answers to comments", comments.sweep)
        sign_off.attempt("Figures of partners", partners.sweep)
        sign_off.attempt("Feeds that nobody asks for", feeds.sweep)
        more = sign_off.sweep()
        # After what is over has ended: nothing in that needs closing any more.
        sign_off.attempt("Closing surveys", closings.close_due)
        sign_off.attempt("Removing files", files.remove_what_is_over)
        return more or any((purged, pinged, newsletters, followers, credited))

    def _forget_old_tasks(self) -> None:
        """Delete the records of tasks long done: the ledgers keep what matters."""
        if self.queue_is_ours and time.monotonic() >= self._next_pruning:
            self._next_pruning = time.monotonic() + SECONDS_BETWEEN_PRUNING
            purges.forget_old()
            pings.forget_old()
            call_command("prune_db_task_results", verbosity=0)

    def _run_tasks(self) -> None:
        """Empty the queue, where the database holds it."""
        if not self.queue_is_ours:
            return
        self.tasks = Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name=DEFAULT_TASK_BACKEND_ALIAS,
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        if self.stopping:
            self.tasks.running = False
        self.tasks.run()
