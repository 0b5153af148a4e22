"""A partner who follows the log learns of everything, in order, and once."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.db import transaction
from django.test import Client

from cms import withdrawals
from syndication import changes

LOG = "/api/v1/changes"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CONTENT_ID = UUID("4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10")


def get(url):
    return Client().get(url.removeprefix(settings.PUBLIC_ORIGIN))


@pytest.fixture
def happen(db):
    """Write rows of the log as releases do: ``happen(3)``."""

    def happen(count, kind="published", **fields):
        with transaction.atomic():
            for _ in range(count):
                changes.record(
                    change=kind, content_id=CONTENT_ID, kind="news", version=1, **fields
                )

    return happen


def numbers(answer):
    return [change["number"] for change in answer.json()["changes"]]


def test_a_withdrawal_is_told_with_its_public_note(world, write, release):
    page = write()
    with time_machine.travel(NOON, tick=False):
        release(page)
        withdrawals.withdraw(
            content_id=page.content_id,
            by=world.pat,
            reason="It names a person",
            public_note="This page had a mistake.",
        )

    answer = get(LOG)

    common = {
        "content_id": str(page.content_id),
        "kind": "local-offer",
        "version": 1,
        "at": "2026-11-22T12:00:00Z",
        "url": f"{settings.PUBLIC_ORIGIN}/items/{page.content_id}",
    }
    assert answer.json()["changes"] == [
        {"number": 1, "type": "published", **common},
        {
            "number": 2,
            "type": "withdrawn",
            **common,
            "note": "This page had a mistake.",
        },
    ]
    assert b"names a person" not in answer.content


def test_what_is_public_again_after_it_vanished_is_told_in_full(
    world, write, edit, release
):
    page = write()
    release(page)
    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Unsafe", kind="vanish"
    )
    release(edit(page, world.editor, title="Safe words"))
    withdrawals.withdraw(
        content_id=page.content_id,
        by=world.pat,
        reason="It is over",
        public_note="It was on Monday.",
    )

    told = get(LOG).json()["changes"]

    notes = [(one["version"], one["type"], one.get("note")) for one in told]
    assert notes == [
        (1, "published", None),
        (1, "withdrawn", None),
        (2, "restored", None),
        (2, "withdrawn", "It was on Monday."),
    ]


def test_next_is_there_before_anything_happened_and_tells_of_it_after(happen):
    empty = get(LOG)
    assert empty.json()["changes"] == []

    happen(2)

    assert numbers(get(empty.json()["next"])) == [1, 2]


def test_an_empty_page_has_the_same_next_again(happen):
    happen(1)
    following = get(LOG).json()["next"]

    assert get(following).json() == {"changes": [], "next": following}


def test_following_next_tells_everything_once(happen):
    happen(45)
    seen, url = [], f"{LOG}?limit=10"
    while found := numbers(answer := get(url)):
        seen += found
        url = answer.json()["next"]

    assert seen == list(range(1, 46))


def test_a_page_takes_one_query(happen, django_assert_num_queries):
    happen(3)
    following = get(f"{LOG}?limit=1").json()["next"]

    with django_assert_num_queries(1):
        assert numbers(get(LOG)) == [1, 2, 3]
    with django_assert_num_queries(1):
        assert numbers(get(following)) == [2]


def test_the_log_is_conditional(happen):
    happen(1)
    etag = get(LOG)["ETag"]

    assert Client().get(LOG, headers={"if-none-match": etag}).status_code == 304
    happen(1)
    assert Client().get(LOG, headers={"if-none-match": etag}).status_code == 200


def test_a_cursor_of_the_items_is_none_of_the_log(happen, write, release):
    release(write("news", title="One"))
    release(write("news", title="Two"))
    following = get("/api/v1/items?limit=1").json()["next"]
    cursor = following.rpartition("cursor=")[2]

    answer = get(f"{LOG}?cursor={cursor}")

    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_cursor"
