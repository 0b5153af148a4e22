"""Correcting a fact at once, before the forums review it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views import View

from cms import corrections, uses
from cms.errors import (
    CommentMissing,
    CorrectionInvalid,
    MayNotCorrect,
    NoForumConcerned,
    NothingToCorrect,
)
from cms.models import CoProducedPage, LocalOfferPage, NewsItemPage, SharedBlock


class CorrectionForm(forms.Form):
    """The facts that may be corrected, as they are public now, and why."""

    reason = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why can this not wait for the forums?",
        help_text="The forums and the editors read this.",
        error_messages={"required": "Please write why, in a few words."},
    )

    def __init__(
        self, *args: Any, facts: list[corrections.Field], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        self.facts = facts
        for fact in facts:
            # Checked with its own rules by ``corrections``; here it is only text.
            kind = "date" if isinstance(fact.form_field, forms.DateField) else "text"
            self.fields[fact.name] = forms.CharField(
                required=False,
                label=fact.label,
                initial=fact.value,
                max_length=500,
                widget=forms.TextInput(attrs={"type": kind, "autocomplete": "off"}),
            )
        self.order_fields([*(fact.name for fact in facts), "reason"])

    @property
    def values(self) -> dict[str, str]:
        return {fact.name: self.cleaned_data[fact.name] for fact in self.facts}


class CorrectionView(View):
    """One plain form: every fact, its public value, and the reason."""

    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        page = _page(request, content_id)
        try:
            facts = corrections.fields(corrections.public_version(page))
        except NothingToCorrect as error:
            messages.error(request, str(error))
            return redirect(uses.address_of(page))
        return self._show(request, page, CorrectionForm(facts=facts))

    def post(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        page = _page(request, content_id)
        try:
            facts = corrections.fields(corrections.public_version(page))
        except NothingToCorrect as error:
            messages.error(request, str(error))
            return redirect(uses.address_of(page))
        form = CorrectionForm(request.POST, facts=facts)
        if not form.is_valid():
            return self._show(request, page, form, status=400)
        try:
            proof = corrections.correct(
                page=page,
                values=form.values,
                by=request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
            )
        except CorrectionInvalid as error:
            for name, words in error.errors.items():
                form.add_error(name if name in form.fields else None, words)
            return self._show(request, page, form, status=400)
        except CommentMissing as error:
            form.add_error("reason", str(error))
            return self._show(request, page, form, status=400)
        except (NothingToCorrect, MayNotCorrect, NoForumConcerned) as error:
            form.add_error(None, str(error))
            return self._show(request, page, form, status=409)
        names = " and ".join(str(forum) for forum in proof.forums.all())
        messages.success(
            request,
            f"Corrected and public at once, labelled as changed before forum review. "
            f"{names} will read it by {proof.due_on:%-d %B %Y}.",
        )
        return redirect("countersign_sign_off:proof", proof.pk)

    def _show(
        self,
        request: HttpRequest,
        page: CoProducedPage,
        form: CorrectionForm,
        status: int = 200,
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            "cms/sign_off/correct.html",
            {"item": page, "form": form, "back": uses.address_of(page)},
            status=status,
        )


def _page(request: HttpRequest, content_id: UUID) -> CoProducedPage:
    """The page, for people who may correct it; for others it does not exist."""
    for model in (LocalOfferPage, NewsItemPage, SharedBlock):
        page = model.objects.filter(content_id=content_id).first()
        if page is not None and corrections.may_correct(page=page, user=request.user):
            found: CoProducedPage = page
            return found
    raise Http404
