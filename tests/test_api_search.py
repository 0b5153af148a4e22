"""Whoever searches finds first what is about it, and nothing that is not public."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import Client

from cms import withdrawals
from syndication.matching import TABLE

from . import shared_blocks

ITEMS = "/api/v1/items"
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)


def get(url):
    answer = Client().get(url.removeprefix(settings.PUBLIC_ORIGIN))
    assert answer.status_code == 200, answer.content
    return answer.json()


def found(words, more=""):
    """The titles of what is found, in the order in which it is."""
    items = get(f"{ITEMS}?q={quote(words)}{more}")["items"]
    return [item["title"] for item in items]


def walked(words, more=""):
    """The same, asked for one by one."""
    url, seen = f"{ITEMS}?limit=1&q={quote(words)}{more}", []
    while url:
        page = get(url)
        seen += [item["title"] for item in page["items"]]
        assert len(seen) == len(set(seen)), "Something is shown twice."
        url = page["next"]
    return seen


def kept_words():
    """How many texts the search knows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608
        return cursor.fetchone()[0]


@pytest.fixture
def publish(write, release):
    """Make pages public one after the other: ``publish(title, text, summary)``."""
    moment = MONDAY

    def publish(title, text="Nothing else.", summary="A sentence."):
        nonlocal moment
        moment += timedelta(hours=1)
        with time_machine.travel(moment, tick=False):
            body = [{"type": "paragraph", "value": f"<p>{text}</p>"}]
            return release(write(title=title, summary=summary, body=body))

    return publish


@pytest.fixture
def transport(publish):
    """Texts that have the word in ever more prominent places, the newest in the least."""
    publish("Transport to school")
    publish("By taxi", summary="Who pays for transport.")
    publish("By train", "Transport, and transport again: all about transport.")
    publish("Passes", "They are for transport.")
    publish("Passengers", "They are for transport.")


def test_what_has_it_in_its_title_comes_first_then_what_is_about_it(transport):
    assert found("transport") == [
        "Transport to school",
        "By train",
        "By taxi",
        "Passengers",
        "Passes",
    ]


@pytest.mark.parametrize("order", ["relevance", "newest", "updated"])
def test_a_search_is_walked_one_by_one_in_the_same_order(transport, order):
    assert walked("transport", f"&order={order}") == found(
        "transport", f"&order={order}"
    )
    assert len(walked("transport", f"&order={order}")) == 5


def test_of_several_words_one_in_the_title_is_better_than_none(publish):
    publish("School days", "A taxi comes in the morning.")
    publish("Mornings", "A taxi to school.")
    publish("Taxi to school")
    publish("The taxi", "It may not come to school.", summary="To school and back.")
    publish("Evenings", "No taxi from school.")

    expected = ["Taxi to school", "The taxi", "School days", "Evenings", "Mornings"]
    assert found("school taxi") == expected
    assert walked("taxi school") == expected


def test_words_can_be_in_different_parts_of_a_text(publish):
    publish("Transport", "For everybody.", summary="By taxi.")

    assert found("transport taxi everybody") == ["Transport"]
    assert found("transport bus") == []


@pytest.mark.parametrize("order", ["newest", "updated"])
def test_a_search_can_have_the_newest_first(transport, order):
    assert found("transport", f"&order={order}") == [
        "Passengers",
        "Passes",
        "By train",
        "By taxi",
        "Transport to school",
    ]


def test_a_search_asks_one_query_however_many_ranks_it_looks_at(
    transport, django_assert_num_queries
):
    for words in ("transport", "transport pass", "nothing"):
        with django_assert_num_queries(1):
            found(words)


def test_filters_go_with_every_rank_of_a_search(transport):
    assert len(found("transport", "&kind=local-offer&area=shropshire")) == 5
    assert found("transport", "&kind=news") == []
    assert found("transport", "&area=somewhere") == []


def test_no_words_are_kept_of_what_is_not_public_any_more(
    publish, edit, release, world
):
    page = publish("Transport").proof.item
    with time_machine.travel(MONDAY + timedelta(days=1), tick=False):
        current = release(edit(page, world.editor, title="Taxis"))
    assert kept_words() == 1

    withdrawals.withdraw(
        content_id=current.item.content_id, by=world.pat, reason="It is over"
    )

    assert kept_words() == 0
    assert found("taxis") == []


def test_words_of_a_page_are_kept_once_when_a_shared_block_in_it_changes(
    world, write, release
):
    block = shared_blocks.write_block(world)
    shared_blocks.release_block(world, block)
    release(write(body=shared_blocks.holding(block)))
    assert kept_words() == 2

    shared_blocks.release_block(world, block, "Ring the new helpline.")
    shared_blocks.work()

    assert len(found("helpline")) == 2
    assert found("advice words itself") == found("advice shared") == []
    assert kept_words() == 2


def test_what_was_withdrawn_is_not_found_even_if_its_words_were_kept(
    publish, world, monkeypatch
):
    made = publish("Transport")
    monkeypatch.setattr("syndication.search.forget", lambda release: None)

    withdrawals.withdraw(
        content_id=made.item.content_id, by=world.pat, reason="It is over"
    )

    assert kept_words() == 1
    for order in ("relevance", "newest"):
        assert found("transport", f"&order={order}") == []
