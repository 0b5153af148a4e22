"""The one gate before Wagtail's admin: nobody opens what is not theirs to see.

Wagtail asks for permission view by view, and some views forget, or forget a way in.
Here the objects that an address names are looked up once more, whatever view answers,
so that a drafting room stays closed also to a view that a later version brings.
``tests/test_permission_matrix.py`` walks through every address.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from wagtail.admin.auth import permission_denied
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import DraftStateMixin, Page, Task
from wagtail.permissions import policy_registry
from wagtail.snippets.models import get_snippet_models

from .permissions import choosable_pages, visible, writes_everywhere

ADMIN = "/admin/"

# Parameters that name an object wherever they occur.
PARAMETERS: dict[str, type[Model]] = {
    "page_id": Page,
    "parent_page_id": Page,
    "page_to_move_id": Page,
    "destination_id": Page,
    "page_pk": Page,
    "image_id": Image,
    "document_id": Document,
    "doc_id": Document,
}
# What a parameter called “pk” names in these namespaces.
PK: dict[str, type[Model]] = {
    "wagtailadmin_api:pages": Page,
    "wagtailadmin_pages": Page,
    "wagtailadmin_api:images": Image,
    "wagtailimages_chooser": Image,
    "wagtailadmin_api:documents": Document,
    "wagtaildocs_chooser": Document,
}
CHOOSING_PAGES = (
    "wagtailadmin_choose_page_child",
    "wagtailadmin_choose_page_chosen_multiple",
)
# Lists with no object in their address, of which Wagtail shows too much.
WHOLE_TREE = (
    "wagtailadmin_reports:page_types_usage",
    "wagtailadmin_reports:page_types_usage_results",
)
TASK_CHOOSER = (
    "wagtailadmin_workflows:task_chooser",
    "wagtailadmin_workflows:task_chooser_results",
    "wagtailadmin_workflows:task_chooser_create",
    "wagtailadmin_workflows:task_chosen",
)
DOCUMENTS = ("wagtaildocs", "wagtaildocs_chooser", "wagtailadmin_api:documents")


class Gate:
    """Middleware that answers as Wagtail does where somebody lacks permission."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponse | None:
        user = request.user
        # Wagtail sends strangers to the login; superusers may see everything.
        if (
            not request.path.startswith(ADMIN)
            or not user.is_active
            or user.is_superuser
        ):
            return None
        if may_enter(request, kwargs):
            return None
        refused: HttpResponse = permission_denied(request)
        return refused


def may_enter(request: HttpRequest, parameters: dict[str, Any]) -> bool:
    """Whether the person may know of everything that the address names."""
    match = request.resolver_match
    assert match is not None  # noqa: S101
    user = request.user
    if match.view_name in WHOLE_TREE:
        return writes_everywhere(user)
    if match.view_name in TASK_CHOOSER:
        return _has_any_permission(user, Task)
    if match.namespace in DOCUMENTS and not _has_any_permission(user, Document):
        return False
    draft_model = _draft_snippets().get(match.namespace)
    if draft_model is not None and not _has_any_permission(user, draft_model):
        return False
    if match.view_name in CHOOSING_PAGES:
        ids = [*parameters.values(), *request.GET.getlist("id")]
        return _all_in(choosable_pages(user), ids)
    return all(
        _all_in(visible(model, user), ids)
        for model, ids in _named(match, parameters, request.GET.getlist("id"))
    )


def _named(
    match: Any, parameters: dict[str, Any], listed: list[str]
) -> Iterator[tuple[type[Model], list[Any]]]:
    """The models and primary keys of all that an address names."""
    for key, value in parameters.items():
        model = PK.get(match.namespace) if key == "pk" else PARAMETERS.get(key)
        if model is not None:
            yield model, [value]
    if match.view_name == "wagtail_bulk_action":
        try:
            model = apps.get_model(parameters["app_label"], parameters["model_name"])
        except LookupError:
            return
        yield model, listed
    elif match.view_name == "wagtailimages_chooser:chosen_multiple":
        yield Image, listed
    elif match.view_name == "wagtaildocs_chooser:chosen_multiple":
        yield Document, listed


def _all_in(allowed: Any, ids: list[Any]) -> bool:
    """Whether all these primary keys are allowed.

    “all” instead of numbers would be everything of a list that Wagtail makes without
    asking who looks at it, so only people to whom nothing is hidden can have it.
    """
    if "all" in ids:
        return not allowed.model.objects.exclude(pk__in=allowed.values("pk")).exists()
    wanted = {str(pk) for pk in ids}
    if not all(pk.isdecimal() for pk in wanted):
        return False
    return bool(allowed.filter(pk__in=wanted).count() == len(wanted))


def _has_any_permission(user: Any, model: type[Model]) -> bool:
    allowed: bool = policy_registry.get_by_type(model).user_has_any_permission(
        user, {"add", "change", "delete", "view"}
    )
    return allowed


@cache
def _draft_snippets() -> dict[str, type[Model]]:
    """The namespaces of snippets that have drafts, screens and choosers, and whose.

    Other snippets are vocabulary that anyone can read in the partner API.
    """
    return {
        namespace: model
        for model in get_snippet_models()
        if issubclass(model, DraftStateMixin)
        for namespace in (
            model.snippet_viewset.get_admin_url_namespace(),
            model.snippet_viewset.get_chooser_admin_url_namespace(),
        )
    }
