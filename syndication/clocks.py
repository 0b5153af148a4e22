"""Whether the clock on the wall can be believed: it jumps when somebody sets it."""

import logging
import time

logger = logging.getLogger(__name__)

# More than a clock that is kept by the network ever moves at once.
JUMP = 600.0
# How long a clock has to go on evenly before dates are acted on again.
SETTLING = 600.0


class Clock:
    """Compares the time on the wall with one that nobody can set.

    A clock that is 26 hours fast for a minute would release, send and end things a day
    early, for good. So after a jump, forward or back, nothing that depends on a date is
    done until ten minutes have passed evenly. A machine that slept looks the same.
    """

    def __init__(self) -> None:
        self._last: tuple[float, float] | None = None
        self._steady_at = 0.0

    def is_steady(self) -> bool:
        """Whether what is due by date may be done now. To be asked often."""
        wall, even = time.time(), time.monotonic()
        if self._last is not None:
            jump = (wall - self._last[0]) - (even - self._last[1])
            if abs(jump) > JUMP:
                self._steady_at = even + SETTLING
                logger.warning(
                    "The clock has jumped by %.0f minutes. Nothing is done by date for "
                    "%.0f minutes.",
                    jump / 60,
                    SETTLING / 60,
                )
        self._last = wall, even
        return even >= self._steady_at
