"""What is measured is what is released, and the table says what was found."""

import json

from django.test import Client

from benchmarks import api, feeds, seeding
from syndication import evidence
from syndication.models import Release


def test_copies_for_measuring_answer_as_releases_do(world):
    some = seeding.fill(50, 3)

    assert Release.objects.current().count() == 50
    answer = Client().get(f"/api/v1/items/{some[-1]}")
    assert answer.status_code == 200
    assert answer.json()["content_id"] == some[-1]
    for one in Release.objects.order_by("pk")[1::20]:
        assert evidence.check(one) == []
    assert len(Client().get("/api/v1/items?limit=100").json()["items"]) == 50
    assert len(Client().get("/api/v1/changes?limit=100").json()["changes"]) == 50
    found = Client().get(f"/api/v1/items?q={seeding.WORDS[7]}").json()["items"]
    assert [one["title"] for one in found] == [f"Help with {seeding.WORDS[7]}, part 7"]


def test_the_table_says_what_is_reached_and_what_is_not():
    rates = dict.fromkeys(
        ["bare", "item", "304", "bare 20", "list", "last page", "filtered"], 100.0
    ) | {"searched": 20.0, "changes": 100.0, "stock": 0.5}
    rates |= {"first plain list": 60.0, "first search": 50.0}
    found = {
        "rates": rates,
        "milliseconds of processor": dict.fromkeys(rates, 1.0),
        "queries": {"item": 1},
        "export": {"more memory": 5e6, "seconds": [3, 4, 9.0], "rows": [1, 2, 3.0]},
        "410 at the next request": True,
        "through Varnish": {"purged": [0.5, 1.5], "failing": 59.6},
        "machine": {"database": "sqlite 3", "cores": 2},
    }

    table = api._table("sqlite", 50, json.loads(json.dumps(found)))

    assert "| one item, beside a bare view | 1.00 | ≥ 0.7 | yes |" in table
    assert "| searched list, beside the plain one | 5.00 | ≤ 3 | **no** |" in table
    assert "| the same, both for the first time | 1.20 | ≤ 3 | yes |" in table
    assert "| 20 whole items, beside Wagtail's API | 200.00 | ≥ 100 | yes |" in table
    assert "| export, beside reading the rows | 2.00 | ≤ 2 | yes |" in table
    assert (
        "| seconds until it is gone through Varnish, the slowest of 2 | 1.50 | ≤ 5 | yes |"
        in table
    )
    assert "| the same while purges fail | 59.6 | ≤ 60 | yes |" in table


def test_the_table_says_what_was_left_out_and_why():
    (line,) = api._of_varnish({"left out": "varnishd is not installed"})

    assert "varnishd is not installed: left out" in line


def test_the_table_of_feeds_compares_what_was_measured_together():
    rates = {one.of: 90.0 for one in feeds.PROMISES}
    rates |= {one.beside: 100.0 for one in feeds.PROMISES} | {"stock": 4.0}
    found = {
        "items": 2000,
        "rates": rates | {"all.rss": 40.0},
        "milliseconds of processor": dict.fromkeys(rates, 1.0),
        "seconds of making": dict.fromkeys(feeds.MADE, 0.1),
        "bytes": {"all.rss": [1000, 100]},
        "queries": dict.fromkeys(feeds.MADE, 1),
        "gone at the next request": True,
        "machine": {"database": "sqlite 3", "cores": 2},
    }

    table = feeds._table("sqlite", 2000, json.loads(json.dumps(found)))

    assert table.startswith("# Feeds of 2,000 items on sqlite 3\n")
    assert "| all.rss, beside a bare view | 0.40 | ≥ 0.5 | **no** |" in table
    assert "| nothing new (304), beside a bare view | 0.90 | ≥ 0.8 | yes |" in table
    assert "| all.atom, beside Django's own feed | 22.50 | ≥ 10 | yes |" in table
    assert "| all.rss | 0.100 | 1000, 100 | 1 |" in table
