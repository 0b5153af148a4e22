"""Taking a released item back from the public."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views import View

from cms import embedding, uses, withdrawals
from cms.errors import CommentMissing, MayNotWithdraw, WithdrawalIncomplete
from cms.models import Proof, Withdrawal

INDEX = "countersign_sign_off:index"


class WithdrawForm(forms.Form):
    """Why, what stays at the address, and what readers are told."""

    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        label="Why are you taking it back?",
        help_text="For the record. Only editors and forums can read it.",
        error_messages={"required": "Please write why, in a few words."},
    )
    kind = forms.ChoiceField(
        choices=Withdrawal.choices,
        initial=Withdrawal.GONE,
        widget=forms.RadioSelect,
        label="What should stay at its address?",
        error_messages={"required": "Please choose what should stay at its address."},
    )
    public_note = forms.CharField(
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        label="What should readers be told?",
        help_text=(
            "Needed for a notice, and not shown when it vanishes. Anyone who opens the "
            "old address reads this."
        ),
    )
    to = forms.TypedChoiceField(
        required=False,
        coerce=UUID,
        empty_value=None,
        label="What replaces it?",
        help_text="Only when it is replaced: another item that is public now.",
    )

    def __init__(self, *args: Any, content_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        self.fields["to"].choices = [  # type: ignore[attr-defined]
            ("", "Nothing"),
            *_public_items(other_than=content_id),
        ]


class WithdrawView(View):
    """Take a released item back, with a reason."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not withdrawals.may_withdraw(
            content_id=kwargs["content_id"], user=request.user
        ):
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        return self._show(request, content_id, WithdrawForm(content_id=content_id))

    def post(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        form = WithdrawForm(request.POST, content_id=content_id)
        if not form.is_valid():
            return self._show(request, content_id, form, status=400)
        try:
            withdrawals.withdraw(
                content_id=content_id,
                by=request.user,  # type: ignore[arg-type]
                **form.cleaned_data,
            )
        except WithdrawalIncomplete as error:
            kind = form.cleaned_data["kind"]
            field = "to" if kind == Withdrawal.REDIRECT else "public_note"
            form.add_error(field, str(error))
            return self._show(request, content_id, form, status=400)
        except (MayNotWithdraw, CommentMissing) as error:
            form.add_error("reason", str(error))
            return self._show(request, content_id, form, status=409)
        messages.success(request, "Taken back. It is no longer public anywhere.")
        return redirect(INDEX)

    def _show(
        self,
        request: HttpRequest,
        content_id: UUID,
        form: WithdrawForm,
        status: int = 200,
    ) -> HttpResponse:
        proof = Proof.objects.standing().filter(content_id=content_id).first()
        if proof is None:
            messages.error(request, "This is not public, so nothing can be taken back.")
            return redirect(INDEX)
        return TemplateResponse(
            request,
            "cms/sign_off/withdraw.html",
            {
                "proof": proof,
                "form": form,
                "uses": uses.public_of(content_id)
                if proof.kind == embedding.KIND
                else [],
            },
            status=status,
        )


def _public_items(*, other_than: UUID) -> list[tuple[str, str]]:
    """Each item that is public, by title: ``(content_id, title)``."""
    proofs = Proof.objects.standing().exclude(content_id=other_than)
    titles: dict[str, str] = {}
    for content_id, title in proofs.values_list("content_id", "title"):
        titles.setdefault(str(content_id), title)
    return sorted(titles.items(), key=lambda one: one[1].casefold())
