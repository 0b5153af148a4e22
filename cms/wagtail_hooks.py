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
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from rest_framework.authentication import SessionAuthentication
from wagtail import hooks
from wagtail.admin import messages as admin_messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.site_summary import PagesSummaryItem
from wagtail.admin.ui.tables import LiveStatusTagColumn, UpdatedAtColumn
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets import Button
from wagtail.documents.api.admin.views import DocumentsAdminAPIViewSet
from wagtail.documents.models import Document
from wagtail.images.api.admin.views import ImagesAdminAPIViewSet
from wagtail.images.models import Image
from wagtail.models import Page
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from . import (
    comments,
    corrections,
    forums,
    places,
    reviews,
    submission,
    terms,
    withdrawals,
)
from .consent import may_keep
from .links import PermalinkHandler
from .models import (
    Acronym,
    Area,
    CoProducedMixin,
    CoProducedPage,
    Forum,
    Proof,
    SectionPage,
    SharedBlock,
    Term,
    Topic,
)
from .panels import ReviewsPanel, WaitingPanel
from .permissions import (
    NoPublishPolicy,
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


class AcronymViewSet(SnippetViewSet):
    model = Acronym
    icon = "openquote"
    menu_label = "Acronyms"
    list_display = ["short_form", "long_form", "use", "area"]
    search_fields = ["short_form", "long_form"]


class TermViewSet(SnippetViewSet):
    model = Term
    icon = "tag"
    list_display = ["__str__", "scheme", "code", "valid_from", "valid_to"]
    list_filter = ["scheme", "mark"]
    search_fields = ["name", "code"]


# Before the view set below asks for the policy of shared blocks, which would settle it.
register_permission_policy(SharedBlock, NoPublishPolicy(SharedBlock))


class SharedBlockViewSet(SnippetViewSet):
    model = SharedBlock
    icon = "copy"
    menu_label = "Shared blocks"
    menu_order = 155
    add_to_admin_menu = True
    # A copy would carry the identity of the block it was made from.
    copy_view_enabled = False
    list_display = ["title", LiveStatusTagColumn(), UpdatedAtColumn()]


register_snippet(SharedBlockViewSet)


@hooks.register("construct_snippet_action_menu")
def offer_no_publishing_of_shared_blocks(
    menu_items: list[Any], request: HttpRequest, context: dict[str, Any]
) -> None:
    # Wagtail asks the person's permissions here and not the model's policy, so
    # superusers would see buttons that do nothing.
    if issubclass(context["model"], SharedBlock):
        menu_items[:] = [
            item
            for item in menu_items
            if item.name not in ("action-publish", "action-unpublish")
        ]


class ConfigurationGroup(SnippetViewSetGroup):
    items = (ForumViewSet, AreaViewSet, TopicViewSet, TermViewSet, AcronymViewSet)
    menu_label = "Forums and areas"
    menu_icon = "group"
    menu_order = 700


register_snippet(ConfigurationGroup)


class VisibleImagesAPIViewSet(ImagesAdminAPIViewSet):
    """Wagtail's list of images for its own scripts, which asks for no permission."""

    authentication_classes = [SessionAuthentication]

    def get_queryset(self) -> Any:
        return super().get_queryset() & visible(Image, self.request.user)


class VisibleDocumentsAPIViewSet(DocumentsAdminAPIViewSet):
    """The same for documents."""

    authentication_classes = [SessionAuthentication]

    def get_queryset(self) -> Any:
        return super().get_queryset() & visible(Document, self.request.user)


@hooks.register("insert_editor_js")
def names_of_fields() -> str:
    return format_html('<script src="{}"></script>', static("cms/field_names.js"))


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


class CommentsMenuItem(MenuItem):
    """For those who may decide about comments."""

    def is_shown(self, request: HttpRequest) -> bool:
        return comments.may_read(request.user)


@hooks.register("register_admin_menu_item")
def comments_menu_item() -> MenuItem:
    return CommentsMenuItem(
        "Comments",
        reverse("countersign_sign_off:comments"),
        name="public-comments",
        icon_name="comment",
        order=152,
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


@hooks.register("register_reports_menu_item")
def reviews_menu_item() -> MenuItem:
    return MenuItem(
        "Due for review",
        reverse("countersign_sign_off:reviews"),
        name="due-for-review",
        icon_name="date",
        order=105,
    )


@hooks.register("construct_homepage_panels")
def show_what_waits(request: HttpRequest, panels: list[Any]) -> None:
    # Wagtail's own list would stay empty: our step offers none of its actions.
    panels[:] = [
        panel
        for panel in panels
        if not isinstance(panel, WorkflowObjectsToModeratePanel)
    ]
    panels += [WaitingPanel(), ReviewsPanel()]


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
    to_check = reviews.public().filter(content_id=page.content_id).first()
    if to_check is not None and reviews.may_assure(proof=to_check, user=user):
        yield Button(
            "Still correct",
            reverse("countersign_sign_off:still_correct", args=[page.content_id]),
            icon_name="check",
            priority=60,
        )
    if withdrawals.may_withdraw(content_id=page.content_id, user=user):
        yield Button(
            "Take back from the public",
            reverse("countersign_sign_off:withdraw", args=[page.content_id]),
            icon_name="cross",
            priority=70,
        )


@hooks.register("before_edit_page")
@hooks.register("before_edit_snippet")
def say_what_is_due_for_review(request: HttpRequest, item: Any) -> None:
    """Tell above the form that what is public is to be checked, and where to say so."""
    item = getattr(item, "specific", item)
    if request.method != "GET" or not isinstance(item, CoProducedMixin):
        return
    due = reviews.due_soon(item.content_id)
    if due is None or not reviews.may_assure(proof=due, user=request.user):
        return
    late = due.check_by < timezone.localdate()
    admin_messages.warning(
        request,
        f"What is public {'was' if late else 'is'} to be checked by "
        f"{date_format(due.check_by, 'j F Y')}. If it is still correct, say so: that "
        "needs no edit and no new signatures.",
        buttons=[
            admin_messages.button(
                reverse("countersign_sign_off:still_correct", args=[item.content_id]),
                "Read it and say so",
            )
        ],
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
def list_only_files_of_their_collections(router: Any) -> None:
    # After Wagtail's own, in whose place it stands.
    router.register_endpoint("images", VisibleImagesAPIViewSet)
    router.register_endpoint("documents", VisibleDocumentsAPIViewSet)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def hint_at_a_person_s_mailbox(request: HttpRequest, page: Any) -> None:
    """Only a hint: a mailbox may be called so and still be shared."""
    email = getattr(page, "contact_email", "")
    if request.method == "POST" and submission.looks_like_a_person(email):
        messages.warning(
            request,
            f"{email} looks like one person’s mailbox. Families need one that stays "
            "when that person leaves.",
        )


@hooks.register("before_delete_snippet")
def refuse_to_delete_what_is_needed(
    request: HttpRequest, instances: list[Any]
) -> HttpResponse | None:
    """Say why on screen: the database would refuse, and Wagtail fail over it."""
    for instance in instances:
        if isinstance(instance, Forum) and (why := forums.why_not_delete(instance)):
            messages.error(request, why)
            return redirect("wagtailsnippets_cms_forum:list")
        if isinstance(instance, Term) and (why := terms.why_not_delete(instance)):
            messages.error(request, why)
            return redirect("wagtailsnippets_cms_term:list")
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
    actions.register_action(
        "countersign.assure", "Still correct", "Found still correct"
    )
    actions.register_action("countersign.withdraw", "Withdraw", "Taken back")
    actions.register_action("countersign.expire", "Expire", "Its last day has passed")
