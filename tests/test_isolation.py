"""No test sees what another one left, though what fixtures made stands (tests/stage.py).

Each test here is played three times, and leaves behind all that it can.
"""

from typing import ClassVar

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import TestCase

from cms.models import Area, Forum, LocalOfferPage

from .stage import stage

three_times = pytest.mark.parametrize("turn", ["once", "twice", "thrice"])


@pytest.fixture
def made(write):
    page = write(title="As it was made")
    mail.outbox.append(mail.EmailMessage("As it was made"))
    default_storage.save("made.txt", ContentFile("As it was made"))
    cache.set("made", "warm")
    return page


@pytest.fixture
def asked(made, write):
    write(title="Written later", summary="Though by a fixture.")
    return LocalOfferPage.objects.filter(title="Written later")


@pytest.fixture
def changed(made):
    made.title = "In memory only"
    return made


def titles():
    return list(LocalOfferPage.objects.values_list("title", flat=True))


@three_times
def test_each_begins_with_what_its_fixtures_made(made, write, world, turn):
    files = {path.name: path.read_text() for path in settings.MEDIA_ROOT.iterdir()}
    assert (made.title, titles()) == ("As it was made", ["As it was made"])
    assert [letter.subject for letter in mail.outbox] == ["As it was made"]
    assert files == {"made.txt": "As it was made"}
    assert (cache.get("made"), cache.get("left")) == (None, None)

    made.title = "Left behind"
    made.save()
    write(title="Left behind as well")
    mail.outbox.clear()
    (settings.MEDIA_ROOT / "made.txt").write_text("Left behind")
    cache.set("left", "behind")
    world.pat.delete()


@three_times
def test_what_fixtures_made_stands_for_the_next(made, turn):
    assert stage.levels[-1].steps[-1].fixture.argname == "made"
    assert cache.get("made") is None


@three_times
def test_a_fixture_that_changes_another_gives_the_same_thing(made, changed, turn):
    assert made is changed
    assert cache.get("made") is None
    assert made.title == "In memory only"


@three_times
def test_a_query_is_asked_when_the_test_asks_it(asked, write, turn):
    write(title="Written later")

    assert len(asked) == 2
    assert cache.get("made") is None


@three_times
@pytest.mark.django_db(transaction=True)
def test_one_that_commits_leaves_the_cast_and_nothing_else(turn):
    names = {"admin", "editor", "pat", "pip"}
    assert set(User.objects.values_list("username", flat=True)) == names
    assert (Forum.objects.count(), Area.objects.count(), titles()) == (2, 2, [])
    assert Permission.objects.exists()
    assert not connection.in_atomic_block

    User.objects.create_user("left-behind")
    User.objects.get(username="pat").delete()
    Area.objects.all().delete()
    Permission.objects.all().delete()


class TestOfAClass(TestCase):
    """Written once for all of its own, before any test of it begins."""

    found: ClassVar[list[str]]

    @classmethod
    def setUpTestData(cls):
        cls.found = titles()

    def test_it_begins_with_nothing(self):
        assert self.found == []
