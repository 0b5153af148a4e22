"""The page tree that every installation starts with, and who may write where in it."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Page,
    Site,
    Workflow,
)

from .models import Forum, HomePage, LocalOfferIndexPage, NewsIndexPage, SectionPage
from .workflow import sign_off_workflow

EDITORS = "Editors of co-produced content"
KEEPERS = "Keepers of consent"
FOLDERS: dict[type[SectionPage], tuple[str, str]] = {
    LocalOfferIndexPage: ("Local offer", "local-offer"),
    NewsIndexPage: ("News", "news"),
}


@transaction.atomic
def install(*, hostname: str = "localhost", port: int = 80) -> HomePage:
    """Make what is missing of the tree, the site, the workflow, editors' and keepers' groups.

    Safe to run again: what is there stays as it is.
    """
    Locale.objects.get_or_create(language_code="en-gb")
    root = Page.objects.filter(depth=1).first() or Page.add_root(
        instance=Page(title="Root", slug="root")
    )
    home: HomePage | None = HomePage.objects.first()
    if home is None:
        _remove_welcome_page(root)
        home = HomePage(title="Countersign", slug="home", live=True)
        root.add_child(instance=home)
    for model, (title, slug) in FOLDERS.items():
        if not model.objects.child_of(home).filter(forum=None).exists():
            home.add_child(instance=model(title=title, slug=slug, live=True))
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": hostname,
            "port": port,
            "root_page": home,
            "site_name": "Countersign",
        },
    )
    sign_off_workflow()
    _remove_stock_publishers()
    editors, _ = Group.objects.get_or_create(name=EDITORS)
    _let_in(editors)
    editors.permissions.add(
        Permission.objects.get(codename="correct_facts", content_type__app_label="cms")
    )
    editors.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="cms", content_type__model="acronym"
        )
    )
    editors.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="cms",
            codename__in=["add_sharedblock", "change_sharedblock", "view_sharedblock"],
        )
    )
    keepers, _ = Group.objects.get_or_create(name=KEEPERS)
    _let_in(keepers)
    keepers.permissions.add(
        Permission.objects.get(codename="keep_consent", content_type__app_label="cms")
    )
    for action in ("add_page", "change_page"):
        _permit_pages(editors, home, action)
    _permit_files(editors, _root_collection())
    return home


def folder(model: type[SectionPage]) -> SectionPage:
    """The top folder of a kind of page, which holds every forum's section of it."""
    home = HomePage.objects.get()
    top: SectionPage = (
        model.objects.child_of(home).filter(forum=None).order_by("path")[:1].get()
    )
    return top


@transaction.atomic
def let_forum_in(forum: Forum) -> None:
    """Give a forum's group what its members need: the admin, and a place of their own.

    That is a section below each top folder and a collection for pictures and files,
    all made where missing. Within them they add and change; they see and touch nothing else.
    A professional signatory only reads and signs, so it gets the admin alone. Safe to
    run again.
    """
    group = forum.group
    _let_in(group)
    if forum.role == Forum.Role.PROFESSIONAL:
        return
    # Earlier versions let every forum write below the home page.
    GroupPagePermission.objects.filter(group=group, page__depth__lte=2).delete()
    for model in FOLDERS:
        section = _section(model, forum)
        for action in ("add_page", "change_page"):
            _permit_pages(group, section, action)
    _permit_files(group, _collection(forum))


def _section(model: type[SectionPage], forum: Forum) -> SectionPage:
    section: SectionPage | None = (
        model.objects.filter(forum=forum).order_by("path").first()
    )
    if section is None:
        section = model(title=forum.short_name, slug=forum.slug, forum=forum, live=True)
        folder(model).add_child(instance=section)
    return section


def _collection(forum: Forum) -> Collection:
    # Found by who may use it: an administrator may have given it a better name.
    collection: Collection | None = (
        Collection.objects.filter(group_permissions__group=forum.group, depth__gt=1)
        .order_by("path")
        .first()
    )
    return collection or _root_collection().add_child(name=forum.short_name)


def _remove_welcome_page(root: Page) -> None:
    # Wagtail's first migration made it; only ever removed while it is the only page.
    children = list(root.get_children())
    if len(children) == 1 and children[0].slug == "home" and not children[0].owner_id:
        children[0].delete()
        root.refresh_from_db()


def _remove_stock_publishers() -> None:
    """Take away the groups and the workflow by which a plain Wagtail publishes.

    Only where nobody uses them: a group with members, or a workflow with a history,
    is for an administrator to clear up.
    """
    Group.objects.filter(name__in=["Moderators", "Editors"], user=None).delete()
    for workflow in Workflow.objects.filter(name="Moderators approval"):
        if not workflow.workflow_states.exists():
            workflow.delete()
    GroupApprovalTask.objects.filter(
        name="Moderators approval", workflow_tasks=None, task_states=None
    ).delete()


def _let_in(group: Group) -> None:
    group.permissions.add(
        Permission.objects.get(
            codename="access_admin", content_type__app_label="wagtailadmin"
        )
    )


def _permit_pages(group: Group, page: Page, codename: str) -> None:
    permission = Permission.objects.get(
        codename=codename, content_type__app_label="wagtailcore"
    )
    GroupPagePermission.objects.get_or_create(
        group=group, page=page, permission=permission
    )


def _root_collection() -> Collection:
    return Collection.get_first_root_node() or Collection.add_root(name="Root")


def _permit_files(group: Group, collection: Collection) -> None:
    """Let a group add, change and choose pictures and attachments of a collection."""
    permissions = Permission.objects.filter(
        content_type__app_label__in=["wagtailimages", "wagtaildocs"],
        codename__regex="^(add|change|choose)_(image|document)$",
    )
    for permission in permissions:
        GroupCollectionPermission.objects.get_or_create(
            group=group, collection=collection, permission=permission
        )
