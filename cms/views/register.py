"""The register of sign-offs on screen, and as a file."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.utils import timezone

from cms import register, sign_off, spreadsheets
from cms.models import Forum
from cms.permissions import sees_everything

ROWS_ON_A_PAGE = 50
HEADINGS = (
    "Item",
    "Kind",
    "Fingerprint",
    "Signatory",
    "Answer",
    "By",
    "When",
    "Sent",
    "Days taken",
    "Comment",
    "Taken back",
    "Result",
)


class RegisterForm(forms.Form):
    """What to show. Every field may stay empty."""

    words = forms.CharField(
        required=False,
        max_length=100,
        label="Words",
        help_text="In the title, the comment or the name of who answered.",
    )
    forum = forms.ModelChoiceField(
        Forum.objects.none(), required=False, label="Signatory", empty_label="Everyone"
    )
    answer = forms.ChoiceField(
        required=False, choices=[("", "Any answer"), *register.ANSWERS], label="Answer"
    )
    kind = forms.ChoiceField(required=False, label="Kind of item")
    since = forms.DateField(
        required=False,
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Please write the date as 2026-11-24."},
    )
    until = forms.DateField(
        required=False,
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Please write the date as 2026-11-24."},
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self.fields["forum"].queryset = register.signatories_for(user)  # type: ignore[attr-defined]
        self.fields["kind"].choices = [("", "Any kind"), *register.kinds()]  # type: ignore[attr-defined]


def sign_off_register(request: HttpRequest) -> HttpResponseBase:
    """Every answer to a proof that this person may know of, newest first."""
    user = request.user
    if not (sign_off.forums_of(user).exists() or sees_everything(user)):
        raise PermissionDenied
    form = RegisterForm(request.GET, user=user)
    if not form.is_valid():
        return _page(request, form, [], status=400)
    found = register.rows_for(user=user, filters=register.Filters(**form.cleaned_data))
    form_of_file = request.GET.get("as")
    if form_of_file not in spreadsheets.FILES:
        return _page(request, form, found)
    rows = register.read(found.iterator(chunk_size=register.BATCH))
    make, content_type = spreadsheets.FILES[form_of_file]
    return StreamingHttpResponse(
        make("Sign-off register", HEADINGS, map(_cells, rows)),
        content_type=content_type,
        headers={
            "Content-Disposition": "attachment; filename="
            f'"sign-off-register-{timezone.localdate()}.{form_of_file}"'
        },
    )


def _page(
    request: HttpRequest, form: RegisterForm, found: Any, status: int = 200
) -> HttpResponse:
    page = Paginator(found, ROWS_ON_A_PAGE).get_page(request.GET.get("p"))
    chosen = request.GET.copy()
    for key in ("p", "as"):
        chosen.pop(key, None)
    return TemplateResponse(
        request,
        "cms/sign_off/register.html",
        {
            "form": form,
            "page": page,
            "rows": register.read(page.object_list),
            "chosen": chosen.urlencode(),
            "narrowed": any(chosen.values()),
        },
        status=status,
    )


def _cells(row: register.Row) -> list[spreadsheets.Cell]:
    return [
        row.proof.title,
        row.kind,
        row.proof.fingerprint,
        row.forum.name,
        row.answer,
        row.by,
        _moment(row.at),
        _moment(row.proof.submitted_at),
        row.days,
        row.comment,
        _moment(row.taken_back_at) if row.taken_back_at else "",
        row.result,
    ]


def _moment(at: Any) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
