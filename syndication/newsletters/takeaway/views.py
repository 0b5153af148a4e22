"""Formats of an issue, each at an address of its own."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from syndication.http import respond, set_public_cache
from syndication.models import Release, permalink
from syndication.rest import problems
from syndication.rest.problems import InvalidParameter, Problem

from . import copies, documents, issues, picks
from .errors import NoSuchFormat, Unknown, withdrawn
from .forms import FORMS, HTML, PLAIN, Form
from .picks import LENGTH, Pick


@require_safe
def take(request: HttpRequest, content_id: UUID, suffix: str) -> HttpResponse:
    """Answer an issue in the format ``suffix``, without what ``without`` names.

    404 where there is no such issue or format; 410 with a neutral sentence for one that
    was withdrawn; 400 for a question that cannot be meant. All in the same format. 429
    for who took too many documents of their own choice.
    """
    form = FORMS.get(suffix)
    tags = [f"item-{content_id}", "newsletter"]
    try:
        if form is None:
            raise NoSuchFormat(f"There are these formats: {', '.join(FORMS)}.")
        release = public(content_id)
        copy = copies.of(release).picking(read(request, form))
        standing = documents.count(request, form, copy)
        if standing and standing.is_over:
            whole = f"{settings.PUBLIC_ORIGIN}{request.path}"
            return _for_anybody(documents.refuse(standing, whole), content_id)
        made = documents.make(form, copy)
    except Problem as problem:
        return _for_anybody(_refusal(request, form, problem, tags), content_id)
    answer = respond(
        request, made, tags=[*copy.tags, "newsletter"], content_type=form.content_type
    )
    if form.is_file:
        answer["Content-Disposition"] = (
            f'attachment; filename="{filename(release, form)}"'
        )
    return _for_anybody(answer, content_id)


def public(content_id: UUID) -> Release:
    """Return an issue that is public now. Raises ``Unknown`` or ``Withdrawn``."""
    release = issues.newest(content_id)
    if release is None:
        raise Unknown
    if release.withdrawn_at:
        raise withdrawn(release)
    return release


def read(request: HttpRequest, form: Form) -> Pick:
    """Return what was chosen for a format. Raises a ``Problem``."""
    pick = picks.read(request.GET)
    if pick.length and not form.has_lengths:
        raise InvalidParameter(
            f"This format has one length only. Leave out “{LENGTH}”.",
            parameter=LENGTH,
        )
    return pick


def filename(release: Release, form: Form) -> str:
    """What the file of a format is called: by the day, so that issues sort."""
    return f"newsletter-{release.released_at:%Y-%m-%d}.{form.suffix}"


def _refusal(
    request: HttpRequest, form: Form | None, problem: Problem, tags: list[str]
) -> HttpResponse:
    """Say what is wrong in a way that whoever asked for this format can read."""
    if form and form.suffix == "json":
        answer = problems.answer(problem, explained_at="")
        set_public_cache(answer, tags=tags)
        return answer
    words = str(problem.detail)
    is_html = form is not None and form.content_type == HTML
    return respond(
        request,
        format_html("<p>{}</p>\n", words) if is_html else f"{words}\n",
        tags=tags,
        status=problem.status_code,
        content_type=HTML if is_html else PLAIN,
    )


def _for_anybody(answer: HttpResponse, content_id: UUID) -> HttpResponse:
    answer["Link"] = f'<{permalink(content_id)}>; rel="canonical"'
    answer["X-Robots-Tag"] = "noindex"
    # For scripts on other websites, without anything that would say who asks.
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
