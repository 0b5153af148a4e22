"""Every selection has a feed, and keeps its address when it is renamed."""

import pytest

from cms.models import Area, FormerTopicSlug, Topic
from syndication import directory
from syndication.feeds import selections

ORIGIN = "https://localoffer.example"


@pytest.fixture
def health(world):
    return Topic.objects.create(name="Health", slug="health")


def test_every_feed_has_a_name_and_an_address(health, django_assert_num_queries):
    with django_assert_num_queries(4):
        found = {one.path: one for one in selections.every()}

    assert found["news"].name == "news"
    assert found["news/shropshire"].name == "news for Shropshire"
    assert found["news/topic/health"].name == "news: Health"
    assert "news/shropshire/health" not in found
    assert found["withdrawals"].addresses == {
        form: f"{ORIGIN}/feeds/withdrawals.{form}" for form in ("rss", "atom", "json")
    }
    assert len(found) == 6 * (1 + 2 + 1)


def test_feeds_of_an_area_about_a_topic_are_told_on_request(health):
    found = {one.path: one for one in selections.every(both=True)}

    assert found["news/shropshire/health"].name == "news for Shropshire: Health"
    assert len(found) == 6 * (1 + 2) * (1 + 1)


def test_a_topic_is_found_by_every_name_that_it_had(health):
    health.slug = "wellbeing"
    health.save()
    health.slug = "being-well"
    health.save()

    for slug in ("being-well", "wellbeing", "health"):
        word = directory.find("topic", slug)
        assert word.slug == "being-well"
        assert set(word.slugs) == {"being-well", "wellbeing", "health"}


def test_who_has_a_name_now_is_meant_by_it(health):
    health.slug = "wellbeing"
    health.save()
    Topic.objects.create(name="Health services", slug="health")

    assert directory.find("topic", "health").name == "Health services"
    assert directory.find("topic", "wellbeing").slugs == ("wellbeing",)


def test_a_name_that_went_from_one_to_the_other_and_on(health):
    other = Topic.objects.create(name="Other", slug="other")
    health.slug = "wellbeing"
    health.save()
    other.slug = "health"
    other.save()
    other.slug = "another"
    other.save()

    assert directory.find("topic", "health").slug == "another"
    assert directory.find("topic", "wellbeing").slugs == ("wellbeing",)


def test_a_name_that_came_back_is_no_former_one(health):
    for slug in ("wellbeing", "health"):
        health.slug = slug
        health.save()

    assert directory.find("topic", "health").slugs == ("health", "wellbeing")
    assert str(FormerTopicSlug.objects.get()) == "wellbeing"


def test_saving_without_renaming_keeps_nothing(health):
    health.name = "Being healthy"
    health.save()

    assert not FormerTopicSlug.objects.exists()


def test_areas_are_renamed_alike(world):
    area = Area.objects.get(slug="shropshire")
    area.slug = "shropshire-council"
    area.save()

    assert directory.find("area", "shropshire").slug == "shropshire-council"
    assert directory.find("area", "nowhere") is None
