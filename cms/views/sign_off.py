"""Read and sign: the screens on which forums answer."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views import View
from wagtail.models import Page
from wagtail.permissions import policy_registry

from cms import (
    appearances,
    consent,
    embedding,
    reading,
    reviews,
    sign_off,
    uses,
    withdrawals,
)
from cms.channels import SITE
from cms.errors import (
    CommentMissing,
    DissentNotPossible,
    MayNotSign,
    ProofClosed,
    SignOffError,
    StaleProof,
)
from cms.models import Forum, Proof
from site_settings.models import SignOffSettings

INDEX = "countersign_sign_off:index"
SIGN, CHANGES, NOT_AGREED = "sign", "changes", "not_agreed"
TAKE_BACK, WITH_DISSENT = "take_back", "with_dissent"
STATUS: dict[type[SignOffError], int] = {CommentMissing: 400, MayNotSign: 403}
# What to do after an error, where its own words do not say.
NEXT: dict[type[SignOffError], str] = {
    MayNotSign: "If somebody in your forum has to answer, please tell them.",
    ProofClosed: "What waits for you now is in your list.",
    StaleProof: "What waits for you now is in your list.",
}


class AnswerForm(forms.Form):
    """One forum's answer. Which button was pressed is the decision."""

    fingerprint = forms.CharField(required=False)
    # Of all forums: that it is one of the person's own is for ``cms.sign_off`` to say.
    forum = forms.ModelChoiceField(Forum.objects.all(), required=False)
    decision = forms.ChoiceField(
        choices=[
            (name, name)
            for name in (SIGN, CHANGES, NOT_AGREED, TAKE_BACK, WITH_DISSENT)
        ]
    )
    comment = forms.CharField(required=False, max_length=4000)
    comment_is_public = forms.ChoiceField(
        required=False, choices=[("no", "no"), ("yes", "yes")]
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("decision") != WITH_DISSENT and not cleaned.get("forum"):
            self.add_error("forum", "Name the forum.")
        return cleaned


def index(request: HttpRequest) -> HttpResponse:
    """What waits for this person's forums, what they answered, what is public."""
    forums = sign_off.forums_of(request.user)
    related = (
        Proof.objects.defer("payload")
        .select_related("submitted_by")
        .prefetch_related("forums", "sign_offs__forum", "no_replies")
    )
    concerned = related.filter(forums__in=forums).distinct()
    sees_all = request.user.has_perm("cms.withdraw_item")
    current = related if sees_all else concerned
    others = current.open().exclude(
        pk__in=Proof.objects.waiting_for(forums).values("pk")
    )
    return TemplateResponse(
        request,
        "cms/sign_off/index.html",
        {
            "forums": forums,
            "today": timezone.localdate(),
            "waiting": related.waiting_for(forums).order_by("due_on", "pk"),
            "with_others": [
                (proof, sign_off.missing(proof))
                for proof in others.order_by("due_on", "pk")
            ],
            "embargoed": current.embargoed().order_by("release_at", "pk"),
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
    """The proof as families will read it, what to know of it, and the buttons."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        proof = _proof(request, pk)
        return _show(request, proof) if proof else _unknown(request)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        proof = _proof(request, pk)
        form = AnswerForm(request.POST)
        typed = request.POST.get("comment", "")
        if proof is None:
            return _unknown(request, typed=typed)
        if not form.is_valid():
            return _show(
                request,
                proof,
                error=_incomplete(form),
                typed=form,
                status=400,
            )
        answer = form.cleaned_data
        try:
            done = _act(proof, answer, by=request.user)
        except SignOffError as error:
            return _show(
                request,
                proof,
                error=" ".join(filter(None, [str(error), NEXT.get(type(error))])),
                typed=form,
                comment_missing=isinstance(error, CommentMissing),
                status=STATUS.get(type(error), 409),
            )
        messages.success(request, _thanks(done, answer))
        if answer["decision"] == WITH_DISSENT:
            return redirect("countersign_sign_off:proof", done.pk)
        return redirect(INDEX)


def _act(proof: Proof, answer: dict[str, Any], *, by: Any) -> Proof:
    """Do what the button says. Returns the proof as it is afterwards."""
    decision, forum = answer["decision"], answer["forum"]
    given = {"proof": proof, "forum": forum, "by": by}
    if decision == WITH_DISSENT:
        if not _may_edit(proof, by):
            raise DissentNotPossible(
                "Only editors of this text can submit it again. Nothing was recorded."
            )
        return sign_off.submit_with_dissent(proof=proof, by=by)
    if decision == TAKE_BACK:
        sign_off.take_back(**given, reason=answer["comment"])
    else:
        given |= {"fingerprint": answer["fingerprint"], "comment": answer["comment"]}
        if decision == SIGN:
            sign_off.sign(**given)
        elif decision == CHANGES:
            sign_off.ask_for_changes(**given)
        else:
            public = answer["comment_is_public"] == "yes"
            sign_off.not_agree(**given, comment_is_public=public)
    return Proof.objects.prefetch_related("forums", "sign_offs").get(pk=proof.pk)


def _incomplete(form: AnswerForm) -> str:
    if form.has_error("comment", "max_length"):
        return (
            "That is too long to keep: at most 4,000 characters. Nothing was recorded. "
            "Please shorten it, or write to the editors."
        )
    if form.has_error("comment"):
        return (
            "What you wrote has signs in it that cannot be kept. Nothing was recorded. "
            "Please type it again by hand."
        )
    return (
        "That answer was not complete. Nothing was recorded. Please choose one of the "
        "buttons below."
    )


def _thanks(proof: Proof, answer: dict[str, Any]) -> str:
    forum, title = answer["forum"], f"“{proof.title}”"
    if answer["decision"] == WITH_DISSENT:
        return (
            f"{title} was submitted again. Every forum now reads it with the dissent."
        )
    if answer["decision"] == TAKE_BACK:
        return f"Taken back for {forum}. {title} waits for {forum} again."
    if answer["decision"] == CHANGES:
        return f"The editors of {title} now see what should change."
    if answer["decision"] == NOT_AGREED:
        return f"Recorded: {forum} does not agree to {title}. {_after_refusal(proof)}"
    if proof.outcome == Proof.Outcome.SIGNED and proof.is_correction:
        return (
            f"Signed for {forum}. {title} stays public, now without the words "
            "“changed before forum review”."
        )
    if proof.outcome == Proof.Outcome.SIGNED:
        return f"Signed for {forum}. {title} is now public."
    if proof.outcome == Proof.Outcome.EMBARGOED and proof.release_at:
        when = date_format(timezone.localtime(proof.release_at), "j F Y, H:i")
        return f"Signed for {forum}. {title} will be public on {when}."
    names = ", ".join(str(forum) for forum in sign_off.missing(proof))
    return f"Signed for {forum}. {title} still waits for {names}."


def _after_refusal(proof: Proof) -> str:
    if proof.is_correction:
        return "The version that was signed before is public again."
    return "It is not published. The editors now see why."


def _proof(request: HttpRequest, pk: int) -> Proof | None:
    """The proof, for people it concerns; for others it does not exist."""
    proof = reading.load(pk)
    if proof is None:
        return None
    user = request.user
    concerned = (
        user.is_superuser
        or sign_off.forums_of(user).filter(proofs=proof).exists()
        or proof.forums.filter(second_contact=user.pk).exists()
        or user in proof.authors.all()
        or _may_edit(proof, user)
    )
    return proof if concerned else None


def _unknown(request: HttpRequest, typed: str = "") -> HttpResponse:
    return TemplateResponse(
        request,
        "cms/sign_off/unknown.html",
        {"answered": request.method == "POST", "typed": typed},
        status=404,
    )


def _show(
    request: HttpRequest,
    proof: Proof,
    *,
    error: str = "",
    typed: AnswerForm | None = None,
    comment_missing: bool = False,
    status: int = 200,
) -> HttpResponse:
    if error:
        # It may have been decided or voided in the meantime.
        proof = reading.load(proof.pk) or proof
    # Families read the site; what others get of it is told below.
    user, item = request.user, consent.forms_of(proof)[SITE]
    mine = [
        (forum, sign_off.why_not(proof=proof, forum=forum, user=user))
        for forum in sign_off.forums_of(user)
        if forum in proof.forums.all()
    ]
    may_sign = [forum for forum, reason in mine if not reason] if proof.is_open else []
    forum = next(iter([*may_sign, *(forum for forum, _ in mine)]), None)
    may_edit = _may_edit(proof, user)
    return TemplateResponse(
        request,
        "cms/sign_off/proof.html",
        {
            "proof": proof,
            "item": item,
            "forum": forum,
            "may_sign": may_sign,
            "not_now": [reason for _, reason in mine if reason],
            "may_take_back": reading.may_take_back(proof, user),
            "may_withdraw": _is_public(proof)
            and withdrawals.may_withdraw(content_id=proof.content_id, user=user),
            "may_assure": proof.review_by is not None
            and proof.outcome == Proof.Outcome.SIGNED
            and _is_public(proof)
            and reviews.may_assure(proof=proof, user=user),
            "assurances": reviews.history(proof.content_id)[:10],
            "may_submit_with_dissent": may_edit and _dissent_is_possible(proof),
            "newer": reading.newer(proof),
            "turns": reading.turns(proof),
            "appearances": appearances.of(proof),
            "uses": uses.public_of(proof.content_id)
            if proof.kind == embedding.KIND
            else None,
            "made_together": reading.record(item),
            "label": reading.label(proof, item),
            "checks": reading.checks(proof, consent.everything(proof)),
            "voices": reading.voices(proof),
            "discussion": reading.discussion(proof),
            "error": error,
            "typed": _typed(typed),
            "comment_missing": comment_missing,
            **_changes(proof, forum, request.GET.get("since", "")),
        },
        status=status,
    )


def _changes(proof: Proof, forum: Forum | None, since: str) -> dict[str, Any]:
    """What to show of earlier versions: the one asked for, else the latest."""
    earlier = reading.earlier(proof, forum)
    if not earlier:
        return {"earlier": [], "since": None, "comparison": None}
    chosen = next((one for one in earlier if str(one.proof.pk) == since), earlier[0])
    return {
        "earlier": earlier,
        "since": chosen,
        "comparison": reading.changes(proof, chosen),
        "then": f"When {forum} last signed" if forum else "When it was last signed",
    }


def _typed(form: AnswerForm | None) -> dict[str, str]:
    """What was typed into an answer that was not taken, so that nobody types it twice."""
    if form is None:
        return {}
    names = ("forum", "decision", "comment", "comment_is_public")
    return {name: form.data.get(name, "") for name in names}


def _is_public(proof: Proof) -> bool:
    """Whether people read this version now, be it signed or a correction."""
    if proof.is_correction:
        return Proof.objects.standing().filter(pk=proof.pk).exists()
    return proof.outcome == Proof.Outcome.SIGNED


def _dissent_is_possible(proof: Proof) -> bool:
    policy = SignOffSettings.current()
    return (
        proof.outcome == Proof.Outcome.NOT_AGREED
        and policy.dissent == SignOffSettings.Dissent.PUBLISH
        and Proof.objects.filter(content_id=proof.content_id).first() == proof
    )


def _may_edit(proof: Proof, user: Any) -> bool:
    item = proof.item
    if isinstance(item, Page):
        allowed: bool = item.permissions_for_user(user).can_edit()
        return allowed
    return item is not None and policy_registry.get(item).user_has_permission(
        user, "change"
    )
