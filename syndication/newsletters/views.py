"""The public pages of the newsletter.

GET shows, POST does: mail scanners open every link they see. No page sets a cookie,
so none of the forms has Django's CSRF token, which lives in one. None needs it: asking
changes nothing until the mailbox confirms, and a link from a mail is itself the secret
that a forged form would lack. RFC 8058 asks for the same: its POST comes without
cookies and wants an answer without a redirect.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from site_settings.models import NewsletterSettings, PublisherSettings
from syndication import limits
from syndication.models import Release, permalink

from . import links, subscriptions
from .errors import LinkDamaged, LinkTooOld
from .forms import SubscribeForm
from .models import Choice, Issue, Subscription


class NewsletterPage(View):
    """A page that no cache keeps and no search engine lists; its address is a secret."""

    http_method_names = ["get", "head", "post", "options"]

    def show(
        self, name: str, context: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        newsletter = NewsletterSettings.load()
        return TemplateResponse(
            self.request,
            f"newsletters/{name}.html",
            {
                "newsletter": newsletter,
                "publisher": PublisherSettings.objects.first(),
                **(context or {}),
            },
            status=status,
        )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        response["Referrer-Policy"] = "no-referrer"
        return response


@method_decorator(csrf_exempt, name="dispatch")
class SubscribeView(NewsletterPage):
    """Ask for the newsletter. Answers the same whether or not the address is known."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.form(SubscribeForm(wording=self.wording))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SubscribeForm(request.POST, wording=self.wording)
        if form.is_from_a_program:
            return self.show("asked")
        if not form.is_valid():
            return self.form(form, status=400)
        if not limits.may_ask(limits.client_address(request)):
            return self.show("too_many", status=429)
        subscriptions.request(
            email=form.cleaned_data["email"],
            choices={Choice.Sort.AREA: form.cleaned_data["areas"]},
            wording=form.words,
            source="website",
        )
        return self.show("asked")

    def form(self, form: SubscribeForm, status: int = 200) -> HttpResponse:
        chosen = form["areas"].value() or []
        return self.show("subscribe", {"form": form, "chosen": chosen}, status)

    @property
    def wording(self) -> str:
        wording: str = NewsletterSettings.load().consent_wording
        return wording


class LinkedPage(NewsletterPage):
    """A page opened from a mail."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    def subscription(self, key: UUID) -> Subscription | None:
        found = Subscription.objects.select_related("subscriber").filter(key=key)
        return found.first()


@method_decorator(csrf_exempt, name="dispatch")
class ConfirmView(LinkedPage):
    """Confirm, from the mailbox, what was asked for on the website."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.answer(token, confirm=True)

    def answer(self, token: str, *, confirm: bool = False) -> HttpResponse:
        try:
            key = links.read_confirm(token)
        except LinkTooOld:
            return self.show("link_too_old", status=410)
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        subscription = self.subscription(key)
        if subscription is None or subscription.ended_at:
            return self.show("link_too_old", status=410)
        if subscription.is_active or (confirm and subscriptions.confirm(key=key)):
            return self.show("confirmed")
        return self.show("confirm", {"subscriber": subscription.subscriber})


@method_decorator(csrf_exempt, name="dispatch")
class UnsubscribeView(LinkedPage):
    """Leave, with one button or straight from the mail program (RFC 8058).

    Any number of times: every answer to a POST with a good link is 200.
    """

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            subscription = self.subscription(links.read_unsubscribe(token))
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        if subscription is None or not self.is_subscribed(subscription):
            return self.show("unsubscribed")
        return self.show("unsubscribe", {"subscriber": subscription.subscriber})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            key = links.read_unsubscribe(token)
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        one_click = request.POST.get("List-Unsubscribe") == "One-Click"
        reasons = Subscription.EndedReason
        subscriptions.end(
            key=key, reason=reasons.ONE_CLICK if one_click else reasons.UNSUBSCRIBED
        )
        return self.show("unsubscribed")

    def is_subscribed(self, subscription: Subscription) -> bool:
        return subscription.subscriber.subscriptions.active().exists()


class PreferencesView(LinkedPage):
    """See what one gets, by the link in every mail."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            key = links.read_preferences(token)
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        subscription = self.subscription(key)
        if subscription is None or not subscription.is_active:
            return self.show("link_too_old", status=410)
        return self.show("preferences", {"subscription": subscription})


@require_safe
def issue(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """The way to an issue by the newsletter's own address: its permalink."""
    issues = Release.objects.known().of_kind(Issue.kind)
    if not issues.filter(item__content_id=content_id).exists():
        raise Http404
    return redirect(permalink(content_id))
