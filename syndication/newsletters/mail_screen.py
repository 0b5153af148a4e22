"""The screen that shows an issue as a mail, and sends a test of it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views import View
from wagtail.permissions import policy_registry

from . import frames, trials
from .errors import TestNotSent
from .models import Issue

NAME = "countersign_newsletter_mail"


class MailScreen(View):
    """For people who may change issues. POST sends a test to the person's own address."""

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        policy = policy_registry.get_by_type(Issue)
        if not policy.user_has_permission(request.user, "change"):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        return response

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, get_object_or_404(Issue, pk=pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        issue = get_object_or_404(Issue, pk=pk)
        try:
            address = trials.send(issue=issue, by=request.user)  # type: ignore[arg-type]
        except TestNotSent as error:
            messages.error(request, str(error))
            return self._show(request, issue, status=409)
        messages.success(request, f"A test is on its way to {address}.")
        return redirect(NAME, pk)

    def _show(
        self, request: HttpRequest, issue: Issue, status: int = 200
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            "newsletters/mail_screen.html",
            {
                "issue": issue,
                "trial": trials.of(issue),
                "longest": frames.LONGEST_HTML,
                "address": request.user.email,  # type: ignore[union-attr]
            },
            status=status,
        )
