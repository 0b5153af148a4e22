"""The public form for comments, the list of answers, and the report of a year.

The form is an address of its own that no cache keeps, because the pages of items are
cached and set no cookie. Neither does the form: it is anonymous, so there is nothing
that a forged one could do in somebody's name (see ``stamps``).
"""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.core.paginator import EmptyPage, Paginator
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from cms import comments
from site_settings.models import PublisherSettings
from syndication import limits, receipts
from syndication.http import etag_matches, set_public_cache
from syndication.models import Release

from . import reports, stamps
from .forms import CommentForm
from .models import YouSaidWeDid

# A school or a hospital is one network too.
PER_NETWORK = 20
# From all networks together: more is a flood, and nobody could read it.
A_DAY = 500
ON_A_PAGE = 20


@method_decorator(csrf_exempt, name="dispatch")
class CommentView(View):
    """Say what you think of a text that is public now."""

    http_method_names = ["get", "head", "post", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().dispatch(request, *args, **kwargs)
        patch_cache_control(response, no_store=True, private=True)
        response["X-Robots-Tag"] = "noindex"
        return response

    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        release = _release(content_id)
        if release is None:
            return self.show("not_now", status=404)
        return self.form(CommentForm(), release)

    def post(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        release = _release(content_id)
        if release is None:
            return self.show("not_now", status=404)
        form = CommentForm(request.POST)
        if form.is_from_a_program:
            return self.show("thanks", {"release": release})
        if not form.is_valid():
            return self.form(form, release, status=400)
        try:
            key = stamps.read(form.cleaned_data["stamp"], content_id=content_id)
        except stamps.TooQuick:
            return self.form(form, release, wrong="quick", status=400)
        except stamps.StampWrong:
            return self.form(form, release, wrong="old", status=400)
        if not self.may_send(request):
            return self.show("too_many", {"words": form.cleaned_data["words"]}, 429)
        comments.receive(
            key=key,
            proof=release.proof,
            version=release.version,
            topic=form.cleaned_data["topic"],
            is_gap=form.cleaned_data["is_gap"],
            words=form.cleaned_data["words"],
        )
        return self.show("thanks", {"release": release})

    def may_send(self, request: HttpRequest) -> bool:
        """Whether this network, and everybody together, have not sent too many."""
        return (
            limits.may_ask(
                limits.client_address(request), what="comments", most=PER_NETWORK
            )
            and comments.received_today() < A_DAY
        )

    def form(
        self, form: CommentForm, release: Release, wrong: str = "", status: int = 200
    ) -> HttpResponse:
        content_id = release.item.content_id
        return self.show(
            "comment",
            {
                "form": form,
                "typed": form.typed,
                "wrong": wrong,
                "release": release,
                "path": f"/items/{content_id}",
                "stamp": stamps.make(content_id),
                "longest": CommentForm.base_fields["words"].max_length,  # type: ignore[attr-defined]
            },
            status,
        )

    def show(
        self, name: str, context: dict[str, Any] | None = None, status: int = 200
    ) -> HttpResponse:
        return TemplateResponse(
            self.request,
            f"comments/{name}.html",
            {"publisher": _publisher(), **(context or {})},
            status=status,
        )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What families said and what came of it, newest first."""
    number = request.GET.get("page", "1")
    if set(request.GET) - {"page"} or not number.isdecimal() or len(number) > 6:
        raise Http404
    released = (
        Release.objects.current()
        .of_kind(YouSaidWeDid.kind)
        .newest_first()
        .values("payload", "receipt", "released_at")
    )
    try:
        page = Paginator(released, ON_A_PAGE).page(int(number))
    except EmptyPage as error:
        raise Http404 from error
    return _public(
        request,
        "comments/list.html",
        {
            "page": page,
            "entries": [_entry(one) for one in page.object_list],
            "years": reports.years(),
        },
        tags=["you-said-we-did"],
    )


@require_safe
def year(request: HttpRequest, year: int) -> HttpResponse:
    """The report of one year: numbers that tell nobody apart, and the answers."""
    if request.GET:
        raise Http404
    report = reports.of(year)
    if report is None:
        raise Http404
    return _public(
        request,
        "comments/year.html",
        {"report": report, "is_over": year < timezone.localdate().year},
        tags=["you-said-we-did"],
    )


def _release(content_id: UUID) -> Release | None:
    """What is public of a text now; an answer to a comment takes no comments."""
    return (
        Release.objects.current()
        .exclude(kind=YouSaidWeDid.kind)
        .filter(item__content_id=content_id)
        .select_related("item", "proof")
        .defer("payload", "document", "proof__payload")
        .first()
    )


def _entry(row: Any) -> dict[str, Any]:
    data = json.loads(bytes(row["payload"]))
    return {
        "title": data["title"],
        "said": data["comment"]["said"],
        "response": data["response"],
        "action": data["action"],
        "path": f"/items/{data['content_id']}",
        "released_at": row["released_at"],
        "who": receipts.who(row["receipt"]),
    }


def _publisher() -> PublisherSettings:
    return PublisherSettings.objects.first() or PublisherSettings()


def _public(
    request: HttpRequest, template: str, context: dict[str, Any], *, tags: list[str]
) -> HttpResponse:
    # Rendered without the request: no session, no cookie can come in.
    body = render_to_string(template, {"publisher": _publisher(), **context}).encode()
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response: HttpResponse = (
        HttpResponseNotModified() if etag_matches(request, etag) else HttpResponse(body)
    )
    response["ETag"] = etag
    set_public_cache(response, tags=tags)
    return response
