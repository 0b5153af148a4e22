"""The register of consent, and how those who write choose from it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import chooser as views
from wagtail.admin.viewsets.chooser import ChooserViewSet

from cms import consent_register
from cms.channels import CHANNELS, NAMES
from cms.consent import choosable, may_keep
from cms.errors import ConsentChanged, ConsentEnded
from cms.models import Consent
from cms.models.consent import SCOPES

INDEX = "countersign_consent:index"
ON_A_PAGE = 50
DATE_ERROR = {"invalid": "Please write the date as 2026-11-24."}
MISSING = {
    "alias": "Write the name that stands in the text.",
    "given_on": "Write the day on the form.",
    "review_on": "Write the day on which to ask again.",
    "form_held": "Write where the form is kept.",
}


class ConsentForm(forms.ModelForm[Consent]):
    """Everything about one consent, in the order in which the paper form asks it."""

    class Meta:
        model = Consent
        fields = (
            "alias", "kind", "given_by", "age_band", "wish", "wish_words",
            *SCOPES.values(),
            "attribution", "first_name", "given_on", "review_on", "expires_on",
            "form_held", "forum", "notes",
        )  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect,
            "given_by": forms.RadioSelect,
            "age_band": forms.RadioSelect,
            "wish": forms.RadioSelect,
            "attribution": forms.RadioSelect,
            "wish_words": forms.Textarea(attrs={"rows": 3}),
            "notes": forms.Textarea(attrs={"rows": 3}),
            **{
                name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                for name in ("given_on", "review_on", "expires_on")
            },
        }
        error_messages = dict.fromkeys(
            ("given_on", "review_on", "expires_on"), DATE_ERROR
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"label_suffix": ""})
        for name in ("kind", "given_by", "age_band", "wish"):
            # No empty choice among the buttons: nothing is chosen for anybody.
            field: Any = self.fields[name]
            field.choices = [one for one in field.choices if one[0]]
        for name, field in self.fields.items():
            field.error_messages["required"] = MISSING.get(name, "Choose one of these.")
        self.fields["forum"].empty_label = "Editors only"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        given, review = cleaned.get("given_on"), cleaned.get("review_on")
        if given and review:
            latest = consent_register.reminder_day(max(given, timezone.localdate()))
            if not given < review <= latest:
                self.add_error(
                    "review_on",
                    "Choose a day after it was given, and within a year from now.",
                )
        if not any(cleaned.get(name) for name in SCOPES.values()):
            self.add_error(
                "on_site", "Choose at least one place where it may be shown."
            )
        return cleaned

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields under headings, for the screen."""
        places = list(SCOPES.values())
        return [
            ("Whose voice", [self[one] for one in ("alias", "kind")]),
            (
                "Who said yes",
                [self[one] for one in ("given_by", "age_band", "wish", "wish_words")],
            ),
            ("Where it may be shown", [self[one] for one in places]),
            ("What readers are told", [self["attribution"], self["first_name"]]),
            (
                "From when, until when",
                [self[one] for one in ("given_on", "review_on", "expires_on")],
            ),
            (
                "For the register",
                [self[one] for one in ("form_held", "forum", "notes")],
            ),
        ]


class KeepersView(View):
    """For those who keep the register; refused to everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_keep(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class IndexView(KeepersView):
    """Every consent, newest first; what ends soon can be asked for."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = Consent.objects.select_related("forum")
        show = request.GET.get("show", "")
        if show == "live":
            found = found.live()
        elif show == "review":
            found = found.live().filter(review_on__lte=timezone.localdate())
        elif show == "ended":
            found = found.exclude(pk__in=Consent.objects.live().values("pk"))
        if words := request.GET.get("words", "").replace("\0", "").strip()[:60]:
            found = found.filter(Q(alias__icontains=words))
        page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("p"))
        return TemplateResponse(
            request,
            "cms/consent/index.html",
            {
                "page": page,
                "show": show,
                "words": words,
                "today": timezone.localdate(),
                "rows": [
                    (one, [NAMES[name] for name in CHANNELS if name in one.scope])
                    for one in page.object_list
                ],
            },
        )


class AddView(KeepersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _form(request, ConsentForm(initial={"given_on": timezone.localdate()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ConsentForm(request.POST)
        if not form.is_valid():
            return _form(request, form, status=400)
        given = consent_register.give(
            consent=form.save(commit=False),
            by=request.user,  # type: ignore[arg-type]
        )
        messages.success(request, f"“{given.alias}” is in the register.")
        return redirect(INDEX)


class EditView(KeepersView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        consent = _consent(pk)
        return _form(request, ConsentForm(instance=consent), consent)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consent = _consent(pk)
        form = ConsentForm(request.POST, instance=_consent(pk))
        if not form.is_valid():
            return _form(request, form, consent, status=400)
        try:
            consent_register.change(
                consent=consent,
                values=form.cleaned_data,
                by=request.user,  # type: ignore[arg-type]
                seen=request.POST.get("seen", ""),
            )
        except ConsentChanged as error:
            consent = _consent(pk)
            now = ConsentForm(instance=consent)
            return _form(request, now, consent, status=409, problem=str(error))
        except ConsentEnded as error:
            form.add_error(None, str(error))
            return _form(request, form, consent, status=409)
        messages.success(
            request,
            f"“{consent.alias}” is changed. What it no longer allows is taken out. What "
            "it allows besides needs new signatures.",
        )
        return redirect(INDEX)


class WithdrawView(KeepersView):
    """One button. Nobody is asked why."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return TemplateResponse(
            request, "cms/consent/withdraw.html", {"consent": _consent(pk)}
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        consent = consent_register.withdraw(
            consent=_consent(pk),
            by=request.user,  # type: ignore[arg-type]
        )
        messages.success(
            request,
            f"Withdrawn. “{consent.alias}” is no longer shown anywhere. Please note it "
            "on the paper form too.",
        )
        return redirect(INDEX)


def _consent(pk: int) -> Consent:
    found = Consent.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _form(
    request: HttpRequest,
    form: ConsentForm,
    consent: Consent | None = None,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    # Said again with what was wrong in it, a form is still as old as it was.
    seen = "" if problem else request.POST.get("seen", "")
    return TemplateResponse(
        request,
        "cms/consent/form.html",
        {
            "form": form,
            "consent": consent,
            "problem": problem,
            "seen": seen or (consent.state if consent else ""),
        },
        status=status,
    )


class OfTheirsMixin:
    """Shows those consents only that the person may put into a text, and little more."""

    request: HttpRequest

    def get_object_list(self) -> Any:
        return choosable(self.request.user)

    def can_create(self) -> bool:
        return False

    @property
    def columns(self) -> list[Column]:
        return [*super().columns, Column("status", label="Consent", accessor="status")]  # type: ignore[misc]


class ChooseView(OfTheirsMixin, views.ChooseView):
    pass


class ChooseResultsView(OfTheirsMixin, views.ChooseResultsView):
    pass


class CreateView(OfTheirsMixin, views.CreateView):
    """Nobody enters a consent here: it needs more than a name."""


class ChosenView(views.ChosenView):
    def get_object(self, pk: Any) -> Consent:
        found = choosable(self.request.user)
        one = found.filter(pk=pk).first() if str(pk).isdecimal() else None
        if one is None:
            raise Http404
        return one


class ChosenMultipleView(views.ChosenMultipleView):
    def get_objects(self, pks: Any) -> Any:
        wanted = {str(pk) for pk in pks}
        found = [one for one in choosable(self.request.user) if str(one.pk) in wanted]
        if len(found) < len(wanted):
            raise Http404
        return found


class ConsentChooser(ChooserViewSet):
    model = Consent
    icon = "openquote"
    choose_one_text = "Choose a consent"
    choose_another_text = "Choose another consent"
    choose_view_class = ChooseView
    choose_results_view_class = ChooseResultsView
    chosen_view_class = ChosenView
    chosen_multiple_view_class = ChosenMultipleView
    create_view_class = CreateView


chooser = ConsentChooser("consent_chooser", url_prefix="consent-chooser")
