"""What is due for a check, and saying that it is still correct."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views import View

from cms import register, reviews, sign_off, spreadsheets
from cms.errors import MayNotAssure, NothingToAssure, StaleProof
from cms.models import Proof
from cms.permissions import sees_everything

LIST = "countersign_sign_off:reviews"
ROWS_ON_A_PAGE = 50
HEADINGS = (
    "Item",
    "Kind",
    "To be checked by",
    "Days overdue",
    "Last checked",
    "Checked by",
    "Owner",
    "Signed by",
)


class ReviewsForm(forms.Form):
    """What to show of the list. Both may stay empty."""

    show = forms.ChoiceField(
        required=False,
        label="Show",
        choices=[
            ("", "Overdue and due soon"),
            (reviews.OVERDUE, "Overdue"),
            (reviews.ALL, "Everything that is public"),
        ],
    )
    kind = forms.ChoiceField(required=False, label="Kind of item")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, label_suffix="")
        self.fields["kind"].choices = [("", "Any kind"), *register.kinds()]  # type: ignore[attr-defined]


def index(request: HttpRequest) -> HttpResponseBase:
    """What this person looks after and when it is due, the longest overdue first."""
    user = request.user
    if not (sign_off.forums_of(user).exists() or sees_everything(user)):
        raise PermissionDenied
    form = ReviewsForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = reviews.narrowed(
        reviews.for_user(user),
        show=chosen.get("show") or reviews.SOON,
        kind=chosen.get("kind", ""),
    )
    form_of_file = request.GET.get("as")
    if form_of_file in spreadsheets.FILES:
        make, content_type = spreadsheets.FILES[form_of_file]
        return StreamingHttpResponse(
            make("Due for review", HEADINGS, map(_cells, reviews.read(found))),
            content_type=content_type,
            headers={
                "Content-Disposition": "attachment; filename="
                f'"due-for-review-{timezone.localdate()}.{form_of_file}"'
            },
        )
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
    given = request.GET.copy()
    for key in ("p", "as"):
        given.pop(key, None)
    return TemplateResponse(
        request,
        "cms/sign_off/reviews.html",
        {
            "form": form,
            "page": page,
            "rows": list(reviews.read(page.object_list)),
            "chosen": given.urlencode(),
            "narrowed": any(given.values()),
        },
        status=200 if form.is_valid() else 400,
    )


def _cells(row: reviews.Row) -> list[spreadsheets.Cell]:
    return [
        row.proof.title,
        row.kind,
        row.due_on.isoformat(),
        row.days_overdue,
        row.checked_on.isoformat(),
        row.checked_by,
        row.owner,
        ", ".join(row.forums),
    ]


class StillCorrectView(View):
    """The public text, and one button that says that it is still correct."""

    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        return self._show(request, _proof(request, content_id))

    def post(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        proof = _proof(request, content_id)
        try:
            assurance = reviews.assure(
                content_id=content_id,
                by=request.user,  # type: ignore[arg-type]
                fingerprint=request.POST.get("fingerprint", ""),
            )
        except (StaleProof, NothingToAssure) as error:
            return self._show(request, proof, error=str(error), status=409)
        except MayNotAssure as error:
            return self._show(request, proof, error=str(error), status=403)
        messages.success(
            request,
            f"Recorded: “{proof.title}” is still correct today. It is to be checked "
            f"again by {date_format(assurance.review_by, 'j F Y')}.",
        )
        return redirect(LIST)

    def _show(
        self, request: HttpRequest, proof: Proof, *, error: str = "", status: int = 200
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            "cms/sign_off/still_correct.html",
            {
                "proof": proof,
                "item": proof.representation,
                "history": reviews.history(proof.content_id)[:10],
                "may_be_assured": proof.outcome == Proof.Outcome.SIGNED,
                "today": timezone.localdate(),
                "error": error,
            },
            status=status,
        )


def _proof(request: HttpRequest, content_id: UUID) -> Proof:
    """What is public of the item, for people who may assure it; 404 for others."""
    proof: Proof | None = reviews.public().filter(content_id=content_id).first()
    if proof is None or not reviews.may_assure(proof=proof, user=request.user):
        raise Http404
    return proof
