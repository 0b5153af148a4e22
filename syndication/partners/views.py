"""The screens on which partners and their keys are looked after."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.debug import sensitive_variables

from cms.submission import looks_like_a_person

from . import keys, register, removals, usage
from .errors import PartnerEnded, TwoKeysAlready
from .forms import KeyForm, PartnerForm
from .managers import may_manage
from .models import ApiKey, Partner

INDEX = "countersign_partners:index"
PARTNER = "countersign_partners:partner"
ON_A_PAGE = 50
REMOVALS_SHOWN = 20


class ManagersView(View):
    """For those who look after partners; refused to everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_manage(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class IndexView(ManagersView):
    """Every partner by name, and whether its keys work and are used."""

    def get(self, request: HttpRequest) -> HttpResponse:
        live = Q(keys__revoked_at=None, keys__expires_at__gt=timezone.now())
        partners = (
            Partner.objects.annotate(
                live_keys=Count("keys", filter=live, distinct=True),
                used_at=Max("keys__last_used_at"),
            )
            .prefetch_related("areas")
            .order_by("name")
        )
        page = Paginator(partners, ON_A_PAGE).get_page(request.GET.get("p"))
        return TemplateResponse(request, "partners/index.html", {"page": page})


class PartnerView(ManagersView):
    """One partner: its keys, what it confirmed, and how often it asks."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = _partner(pk)
        concerned = removals.with_answers(partner)
        return TemplateResponse(
            request,
            "partners/partner.html",
            {
                "partner": partner,
                "areas": partner.areas.all(),
                "contacts": partner.contacts.all(),
                "keys": partner.keys.all(),
                "most_live": keys.MOST_LIVE,
                "live": partner.keys.live().count(),
                "removals": concerned.order_by("-number")[:REMOVALS_SHOWN],
                "removals_shown": REMOVALS_SHOWN,
                "open": concerned.filter(removed_at=None).count(),
                "days": usage.recent(partner),
            },
        )


class AddView(ManagersView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return _form(request, PartnerForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PartnerForm(request.POST)
        if not form.is_valid():
            return _form(request, form, status=400)
        return _save(request, form, "is a partner now. Make a key for it next.")


class EditView(ManagersView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = _partner(pk)
        return _form(request, PartnerForm(instance=partner), partner)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = PartnerForm(request.POST, instance=_partner(pk))
        if not form.is_valid():
            return _form(request, form, _partner(pk), status=400)
        return _save(request, form, "is changed.")


@method_decorator(sensitive_variables("token"), name="post")
class MakeKeyView(ManagersView):
    """Make a key and show it, this once."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return _key_form(request, _partner(pk), KeyForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = _partner(pk)
        form = KeyForm(request.POST)
        if not form.is_valid():
            return _key_form(request, partner, form, status=400)
        try:
            key, token = keys.make(
                partner=partner,
                name=form.cleaned_data["name"],
                scopes=form.cleaned_data["scopes"],
                expires_at=form.expires_at,
                by=request.user,  # type: ignore[arg-type]
            )
        except (TwoKeysAlready, PartnerEnded) as error:
            return _key_form(request, partner, form, status=409, problem=str(error))
        response = TemplateResponse(
            request,
            "partners/key_made.html",
            {"partner": partner, "key": key, "token": token},
        )
        # Not even this browser may keep it.
        patch_cache_control(response, no_store=True, private=True)
        return response


class RevokeView(ManagersView):
    """One button, for a key that leaked or is no longer needed."""

    def get(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        return TemplateResponse(request, "partners/revoke.html", {"key": _key(pk, key)})

    def post(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        revoked = keys.revoke(key=_key(pk, key), by=request.user)  # type: ignore[arg-type]
        messages.success(
            request, f"Revoked. The key {revoked.prefix}… opens nothing now."
        )
        return redirect(PARTNER, pk)


class EndView(ManagersView):
    """End work with a partner, and with it all of its keys."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return TemplateResponse(request, "partners/end.html", {"partner": _partner(pk)})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        partner = register.end(partner=_partner(pk), by=request.user)  # type: ignore[arg-type]
        messages.success(
            request,
            f"{partner.name} is no partner any more. Its keys open nothing now.",
        )
        return redirect(PARTNER, pk)


def _partner(pk: int) -> Partner:
    found = Partner.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _key(pk: int, key: int) -> ApiKey:
    found = ApiKey.objects.select_related("partner").filter(pk=key, partner=pk).first()
    if found is None:
        raise Http404
    return found


def _save(request: HttpRequest, form: PartnerForm, said: str) -> HttpResponse:
    partner = register.save(
        partner=form.save(commit=False),
        areas=form.cleaned_data["areas"],
        mailboxes=form.mailboxes,
        by=request.user,  # type: ignore[arg-type]
    )
    messages.success(request, f"{partner.name} {said}")
    for email in form.mailboxes.values():
        if looks_like_a_person(email):
            messages.warning(
                request,
                f"{email} looks like one person’s mailbox. Nobody reads it when that "
                "person leaves.",
            )
    return redirect(PARTNER, partner.pk)


def _form(
    request: HttpRequest,
    form: PartnerForm,
    partner: Partner | None = None,
    status: int = 200,
) -> HttpResponse:
    return TemplateResponse(
        request,
        "partners/form.html",
        {"form": form, "partner": partner},
        status=status,
    )


def _key_form(
    request: HttpRequest,
    partner: Partner,
    form: KeyForm,
    status: int = 200,
    problem: str = "",
) -> HttpResponse:
    return TemplateResponse(
        request,
        "partners/make_key.html",
        {"form": form, "partner": partner, "problem": problem},
        status=status,
    )
