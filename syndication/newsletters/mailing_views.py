"""The screens on which editors see newsletters go out, and stop them."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views import View

from . import mailings, progress
from .errors import NoLongerStoodBy
from .models import Mailing

MAILING = "countersign_mailings:mailing"
ON_A_PAGE = 20


def may_see(user: User | AnonymousUser) -> bool:
    """Whether somebody works on the newsletter."""
    return user.has_perm("newsletters.change_issue")


class EditorsView(View):
    """For those who work on the newsletter; refused to everybody else."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)


class IndexView(EditorsView):
    """Every mailing, the newest first, and how far it is."""

    def get(self, request: HttpRequest) -> HttpResponse:
        found = Mailing.objects.select_related("release").order_by("-created_at", "-pk")
        page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("p"))
        return TemplateResponse(
            request,
            "newsletters/mailings/index.html",
            {
                "page": page,
                "mailings": progress.of_all(list(page.object_list)),
                "outage": progress.outage(),
            },
        )


class MailingView(EditorsView):
    """One mailing: a bar that moves by itself, and what may be done about it."""

    template = "newsletters/mailings/mailing.html"

    def get(self, request: HttpRequest, key: UUID) -> HttpResponse:
        response = TemplateResponse(
            request,
            self.template,
            {"progress": progress.of(_mailing(key)), "outage": progress.outage()},
        )
        patch_cache_control(response, no_store=True, private=True)
        return response


class ProgressView(MailingView):
    """The part of that screen that changes, for its script."""

    template = "newsletters/mailings/progress.html"


class ActView(EditorsView):
    """Ask once, then do one thing to a mailing."""

    def get(self, request: HttpRequest, key: UUID, action: str) -> HttpResponse:
        verb = _verb(action)
        return TemplateResponse(
            request,
            "newsletters/mailings/act.html",
            {"progress": progress.of(_mailing(key)), "action": action, **verb.words},
        )

    def post(self, request: HttpRequest, key: UUID, action: str) -> HttpResponse:
        mailing, verb = _mailing(key), _verb(action)
        assert isinstance(request.user, User)  # noqa: S101 - dispatch let them in
        try:
            acted = verb.act(mailing=mailing, by=request.user)
        except NoLongerStoodBy as reason:
            messages.warning(request, f"Nothing was changed. {reason}")
        else:
            if acted:
                messages.success(request, verb.done)
            else:
                messages.warning(
                    request, "Nothing was changed: somebody else may have been quicker."
                )
        return redirect(MAILING, key=key)


class Verb:
    """Something that may be done to a mailing, and how it is told."""

    def __init__(
        self,
        act: Callable[..., Any],
        *,
        title: str,
        explained: str,
        button: str,
        done: str,
        is_serious: bool = False,
    ) -> None:
        self.act, self.done = act, done
        self.words = {
            "title": title,
            "explained": explained,
            "button": button,
            "is_serious": is_serious,
        }


def _pause(*, mailing: Mailing, by: User) -> bool:
    name = by.get_full_name() or by.get_username()
    return mailings.pause(mailing=mailing, by=by, reason=f"{name} paused it.")


VERBS = {
    "pause": Verb(
        _pause,
        title="Pause this mailing",
        explained="Nothing more goes out until somebody resumes it. Mails that are on the "
        "way at this moment still arrive: a few for each worker.",
        button="Pause now",
        done="Paused. Nothing more goes out until somebody resumes it.",
    ),
    "resume": Verb(
        mailings.resume,
        title="Go on with this mailing",
        explained="Whoever waits gets it. Nobody gets it twice.",
        button="Go on",
        done="It goes on.",
    ),
    "stop": Verb(
        mailings.stop,
        title="Stop this mailing for good",
        explained="Whoever waits does not get this issue. Whoever has it keeps it. It "
        "cannot be undone. To go on later, pause it.",
        button="Stop for good",
        done="Stopped. Whoever had not got it does not get it.",
        is_serious=True,
    ),
    "send-again": Verb(
        mailings.send_again_what_is_uncertain,
        title="Send again what was perhaps sent",
        explained="A worker broke off before the mail server answered, so nobody knows. "
        "Some people may get this issue twice, with the same Message-ID, by which many "
        "mail programs show it once.",
        button="Send these again",
        done="They are sent again.",
    ),
}


def _verb(action: str) -> Verb:
    if action not in VERBS:
        raise Http404
    return VERBS[action]


def _mailing(key: UUID) -> Mailing:
    found = Mailing.objects.select_related("release__item").filter(key=key).first()
    if found is None:
        raise Http404
    return found
