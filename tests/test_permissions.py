"""What members, editors and administrators may do, told one by one.

``test_permission_matrix.py`` walks through every address; here is what depends on what
is sent, and what nobody may hold at all.
"""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.core import checks
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.urls import reverse
from wagtail.images.models import Image
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
    Workflow,
    WorkflowTask,
)
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import tree
from cms.checks import nobody_may_publish
from cms.models import Forum, HomePage, LocalOfferIndexPage

from .every_block import make_document
from .permission_routes import picture
from .test_bypass import form_of

# Wagtail opens renditions without closing them.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def sections(world):
    """The two forums' sections of the local offer."""
    return {
        forum: LocalOfferIndexPage.objects.get(forum=forum)
        for forum in (world.pacc, world.pods)
    }


@pytest.fixture
def own(world, write, sections):
    """A draft by PACC's member in PACC's section."""
    return write(by=world.pat, parent=sections[world.pacc], areas=[world.shropshire])


@pytest.fixture
def theirs(world, write, sections):
    """A draft by PODS's member in PODS's section."""
    return write(
        title="Not ready",
        by=world.pip,
        parent=sections[world.pods],
        areas=[world.telford],
    )


def image_of(forum, title="Garden"):
    collection = (
        Collection.objects.get(
            group_permissions__group=forum.group,
            group_permissions__permission__codename="add_image",
        )
        if forum
        else Collection.get_first_root_node()
    )
    return Image.objects.create(
        title=title, file=ImageFile(picture(), "garden.png"), collection=collection
    )


# What is sent.


def move(client, page, to):
    client.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, to.pk]))


def move_in_bulk(client, page, to):
    client.post(
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "move"])
        + f"?id={page.pk}",
        {"chooser": to.pk},
    )


def move_through_the_api(client, page, to):
    client.post(
        reverse("wagtailadmin_api:pages:action", args=[page.pk, "move"]),
        {"destination_page_id": to.pk, "position": "last-child"},
        content_type="application/json",
    )


def copy(client, page, to):
    client.post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {"new_title": "Copy", "new_slug": "copy", "new_parent_page": to.pk},
    )


def copy_through_the_api(client, page, to):
    client.post(
        reverse("wagtailadmin_api:pages:action", args=[page.pk, "copy"]),
        {"destination_page_id": to.pk, "slug": "copy", "keep_live": False},
        content_type="application/json",
    )


def inside(folder):
    return Page.objects.child_of(folder).count()


WAYS = [move, move_in_bulk, move_through_the_api, copy, copy_through_the_api]


@pytest.mark.parametrize("way", WAYS)
def test_a_member_puts_nothing_into_another_forums_section(
    world, own, sections, client_of, way
):
    way(client_of(world.pat), own, sections[world.pods])

    assert (inside(sections[world.pods]), inside(sections[world.pacc])) == (0, 1)


@pytest.mark.parametrize("way", WAYS)
def test_a_member_takes_nothing_out_of_another_forums_section(
    world, theirs, sections, client_of, way
):
    way(client_of(world.pat), theirs, sections[world.pacc])

    assert (inside(sections[world.pods]), inside(sections[world.pacc])) == (1, 0)


@pytest.mark.parametrize("way", WAYS)
def test_a_member_arranges_their_own_section(world, own, sections, client_of, way):
    below = LocalOfferIndexPage(title="Clubs", slug="clubs", live=False)
    own.get_parent().add_child(instance=below)

    way(client_of(world.pat), own, below)

    assert inside(below) == 1


def test_everything_at_once_is_not_for_members(world, theirs, sections, client_of):
    answer = client_of(world.pat).get(
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
        + f"?id=all&childOf={sections[world.pods].get_parent().pk}"
    )

    assert answer.headers["Location"] == reverse("wagtailadmin_home")


def test_everything_at_once_is_for_superusers(world, theirs, sections, client_of):
    answer = client_of(world.admin).get(
        reverse("wagtail_bulk_action", args=["wagtailcore", "page", "delete"])
        + f"?id=all&childOf={sections[world.pods].pk}"
    )

    assert "Not ready" in answer.content.decode()


def test_numbers_that_are_none_are_refused(world, client_of):
    answer = client_of(world.pat).get(
        reverse("wagtailadmin_choose_page_chosen_multiple") + "?id=1;drop"
    )

    assert answer.headers["Location"] == reverse("wagtailadmin_home")


def test_an_unknown_kind_of_object_has_no_bulk_action(world, client_of):
    answer = client_of(world.pat).get(
        reverse("wagtail_bulk_action", args=["cms", "nothing", "delete"]) + "?id=1"
    )

    assert answer.status_code == 404


def test_only_superusers_say_whose_a_section_is(world, sections, client_of):
    section = sections[world.pacc]
    address = reverse("wagtailadmin_pages:edit", args=[section.pk])
    fields = {"title": "PACC", "slug": "pacc", "comments-TOTAL_FORMS": "0"}
    fields |= {"comments-INITIAL_FORMS": "0", "forum": world.pods.pk}

    client_of(world.pat).post(address, fields)
    section.refresh_from_db()
    assert section.get_latest_revision_as_object().forum == world.pacc

    client_of(world.admin).post(address, fields)
    section.refresh_from_db()
    assert section.get_latest_revision_as_object().forum == world.pods


def test_a_folder_is_not_submitted_to_anyone(world, sections, client_of):
    answer = client_of(world.pat).post(
        reverse(
            "wagtailadmin_pages:add",
            args=["cms", "localofferindexpage", sections[world.pacc].pk],
        ),
        {
            "title": "Clubs",
            "slug": "clubs",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
            "action-submit": "Submit",
        },
    )

    folder = Page.objects.get(title="Clubs")
    assert answer.headers["Location"] == reverse(
        "wagtailadmin_pages:edit", args=[folder.pk]
    )
    assert folder.current_workflow_state is None


def test_the_form_for_a_new_folder_offers_no_submission(world, sections, client_of):
    for model, offered in (("localofferindexpage", False), ("localofferpage", True)):
        form = client_of(world.pat).get(
            reverse(
                "wagtailadmin_pages:add", args=["cms", model, sections[world.pacc].pk]
            )
        )
        assert ("action-submit" in form.content.decode()) == offered


# Public pages, proofs.


def test_a_member_links_to_what_is_public_wherever_it_stands(
    world, theirs, submit, sign, edit, client_of
):
    chooser = reverse("wagtailadmin_choose_page_child", args=[theirs.get_parent().pk])
    assert "Not ready" not in client_of(world.pat).get(chooser).content.decode()

    sign(submit(theirs, by=world.editor), world.pods, make_second(world))
    assert "Not ready" in client_of(world.pat).get(chooser).content.decode()

    theirs.refresh_from_db()
    edit(theirs, world.pip, title="Secret plan")
    listed = client_of(world.pat).get(chooser).content.decode()
    assert "Secret plan" not in listed
    assert "Not ready" not in listed


def make_second(world):
    user = User.objects.create_user("second")
    user.groups.add(world.pods.group)
    return user


def test_a_proof_is_read_by_every_forum_that_it_concerns_and_no_other(
    world, write, submit, sections, client_of
):
    joint = submit(write(parent=sections[world.pods], title="Joint"))
    only_theirs = submit(
        write(parent=sections[world.pods], areas=[world.telford], title="Only theirs")
    )

    client = client_of(world.pat)
    for proof, status in ((joint, 200), (only_theirs, 404)):
        address = reverse("countersign_sign_off:proof", args=[proof.pk])
        assert client.get(address).status_code == status
    listed = client.get(reverse("countersign_sign_off:index")).content.decode()
    assert "Joint" in listed
    assert "Only theirs" not in listed


def test_what_a_forum_signs_it_reads_on_our_screen_only(
    world, write, submit, sections, client_of
):
    joint = write(parent=sections[world.pods], title="Joint")
    submit(joint)

    for name in ("edit", "history", "view_draft", "usage"):
        answer = client_of(world.pat).get(
            reverse(f"wagtailadmin_pages:{name}", args=[joint.pk])
        )
        assert answer.headers["Location"] == reverse("wagtailadmin_home")


# Pictures.


@pytest.mark.parametrize("size", ["original", "width-10"])
def test_picture_files_are_for_those_who_may_choose_them(world, client_of, size):
    image = image_of(world.pods)
    file = image.file if size == "original" else image.get_rendition(size).file
    file.close()

    statuses = {
        name: client_of(getattr(world, name)).get(f"/media/{file.name}").status_code
        for name in ("pat", "pip", "editor", "admin")
    }

    assert statuses == {"pat": 404, "pip": 200, "editor": 200, "admin": 200}


def test_a_member_moves_no_picture_into_another_forums_collection(world, client_of):
    image = image_of(world.pacc)

    client_of(world.pat).post(
        reverse("wagtailimages:edit", args=[image.pk]),
        {"title": "Ours", "collection": image_of(world.pods).collection_id},
    )

    assert Image.objects.get(title="Ours").collection == image.collection


def save_with_image(client, page, image):
    form = form_of(client, page)
    block = {"image": image.pk, "decorative": "on", "alt_text": ""}
    body = {"body": streamfield([("image", block)])}
    kept = {k: v for k, v in form.items() if not k.startswith("body-")}
    return client.post(
        reverse("wagtailadmin_pages:edit", args=[page.pk]),
        kept | nested_form_data(body),
    )


def test_another_forums_file_cannot_be_used_by_its_number(world, own, client_of):
    document = make_document("Private paper")
    document.collection = image_of(world.pods).collection
    document.save()
    client = client_of(world.pat)
    value = {"title": "x", "document": document.pk, "contents": "y"}
    kept = {
        name: one
        for name, one in form_of(client, own).items()
        if not name.startswith("body-")
    }

    answer = client.post(
        reverse("wagtailadmin_pages:edit", args=[own.pk]),
        kept | nested_form_data({"body": streamfield([("attachment", value)])}),
    )

    assert "This holds a file that you may not use." in answer.content.decode()
    own.refresh_from_db()
    assert "attachment" not in [
        block.block_type for block in own.get_latest_revision_as_object().body
    ]


def test_another_forums_picture_cannot_be_used_by_its_number(world, own, client_of):
    image = image_of(world.pods, title="Private picture")

    answer = save_with_image(client_of(world.pat), own, image)

    assert "This holds an image that you may not use." in answer.content.decode()
    assert own.revisions.count() == 1


def test_a_picture_of_ones_own_can_be_used(world, own, client_of):
    save_with_image(client_of(world.pat), own, image_of(world.pacc))

    assert own.revisions.count() == 2


def test_a_picture_that_an_editor_put_in_stays(world, own, client_of):
    shared = image_of(None)
    save_with_image(client_of(world.editor), own, shared)

    save_with_image(client_of(world.pat), own, shared)

    assert own.revisions.count() == 3


# Nobody publishes.


def hold(group, page=None):
    """Give a group every permission that is nobody's, behind everybody's back."""
    group.permissions.add(
        Permission.objects.get(codename="publish_issue"),
        Permission.objects.get(codename="unlock_issue"),
    )
    for codename in ("publish_page", "bulk_delete_page", "unlock_page"):
        GroupPagePermission.objects.create(
            group=group,
            page=page or HomePage.objects.get(),
            permission=Permission.objects.get(codename=codename),
        )


def held():
    return (
        GroupPagePermission.objects.filter(
            permission__codename__in=["publish_page", "bulk_delete_page", "unlock_page"]
        ).count()
        + Group.permissions.through.objects.filter(
            permission__codename__in=["publish_issue", "unlock_issue"]
        ).count()
    )


def test_nobody_holds_what_is_nobodys_in_a_new_installation(world):
    assert held() == 0
    assert nobody_may_publish(None, databases=["default"]) == []


def test_the_check_names_everyone_who_may_publish(world):
    hold(world.pacc.group)
    world.pip.user_permissions.add(Permission.objects.get(codename="publish_issue"))

    found = nobody_may_publish(None, databases=["default"])

    assert {one.id for one in found} == {"countersign.W001"}
    assert sorted(one.msg for one in found) == [
        f"{holder} holds the permission “{label}”, which nobody may hold."
        for holder, label in (
            ("The group “PACC members”", "Can publish newsletter issue"),
            ("The group “PACC members”", "Can unlock newsletter issue"),
            ("The group “PACC members”", "Delete pages with children"),
            ("The group “PACC members”", "Publish any page"),
            ("The group “PACC members”", "Unlock any page"),
            ("“pip”", "Can publish newsletter issue"),
        )
    ]


def test_the_check_runs_with_those_of_the_database(world):
    hold(world.pacc.group)

    found = checks.run_checks(tags=["database"], databases=["default"])

    assert len([one for one in found if one.id == "countersign.W001"]) == 5


def test_without_a_database_to_look_at_the_check_says_nothing(world, monkeypatch):
    hold(world.pacc.group)

    assert nobody_may_publish(None) == []
    monkeypatch.setattr(
        "django.db.backends.base.introspection.BaseDatabaseIntrospection.table_names",
        lambda self: [],
    )
    assert nobody_may_publish(None, databases=["default"]) == []


def group_form(group, **more):
    home = HomePage.objects.get()
    counts = {
        f"{prefix}-{kind}": "0"
        for prefix in (
            "image_permissions",
            "document_permissions",
            "collection_permissions",
        )
        for kind in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return (
        counts
        | {
            "name": group.name,
            "page_permissions-TOTAL_FORMS": "1",
            "page_permissions-INITIAL_FORMS": "0",
            "page_permissions-0-page": home.pk,
            "page_permissions-0-permissions": ["add_page"],
        }
        | more
    )


def test_the_form_for_groups_does_not_offer_what_is_nobodys(world, client_of):
    offered = client_of(world.admin).get(
        reverse("wagtailusers_groups:edit", args=[world.pacc.group_id])
    )

    text = offered.content.decode()
    assert 'value="change_page"' in text
    for word in ("publish_page", "bulk_delete_page", "unlock_page", "Publish any page"):
        assert word not in text
    form = offered.context["form"]
    codenames = {one.codename for one in form.fields["permissions"].queryset}
    assert "change_issue" in codenames
    assert not codenames & {"publish_issue", "unlock_issue"}


def test_a_forged_form_for_groups_is_refused(world, client_of):
    forged = group_form(
        world.pacc.group, **{"page_permissions-0-permissions": ["publish_page"]}
    )
    for address in (
        reverse("wagtailusers_groups:edit", args=[world.pacc.group_id]),
        reverse("wagtailusers_groups:add"),
    ):
        answer = client_of(world.admin).post(address, forged | {"name": "Another"})

        assert answer.status_code == 200
    assert held() == 0
    assert not Group.objects.filter(name="Another").exists()


def test_saving_a_group_takes_away_what_is_nobodys(world, client_of):
    group = Group.objects.create(name="From before")
    hold(group)

    client_of(world.admin).post(
        reverse("wagtailusers_groups:edit", args=[group.pk]), group_form(group)
    )

    assert held() == 0
    assert [
        one.permission.codename
        for one in GroupPagePermission.objects.filter(group=group)
    ] == ["add_page"]


def test_the_migration_takes_away_what_is_nobodys(world):
    stock = Group.objects.create(name="Moderators")
    hold(stock)
    hold(world.pacc.group)
    unused = GroupApprovalTask.objects.create(name="Moderators approval")
    workflow = Workflow.objects.create(name="Moderators approval")
    WorkflowTask.objects.create(workflow=workflow, task=unused)
    Group.objects.get(name=tree.EDITORS).delete()
    migration = importlib.import_module("cms.migrations.0003_least_privileges")

    migration.forwards(apps, None)
    migration.backwards(apps, None)

    assert held() == 0
    assert not Group.objects.filter(name="Moderators").exists()
    assert not Workflow.objects.filter(name="Moderators approval").exists()
    assert not GroupApprovalTask.objects.exists()
    editors = Group.objects.get(name=tree.EDITORS)
    assert editors.permissions.filter(codename="access_admin").exists()
    assert GroupCollectionPermission.objects.filter(group=editors).count() == 3


def test_the_migration_leaves_stock_groups_that_people_are_in(world):
    stock = Group.objects.create(name="Moderators")
    world.editor.groups.add(stock)
    hold(stock)
    migration = importlib.import_module("cms.migrations.0003_least_privileges")

    migration.forwards(apps, None)

    assert held() == 0
    assert world.editor.groups.filter(name="Moderators").exists()


def test_a_new_database_has_editors_and_no_publishers(db):
    assert Group.objects.filter(name=tree.EDITORS).exists()
    assert not Group.objects.filter(name__in=["Moderators", "Editors"]).exists()


# What stays on record.


def test_a_forum_that_was_asked_to_sign_cannot_be_deleted(
    world, write, submit, client_of
):
    submit(write())
    client = client_of(world.admin)
    for address in (
        reverse("wagtailsnippets_cms_forum:delete", args=[world.pacc.pk]),
        reverse("wagtail_bulk_action", args=["cms", "forum", "delete"])
        + f"?id={world.pacc.pk}",
    ):
        answer = client.post(address, follow=True)

        assert "PACC cannot be deleted" in answer.content.decode()
    assert Forum.objects.filter(pk=world.pacc.pk).exists()


def test_a_forum_that_never_did_anything_can_be_deleted(world, client_of):
    forum = Forum.objects.create(
        name="Nobody", short_name="N", slug="n", group=Group.objects.create(name="N")
    )

    client_of(world.admin).post(
        reverse("wagtailsnippets_cms_forum:delete", args=[forum.pk])
    )

    assert not Forum.objects.filter(pk=forum.pk).exists()


def test_the_group_of_a_forum_cannot_be_deleted(world, client_of):
    answer = client_of(world.admin).post(
        reverse("wagtailusers_groups:delete", args=[world.pacc.group_id]), follow=True
    )

    assert "it holds the members of PACC" in answer.content.decode()
    assert Group.objects.filter(pk=world.pacc.group_id).exists()


def test_another_group_can_be_deleted(world, client_of):
    group = Group.objects.create(name="Old")

    client_of(world.admin).post(reverse("wagtailusers_groups:delete", args=[group.pk]))

    assert not Group.objects.filter(pk=group.pk).exists()


# The tree.


def test_setting_up_the_site_again_changes_nothing(world):
    before = list(GroupPagePermission.objects.values("group", "page", "permission"))

    call_command("setup_site")
    for forum in (world.pacc, world.pods):
        tree.let_forum_in(forum)

    after = list(GroupPagePermission.objects.values("group", "page", "permission"))
    assert after == before
    assert LocalOfferIndexPage.objects.count() == 3


def test_members_write_nowhere_below_the_home_page_any_more(world):
    GroupPagePermission.objects.create(
        group=world.pacc.group,
        page=HomePage.objects.get(),
        permission=Permission.objects.get(codename="add_page"),
    )

    tree.let_forum_in(world.pacc)

    held_on = GroupPagePermission.objects.filter(group=world.pacc.group)
    pages = {one.page.title for one in held_on}
    assert pages == {"PACC"}


def test_reports_on_everything_are_offered_to_editors_only(world, client_of):
    address = reverse("wagtailadmin_reports:page_types_usage")

    shown = {
        name: address in client_of(getattr(world, name)).get("/admin/").content.decode()
        for name in ("pat", "editor", "admin")
    }

    assert shown == {"pat": False, "editor": True, "admin": True}


# Markup in what people write.

MARKUP = "<script>alert(1)</script>"


def test_markup_in_titles_and_names_is_text_on_every_screen_of_ours(
    world, write, submit, release, client_of
):
    Forum.objects.filter(pk=world.pacc.pk).update(name=MARKUP, short_name=MARKUP[:20])
    public = write(title=MARKUP, summary=MARKUP)
    release(public)
    waiting = submit(write(title=MARKUP, summary=MARKUP))
    screens = [
        reverse("wagtailadmin_home"),
        reverse("countersign_sign_off:index"),
        reverse("countersign_sign_off:proof", args=[waiting.pk]),
        reverse("countersign_sign_off:withdraw", args=[public.content_id]),
        reverse("countersign_sign_off:correct", args=[public.content_id]),
        reverse("wagtailadmin_explore", args=[public.get_parent().pk]),
        reverse("wagtailadmin_pages:edit", args=[public.pk]),
    ]
    for person in (world.pat, world.editor, world.admin):
        for screen in screens:
            assert "<script>alert" not in client_of(person).get(screen).content.decode()
