"""Nobody publishes: what Wagtail's buttons may offer.

Publishing happens when the last forum signs. These classes make sure that the admin
never offers what would be refused; they are not what refuses it.
"""

from typing import Any

from django.contrib.auth.models import Permission
from django.db.models import F, Model, Q, QuerySet
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, PagePermissionTester
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.permissions import policy_registry

NOBODYS_ACTIONS = ("publish", "bulk_delete", "unlock")


def nobodys_permissions() -> "QuerySet[Permission]":
    """The permissions that no group and no person may hold.

    Publishing and unlocking go around the forums, and deleting a folder with all that
    is in it takes back more than anyone can have read.
    """
    nobodys = Q()
    for action in NOBODYS_ACTIONS:
        nobodys |= Q(codename__startswith=f"{action}_")
    return Permission.objects.filter(nobodys)


def visible(model: type[Model], user: Any) -> Any:
    """The objects of ``model`` of which ``user`` may know anything, as a queryset.

    Pages of their own section and the folders above, images of their collections;
    of snippets all or none. Superusers see everything.
    """
    policy = policy_registry.get_by_type(model)
    if issubclass(model, Page):
        return policy.explorable_instances(user)
    return policy.instances_user_has_any_permission_for(
        user, {"add", "change", "delete", "view", "choose"}
    )


def may_see_file(user: Any, path: str) -> bool:
    """Whether ``user`` may open this file of the media folder.

    Images of the library, in any size, and documents belong to a collection. Frozen
    images have names that nobody can guess, and portraits are for everybody here.
    """
    if user.is_superuser or path.startswith(("frozen/", "avatar_images/")):
        return True
    if "\0" in path:  # PostgreSQL would not even look for it.
        return False
    return bool(
        visible(Image, user).filter(Q(file=path) | Q(renditions__file=path)).exists()
        or visible(Document, user).filter(file=path).exists()
    )


def choosable_pages(user: Any) -> Any:
    """The pages that ``user`` may link to: their own, and what everybody can read.

    Lists show the title of the latest draft, so a page that is being renamed is left
    out until its new title is public.
    """
    public = Page.objects.filter(live=True, draft_title=F("title"))
    return public | visible(Page, user)


def writes_everywhere(user: Any) -> bool:
    """Whether this person may change pages below the root, as editors may."""
    top = policy_registry.get_by_type(Page).instances_user_has_permission_for(
        user, "change"
    )
    return bool(top.filter(depth=2).exists())


def sees_everything(user: Any) -> bool:
    """Whether ``user`` looks after all of it: editors and administrators.

    Others see what their own forums were asked to sign.
    """
    return bool(user.has_perm("cms.withdraw_item") or writes_everywhere(user))


class NoPublishTester(PagePermissionTester):
    """Wagtail's own answers, except that nobody may publish, superusers included."""

    def can_publish(self) -> bool:
        return False

    def can_publish_subpage(self) -> bool:
        return False

    def can_set_view_restrictions(self) -> bool:
        return False


class FolderTester(NoPublishTester):
    """For pages that only hold others: no forum reads them, so none signs them.

    Administrators rename them as in any Wagtail. Nothing public shows them.
    """

    def can_publish(self) -> bool:
        allowed: bool = PagePermissionTester.can_publish(self)
        return allowed

    def can_submit_for_moderation(self) -> bool:
        return False


class NoPublishPolicy(ModelPermissionPolicy):
    """The same for snippets."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "publish" and super().user_has_permission(user, action)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Any) -> Any:
        return super().users_with_any_permission(
            [action for action in actions if action != "publish"]
        )
