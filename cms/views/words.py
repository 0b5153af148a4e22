"""Keeping words that a program doubted, with a reason that forums can read."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views import View
from wagtail.admin.admin_url_finder import AdminURLFinder

from cms import wordings, words
from cms.models import CoProducedMixin


class KeepForm(forms.Form):
    """Which kind of hint is set aside, and why."""

    code = forms.ChoiceField(
        widget=forms.RadioSelect,
        label="Which hint do you set aside?",
        error_messages={"required": "Please choose one."},
    )
    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why do the words stay?",
        help_text=(
            "Forums read this beside the hint. For example: tested with readers on "
            "3 May 2026."
        ),
        error_messages={"required": "Please write why the words stay as they are."},
    )

    def __init__(self, *args: Any, codes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        self.fields["code"].choices = [  # type: ignore[attr-defined]
            (code, words.KINDS[code]) for code in codes
        ]
        if len(codes) == 1:
            self.fields["code"].initial = codes[0]


class WordsView(View):
    """The hints about a draft as it was last saved, and a reason to set one aside."""

    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        return self._show(request, _item(request, content_id))

    def post(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        item = _item(request, content_id)
        hints = wordings.of_draft(item)
        form = KeepForm(request.POST, codes=_codes(hints))
        if not form.is_valid():
            return self._show(request, item, form, status=400)
        wordings.keep(item=item, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, "Kept. Forums read your reason beside the hint.")
        return redirect("countersign_sign_off:words", content_id)

    def _show(
        self,
        request: HttpRequest,
        item: CoProducedMixin,
        form: KeepForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        hints = wordings.of_draft(item)
        return TemplateResponse(
            request,
            "cms/sign_off/words.html",
            {
                "item": item,
                "hints": hints,
                "form": form or KeepForm(codes=_codes(hints)),
                "edit_url": AdminURLFinder(request.user).get_edit_url(item),
            },
            status=status,
        )


def _codes(hints: list[wordings.Finding]) -> list[str]:
    return list(dict.fromkeys(hint.code for hint in hints))


def _item(request: HttpRequest, content_id: UUID) -> CoProducedMixin:
    item = wordings.find(content_id)
    if item is None or not wordings.may_keep(item=item, user=request.user):
        raise Http404
    return item
