"""How issues show in the Wagtail admin."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, reverse
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets import Button
from wagtail.permissions import register_permission_policy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import EditView, SnippetViewSet

from cms.permissions import NoPublishPolicy, sees_everything

from . import desk, digests, mail_screen, prospects, trials, wordings_report
from .mailing_views import may_see
from .models import Issue

# Before the view set below asks for the policy of issues, which would settle it.
register_permission_policy(Issue, NoPublishPolicy(Issue))


class IssueEditView(EditView):
    """One after the other, and not while an issue is compiled.

    Of a submission that was clicked twice the second finds it submitted, instead of
    failing on what the database keeps unique.
    """

    @classmethod
    def as_view(cls, **options: Any) -> Callable[..., HttpResponse]:
        view: Callable[..., HttpResponse] = super().as_view(**options)

        @wraps(view)
        def in_turn(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method != "POST":
                return view(request, *args, **kwargs)
            with transaction.atomic():
                digests.take_turn()
                return view(request, *args, **kwargs)

        return in_turn


class IssueViewSet(SnippetViewSet):
    model = Issue
    icon = "mail"
    menu_label = "Newsletter issues"
    menu_order = 160
    add_to_admin_menu = True
    edit_view_class = IssueEditView
    # A copy would carry the identity of the issue it was made from.
    copy_view_enabled = False
    list_display = [
        "title",
        Column("state", label="State", accessor=prospects.in_brief),
        Column("area", label="Area", accessor="area"),
        Column("how_often", label="How often", accessor="get_frequency_display"),
        Column(
            "release_at",
            label="To be sent",
            accessor=prospects.to_be_sent,
            sort_key="release_at",
        ),
    ]
    list_filter = ["frequency", "area"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Issue.objects.listed()


register_snippet(IssueViewSet)


@hooks.register("register_admin_urls")
def desk_urls() -> list[Any]:
    return [
        path("newsletter/issues/<int:pk>/", desk.IssueDesk.as_view(), name=desk.NAME)
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action(
        "countersign.newsletter_sent", "Send after all", "Mailed, though signed late"
    )
    actions.register_action(
        "countersign.newsletter_dropped", "Do not send", "Not mailed: signed too late"
    )


@hooks.register("construct_snippet_action_menu")
def offer_no_publishing(
    menu_items: list[Any], request: HttpRequest, context: dict[str, Any]
) -> None:
    # Wagtail asks the person's permissions here and not the model's policy, so
    # superusers would see buttons that do nothing.
    if issubclass(context["model"], Issue):
        menu_items[:] = [
            item
            for item in menu_items
            if item.name not in ("action-publish", "action-unpublish")
        ]


@hooks.register("register_admin_urls")
def report_urls() -> list[Any]:
    return [path("wordings/", wordings_report.report, name=wordings_report.NAME)]


class WordingsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return sees_everything(request.user)


@hooks.register("register_reports_menu_item")
def wordings_menu_item() -> MenuItem:
    return WordingsMenuItem(
        "What subscribers agreed to",
        reverse(wordings_report.NAME),
        name="wordings",
        icon_name="mail",
        order=130,
    )


@hooks.register("register_admin_urls")
def mailings_urls() -> list[Any]:
    return [path("mailings/", include("syndication.newsletters.admin_urls"))]


class MailingsMenuItem(MenuItem):
    """For those who work on the newsletter."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see(request.user)


@hooks.register("register_admin_menu_item")
def mailings_menu_item() -> MenuItem:
    return MailingsMenuItem(
        "Mailings",
        reverse("countersign_mailings:index"),
        name="mailings",
        icon_name="mail",
        order=161,
    )


@hooks.register("register_admin_urls")
def mail_urls() -> list[Any]:
    return [
        path(
            "newsletter/issues/<int:pk>/mail/",
            mail_screen.MailScreen.as_view(),
            name=mail_screen.NAME,
        )
    ]


@hooks.register("register_snippet_listing_buttons")
def button_to_the_mail(
    snippet: Any, user: Any, next_url: str | None = None
) -> Iterator[Button]:
    if isinstance(snippet, Issue):
        yield Button(
            "See it as a mail",
            reverse(mail_screen.NAME, args=[snippet.pk]),
            icon_name="mail",
            priority=15,
        )


@hooks.register("register_log_actions")
def test_log_actions(actions: Any) -> None:
    actions.register_action(trials.ACTION, "Send a test", "Sent as a test to oneself")
