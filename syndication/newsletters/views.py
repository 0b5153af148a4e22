"""Asking for the newsletter, confirming it, leaving it (see ``pages``)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from syndication import framing

from . import askings, links, sources, subscriptions, wordings
from .errors import LinkDamaged, LinkTooOld
from .forms import AddressForm, SubscribeForm
from .models import Subscription
from .pages import LinkedPage, NewsletterPage


@method_decorator(csrf_exempt, name="dispatch")
class SubscribeView(NewsletterPage):
    """Ask for the newsletter. Answers the same whether or not the address is known."""

    way = sources.WEBSITE
    # Where its form is sent, and where to begin again.
    name = "newsletters:subscribe"

    def get(self, request: HttpRequest) -> HttpResponse:
        source = sources.host(request.GET.get("source", ""))
        return self.form(self.empty({"source": source, "way": self.way}))

    def post(self, request: HttpRequest) -> HttpResponse:
        words = wordings.current()
        form = SubscribeForm(request.POST, words=words)
        if form.is_from_a_program:
            return self.asked()
        if not form.is_valid():
            return self.form(form, status=400)
        if not self.may_send():
            return self.show("too_many", status=429)
        by_form = form.cleaned_data["way"] == sources.FORM
        askings.ask_for_newsletter(
            email=form.cleaned_data["email"],
            wording=wordings.archived(words),
            source=sources.of(
                sources.FORM if by_form else self.way, form.cleaned_data["source"]
            ),
            frequency=form.cleaned_data["frequency"],
            choices=form.chosen(),
        )
        return self.asked()

    def form(self, form: SubscribeForm, status: int = 200) -> HttpResponse:
        return self.show(
            "subscribe", {"form": form, "action": reverse(self.name)}, status
        )

    def asked(self) -> HttpResponse:
        return self.show("asked", {"again": reverse(self.name)})

    def empty(self, initial: dict[str, Any]) -> SubscribeForm:
        return SubscribeForm(words=wordings.current(), initial=initial)


@method_decorator(csrf_exempt, name="dispatch")
class FramedView(SubscribeView):
    """The same form, in a frame on the website of a partner."""

    way = sources.FRAME
    name = "newsletters:form"
    shell = "newsletters/frame.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        framing.allow(response, forms=True)
        response["X-Robots-Tag"] = "noindex"
        return response


@method_decorator(csrf_exempt, name="dispatch")
class StartView(SubscribeView):
    """Where a plain form on the website of a partner leads: our form, filled in.

    What a partner's page says above its form we cannot know. So nothing is asked for
    until the person has seen our wording and agreed to it here.
    """

    way = sources.FORM

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("newsletters:subscribe")

    def post(self, request: HttpRequest) -> HttpResponse:
        given = request.POST
        return self.form(
            self.empty(
                {
                    "email": given.get("email", "")[:254],
                    "frequency": given.get("frequency", ""),
                    "areas": given.getlist("areas"),
                    "source": sources.host(given.get("source", "")),
                    "way": self.way,
                }
            )
        )


@method_decorator(csrf_exempt, name="dispatch")
class LinkView(NewsletterPage):
    """Ask for the link to one's own choices, without a mail at hand."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("ask_for_link", {"form": AddressForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AddressForm(request.POST)
        if form.is_from_a_program:
            return self.show("link_sent")
        if not form.is_valid():
            return self.show("ask_for_link", {"form": form}, status=400)
        if not self.may_send():
            return self.show("too_many", status=429)
        askings.ask_for_link(email=form.cleaned_data["email"])
        return self.show("link_sent")


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
        found = Subscription.objects.select_related("subscriber").filter(key=key)
        subscription = found.first()
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
            active = subscriptions.current(key=links.read_unsubscribe(token))
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        if active is None:
            return self.left()
        return self.show(
            "unsubscribe",
            {
                "subscriber": active.subscriber,
                "preferences": links.path_to_preferences(active),
            },
        )

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
        said = subscriptions.say_why(key=key, why=request.POST.get("why", ""))
        return self.left(thanks=said)

    def left(self, *, thanks: bool = False) -> HttpResponse:
        return self.show(
            "unsubscribed", {"thanks": thanks, "reasons": Subscription.Why.choices}
        )
