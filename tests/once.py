"""What says the same on every database, so that it runs on SQLite only.

Two kinds: what has no database, and what Chromium shows. Both are found here, so nobody
marks them; a walk through the browser that is marked ``journey`` runs on each database,
one for each channel. All else runs on both, as databases differ in more than one expects:
in what order a stored document keeps its keys, for example.
"""

import pytest

DATABASE = {"db", "transactional_db", "live_server"}


def pytest_itemcollected(item: pytest.Item) -> None:
    is_browser = item.get_closest_marker("browser") is not None
    has_database = item.get_closest_marker("django_db") is not None or bool(
        DATABASE.intersection(getattr(item, "fixturenames", ()))
    )
    is_journey = item.get_closest_marker("journey") is not None
    if not has_database or (is_browser and not is_journey):
        item.add_marker("once")
