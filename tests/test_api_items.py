"""Partners read exactly what was signed, page by page, and nothing else."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import rfc8785
import time_machine
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from cms import canonical, withdrawals
from cms.models import NewsItemPage, Proof, SignOff
from syndication import releases
from syndication.api import kept, reading
from syndication.http import known_etags
from syndication.models import Release

LIST = "/api/v1/items"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def get(url, **headers):
    """Read an address of the API as a stranger; absolute ones as they were given."""
    return Client().get(url.removeprefix(settings.PUBLIC_ORIGIN), headers=headers)


def walk(url):
    """Follow ``next`` to the end; gives the titles in the order in which they came."""
    titles = []
    while url:
        answer = get(url).json()
        titles += [item["title"] for item in answer["items"]]
        url = answer["next"]
    return titles


@pytest.fixture
def release_quickly(world):
    """Release without the admin, already signed: ``release_quickly("A title")``."""

    def release_quickly(title, *, content_id=None):
        content_id = content_id or uuid4()
        payload = canonical.encode(
            {
                "schema": "countersign/1",
                "content_id": str(content_id),
                "kind": "news",
                "title": title,
                "areas": [{"slug": "shropshire", "name": "Shropshire"}],
                "html": "",
                "text": "",
            }
        )
        now = timezone.now()
        proof = Proof.objects.create(
            content_id=content_id,
            kind="news",
            title=title,
            payload=payload,
            fingerprint=canonical.fingerprint(payload),
            algorithm=canonical.ALGORITHM,
            content_type=ContentType.objects.get_for_model(NewsItemPage),
            object_id="0",
            submitted_at=now,
            due_on=now.date(),
            closed_at=now,
            outcome=Proof.Outcome.SIGNED,
        )
        proof.forums.set([world.pacc])
        SignOff.objects.create(
            proof=proof, forum=world.pacc, by=world.pat, decision="agree", at=now
        )
        return releases.release(proof=proof)

    return release_quickly


def test_the_list_is_the_stored_documents_joined(write, release):
    older = release(write())
    newer = release(write("news", title="The advice line has moved"))

    answer = get(LIST)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.content == (
        b'{"items":['
        + bytes(newer.document)
        + b","
        + bytes(older.document)
        + b'],"next":null}'
    )


def test_an_item_is_its_stored_document(write, release):
    made = release(write())

    answer = get(f"{LIST}/{made.item.content_id}")

    assert answer.content == bytes(made.document)
    assert answer["Content-Type"] == "application/json"
    assert answer["ETag"] == made.quoted_etag


def test_the_fingerprint_is_that_of_the_content_a_partner_reads(write, release):
    made = release(write(title="Naïve “quotes” & <tags> \U0001f9e9"))

    item = get(f"{LIST}/{made.item.content_id}").json()

    canonical_bytes = rfc8785.dumps(item["content"])
    assert hashlib.sha256(canonical_bytes).hexdigest() == item["receipt"]["fingerprint"]


def test_what_is_not_signed_by_all_is_not_there(world, write, submit, sign):
    page = write()
    sign(submit(page), world.pacc, world.pat)

    assert get(LIST).json() == {"items": [], "next": None}
    assert get(f"{LIST}/{page.content_id}").status_code == 404


@pytest.mark.parametrize("query", ["", "?kind=news", "?area=shropshire", "?limit=1"])
def test_a_list_takes_one_query(release_quickly, django_assert_num_queries, query):
    for title in ("One", "Two"):
        release_quickly(title)

    with django_assert_num_queries(1):
        assert get(LIST + query).status_code == 200


def test_the_next_page_takes_one_query(release_quickly, django_assert_num_queries):
    for title in ("One", "Two"):
        release_quickly(title)
    following = get(f"{LIST}?limit=1").json()["next"]

    with django_assert_num_queries(1):
        assert get(following).json()["items"][0]["title"] == "One"


def test_an_item_takes_one_query_whatever_became_of_it(
    world, release_quickly, django_assert_num_queries
):
    made = release_quickly("One")
    url = f"{LIST}/{made.item.content_id}"

    with django_assert_num_queries(1):
        assert get(url).status_code == 200
    with django_assert_num_queries(1):
        assert get(url, if_none_match=made.quoted_etag).status_code == 304
    with django_assert_num_queries(1):
        assert get(f"{LIST}/{uuid4()}").status_code == 404
    releases.withdraw(content_id=made.item.content_id, by=world.pat, reason="Wrong")
    # Once it is asked whether what was kept still holds.
    with django_assert_num_queries(2):
        assert get(url).status_code == 410
    kept.pages.clear()
    with django_assert_num_queries(1):
        assert get(url).status_code == 410


def test_a_walk_sees_all_45_items_once(release_quickly):
    for number in range(45):
        release_quickly(f"Item {number}")

    assert walk(LIST) == [f"Item {number}" for number in reversed(range(45))]


def test_a_release_during_the_walk_repeats_and_hides_nothing(release_quickly):
    for number in range(45):
        release_quickly(f"Item {number}")
    first = get(f"{LIST}?limit=10").json()
    release_quickly("New")

    titles = [item["title"] for item in first["items"]] + walk(first["next"])

    assert titles == [f"Item {number}" for number in reversed(range(45))]


def test_items_of_the_same_moment_are_not_lost_between_pages(release_quickly):
    with time_machine.travel(NOON, tick=False):
        for number in range(7):
            release_quickly(f"Item {number}")

    titles = walk(f"{LIST}?limit=2")

    assert titles == [f"Item {number}" for number in reversed(range(7))]


def test_next_is_absolute_and_keeps_the_filters(release_quickly):
    for title in ("One", "Two"):
        release_quickly(title)

    following = get(f"{LIST}?limit=1&kind=news&area=shropshire").json()["next"]

    assert following.startswith(
        f"{settings.PUBLIC_ORIGIN}/api/v1/items?kind=news&area=shropshire&limit=1&"
    )
    assert get(following).json()["next"] is None


def test_next_does_not_believe_the_host_header(release_quickly):
    for title in ("One", "Two"):
        release_quickly(title)

    following = Client().get(f"{LIST}?limit=1", headers={"host": "localhost"})

    assert urlsplit(following.json()["next"]).netloc == "localoffer.example"


def test_a_cursor_stays_the_same_so_that_the_etag_does(release_quickly):
    for title in ("One", "Two"):
        release_quickly(title)

    with time_machine.travel(NOON):
        before = get(f"{LIST}?limit=1")
    with time_machine.travel(NOON + timedelta(days=1)):
        after = get(f"{LIST}?limit=1")

    assert before.content == after.content
    assert before["ETag"] == after["ETag"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=news", {"News for Telford"}),
        ("kind=local-offer", {"Help for Shropshire", "Help for both"}),
        ("kind=issues", set()),
        ("area=shropshire", {"Help for Shropshire", "Help for both"}),
        ("area=telford-and-wrekin&kind=local-offer", {"Help for both"}),
        ("area=no-such-area", set()),
    ],
)
def test_filters(world, write, release, query, found):
    release(write(title="Help for Shropshire", areas=[world.shropshire]))
    release(write(title="Help for both"))
    release(write("news", title="News for Telford", areas=[world.telford]))

    items = get(f"{LIST}?{query}").json()["items"]

    assert {item["title"] for item in items} == found


def test_a_new_version_takes_the_place_of_the_old(write, release, edit, world):
    page = write(title="Before")
    release(page)
    edit(page, world.editor, title="After")
    release(page)

    assert walk(LIST) == ["After"]
    item = get(f"{LIST}/{page.content_id}").json()
    assert (item["version"], item["title"]) == (2, "After")


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_reader_with_the_current_copy_gets_304(write, release, form):
    made = release(write())
    url = f"{LIST}/{made.item.content_id}"

    answer = get(url, if_none_match=form.format(made.quoted_etag))

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer["ETag"] == made.quoted_etag
    assert answer["Cache-Control"] == get(url)["Cache-Control"]
    assert f"item-{made.item.content_id}" in answer["Cache-Tag"]


@pytest.mark.parametrize("suffix", ["-gzip", "-br"])
def test_a_proxy_that_renames_etags_does_not_cost_the_304(write, release, suffix):
    made = release(write())

    answer = get(
        f"{LIST}/{made.item.content_id}", if_none_match=f'"{made.etag}{suffix}"'
    )

    assert answer.status_code == 304


@pytest.mark.parametrize("sent", ['"other"', "nonsense", '"*"', '"\0"', '"é"'])
def test_a_reader_with_another_copy_gets_the_item(write, release, sent):
    made = release(write())

    answer = get(f"{LIST}/{made.item.content_id}", if_none_match=sent)

    assert answer.status_code == 200
    assert answer.content == bytes(made.document)


def test_an_etag_that_no_database_takes_never_gets_there(rf):
    request = rf.get(LIST, headers={"if-none-match": '"a\0", "é", W/"good"'})

    assert known_etags(request) == {"good"}


@pytest.mark.parametrize("any_copy", [True, False])
def test_a_304_leaves_the_body_in_the_database(write, release, monkeypatch, any_copy):
    made = release(write())
    found: list[Any] = []
    newest = reading.newest

    def remembered(*args, **kwargs):
        found.append(newest(*args, **kwargs))
        return found[-1]

    monkeypatch.setattr(reading, "newest", remembered)

    get(
        f"{LIST}/{made.item.content_id}",
        if_none_match="*" if any_copy else made.quoted_etag,
    )
    get(f"{LIST}/{made.item.content_id}")

    held, not_held = found
    assert held.body is None
    assert not_held.body


def test_a_list_is_conditional_too(release_quickly):
    release_quickly("One")
    etag = get(LIST)["ETag"]

    assert get(LIST, if_none_match=etag).status_code == 304
    release_quickly("Two")
    assert get(LIST, if_none_match=etag).status_code == 200


def test_a_list_has_another_etag_when_only_its_next_page_is_new(release_quickly):
    release_quickly("Older")
    newer = release_quickly("Newer")
    before = get(f"{LIST}?limit=1")
    releases.withdraw(
        content_id=Release.objects.get(title="Older").item.content_id,
        by=None,
        reason="Wrong",
    )

    after = get(f"{LIST}?limit=1")

    assert after.json()["items"][0]["content_id"] == str(newer.item.content_id)
    assert before["ETag"] != after["ETag"]


def test_head_says_what_get_would(write, release):
    url = f"{LIST}/{release(write()).item.content_id}"

    head, full = Client().head(url), get(url)

    assert head.status_code == 200
    assert head.content == b""
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control"):
        assert head[name] == full[name]


def test_a_withdrawn_item_is_gone_without_a_word_of_its_content(world, write, release):
    page = write(title="Ring Mrs Bloggs", summary="Her own number is 01632 960999.")
    etag = release(page).quoted_etag
    with time_machine.travel(NOON, tick=False):
        withdrawals.withdraw(
            content_id=page.content_id,
            by=world.pat,
            reason="It names a person",
            public_note="This page had a mistake.",
        )

    for answer in (
        get(f"{LIST}/{page.content_id}"),
        get(f"{LIST}/{page.content_id}", if_none_match=etag),
    ):
        assert answer.status_code == 410
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["Cache-Control"] == "public, max-age=60"
        assert f"item-{page.content_id}" in answer["Surrogate-Key"].split()
        assert "kind-local-offer" in answer["Surrogate-Key"].split()
        assert "ETag" not in answer
        assert answer.json() == {
            "type": f"{settings.PUBLIC_ORIGIN}/api/v1/docs#item_withdrawn",
            "title": "Withdrawn",
            "status": 410,
            "detail": "This item was taken back. Remove every copy of it.",
            "code": "item_withdrawn",
            "content_id": str(page.content_id),
            "withdrawn_at": "2026-11-22T12:00:00Z",
            "note": "This page had a mistake.",
        }
    assert get(LIST).json()["items"] == []


def test_a_withdrawal_without_a_note_says_none(world, write, release):
    page = write()
    release(page)
    withdrawals.withdraw(
        content_id=page.content_id, by=world.pat, reason="Wrong number"
    )

    answer = get(f"{LIST}/{page.content_id}")

    assert "note" not in answer.json()
    assert b"Wrong number" not in answer.content


def test_an_item_that_comes_back_is_there_again(release_quickly):
    content_id = release_quickly("Before").item.content_id
    releases.withdraw(content_id=content_id, by=None, reason="Wrong")

    release_quickly("After", content_id=content_id)

    assert get(f"{LIST}/{content_id}").json()["title"] == "After"
    assert walk(LIST) == ["After"]


def test_an_item_is_known_by_one_address_only(write, release):
    content_id: UUID = release(write()).item.content_id

    assert get(f"{LIST}/{str(content_id).upper()}").status_code == 404
    assert get(f"{LIST}/{content_id.hex}").status_code == 404


def test_answers_may_be_kept_by_everyone_and_purged_by_name(release_quickly):
    made = release_quickly("One")
    item = get(f"{LIST}/{made.item.content_id}")
    listing = get(f"{LIST}?kind=news&area=shropshire")

    for answer in (item, listing):
        assert answer["Cache-Control"] == "public, max-age=60"
        assert answer["Cache-Tag"].split(",") == answer["Surrogate-Key"].split()
    assert item["Cache-Tag"] == f"api,item-{made.item.content_id},kind-news"
    assert listing["Cache-Tag"] == "api,list-items,kind-news,area-shropshire"


def test_who_reads_makes_no_difference(world, client_of, release_quickly):
    made = release_quickly("One")
    client = client_of(world.admin)

    for url in (LIST, f"{LIST}/{made.item.content_id}", f"{LIST}/{uuid4()}"):
        answer = client.get(url)
        assert not answer.cookies
        assert answer.get("Vary", "") in ("", "Accept-Encoding")
        assert answer.get("Vary") == get(url).get("Vary")
        assert answer.content == get(url).content


def test_an_item_is_read_as_a_whole(write, release):
    promised = settings.BASE_DIR / "tests" / "contract" / "item.json"
    content_id = UUID("4f1c2f6e-6c0f-4f7b-9a52-8a1f4f3f7d10")
    with time_machine.travel(NOON, tick=False):
        release(write(content_id=content_id))

    answer = json.loads(get(f"{LIST}/{content_id}").content)

    whole = json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
    assert whole == promised.read_text(encoding="utf-8")
