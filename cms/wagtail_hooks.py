"""How sign-off shows in the Wagtail admin."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path, reverse
from django.utils.html import format_html
from rest_framework.authentication import SessionAuthentication
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import PagesSummaryItem
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import Button
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from . import corrections, forums, places, withdrawals
from .consent import may_keep
from .links import PermalinkHandler
from .models import (
    Area,
    CoProducedMixin,
    CoProducedPage,
    Forum,
    Proof,
    SectionPage,
    Topic,
)
from .panels import WaitingPanel
from .permissions import (
    choosable_pages,
    sees_everything,
    visible,
    writes_everywhere,
)
from .tree import FOLDERS
from .views.consent import chooser


class ForumViewSet(SnippetViewSet):
    model = Forum
    icon = "group"
    list_display = ["short_name", "name", "website"]


class AreaViewSet(SnippetViewSet):
    model = Area
    icon = "site"
    list_display = ["name", "slug"]


class TopicViewSet(SnippetViewSet):
    model = Topic
    icon = "tag"
    list_display = ["name", "slug"]


class ConfigurationGroup(SnippetViewSetGroup):
    items = (ForumViewSet, AreaViewSet, TopicViewSet)
    menu_label = "Forums and areas"
    menu_icon = "group"
    menu_order = 700


register_snippet(ConfigurationGroup)


class VisibleImagesAPIViewSet(ImagesAdminAPIViewSet):
    """Wagtail's list of images for its own scripts, which asks for no permission."""

    authentication_classes = [SessionAuthentication]

    def get_queryset(self) -> Any:
        return super().get_queryset() & visible(Image, self.request.user)


@hooks.register("register_admin_urls")
def sign_off_urls() -> list[Any]:
    return [
        path("sign-off/", include("cms.urls")),
        path("consent/", include("cms.consent_urls")),
    ]


@hooks.register("register_admin_viewset")
def consent_chooser() -> ViewSet:
    return chooser


class ConsentMenuItem(MenuItem):
    """For the keepers of the register."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_keep(request.user)


@hooks.register("register_admin_menu_item")
def consent_menu_item() -> MenuItem:
    return ConsentMenuItem(
        "Consent",
        reverse("countersign_consent:index"),
        name="consent",
        icon_name="openquote",
        order=155,
    )


@hooks.register("register_permissions")
def permissions_of_ours() -> Any:
    """Offer the register's permission in the form for groups."""
    return Permission.objects.filter(
        content_type__app_label="cms", codename="keep_consent"
    )


@hooks.register("insert_global_admin_css")
def sign_off_styles() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("cms/sign_off.css"))


@hooks.register("register_admin_menu_item")
def sign_off_menu_item() -> MenuItem:
    return MenuItem(
        "Sign-off",
        reverse("countersign_sign_off:index"),
        name="sign-off",
        icon_name="check",
        order=150,
    )


class WithWhomMenuItem(MenuItem):
    """For those who look after what waits."""

    def is_shown(self, request: HttpRequest) -> bool:
        return sees_everything(request.user)


@hooks.register("register_admin_menu_item")
def with_whom_menu_item() -> MenuItem:
    return WithWhomMenuItem(
        "With whom",
        reverse("countersign_sign_off:waiting"),
        name="with-whom",
        icon_name="time",
        order=151,
    )


@hooks.register("register_reports_menu_item")
def register_menu_item() -> MenuItem:
    return MenuItem(
        "Sign-off register",
        reverse("countersign_sign_off:register"),
        name="sign-off-register",
        icon_name="list-ul",
        order=100,
    )


@hooks.register("construct_homepage_panels")
def show_what_waits(request: HttpRequest, panels: list[Any]) -> None:
    # Wagtail's own list would stay empty: our step offers none of its actions.
    panels[:] = [
        panel
        for panel in panels
        if not isinstance(panel, WorkflowObjectsToModeratePanel)
    ]
    panels.append(WaitingPanel())


@hooks.register("construct_homepage_summary_items")
def leave_out_page_count(request: HttpRequest, items: list[Any]) -> None:
    # Counts live pages by Wagtail's flag, which is not what is public.
    items[:] = [item for item in items if not isinstance(item, PagesSummaryItem)]


@hooks.register("register_page_header_buttons")
def buttons_of_what_is_public(
    page: Any, user: Any, view_name: str, next_url: str | None = None
) -> Iterator[Button]:
    if not isinstance(page, CoProducedMixin):
        return
    standing = Proof.objects.standing().filter(content_id=page.content_id)
    if not standing.exists():
        return
    if isinstance(page, CoProducedPage) and corrections.may_correct(
        page=page, user=user
    ):
        yield Button(
            "Correct a fact at once",
            reverse("countersign_sign_off:correct", args=[page.content_id]),
            icon_name="edit",
            priority=65,
        )
    if withdrawals.may_withdraw(content_id=page.content_id, user=user):
        yield Button(
            "Take back from the public",
            reverse("countersign_sign_off:withdraw", args=[page.content_id]),
            icon_name="cross",
            priority=70,
        )


@hooks.register("construct_page_chooser_queryset")
def offer_only_what_they_may_link_to(pages: Any, request: HttpRequest) -> Any:
    return pages.filter(pk__in=choosable_pages(request.user).values("pk"))


@hooks.register("construct_reports_menu")
def leave_out_reports_on_everything(
    request: HttpRequest, menu_items: list[Any]
) -> None:
    if not writes_everywhere(request.user):
        menu_items[:] = [item for item in menu_items if item.name != "page-types-usage"]


@hooks.register("construct_admin_api", order=200)
def list_only_images_of_their_collections(router: Any) -> None:
    # After Wagtail's own, in whose place it stands.
    router.register_endpoint("images", VisibleImagesAPIViewSet)


@hooks.register("before_delete_snippet")
def refuse_to_delete_signatories(
    request: HttpRequest, instances: list[Any]
) -> HttpResponse | None:
    """Say why on screen: the database would refuse, and Wagtail fail over it."""
    for instance in instances:
        if isinstance(instance, Forum) and (why := forums.why_not_delete(instance)):
            messages.error(request, why)
            return redirect("wagtailsnippets_cms_forum:list")
    return None


@hooks.register("before_move_page")
def refuse_a_move_before_showing_it(
    request: HttpRequest, page: Any, destination: Any
) -> None:
    """Wagtail asks only once the move is confirmed."""
    if not page.permissions_for_user(request.user).can_move_to(destination):
        raise PermissionDenied


@hooks.register("before_create_page")
def save_folders_without_submitting(
    request: HttpRequest, parent: Page, page_class: type[Page]
) -> None:
    """Nobody signs a folder, and Wagtail asks its parent whether anybody would."""
    if issubclass(page_class, SectionPage) and "action-submit" in request.POST:
        posted = request.POST.copy()
        del posted["action-submit"]
        request.POST = posted  # type: ignore[assignment]


@hooks.register("construct_page_action_menu")
def offer_no_submission_of_folders(
    menu_items: list[Any], request: HttpRequest, context: dict[str, Any]
) -> None:
    match = request.resolver_match
    name = match.kwargs.get("content_type_model_name") if match else None
    if name in {model._meta.model_name for model in FOLDERS}:
        menu_items[:] = [item for item in menu_items if item.name != "action-submit"]


@hooks.register("before_copy_page")
def refuse_alias(request: HttpRequest, page: Any) -> HttpResponse | None:
    """An alias would be a second live page with the identity of the first."""
    if request.POST.get("alias") and isinstance(page.specific, CoProducedMixin):
        messages.error(
            request,
            "Signed content cannot have an alias: it is public under one address. "
            "Copy it without “alias” to start a new page.",
        )
        return redirect("wagtailadmin_pages:copy", page.pk)
    return None


@hooks.register("before_move_page")
def refuse_move(
    request: HttpRequest, page: Page, destination: Page
) -> HttpResponse | None:
    """Say on screen why a public page cannot move into a section that did not sign."""
    if why := places.why_not_move(page=page, to=destination):
        messages.error(request, why)
        return redirect("wagtailadmin_pages:move", page.pk)
    return None


@hooks.register("register_rich_text_features", order=100)
def link_to_released_permalinks(features: Any) -> None:
    features.register_link_type(PermalinkHandler)


@hooks.register("register_log_actions")
def sign_off_log_actions(actions: Any) -> None:
    actions.register_action("countersign.sign_off", "Sign-off", "Answered for a forum")
    actions.register_action("countersign.withdraw", "Withdraw", "Taken back")
