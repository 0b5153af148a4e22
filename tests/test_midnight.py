"""The suite gives the same answer at every time of the day."""

from datetime import UTC, datetime

import pytest

from .midnight import pytest_runtest_setup as wait
from .midnight import until_it_is_past


@pytest.mark.parametrize(
    ("now", "seconds"),
    [
        (datetime(2026, 11, 29, 23, 59, 44, tzinfo=UTC), 16),
        (datetime(2026, 11, 29, 23, 58, 0, tzinfo=UTC), 0),
        (datetime(2026, 11, 30, 0, 0, 0, tzinfo=UTC), 0),
        # In summer midnight comes to the families an hour before it does in UTC.
        (datetime(2026, 6, 29, 22, 59, 30, tzinfo=UTC), 30),
        (datetime(2026, 6, 29, 23, 59, 30, tzinfo=UTC), 30),
    ],
)
def test_a_test_waits_until_a_midnight_that_is_near_is_past(now, seconds):
    assert until_it_is_past(now) == seconds


def test_every_test_of_the_suite_does(request):
    hooks = request.config.hook.pytest_runtest_setup.get_hookimpls()

    assert wait in [one.function for one in hooks]
