"""A partner learns what concerns it, and its word is kept once and for good."""

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cms import withdrawals
from cms.models import Withdrawal
from syndication.models import Change
from syndication.partners import usage
from syndication.partners.models import Acknowledgement, UsageDay

from .partners import acknowledge, ask, make_key, make_partner
from .statements import statements
from .test_partner_keys import refused


@pytest.fixture
def take_back(world, write, release):
    """Release a text for some areas and take it back; gives the row of the log."""

    def take_back(*areas, kind=Withdrawal.GONE):
        page = write(areas=list(areas) or None)
        release(page)
        withdrawals.withdraw(
            content_id=page.content_id, by=world.admin, reason="wrong", kind=kind
        )
        return Change.objects.order_by("-number").first()

    return take_back


def listed(token, query=""):
    answer = ask(token, f"removals{query}")
    assert answer.status_code == 200
    return answer.json()


def numbers(token, query=""):
    return [one["change"] for one in listed(token, query)["removals"]]


def test_a_partner_sees_what_was_taken_back(world, take_back):
    _, token = make_key(make_partner())
    row = take_back()

    said = listed(token)

    assert said["removals"] == [
        {
            "change": row.number,
            "type": "withdrawn",
            "content_id": str(row.content_id),
            "kind": "local-offer",
            "version": 1,
            "at": said["removals"][0]["at"],
            "url": f"https://localoffer.example/items/{row.content_id}",
            "acknowledged": {"received": None, "removed": None},
        }
    ]
    assert said["next"].endswith(f"/api/partner/v1/removals?after={row.number}")


def test_a_partner_for_one_area_sees_the_removals_of_that_area(world, take_back):
    _, token = make_key(make_partner(areas=[world.telford]))
    take_back(world.shropshire)
    theirs = take_back(world.telford)
    both = take_back()

    assert numbers(token) == [theirs.number, both.number]


def test_what_left_the_area_of_a_partner_concerns_it(world, take_back):
    _, telford = make_key(make_partner(areas=[world.telford]))
    _, shropshire = make_key(make_partner("Other", areas=[world.shropshire]))
    row = take_back()
    left = Change.objects.create(
        number=row.number + 1000,
        type=Change.Type.LEFT_SELECTION,
        content_id=row.content_id,
        kind=row.kind,
        version=1,
        at=timezone.now(),
        area="telford-and-wrekin",
    )

    assert numbers(telford) == [row.number, left.number]
    assert numbers(shropshire) == [row.number]


def test_nothing_of_the_time_before_it_was_a_partner_concerns_it(world, take_back):
    take_back()

    assert numbers(make_key(make_partner())[1]) == []


def test_of_what_vanished_no_word_is_told(world, take_back):
    _, token = make_key(make_partner())
    take_back(kind=Withdrawal.VANISH)

    assert set(listed(token)["removals"][0]) == {
        "change", "type", "content_id", "kind", "version", "at", "url", "acknowledged",
    }  # fmt: skip


def test_the_list_is_read_on_from_where_it_ended(world, take_back):
    _, token = make_key(make_partner())
    rows = [take_back(world.telford).number for _ in range(3)]

    first = listed(token, "?limit=2")
    place = first["next"].rpartition("/")[2].removeprefix("removals")
    second = listed(token, place)
    third = listed(token, second["next"].rpartition("removals")[2])

    assert [one["change"] for one in first["removals"]] == rows[:2]
    assert [one["change"] for one in second["removals"]] == rows[2:]
    assert third["removals"] == []
    assert third["next"] == second["next"]


def test_a_partner_confirms_once_and_saying_it_again_changes_nothing(world, take_back):
    _, token = make_key(make_partner())
    row = take_back()

    first = acknowledge(token, row.number, "received")
    with time_machine.travel("2026-12-24T10:00:00Z"):
        again = acknowledge(token, row.number, "received")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Acknowledgement.objects.count() == 1
    said = listed(token)["removals"][0]["acknowledged"]
    assert (bool(said["received"]), said["removed"]) == (True, None)


def test_what_is_confirmed_as_removed_is_open_no_more(world, take_back):
    _, token = make_key(make_partner())
    done, waiting = take_back(), take_back()
    acknowledge(token, done.number, "received")
    acknowledge(token, waiting.number, "received")
    acknowledge(token, done.number, "removed")

    assert numbers(token, "?show=open") == [waiting.number]
    assert numbers(token, "?show=all") == [done.number, waiting.number]


def test_one_partner_s_word_is_not_another_s(world, take_back):
    _, mine = make_key(make_partner())
    _, theirs = make_key(make_partner("Another"))
    row = take_back()

    acknowledge(mine, row.number)

    assert numbers(mine, "?show=open") == []
    assert numbers(theirs, "?show=open") == [row.number]
    assert listed(theirs)["removals"][0]["acknowledged"]["removed"] is None
    assert "Another" not in ask(mine).content.decode()
    assert [one["requests"] for one in ask(theirs, "usage").json()["days"]] == [3]


def test_nobody_confirms_what_is_not_theirs(world, take_back):
    _, token = make_key(make_partner(areas=[world.telford]))
    theirs = take_back(world.shropshire)
    published = Change.objects.get(type=Change.Type.PUBLISHED)

    for number in (theirs.number, published.number, 999_999, 2**53 - 1):
        refused(acknowledge(token, number), 404, "removal_not_found")
    assert not Acknowledgement.objects.exists()


BODIES = [
    b"[]",
    b"{",
    b"\xff",
    b"[" * 1500,
    b'{"change": 1}',
    b'{"change": true, "state": "removed"}',
    b'{"change": "1", "state": "removed"}',
    b'{"change": 0, "state": "removed"}',
    b'{"change": 9223372036854775808, "state": "removed"}',
    b'{"change": 1, "state": "gone"}',
    b'{"change": 1, "state": ["removed"]}',
    b'{"change": 1, "state": "removed", "by": "me"}',
]


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b" " * 3000, "application/json", 413, "too_large"),
        (b"change=1", "text/plain", 415, "unsupported_media_type"),
    ],
)
def test_a_body_that_is_too_long_or_no_json_is_refused(
    world, body, media_type, status, code
):
    _, token = make_key(make_partner())

    answer = ask(
        token, "acknowledgements", method="post", data=body, content_type=media_type
    )

    refused(answer, status, code)


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_not_understood_is_refused(world, body):
    _, token = make_key(make_partner())

    answer = ask(
        token,
        "acknowledgements",
        method="post",
        data=body,
        content_type="application/json",
    )

    refused(answer, 400, "invalid_body")


def test_the_database_keeps_what_was_confirmed(world, take_back):
    _, token = make_key(make_partner())
    acknowledge(token, take_back().number, "received")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Acknowledgement.objects.update(state="removed")
    with pytest.raises(TypeError, match="never edited"):
        Acknowledgement.objects.get().save()


def test_a_longer_list_asks_the_database_as_often(world, take_back):
    _, token = make_key(make_partner())
    take_back()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            listed(token)
        return len(statements(captured))

    queries()
    few = queries()
    for _ in range(3):
        acknowledge(token, take_back(world.telford).number)

    assert queries() == few


def test_use_is_counted_by_day_and_tells_nothing_else(world):
    partner = make_partner()
    _, token = make_key(partner)
    with time_machine.travel("2026-11-24T10:00:00Z"):
        ask(token)
    with time_machine.travel("2026-11-25T10:00:00Z"):
        ask(token)
        ask(token, "removals?nonsense=1")
        said = ask(token, "usage").json()

    assert said == {
        "days": [
            {"day": "2026-11-25", "requests": 3, "refused": 0},
            {"day": "2026-11-24", "requests": 1, "refused": 0},
        ],
        "next": None,
    }
    assert {field.name for field in UsageDay._meta.fields} == {
        "id", "partner", "day", "requests", "refused",
    }  # fmt: skip


def test_old_figures_are_forgotten(world):
    partner = make_partner()
    with time_machine.travel("2025-01-01T10:00:00Z"):
        usage.count(partner)
    usage.count(partner)

    assert usage.purge() == 1
    assert UsageDay.objects.count() == 1
