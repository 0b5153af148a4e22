"""A partner that keeps copies learns of everything that concerns its selection."""

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client

from cms.models import Topic
from syndication import changes, releases

LOG, EXPORT, RECONCILE = (
    "/api/v1/changes",
    "/api/v1/export",
    "/api/v1/reconcile",
)
CONTENT_ID = UUID("4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10")


def get(url, **headers):
    return Client().get(url.removeprefix(settings.PUBLIC_ORIGIN), headers=headers)


def told(query=""):
    """What a follower of a selection is told, from the beginning."""
    return [
        (one["type"], one.get("area") or one.get("topic") or "")
        for one in get(f"{LOG}?{query}").json()["changes"]
    ]


def send(body, content_type="application/json"):
    sent = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client().post(RECONCILE, sent, content_type=content_type)


def lines(answer):
    return [
        json.loads(line) for line in b"".join(answer.streaming_content).splitlines()
    ]


@pytest.fixture
def page(world, write, release):
    page = write()
    page.topics = [
        Topic.objects.create(name=name, slug=name.lower())
        for name in ("Health", "Play")
    ]
    page.save_revision(user=world.editor)
    release(page)
    return page


def test_followers_of_a_selection_are_told_when_an_item_leaves_it(
    world, page, edit, release
):
    health = Topic.objects.get(slug="health")
    release(edit(page, world.editor, areas=[world.shropshire], topics=[health]))
    left = [
        ("published", ""),
        ("updated", ""),
        ("left_selection", "telford-and-wrekin"),
        ("left_selection", "play"),
    ]

    assert told() == left
    # Judged by what was: who follows Telford is told of the end, and of nothing after.
    assert told("area=telford-and-wrekin") == [left[0], left[2]]
    assert told("topic=play") == [left[0], left[3]]
    assert told("area=shropshire") == left[:2]
    assert told("area=telford-and-wrekin&topic=play") == [left[0], *left[2:]]
    # It was in Shropshire and about play, and is still in Shropshire.
    assert told("area=shropshire&topic=play") == [left[0], left[3]]
    assert told("area=shropshire&topic=health") == left[:2]
    assert told("kind=news") == []


def test_removals_reach_whoever_followed_the_item(world, page, edit, release):
    release(edit(page, world.editor, areas=[world.shropshire]))
    releases.withdraw(
        content_id=page.content_id,
        by=world.admin,
        reason="It was wrong",
        public_note="This was wrong.",
    )

    assert told("area=shropshire")[-1] == ("withdrawn", "")
    # Those were told before that it is no longer theirs.
    assert told("area=telford-and-wrekin")[-1] == (
        "left_selection",
        "telford-and-wrekin",
    )


def test_a_filtered_log_goes_on_where_it_was_and_keeps_its_filters(
    page, write, release, world
):
    first = get(f"{LOG}?area=shropshire&limit=1").json()["next"]
    assert get(first).json()["changes"] == []
    release(write("news", title="Only Telford", areas=[world.telford]))
    assert get(first).json()["changes"] == []
    release(write("news", title="Both"))

    (change,) = get(first).json()["changes"]

    assert change["kind"] == "news"
    other = get(first.replace("area=shropshire", "area=telford-and-wrekin"))
    assert other.json()["code"] == "cursor_mismatch"


@pytest.fixture
def happen(db):
    def happen(count=1, **fields):
        with transaction.atomic():
            for _ in range(count):
                changes.record(
                    change="published",
                    content_id=CONTENT_ID,
                    kind="news",
                    version=1,
                    **fields,
                )

    return happen


@pytest.mark.parametrize("query", ["", "&area=shropshire"])
def test_who_was_away_too_long_is_told_to_start_again(happen, query):
    long_ago = datetime.now(UTC) - timedelta(days=settings.CHANGES_KEPT_DAYS + 1)
    within = [("area", "shropshire")]
    with time_machine.travel(long_ago, tick=False):
        happen(2, within=within)
        # One row has been read, the other not.
        following = get(f"{LOG}?limit=1{query}").json()["next"]
    happen(within=within)

    answer = get(following)

    assert answer.status_code == 410
    said = answer.json()
    assert said["code"] == "resync"
    assert get(said["start"]).status_code == 200
    assert ("area=shropshire" in said["start"]) == bool(query)


def test_who_has_read_all_that_is_old_may_go_on(happen):
    long_ago = datetime.now(UTC) - timedelta(days=settings.CHANGES_KEPT_DAYS + 1)
    with time_machine.travel(long_ago, tick=False):
        happen(2)
        following = get(LOG).json()["next"]

    assert get(following).json()["changes"] == []
    happen()
    assert [one["number"] for one in get(following).json()["changes"]] == [3]
    # Without a cursor the log begins where it is kept.
    assert [one["number"] for one in get(LOG).json()["changes"]] == [3]


def test_changes_are_kept_for_ninety_days_at_least():
    assert settings.CHANGES_KEPT_DAYS >= 90


def test_the_export_has_everything_that_is_public_and_says_where_to_go_on(
    world, page, write, release
):
    news = write("news", title="Both")
    release(news)
    gone = write("news", title="Gone")
    release(gone)
    releases.withdraw(content_id=gone.content_id, by=world.admin, reason="Wrong")
    write("news", title="A draft")

    head, *items = lines(get(EXPORT))

    assert {item["title"] for item in items} == {page.title, "Both"}
    assert [get(f"/api/v1/items/{one['content_id']}").json() for one in items] == items
    assert get(head["changes"]).json()["changes"] == []
    releases.withdraw(content_id=news.content_id, by=world.admin, reason="Wrong")
    (change,) = get(head["changes"]).json()["changes"]
    assert change["content_id"] == str(news.content_id)


def test_an_export_of_a_selection_goes_on_with_the_changes_of_it(
    world, page, write, release
):
    release(write("news", title="Only Telford", areas=[world.telford]))

    head, *items = lines(get(f"{EXPORT}?area=shropshire"))

    assert [item["title"] for item in items] == [page.title]
    assert "area=shropshire" in head["changes"]


def test_what_changes_during_an_export_is_in_the_changes_after_it(
    world, page, edit, release
):
    answer = get(EXPORT)
    release(edit(page, world.editor, title="Changed meanwhile"))

    head, *_ = lines(answer)

    assert [one["version"] for one in get(head["changes"]).json()["changes"]] == [2]


def test_an_export_asks_for_a_few_items_at_a_time(
    world, write, release, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr("syndication.api.views.LINES_AT_ONCE", 2)
    for number in range(5):
        release(write("news", title=f"Number {number}"))

    # The newest number, three times two at most, and a look whether that was all.
    with django_assert_num_queries(5):
        assert len(lines(get(EXPORT))) == 6


def test_copies_are_compared_and_nothing_else_is_done(
    world, page, edit, release, write
):
    release(edit(page, world.editor, title="Second edition"))
    right, gone = write("news", title="Right"), write("news", title="Gone")
    release(right)
    release(gone)
    releases.withdraw(content_id=gone.content_id, by=world.admin, reason="Wrong")
    draft, nobodys = write("news", title="A draft"), uuid4()

    answer = send(
        {
            "items": [
                {"content_id": str(one), "version": 1}
                for one in (
                    page.content_id,
                    right.content_id,
                    gone.content_id,
                    draft.content_id,
                    nobodys,
                )
            ]
        }
    )

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer.json() == {
        "current": 1,
        "stale": [
            {
                "content_id": str(page.content_id),
                "version": 2,
                "url": f"{settings.PUBLIC_ORIGIN}/api/v1/items/{page.content_id}",
            }
        ],
        "withdrawn": [{"content_id": str(gone.content_id)}],
        "unknown": [
            {"content_id": str(draft.content_id)},
            {"content_id": str(nobodys)},
        ],
    }


def test_what_was_restored_is_no_longer_withdrawn(world, page, edit, release):
    releases.withdraw(content_id=page.content_id, by=world.admin, reason="Wrong")
    release(edit(page, world.editor, title="Put right"))

    answer = send({"items": [{"content_id": str(page.content_id), "version": 2}]})

    assert answer.json()["current"] == 1


def test_ten_thousand_copies_are_compared_at_once(db, django_assert_max_num_queries):
    copies = [{"content_id": str(UUID(int=n)), "version": 1} for n in range(10_000)]

    with django_assert_max_num_queries(10):
        answer = send({"items": copies})

    assert len(answer.json()["unknown"]) == 10_000
    one_more = send({"items": [*copies, {"content_id": str(uuid4()), "version": 1}]})
    assert one_more.status_code == 400
    assert "10,000" in one_more.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        "{",
        b"\xff\xfe",
        "[" * 100_000,
        "[]",
        "null",
        "{}",
        '{"items": {}}',
        '{"items": [], "more": 1}',
        '{"items": [1]}',
        '{"items": [{"content_id": "x", "version": 1}]}',
        json.dumps({"items": [{"content_id": str(CONTENT_ID)}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID), "version": 0}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID), "version": True}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID), "version": "1"}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID), "version": 2**40}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID).upper(), "version": 1}]}),
        json.dumps({"items": [{"content_id": str(CONTENT_ID), "version": 1}] * 2}),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(db, body):
    answer = send(body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_body"


def test_only_json_is_compared(db):
    assert send("items=1", "application/x-www-form-urlencoded").status_code == 415
    assert Client().get(RECONCILE).status_code == 405


def test_a_browser_may_ask_whether_it_may_send_copies(db):
    answer = Client().options(
        RECONCILE,
        headers={
            "origin": "https://school.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )

    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"
