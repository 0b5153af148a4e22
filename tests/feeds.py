"""Two texts that stand in feeds, and noticing when a feed is made."""

import datetime as dt
from functools import partial
from uuid import UUID

import pytest

from syndication.feeds import window

FORMATS = ("rss", "atom", "json")
NOON = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
FIRST = UUID("11111111-1111-4111-8111-111111111111")
SECOND = UUID("22222222-2222-4222-8222-222222222222")


@pytest.fixture
def two_items(world, write, release, time_machine):
    """A local offer page for both areas, a day later a news item for Shropshire."""
    time_machine.move_to(NOON, tick=False)
    page = write(content_id=FIRST)
    first = release(page)
    time_machine.move_to(NOON + dt.timedelta(days=1), tick=False)
    news = write(
        "news",
        content_id=SECOND,
        title="Half-term places & <more>",
        summary="Swimming & cooking for under-5s, if age < 5.",
        areas=[world.shropshire],
    )
    return page, news, first, release(news)


@pytest.fixture
def feeds_made(monkeypatch):
    """The addresses of the feeds and archives that were made, one for each time."""
    found = []

    def noting(make, selection, *given):
        found.append("/".join([selection.path, *map(str, given[:-1])]))
        return make(selection, *given)

    for name in ("current", "archived"):
        monkeypatch.setattr(window, name, partial(noting, getattr(window, name)))
    return found
