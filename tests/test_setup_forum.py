"""One command makes a forum, and its members can start at once."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.urls import reverse
from wagtail.models import GroupCollectionPermission, GroupPagePermission

from cms import tree
from cms.models import (
    Area,
    Forum,
    LocalOfferIndexPage,
    LocalOfferPage,
    NewsIndexPage,
    NewsItemPage,
)

LUDLOW = {"name": "Families of Ludlow", "short_name": "Ludlow"}


@pytest.fixture
def site(nobody):
    tree.install()


@pytest.fixture
def set_up(site, capsys):
    """Run the command; gives what it said."""

    def set_up(**options):
        call_command("setup_forum", **(LUDLOW | options))
        return capsys.readouterr().out

    return set_up


def everything():
    """All that the command can make, as facts that can be compared."""
    return {
        "forums": list(Forum.objects.order_by("pk").values()),
        # A set each: rows come in no order.
        "groups": set(Group.objects.values_list("name", "permissions", "user")),
        "pages": set(
            GroupPagePermission.objects.values_list(
                "group", "page__url_path", "permission"
            )
        ),
        "areas": set(Area.objects.values_list("slug", "name", "forums")),
    }


def test_a_member_of_a_new_forum_writes_in_its_section_at_once(set_up, client_of):
    lu = User.objects.create_user("lu")

    set_up(areas=[("ludlow", "Ludlow")], members=["lu"])

    client = client_of(lu)
    section = LocalOfferIndexPage.objects.get(forum__slug="ludlow")
    assert (
        client.get(reverse("wagtailadmin_explore", args=[section.pk])).status_code
        == 200
    )
    client.post(
        reverse("wagtailadmin_pages:add", args=["cms", "localofferpage", section.pk]),
        form("A lift to the hall"),
    )
    page = LocalOfferPage.objects.get()
    assert (page.title, page.owner, page.live) == ("A lift to the hall", lu, False)
    assert page.get_parent().specific == section


@pytest.mark.parametrize(
    ("index", "model"),
    [(LocalOfferIndexPage, LocalOfferPage), (NewsIndexPage, NewsItemPage)],
)
def test_a_member_writes_nowhere_else(set_up, client_of, index, model):
    lu = User.objects.create_user("lu")
    set_up(members=["lu"])
    call_command("setup_forum", name="Families of Clun", short_name="Clun")

    for folder in (tree.folder(index), index.objects.get(forum__slug="clun")):
        client_of(lu).post(
            reverse(
                "wagtailadmin_pages:add",
                args=["cms", model._meta.model_name, folder.pk],
            ),
            form("Where it does not belong"),
        )

    assert not model.objects.exists()


def test_the_command_says_what_it_did(set_up):
    User.objects.create_user("lu")

    said = set_up(
        areas=[("ludlow", "Ludlow")], members=["lu"], website="https://example.org"
    )

    assert said.splitlines() == [
        "Parent carer forum Ludlow: Families of Ludlow",
        "Group “Ludlow members”",
        "Section “Ludlow” in “Local offer”, where members write",
        "Section “Ludlow” in “News”, where members write",
        "Area Ludlow",
        "Ludlow signs what is for Ludlow",
        "lu is a member of Ludlow",
    ]


def test_a_second_run_changes_nothing_and_says_so(set_up):
    User.objects.create_user("lu")
    same = {"areas": [("ludlow", "Ludlow")], "members": ["lu"]}
    set_up(**same)
    before = everything()

    said = set_up(**same)

    assert said == "Ludlow already has everything. Nothing was changed.\n"
    assert everything() == before


def test_a_later_run_adds_what_is_missing(set_up):
    set_up()
    User.objects.create_user("lu")
    GroupPagePermission.objects.filter(page__title="Ludlow").first().delete()

    said = set_up(
        areas=[("ludlow", "Ludlow")], members=["lu"], website="https://example.org"
    )

    assert said.splitlines() == [
        "Website of Ludlow: https://example.org",
        "Section “Ludlow” in “Local offer”, where members write",
        "Area Ludlow",
        "Ludlow signs what is for Ludlow",
        "lu is a member of Ludlow",
    ]


def test_a_forum_joins_an_area_that_is_there(set_up):
    area = Area.objects.create(slug="ludlow", name="Ludlow")

    set_up(areas=[("ludlow", "")])

    assert [str(forum) for forum in area.forums.all()] == ["Ludlow"]


def test_a_person_of_two_forums_is_pointed_out(set_up):
    User.objects.create_user("lu")
    set_up(members=["lu"])

    said = set_up(name="Families of Clun", short_name="Clun", members=["lu"])

    assert "lu is also a member of Ludlow. Nobody signs one text for two" in said


def test_a_professional_signatory_has_no_section_and_may_only_sign(set_up):
    said = set_up(role="professional")

    assert said.splitlines() == [
        "Professional signatory Ludlow: Families of Ludlow",
        "Group “Ludlow members”",
    ]
    group = Forum.objects.get().group
    assert [one.codename for one in group.permissions.all()] == ["access_admin"]
    assert not GroupPagePermission.objects.filter(group=group).exists()
    assert not GroupCollectionPermission.objects.filter(group=group).exists()


def test_a_group_that_is_there_is_taken_and_pointed_out(set_up):
    Group.objects.create(name="Ludlow members")

    assert "which was there already: see who is in it" in set_up()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"members": ["nobody"]}, "no account “nobody”"),
        ({"areas": [("ludlow", "")]}, "Say what it is called: ludlow=Name"),
        ({"areas": [("Ludlow!", "Ludlow")]}, "does not make an area"),
        ({"areas": [("clun", "Ludlow Town")]}, "is called Clun, not Ludlow Town"),
        ({"website": "example.org/ plain"}, "website: Enter a valid URL"),
        ({"short_name": "!"}, "slug: This field cannot be blank"),
        (
            {"name": "Families of Clun", "short_name": "Clun", "role": "professional"},
            "Clun is a parent carer forum",
        ),
        ({"slug": "clun"}, "“clun” is Families of Clun (Clun)"),
        ({"name": "Families of Clun"}, "name: Forum with this Name already exists"),
        ({"short_name": "Clun", "slug": "clun-2"}, "Another forum has the short name"),
    ],
)
def test_what_contradicts_itself_is_refused_as_a_whole(set_up, options, sentence):
    call_command(
        "setup_forum",
        name="Families of Clun",
        short_name="Clun",
        areas=[("clun", "Clun")],
    )
    before = everything()

    with pytest.raises(CommandError) as refused:
        set_up(**options)

    assert sentence in str(refused.value)
    assert str(refused.value).endswith("Nothing was changed.")
    assert everything() == before


def test_a_new_website_that_is_none_is_refused(set_up):
    set_up()

    with pytest.raises(CommandError, match="Enter a valid URL"):
        set_up(website="no address")


def test_without_a_page_tree_the_command_says_what_comes_first(nobody):
    with pytest.raises(CommandError, match=r"Run “manage.py setup_site” first"):
        call_command("setup_forum", **LUDLOW)


def test_an_area_on_the_command_line_is_slug_and_name(site):
    call_command(
        "setup_forum",
        "--name=Families of Ludlow",
        "--short-name=Ludlow",
        "--area=ludlow=Ludlow and around",
    )

    assert Area.objects.get().name == "Ludlow and around"


def test_an_area_without_slug_is_refused(site):
    with pytest.raises(CommandError, match="Write an area as SLUG=NAME"):
        call_command(
            "setup_forum", "--name=Families of Ludlow", "--short-name=L", "--area==L"
        )


def form(title):
    """What the form for a new page sends when its writer saves a first draft."""
    return {
        "title": title,
        "summary": "",
        "audience": "",
        "age_from": "0",
        "age_to": "25",
        "body-count": "0",
        "co_production-count": "0",
        "formats-count": "0",
        "describes": "information",
        **{
            f"{name}-count": "0" for name in ("places", "hours", "languages", "ways_in")
        },
        **{f"{name}-count": "0" for name in ("events", "surveys", "reports_on")},
        "comments-TOTAL_FORMS": "0",
        "comments-INITIAL_FORMS": "0",
    }
