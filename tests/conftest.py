"""The cast of most tests: two areas, two forums, an editor, a tree of pages."""

import os
from functools import partial
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as effort
from wagtail.models import Collection, Locale, Page

from cms import sign_off as sign_off_verbs
from cms import tree
from cms.models import (
    Area,
    Forum,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
    Proof,
)
from syndication.models import Release

from . import memories
from .browsing import browser, page, promised_screens  # noqa: F401
from .feeds import feeds_made, two_items  # noqa: F401
from .midnight import pytest_runtest_setup  # noqa: F401
from .migrated import Migrated
from .newsletter import (  # noqa: F401
    ask,
    mail_server,
    send_issue,
    sign_issue,
    subscribe,
)
from .once import pytest_itemcollected  # noqa: F401

# The normal run plays the same games each time, so that nobody is stopped by luck.
# The nightly one looks for new ones; a failure prints how to play it again.
effort.register_profile("normal", derandomize=True, deadline=None, print_blob=True)
effort.register_profile(
    "nightly",
    max_examples=2000,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
effort.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Uploads of a test go to a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def nothing_kept():
    """No test is answered with what another one made the service keep."""
    memories.forget()


@pytest.fixture(scope="session")
def migrated(pytestconfig):
    """The migrated database of an earlier run, or of another worker."""
    if connection.vendor == "sqlite":
        return Migrated(pytestconfig.cache.mkdir("migrated"))
    return None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix, migrated
):
    """Called before the database is made, which is what it is used for here."""
    if migrated:
        migrated.begin()


@pytest.fixture(scope="session")
def django_db_setup(migrated, django_db_setup, django_db_blocker):
    """The cast is made once. Each test that changes it is rolled back."""
    with django_db_blocker.unblock():
        if migrated:
            migrated.end()
        make_world()
        # SQLite is asked once in each process: not among the queries of a test.
        assert connection.features.supports_json_field


@pytest.fixture
def world(db):
    """Shropshire and Telford, PACC and PODS with a member each, an editor."""
    return make_world()


@pytest.fixture
def nobody(db):
    """A database into which nobody was let yet."""
    clear_world()


def clear_world():
    """Take the cast away, and where it writes."""
    for home in Page.objects.filter(depth=2):
        home.delete()
    Collection.objects.filter(depth__gt=1).delete()
    Area.objects.all().delete()
    groups = list(Forum.objects.values_list("group", flat=True))
    Forum.objects.all().delete()
    Group.objects.filter(pk__in=groups).delete()
    User.objects.all().delete()


def make_world():
    """The cast, made anew after a test emptied the database (transactional tests)."""
    if Forum.objects.exists():
        return the_world()
    Locale.objects.get_or_create(language_code="en-gb")
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    tree.install()
    pacc = make_forum("Shropshire Parent and Carer Council", "PACC")
    pods = make_forum("Parents Opening Doors", "PODS")
    shropshire = Area.objects.create(name="Shropshire", slug="shropshire")
    shropshire.forums.add(pacc)
    telford = Area.objects.create(name="Telford and Wrekin", slug="telford-and-wrekin")
    telford.forums.add(pods)
    editor = User.objects.create_user("editor", "editor@example.org", "secret")
    editor.groups.add(Group.objects.get(name=tree.EDITORS))
    make_member("pat", pacc)
    make_member("pip", pods)
    User.objects.create_superuser("admin", "admin@example.org", "secret")
    return the_world()


def the_world():
    """The cast as it stands in the database."""
    forums = {forum.slug: forum for forum in Forum.objects.select_related("group")}
    areas = {area.slug: area for area in Area.objects.all()}
    people = {person.username: person for person in User.objects.all()}
    return SimpleNamespace(
        pacc=forums["pacc"],
        pods=forums["pods"],
        shropshire=areas["shropshire"],
        telford=areas["telford-and-wrekin"],
        editor=people["editor"],
        pat=people["pat"],
        pip=people["pip"],
        admin=people["admin"],
    )


def make_forum(name, short_name):
    group = Group.objects.create(name=f"{short_name} members")
    forum = Forum.objects.create(
        name=name, short_name=short_name, slug=short_name.lower(), group=group
    )
    tree.let_forum_in(forum)
    return forum


def make_member(username, forum):
    user = User.objects.create_user(username, f"{username}@example.org", "secret")
    user.groups.add(forum.group)
    return user


BODY = [
    {"type": "heading", "value": "Who to ring"},
    {"type": "paragraph", "value": "<p>Ring the <b>advice line</b> first.</p>"},
    {
        "type": "contact",
        "value": {
            "name": "Speech and language advice line",
            "phone": "01632 960101",
            "email": "advice@example.org",
            "hours": "Mondays, 9am to noon",
        },
    },
    {
        "type": "call_to_action",
        "value": {"text": "Read the leaflet", "url": "https://example.org/leaflet"},
    },
]


def write_draft(
    world, kind="local-offer", *, areas=None, by=None, parent=None, **fields
):
    """Write a draft as the editor: ``write_draft(world, title=…, areas=[…])``."""
    model, index = (
        (NewsItemPage, NewsIndexPage)
        if kind == "news"
        else (LocalOfferPage, LocalOfferIndexPage)
    )
    values = {
        "title": "Getting help with talking and understanding",
        "summary": "Who can help, and what to try first.",
        "body": BODY,
        "owner": by or world.editor,
    }
    if kind == "local-offer":
        values |= {
            "audience": "Families of children who find talking hard",
            # Of a service, which is the default, far more would have to be told.
            "describes": "information",
            "review_by": "2027-09-01",
        }
    if "content_id" in fields:
        fields["content_id"] = UUID(str(fields["content_id"]))
    page = model(**(values | fields))
    page.areas = areas if areas is not None else [world.shropshire, world.telford]
    (parent or tree.folder(index)).add_child(instance=page)
    page.save_revision(user=by or world.editor)
    return page


def submit_draft(world, page, *, by=None):
    """Submit a draft for sign-off as the editor; gives back its open proof."""
    page.get_workflow().start(page, by or world.editor)
    return Proof.objects.open().get(content_id=page.content_id)


@pytest.fixture
def write(world):
    """``write_draft`` in the world of the test."""
    return partial(write_draft, world)


@pytest.fixture
def submit(world):
    """``submit_draft`` in the world of the test."""
    return partial(submit_draft, world)


@pytest.fixture
def sign(world):
    """Sign a proof: ``sign(proof, world.pacc, world.pat)``."""

    def sign(proof, forum, by, **kwargs):
        return sign_off_verbs.sign(
            proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint, **kwargs
        )

    return sign


@pytest.fixture
def release(world, submit, sign):
    """Take a page through sign-off by every forum concerned; gives its release."""

    def release(page):
        proof = submit(page)
        members = {world.pacc: world.pat, world.pods: world.pip}
        for forum in proof.forums.all():
            sign(proof, forum, members[forum])
        return Release.objects.current().get(item__content_id=page.content_id)

    return release


@pytest.fixture
def edit():
    """Change a page's draft: ``edit(page, by, title=...)``."""

    def edit(page, by, **fields):
        draft = page.get_latest_revision_as_object()
        for name, value in fields.items():
            setattr(draft, name, value)
        draft.save_revision(user=by)
        page.refresh_from_db()
        return page

    return edit


@pytest.fixture
def client_of():
    """A browser signed in as somebody: ``client_of(world.pat)``."""

    def client_of(user):
        client = Client()
        client.force_login(user)
        return client

    return client_of
