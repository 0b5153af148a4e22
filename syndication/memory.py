"""What one process remembers of its answers: those asked for last, up to a number of bytes.

Whether something remembered is still true is for whoever asks to find out. Nothing is
remembered for longer than ``SECONDS``, which is as long as strangers' caches may keep an
answer as well: so a database that was put back from a copy shows by then.
"""

import time
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

from .http import MAX_AGE as SECONDS

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """Values by key. Threads share one."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._values: OrderedDict[Hashable, tuple[float, int, Value]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        """Return what is remembered, unless that is too long ago."""
        with self._lock:
            found = self._values.get(key)
            if found is None:
                return None
            self._values.move_to_end(key)
        at, _, value = found
        return value if abs(time.time() - at) <= SECONDS else None

    def put(self, key: Hashable, value: Value, *, size: int) -> None:
        """Remember a value of ``size`` bytes, in the place of any with the same key."""
        with self._lock:
            self._forget(key)
            self._values[key] = time.time(), size, value
            self.size += size
            while self.size > self.most:
                self._forget(next(iter(self._values)))

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._values.clear()
            self.size = 0

    def _forget(self, key: Hashable) -> None:
        if old := self._values.pop(key, None):
            self.size -= old[1]
