"""Read and sign: the screens on which forums answer."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views import View
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms import sign_off
from cms.errors import CommentMissing, MayNotSign, SignOffError
from cms.models import Forum, Proof

INDEX = "countersign_sign_off:index"


class AnswerForm(forms.Form):
    """One forum's answer. Which button was pressed is the decision."""

    fingerprint = forms.CharField(widget=forms.HiddenInput)
    forum = forms.ModelChoiceField(Forum.objects.none(), widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("sign", ""), ("changes", "")])
    comment = forms.CharField(
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def index(request: HttpRequest) -> HttpResponse:
    """What waits for this person's forums, what they answered, what is public."""
    forums = sign_off.forums_of(request.user)
    related = (
        Proof.objects.defer("payload")
        .select_related("submitted_by")
        .prefetch_related("forums", "sign_offs__forum")
    )
    concerned = related.filter(forums__in=forums).distinct()
    may_withdraw_all = request.user.has_perm("cms.withdraw_item")
    current = related if may_withdraw_all else concerned
    return TemplateResponse(
        request,
        "cms/sign_off/index.html",
        {
            "forums": forums,
            "waiting": related.waiting_for(forums),
            "with_others": (related if may_withdraw_all else concerned)
            .open()
            .exclude(pk__in=Proof.objects.waiting_for(forums).values("pk")),
            "released": _newest_of_each(current.signed()),
        },
    )


def _newest_of_each(proofs: Any) -> list[Proof]:
    """The newest signed proof per item, at most fifty, newest first."""
    newest: dict[UUID, Proof] = {}
    for proof in proofs[:200]:
        newest.setdefault(proof.content_id, proof)
    return list(newest.values())[:50]


class ProofView(View):
    """The proof as families will read it, and the buttons to answer."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._show(request, self._proof(request, pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        proof = self._proof(request, pk)
        form = AnswerForm(request.POST)
        form.fields["forum"].queryset = Forum.objects.all()  # type: ignore[attr-defined]
        if not form.is_valid():
            return self._show(
                request,
                proof,
                error="That answer was not complete. Nothing was recorded. "
                "Please choose one of the buttons below.",
                status=400,
            )
        answer = form.cleaned_data
        verb = (
            sign_off.sign if answer["decision"] == "sign" else sign_off.ask_for_changes
        )
        try:
            verb(
                proof=proof,
                forum=answer["forum"],
                by=request.user,  # type: ignore[arg-type]
                fingerprint=answer["fingerprint"],
                comment=answer["comment"],
            )
        except SignOffError as error:
            proof.refresh_from_db()
            return self._show(
                request,
                proof,
                error=str(error),
                comment=answer["comment"],
                comment_missing=isinstance(error, CommentMissing),
                status={CommentMissing: 400, MayNotSign: 403}.get(type(error), 409),
            )
        messages.success(request, self._thanks(proof, answer))
        return redirect(INDEX)

    def _thanks(self, proof: Proof, answer: dict[str, Any]) -> str:
        proof.refresh_from_db()
        if answer["decision"] == "changes":
            return f"The editors of “{proof.title}” now see what should change."
        if proof.outcome == Proof.Outcome.SIGNED:
            return f"Signed for {answer['forum']}. “{proof.title}” is now public."
        names = ", ".join(str(forum) for forum in sign_off.missing(proof))
        return f"Signed for {answer['forum']}. “{proof.title}” still waits for {names}."

    def _proof(self, request: HttpRequest, pk: int) -> Proof:
        """The proof, for people it concerns; for others it does not exist."""
        proof = get_object_or_404(
            Proof.objects.prefetch_related("forums", "sign_offs__forum", "authors"),
            pk=pk,
        )
        user = request.user
        concerned = (
            user.is_superuser
            or sign_off.forums_of(user).filter(proofs=proof).exists()
            or proof.forums.filter(second_contact=user.pk).exists()
            or user in proof.authors.all()
            or _may_edit(proof, user)
        )
        if not concerned:
            raise Http404
        return proof

    def _show(
        self,
        request: HttpRequest,
        proof: Proof,
        *,
        error: str = "",
        comment: str = "",
        comment_missing: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        proof = Proof.objects.prefetch_related(
            "forums", "sign_offs__forum", "sign_offs__by", "authors"
        ).get(pk=proof.pk)
        mine = [
            (forum, sign_off.why_not(proof=proof, forum=forum, user=request.user))
            for forum in sign_off.forums_of(request.user)
            if forum in proof.forums.all()
        ]
        return TemplateResponse(
            request,
            "cms/sign_off/proof.html",
            {
                "proof": proof,
                "item": proof.representation,
                "missing": sign_off.missing(proof),
                "may_sign": [forum for forum, reason in mine if not reason]
                if proof.is_open
                else [],
                "reasons": [reason for _, reason in mine if reason],
                "may_withdraw": proof.outcome == Proof.Outcome.SIGNED
                and sign_off.may_withdraw(
                    content_id=proof.content_id, user=request.user
                ),
                "error": error,
                "comment": comment,
                "comment_missing": comment_missing,
            },
            status=status,
        )


def _may_edit(proof: Proof, user: Any) -> bool:
    item = sign_off.item_of(proof)
    if isinstance(item, Page):
        allowed: bool = item.permissions_for_user(user).can_edit()
        return allowed
    return item is not None and policy_registry.get(item).user_has_permission(
        user, "change"
    )
