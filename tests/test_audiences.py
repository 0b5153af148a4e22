"""Whom a rule finds: who chose nothing of a sort, or at least one of what it names."""

import uuid
from itertools import combinations, product

import pytest
from django.utils import timezone

from syndication.newsletters.models import Choice, Subscriber, Subscription, Wording

AREAS = ("here", "there", "elsewhere")
KINDS = ("news", "local-offer")


def some_of(values):
    return [c for size in range(len(values) + 1) for c in combinations(values, size)]


@pytest.fixture
def everybody(db):
    """One person for each way to choose: subscription key -> areas, kinds."""
    now = timezone.now()
    wording = Wording.objects.create(text="Yes.", first_shown_at=now)
    found = {}
    for number, (areas, kinds) in enumerate(product(some_of(AREAS), some_of(KINDS))):
        made = Subscription.objects.create(
            key=uuid.UUID(int=number),
            subscriber=Subscriber.objects.create(
                email=f"{number}@example.org", created_at=now
            ),
            wording=wording,
            source="test",
            requested_at=now,
            confirmed_at=now,
        )
        for sort, values in (("area", areas), ("kind", kinds)):
            for value in values:
                Choice.objects.create(subscription=made, sort=sort, value=value)
        found[made.key] = (set(areas), set(kinds))
    return found


@pytest.mark.parametrize("areas", some_of(AREAS)[1:], ids="+".join)
@pytest.mark.parametrize("kinds", [("news",), KINDS], ids="+".join)
def test_a_rule_finds_who_chose_nothing_or_one_of_it(everybody, areas, kinds):
    found = Subscription.objects.interested_in({"area": areas, "kind": kinds})

    assert set(found.values_list("key", flat=True)) == {
        key
        for key, (theirs, of_kinds) in everybody.items()
        if (not theirs or theirs & set(areas))
        and (not of_kinds or of_kinds & set(kinds))
    }


def test_a_rule_without_a_sort_asks_nothing_of_it(everybody):
    assert Subscription.objects.interested_in({}).count() == len(everybody)


def test_a_sort_of_which_nothing_is_named_finds_who_chose_nothing(everybody):
    found = Subscription.objects.interested_in({"kind": []})

    assert set(found.values_list("key", flat=True)) == {
        key for key, (_, kinds) in everybody.items() if not kinds
    }
