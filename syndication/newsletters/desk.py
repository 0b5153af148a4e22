"""The screen of one issue: what is to become of it, and the word that a late one needs."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views import View
from wagtail.permissions import policy_registry

from . import holds, prospects
from .models import Issue

NAME = "countersign_newsletter_issue"


class IssueDesk(View):
    """For people who may change issues. POST decides about one that is held."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        policy = policy_registry.get_by_type(Issue)
        if not policy.user_has_permission(request.user, "change"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = get_object_or_404(Issue.objects.select_related("area"), pk=pk)
        newest: Issue = issue.get_latest_revision_as_object()
        return TemplateResponse(
            request, "newsletters/issue.html", {"prospect": prospects.of(newest)}
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = get_object_or_404(Issue, pk=pk)
        decision = request.POST.get("decision")
        if decision not in ("send", "drop"):
            messages.error(request, "Choose one of the two buttons.")
        elif not holds.settle(issue=issue, by=request.user, send=decision == "send"):  # type: ignore[arg-type]
            messages.info(request, "Somebody has decided this already.")
        elif decision == "send":
            messages.success(request, f"“{issue}” is being mailed.")
        else:
            messages.success(request, f"“{issue}” is not mailed. It stays public.")
        return redirect(NAME, pk)
