"""Comments from the public, for those who decide what becomes of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views import View

from cms import comments, spreadsheets
from cms.errors import (
    CommentDecided,
    DecisionIncomplete,
    MayNotModerate,
    SignOffError,
)
from cms.models import Comment
from cms.models.comments import LONGEST
from cms.permissions import sees_everything

ON_A_PAGE = 50
LIST = "countersign_sign_off:comments"
PUBLISH, MERGE, REFUSE, REOPEN = "publish", "merge", "refuse", "reopen"
STATUS: dict[type[SignOffError], int] = {DecisionIncomplete: 400, MayNotModerate: 403}
FILES = {
    "csv": (spreadsheets.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (spreadsheets.as_xlsx, spreadsheets.XLSX),
}


class FilterForm(forms.Form):
    """What to show. Every field may stay empty."""

    status = forms.ChoiceField(
        required=False, choices=[("", "Any"), *Comment.Status.choices], label="Standing"
    )
    topic = forms.ChoiceField(
        required=False,
        choices=[("", "Anything"), *Comment.Topic.choices],
        label="About",
    )
    gaps = forms.BooleanField(required=False, label="Only gaps in what there is")


class DecisionForm(forms.Form):
    """What becomes of a comment. Which button was pressed is the decision."""

    decision = forms.ChoiceField(
        choices=[(name, name) for name in (PUBLISH, MERGE, REFUSE, REOPEN)]
    )
    words = forms.CharField(required=False, max_length=LONGEST)
    into = forms.ModelChoiceField(Comment.objects.none(), required=False)
    reason = forms.CharField(required=False, max_length=20)

    def __init__(self, *args: Any, offered: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = offered  # type: ignore[attr-defined]


def index(request: HttpRequest) -> HttpResponse:
    """The comments that this person may read; those that wait come first."""
    if not comments.may_read(request.user):
        raise PermissionDenied
    form = FilterForm(request.GET)
    found = comments.concerning(request.user)
    if form.is_valid():
        chosen = form.cleaned_data
        for name in ("status", "topic"):
            if chosen[name]:
                found = found.filter(**{name: chosen[name]})
        if chosen["gaps"]:
            found = found.filter(is_gap=True)
    found = (
        found.select_related("proof")
        .defer("proof__payload")
        # Without this, those that wait come last on PostgreSQL.
        .order_by(F("decided_at").desc(nulls_first=True), "-received_at", "-pk")
    )
    page = Paginator(found, ON_A_PAGE).get_page(request.GET.get("p"))
    rows = list(page.object_list)
    answers = comments.answers(rows)
    query = request.GET.copy()
    query.pop("p", None)
    return TemplateResponse(
        request,
        "cms/sign_off/comments.html",
        {
            "form": form,
            "page": page,
            "rows": [(one, answers.get(one.pk)) for one in rows],
            "chosen": query.urlencode(),
            "narrowed": any(query.values()),
            "may_report": sees_everything(request.user),
        },
    )


class CommentView(View):
    """One comment, and what can become of it."""

    def get(self, request: HttpRequest, comment: int) -> HttpResponse:
        return self._show(request, _comment(request, comment))

    def post(self, request: HttpRequest, comment: int) -> HttpResponse:
        found = _comment(request, comment)
        form = DecisionForm(request.POST, offered=_offered(request, found))
        if not form.is_valid():
            return self._show(request, found, _wrong(form), form, status=400)
        try:
            done = _decide(found, form.cleaned_data, by=request.user)
        except SignOffError as error:
            status = STATUS.get(type(error), 409)
            if isinstance(error, CommentDecided):
                found = _comment(request, comment)
            return self._show(request, found, str(error), form, status=status)
        messages.success(request, done)
        return redirect(LIST)

    def _show(
        self,
        request: HttpRequest,
        comment: Comment,
        error: str = "",
        form: DecisionForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        typed = form.data if form else {}
        waits = comment.status == Comment.Status.WAITING
        return TemplateResponse(
            request,
            "cms/sign_off/comment.html",
            {
                "comment": comment,
                "waits": waits,
                "may_reopen": not comment.forgotten_at
                and comment.status
                in (Comment.Status.MERGED, Comment.Status.NOT_PUBLISHED),
                "suspicions": comments.suspicions(comment.words) if waits else [],
                "offered": _offered(request, comment) if waits else [],
                "reasons": Comment.Reason.choices,
                "answer": comments.answers([comment]).get(comment.pk),
                # Members read the answer when it waits for them.
                "may_open": sees_everything(request.user),
                "merged": comment.merged.count(),
                "error": error,
                "words": typed.get("words", comment.words),
                "chosen_reason": typed.get("reason", ""),
                "longest": LONGEST,
            },
            status=status,
        )


def report(request: HttpRequest) -> HttpResponseBase:
    """A year in exact numbers, for editors. The public page hides small ones."""
    if not sees_everything(request.user):
        raise PermissionDenied
    years = comments.years() or [timezone.localdate().year]
    asked = request.GET.get("year", "")
    year = next((one for one in years if str(one) == asked), years[0])
    rows = list(_rows(comments.tally(year)))
    form_of_file = request.GET.get("as")
    if form_of_file in FILES:
        make, content_type = FILES[form_of_file]
        return StreamingHttpResponse(
            make(f"Comments {year}", ("What", "Count"), rows),
            content_type=content_type,
            headers={
                "Content-Disposition": "attachment; filename="
                f'"comments-{year}.{form_of_file}"'
            },
        )
    return TemplateResponse(
        request,
        "cms/sign_off/comments_report.html",
        {"year": year, "years": years, "rows": rows},
    )


def _rows(tally: comments.Tally) -> Any:
    yield "Comments received", tally.received
    yield "Of these about a gap in what there is", tally.gaps
    for value, label in Comment.Topic.choices:
        yield f"About: {label}", tally.topics[value]
    for value, label in Comment.Status.choices:
        yield label, tally.statuses[value]
    for value, label in Comment.Reason.choices:
        yield f"Not published: {label}", tally.reasons[value]


def _decide(comment: Comment, answer: dict[str, Any], *, by: Any) -> str:
    """Do what the button says. Returns what happened, in words."""
    decision = answer["decision"]
    if decision == PUBLISH:
        comments.publish(comment=comment, by=by, words=answer["words"])
        return (
            "Accepted. Editors find a draft of the answer under “You said, we did”. "
            "It is public when every forum concerned has signed it."
        )
    if decision == MERGE:
        comments.merge(comment=comment, by=by, into=answer["into"])
        return "Merged. It is answered together with the other comment."
    if decision == REFUSE:
        comments.refuse(comment=comment, by=by, reason=answer["reason"])
        return "Not published. Its words are deleted after some time."
    comments.reopen(comment=comment, by=by)
    return "The comment waits again."


def _wrong(form: DecisionForm) -> str:
    if form.has_error("words", "max_length"):
        return f"That is too long: at most {LONGEST:,} characters. Nothing was changed."
    if form.has_error("into"):
        return "Choose the comment that it joins: one that is to be published."
    return "That was not complete. Nothing was changed. Please choose a button below."


def _comment(request: HttpRequest, pk: int) -> Comment:
    found = (
        comments.concerning(request.user)
        .select_related("proof", "merged_into", "decided_by")
        .defer("proof__payload")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _offered(request: HttpRequest, comment: Comment) -> Any:
    """What a comment may join: others on the same text that are to be published."""
    others = comments.concerning(request.user).published().exclude(pk=comment.pk)
    return others.filter(content_id=comment.content_id).order_by("-received_at", "-pk")
