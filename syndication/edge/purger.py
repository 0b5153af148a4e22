"""Asking caches to forget beside whatever else a worker does.

What was taken back may not wait behind a newsletter: five seconds are promised
(docs/operations.md), and one piece of other work can take longer.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, close_old_connections
from django.db import connection as own_connection
from django.utils import timezone

from . import caches, purges
from .models import Purge

logger = logging.getLogger(__name__)

# Seconds from one look to the next.
PAUSE = 1.0
PAUSE_WITHOUT_DATABASE = 5.0
# Longer than a cache that does not answer can keep it.
LONGEST = 30.0


@contextmanager
def at_work() -> Iterator[None]:
    """Purge what is due in a thread of its own, as long as the block lasts."""
    purger = Purger()
    if caches.configured():
        purger.start()
    try:
        yield
    finally:
        purger.stop()


class Purger(threading.Thread):
    """Looks once a second, on a connection of its own, and asks the caches."""

    def __init__(self) -> None:
        super().__init__(name="purger", daemon=True)
        self._stopping = threading.Event()

    def run(self) -> None:
        pause = PAUSE
        while not self._stopping.wait(pause):
            close_old_connections()
            try:
                pause = 0.0 if purge_what_is_due() else PAUSE
            except (OperationalError, InterfaceError) as error:
                logger.warning("The database does not answer: %s", error)
                pause = PAUSE_WITHOUT_DATABASE
            except Exception:
                logger.exception("Purging caches failed. It is tried again.")
                pause = PAUSE
        own_connection.close()

    def stop(self) -> None:
        """Let it finish what it asks for now."""
        self._stopping.set()
        if self.is_alive():
            self.join(LONGEST)


def purge_what_is_due() -> int:
    """Ask for what is due, if anything is. Returns how many rows were asked for.

    Nothing is locked while there is nothing, which is most of the time.
    """
    if not Purge.objects.due(timezone.now()).exists():
        return 0
    return purges.send_due()
