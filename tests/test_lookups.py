"""Many rows named in one parameter, and questions that are written once."""

import pytest
from django.utils import timezone

from syndication.newsletters.lookups import Prepared
from syndication.newsletters.models import Subscriber

ODD = ['a"b@x.example', "a\\b@x.example", "{a,b}@x.example", "NULL", "ä,@x.example", ""]


@pytest.fixture
def people(db):
    now = timezone.now()
    return [Subscriber.objects.create(email=one, created_at=now) for one in ODD]


def test_words_are_found_as_they_are(people):
    found = Subscriber.objects.filter(email__any_of=ODD[::2])

    assert set(found.values_list("email", flat=True)) == set(ODD[::2])


def test_rows_are_found_by_their_numbers(people):
    wanted = [one.pk for one in people[1:3]]

    assert set(Subscriber.objects.filter(pk__any_of=wanted)) == set(people[1:3])


def test_none_of_nothing(people):
    assert not Subscriber.objects.filter(pk__any_of=[]).exists()
    assert not Subscriber.objects.filter(email__any_of=[]).exists()


def test_a_question_that_was_written_once_is_answered_anew(
    people, django_assert_num_queries
):
    question = Prepared(
        Subscriber.objects.filter(email=ODD[0]).values_list("pk", "email")
    )
    with django_assert_num_queries(1):
        assert question.ask() == [(people[0].pk, ODD[0])]
    people[0].delete()

    assert question.ask() == []
