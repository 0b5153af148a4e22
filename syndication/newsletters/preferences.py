"""The pages of somebody's own choices, opened by the link in each of their mails.

Whoever was passed such a mail has the link too. So nothing here shows the address
whole, and the newsletter goes to another mailbox only after that one agreed, of which
the old one is told.
"""

import json
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from syndication import limits

from . import askings, links, people, subscriptions, wordings
from .errors import LinkDamaged
from .forms import AddressForm, PreferencesForm
from .models import Subscriber, Subscription
from .pages import LinkedPage

# Each asks a mailbox that may be a stranger's.
MOVES = limits.Policy("newsletter-move", 3, int(timedelta(days=1).total_seconds()))


@method_decorator(csrf_exempt, name="dispatch")
class OwnPage(LinkedPage):
    """A page of one person, found by the link in their mails."""

    token: str
    person: Subscriber

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.find(token) or self.answer()

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.find(token) or self.act()

    def find(self, token: str) -> HttpResponse | None:
        """Find whose page it is, or return what to answer instead."""
        try:
            key = links.read_preferences(token)
        except LinkDamaged:
            return self.show("link_damaged", status=404)
        person = Subscriber.objects.filter(subscriptions__key=key).first()
        if person is None:
            return self.show("link_too_old", status=410)
        self.token, self.person = token, person
        return None

    def answer(self) -> HttpResponse:
        raise NotImplementedError

    def act(self) -> HttpResponse:
        raise NotImplementedError

    def page(self, name: str, status: int = 200, **context: Any) -> HttpResponse:
        here = {
            name: reverse(f"newsletters:{name}", args=[self.token])
            for name in ("preferences", "move", "forget", "stored")
        }
        shown = {"subscriber": self.person, "here": here, **context}
        return self.show(name, shown, status)


class ChoicesPage(OwnPage):
    """A page for those only who get the newsletter now."""

    subscription: Subscription

    def find(self, token: str) -> HttpResponse | None:
        if refused := super().find(token):
            return refused
        active = subscriptions.current(key=links.read_preferences(token))
        if active is None:
            return self.page("no_choices", status=410)
        self.subscription = active
        return None

    def page(self, name: str, status: int = 200, **context: Any) -> HttpResponse:
        active = getattr(self, "subscription", None)
        if active:
            context["subscription"] = active
            context["stop"] = links.path_to_unsubscribe(active)
        return super().page(name, status, **context)


class PreferencesView(ChoicesPage):
    """See what one gets, and change it."""

    def answer(self) -> HttpResponse:
        return self.page("preferences", form=self.form())

    def act(self) -> HttpResponse:
        form = self.form(self.request.POST)
        if not form.is_valid():
            return self.page("preferences", form=form, status=400)
        changed = subscriptions.change(
            key=self.subscription.key,
            frequency=form.cleaned_data["frequency"],
            choices=form.chosen(),
            agreed=form.agreed,
        )
        if changed is None:  # They left in another window.
            del self.subscription
            return self.page("no_choices", status=410)
        self.subscription = changed
        return self.page("preferences", form=self.form(), saved=True)

    def form(self, data: Any = None) -> PreferencesForm:
        return PreferencesForm(
            data, subscription=self.subscription, words=wordings.current()
        )


class MoveView(ChoicesPage):
    """Have the newsletter at another address, once that mailbox confirms."""

    def answer(self) -> HttpResponse:
        return self.page("move", form=AddressForm())

    def act(self) -> HttpResponse:
        form = AddressForm(self.request.POST)
        if form.is_from_a_program:
            return self.page("move_asked")
        if not form.is_valid():
            return self.page("move", form=form, status=400)
        moves = limits.of_holder(str(self.person.pk), MOVES)
        if not self.may_send() or (moves and moves.is_over):
            return self.show("too_many", status=429)
        askings.ask_to_move(key=self.subscription.key, email=form.cleaned_data["email"])
        return self.page("move_asked")


class ForgetView(OwnPage):
    """Leave, and have everything deleted that tells who one is."""

    def answer(self) -> HttpResponse:
        return self.page("forget", moved=len(people.everywhere(self.person)) > 1)

    def act(self) -> HttpResponse:
        people.forget(self.person)
        return self.show("forgotten")


class StoredView(OwnPage):
    """Everything that is stored of oneself, to keep."""

    http_method_names = ["get", "head", "options"]

    def answer(self) -> HttpResponse:
        told = people.told(self.person, whole_address=False)
        return HttpResponse(
            json.dumps(told, indent=2, ensure_ascii=False),
            content_type="application/json",
            headers={
                "Content-Disposition": 'attachment; filename="my-newsletter-data.json"'
            },
        )
