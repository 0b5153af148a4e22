"""A partner asks for what it shows, finds by words, and gets no more than it needs."""

import json
from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from cms import reviews, terms
from cms.models import Term, Topic
from cms.representation import whole
from site_settings.models import ReviewSettings
from syndication import releases
from syndication.models import Release

ITEMS = "/api/v1/items"
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 9, tzinfo=UTC)


def get(url, **headers):
    return Client().get(url.removeprefix(settings.PUBLIC_ORIGIN), headers=headers)


def titles(query):
    answer = get(f"{ITEMS}?{query}")
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def refused(query, parameter):
    answer = get(f"{ITEMS}?{query}")
    told = answer.json()
    return (answer.status_code, told["code"], told["parameter"]) == (
        400,
        "invalid_parameter",
        parameter,
    )


@pytest.fixture
def offer(world, write, release):
    """Three pages of different topics, terms and ages; gives back what is public."""
    terms.install()
    health, school = (
        Topic.objects.create(name=name, slug=name.lower())
        for name in ("Health", "School")
    )

    def made(title, topics, codes, summary="A sentence.", **fields):
        page = write(title=title, summary=summary, **fields)
        page.topics = topics
        page.terms = Term.objects.filter(code__in=codes)
        page.save_revision(user=world.editor)
        return release(page)

    with time_machine.travel(MONDAY, tick=False):
        talking = made(
            "Talking and understanding",
            [health],
            ["early-years", "universal"],
            age_from=0,
            age_to=5,
            summary="Stammering, first words, an advice line.",
        )
        college = made(
            "Going to college",
            [school],
            ["post-16", "universal"],
            age_from=16,
            age_to=25,
            areas=[world.shropshire],
        )
    with time_machine.travel(TUESDAY, tick=False):
        news = release(write("news", title="The advice line moved"))
    return {"talking": talking, "college": college, "news": news}


def test_filters_narrow_the_list_and_go_together(offer):
    everything = [
        "The advice line moved",
        "Going to college",
        "Talking and understanding",
    ]
    assert titles("") == everything
    assert titles("topic=health") == ["Talking and understanding"]
    assert titles("stage=post-16") == ["Going to college"]
    assert titles("tier=universal") == everything[1:]
    assert titles("tier=universal&area=telford-and-wrekin") == [
        "Talking and understanding"
    ]
    assert titles("kind=local-offer&topic=school&stage=early-years") == []


def test_an_age_finds_what_is_for_it_and_what_names_none(offer):
    assert titles("age=4") == ["The advice line moved", "Talking and understanding"]
    assert titles("age=5") == ["The advice line moved", "Talking and understanding"]
    assert titles("age=6") == ["The advice line moved"]
    assert titles("age=16") == ["The advice line moved", "Going to college"]


def test_days_choose_what_is_new_and_what_was_read_lately(offer, world):
    since = quote("2026-11-17T09:00:00+00:00")
    assert titles(f"updated_since={since}") == ["The advice line moved"]
    assert titles("updated_since=2026-11-17T09:00:01Z") == []
    assert titles("reviewed_since=2026-11-17") == ["The advice line moved"]
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=False):
        college = offer["college"]
        reviews.assure(
            content_id=college.item.content_id,
            by=world.pat,
            fingerprint=college.fingerprint,
        )
    assert titles("reviewed_since=2026-11-18") == ["Going to college"]


def test_what_was_taken_out_of_an_item_counts_as_updated(offer):
    made = offer["talking"]
    with time_machine.travel(datetime(2026, 11, 21, tzinfo=UTC), tick=False):
        releases.take_out(
            release=made,
            change=lambda form: whole(
                form | {"body": [{"type": "left_out"}, *form["body"][1:]]}
            ),
        )

    # Its place in the list of what is new stays.
    assert titles("")[0] == "The advice line moved"
    assert titles("updated_since=2026-11-20T00:00:00Z") == ["Talking and understanding"]
    assert titles("order=updated")[0] == "Talking and understanding"


def test_words_are_found_in_any_form_the_title_first(offer):
    assert titles("q=stammer") == ["Talking and understanding"]
    assert titles("q=colleges") == ["Going to college"]
    assert titles("q=advice+line")[0] == "The advice line moved"
    assert len(titles("q=advice+line")) == 3
    assert titles("q=advice+line&stage=early-years") == ["Talking and understanding"]
    assert titles("q=swimming") == []


def test_words_can_be_asked_for_newest_first(offer):
    assert titles("q=line&order=newest") == titles("")


@pytest.mark.parametrize(
    "sent",
    ['"', "a OR b NOT", "title:advice", "line*", "(", "NEAR(a b)", "' --", "&|!"],
)
def test_no_sign_is_an_operator_of_the_search(offer, sent):
    answer = get(f"{ITEMS}?q={quote(sent)}")

    assert answer.status_code in (200, 400)
    if answer.status_code == 400:
        assert answer.json()["parameter"] == "q"


def test_what_is_long_overdue_is_public_and_not_found(offer, world):
    Release.objects.filter(pk=offer["college"].pk).update(review_by=date(2020, 1, 1))
    ReviewSettings.load()

    assert "Going to college" in titles("")
    assert titles("q=college") == []


def test_what_was_withdrawn_or_changed_is_not_found_by_its_old_words(
    offer, edit, release, world
):
    page = offer["talking"].proof.item
    release(edit(page, world.editor, summary="Nothing like it.", title="New words"))

    assert titles("q=stammering") == []
    assert titles("q=new+words") == ["New words"]


@pytest.mark.parametrize("query", ["", "&topic=health", "&order=updated", "&q=line"])
def test_a_filtered_list_is_walked_page_by_page_in_one_query_each(
    offer, query, django_assert_num_queries
):
    expected = titles(query.removeprefix("&"))
    url, seen = f"{ITEMS}?limit=1{query}", []
    while url:
        with django_assert_num_queries(1):
            answer = get(url)
        assert answer.status_code == 200, answer.content
        seen += [item["title"] for item in answer.json()["items"]]
        url = answer.json()["next"]
        if url:
            assert answer["Link"] == f'<{url}>; rel="next"'

    assert seen == expected


def test_a_cursor_goes_with_its_filters_and_its_order(offer):
    following = get(f"{ITEMS}?limit=1&tier=universal").json()["next"]

    for other in ("tier=targeted", "tier=universal&order=updated", "q=line"):
        cursor = following.rpartition("cursor=")[2]
        answer = get(f"{ITEMS}?limit=1&{other}&cursor={cursor}")
        assert answer.status_code == 400
        assert answer.json()["code"] == "cursor_mismatch"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("age=26", "age"),
        ("age=-1", "age"),
        ("age=4.5", "age"),
        ("updated_since=yesterday", "updated_since"),
        ("updated_since=2026-11-17", "updated_since"),
        ("updated_since=2026-11-17T09:00:00", "updated_since"),
        ("updated_since=2026-02-30T09:00:00Z", "updated_since"),
        # A plus that was not written %2B arrives as a space.
        ("updated_since=2026-11-17T09:00:00+00:00", "updated_since"),
        ("reviewed_since=2026-13-01", "reviewed_since"),
        ("reviewed_since=20261101", "reviewed_since"),
        ("order=relevance", "order"),
        ("order=random", "order"),
        ("view=everything", "view"),
        ("stage=%00", "stage"),
        ("topic=Sch%20ool", "topic"),
        ("q=%21%21", "q"),
        ("q=", "q"),
        (f"q={'a' * 600}", "q"),
        ("limit=101", "limit"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_named(db, query, parameter):
    assert refused(query, parameter)


def test_a_summary_leaves_the_body_out_and_tells_what_lists_show(offer):
    (item,) = get(f"{ITEMS}?view=summary&topic=health").json()["items"]
    whole = get(f"{ITEMS}/{item['content_id']}").json()

    assert "content" not in item
    assert item["summary"] == "Stammering, first words, an advice line."
    assert (item["age_from"], item["age_to"]) == (0, 5)
    assert item["topics"] == [{"name": "Health", "slug": "health"}]
    for name in ("areas", "terms", "audience"):
        assert item[name] == whole["content"][name]
    for name in ("content_id", "version", "title", "url", "receipt", "review"):
        assert item[name] == whole[name]


def test_both_views_of_a_list_have_tags_of_their_own(offer):
    full, summary = get(ITEMS), get(f"{ITEMS}?view=summary")

    assert full["ETag"] != summary["ETag"]
    assert get(f"{ITEMS}?view=full")["ETag"] == full["ETag"]
    again = get(f"{ITEMS}?view=summary", if_none_match=summary["ETag"])
    assert again.status_code == 304


def test_an_earlier_version_can_be_read_as_it_was(offer, edit, release, world):
    made = offer["talking"]
    url = f"{ITEMS}/{made.item.content_id}"
    first = get(url)
    release(edit(made.proof.item, world.editor, title="Talking, second edition"))

    earlier = get(f"{url}?version=1")

    assert get(url).json()["version"] == 2
    assert get(f"{url}?version=2").content == get(url).content
    assert earlier.content == first.content
    assert earlier["ETag"] == first["ETag"]
    assert get(f"{url}?version=1", if_none_match=first["ETag"]).status_code == 304
    missing = get(f"{url}?version=3")
    assert (missing.status_code, missing.json()["code"]) == (404, "version_not_found")


def test_no_earlier_version_tells_what_was_taken_out_since(offer):
    made = offer["talking"]
    url = f"{ITEMS}/{made.item.content_id}"
    releases.take_out(
        release=made,
        change=lambda form: whole(
            form | {"body": [{"type": "left_out"}, *form["body"][1:]]}
        ),
    )

    answer = get(f"{url}?version=1")

    assert answer.status_code == 410
    told = answer.json()
    assert told["code"] == "version_withdrawn"
    assert json.dumps(told).count("Who to ring") == 0
    assert get(f"{url}?version=2").status_code == 200


def test_no_version_of_what_was_withdrawn_can_be_read(offer, edit, release, world):
    made = offer["talking"]
    url = f"{ITEMS}/{made.item.content_id}"
    release(edit(made.proof.item, world.editor, title="Second edition"))
    releases.withdraw(
        content_id=made.item.content_id, by=world.admin, reason="It was wrong"
    )

    for query in ("", "?version=1", "?version=2"):
        answer = get(url + query)
        assert answer.status_code == 410
        assert answer.json()["code"] == "item_withdrawn"
