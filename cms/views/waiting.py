"""“With whom does it lie?”: for editors, what has to happen next and who does it."""

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse

from cms import waiting
from cms.models import Forum
from cms.permissions import sees_everything

ON_A_PAGE = 50


class WithWhomForm(forms.Form):
    """Whose turn it is: anybody’s, the editors’, or one signatory’s."""

    lies_with = forms.ChoiceField(required=False, label="Show what lies with")

    def __init__(self, data: QueryDict, signatories: list[Forum]) -> None:
        super().__init__(data)
        self.fields["lies_with"].choices = [  # type: ignore[attr-defined]
            ("", "anybody"),
            ("editors", "editors"),
            *((forum.slug, forum.name) for forum in signatories),
        ]


def index(request: HttpRequest) -> HttpResponse:
    """Everything that waits, one row each; 404 for people who do not look after it."""
    if not sees_everything(request.user):
        raise Http404
    signatories = list(Forum.objects.all())
    form = WithWhomForm(request.GET, signatories)
    chosen = form.cleaned_data["lies_with"] if form.is_valid() else ""
    found = waiting.proofs(
        forum=next((one for one in signatories if one.slug == chosen), None),
        editors=chosen == "editors",
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request,
        "cms/sign_off/waiting.html",
        {
            "form": form,
            "chosen": chosen,
            "page": page,
            "rows": waiting.rows(page.object_list),
        },
    )
