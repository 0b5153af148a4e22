"""How answers to comments show in the Wagtail admin."""

from typing import Any

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.ui.tables import UpdatedAtColumn
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from cms.permissions import NoPublishPolicy

from .models import YouSaidWeDid


class NobodyBeginsPolicy(NoPublishPolicy):
    """An answer begins when a comment is accepted, and in no other way."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "add" and super().user_has_permission(user, action)


# Before the view set below asks for the policy, which would settle it.
register_permission_policy(YouSaidWeDid, NobodyBeginsPolicy(YouSaidWeDid))


class YouSaidWeDidViewSet(SnippetViewSet):
    model = YouSaidWeDid
    icon = "comment"
    menu_label = "You said, we did"
    menu_order = 165
    add_to_admin_menu = True
    # A copy would carry the identity of the answer it was made from.
    copy_view_enabled = False
    list_display = ["title", UpdatedAtColumn()]


register_snippet(YouSaidWeDidViewSet)


@hooks.register("construct_snippet_action_menu")
def offer_no_publishing(
    menu_items: list[Any], request: HttpRequest, context: dict[str, Any]
) -> None:
    # As for issues: superusers would see buttons that do nothing.
    if issubclass(context["model"], YouSaidWeDid):
        menu_items[:] = [
            item
            for item in menu_items
            if item.name not in ("action-publish", "action-unpublish")
        ]
