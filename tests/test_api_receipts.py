"""Anybody can check what stands behind a fingerprint, and who signs for where."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from cms import withdrawals
from cms.models import Topic

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def receipt(fingerprint):
    return Client().get(f"/api/v1/receipts/{fingerprint}")


def test_a_receipt_names_the_forums_that_signed(write, release):
    with time_machine.travel(NOON, tick=False):
        made = release(write())

    assert receipt(made.fingerprint).json() == {
        "fingerprint": made.fingerprint,
        "content_id": str(made.item.content_id),
        "kind": "local-offer",
        "version": 1,
        "title": "Getting help with talking and understanding",
        "url": f"{settings.PUBLIC_ORIGIN}/items/{made.item.content_id}",
        "status": "current",
        "released_at": "2026-11-22T12:00:00Z",
        "receipt": made.receipt,
    }
    assert [forum["slug"] for forum in made.receipt["forums"]] == ["pacc", "pods"]


def test_a_receipt_takes_one_query(write, release, django_assert_num_queries):
    made = release(write())

    with django_assert_num_queries(1):
        assert receipt(made.fingerprint).status_code == 200


def test_the_receipt_of_an_older_version_says_so(world, write, release, edit):
    page = write(title="Before")
    before = release(page)
    edit(page, world.editor, title="After")
    after = release(page)

    assert receipt(before.fingerprint).json()["status"] == "superseded"
    assert receipt(before.fingerprint).json()["title"] == "Before"
    assert receipt(after.fingerprint).json()["status"] == "current"


def test_no_receipt_of_a_withdrawn_item_shows_a_title(world, write, release, edit):
    page = write(title="Ring Mrs Bloggs")
    before = release(page)
    edit(page, world.editor, title="Ring Mrs Bloggs today")
    after = release(page)
    with time_machine.travel(NOON, tick=False):
        withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="A name")

    for made in (before, after):
        answer = receipt(made.fingerprint)
        assert answer.status_code == 200
        assert answer.json()["status"] == "withdrawn"
        assert answer.json()["withdrawn_at"] == "2026-11-22T12:00:00Z"
        assert b"Bloggs" not in answer.content


def test_the_same_text_released_again_is_current_again(world, write, release, edit):
    page = write(title="As it was")
    first = release(page)
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Too early")
    edit(page, world.editor, title="Something else")
    edit(page, world.editor, title="As it was")

    again = release(page)

    assert again.fingerprint == first.fingerprint
    answer = receipt(first.fingerprint).json()
    assert (answer["status"], answer["version"]) == ("current", 2)


def test_a_withdrawal_purges_the_receipt(write, release):
    made = release(write())

    tags = receipt(made.fingerprint)["Surrogate-Key"].split()

    assert f"item-{made.item.content_id}" in tags


@pytest.mark.parametrize(
    ("fingerprint", "code"),
    [
        ("0" * 64, "receipt_not_found"),
        ("0" * 63, "not_found"),
        ("A" * 64, "not_found"),
        ("%00" * 64, "not_found"),
    ],
)
def test_a_fingerprint_that_nobody_signed_has_no_receipt(db, fingerprint, code):
    answer = receipt(fingerprint)

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_an_unsigned_proof_has_no_receipt(world, write, submit, sign):
    proof = submit(write())
    sign(proof, world.pacc, world.pat)

    assert receipt(proof.fingerprint).status_code == 404


def test_areas_name_the_forums_that_sign_there(world):
    assert Client().get("/api/v1/areas").json() == {
        "items": [
            {"slug": "shropshire", "name": "Shropshire", "forums": ["pacc"]},
            {
                "slug": "telford-and-wrekin",
                "name": "Telford and Wrekin",
                "forums": ["pods"],
            },
        ],
        "next": None,
    }


def test_forums_give_their_website_when_they_have_one(world):
    world.pacc.website = "https://pacc.example"
    world.pacc.save()

    assert Client().get("/api/v1/forums").json() == {
        "items": [
            {
                "slug": "pacc",
                "name": "Shropshire Parent and Carer Council",
                "short_name": "PACC",
                "role": "forum",
                "website": "https://pacc.example",
            },
            {
                "slug": "pods",
                "name": "Parents Opening Doors",
                "short_name": "PODS",
                "role": "forum",
            },
        ],
        "next": None,
    }


def test_topics_are_listed(db):
    Topic.objects.create(name="Talking", slug="talking")

    assert Client().get("/api/v1/topics").json() == {
        "items": [{"slug": "talking", "name": "Talking"}],
        "next": None,
    }


@pytest.mark.parametrize(("name", "most"), [("areas", 2), ("forums", 1), ("topics", 1)])
def test_a_directory_takes_the_same_few_queries_however_long_it_is(
    world, django_assert_num_queries, name, most
):
    with django_assert_num_queries(most):
        assert Client().get(f"/api/v1/{name}").status_code == 200
