"""“Put this newsletter on your website or in yours”: choose, look, copy or download."""

from typing import Any
from uuid import UUID

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from syndication.http import respond, set_public_cache
from syndication.models import Release
from syndication.publisher import publisher
from syndication.rest import parameters
from syndication.rest.problems import Problem

from . import copies, documents, issues, picks, plain
from .copies import Copy, Entry, State
from .forms import FORMS, Form
from .picks import LENGTH, WITHOUT, Length, Pick

FORMAT = "format"
FIRST = "rich.html"
WITH_BUTTONS = {"script-src": ["'self'"]}
BEGINNING = (
    f"The first whole sentences of each, at most {copies.BRIEF} words, and a link. "
    "Where the first is longer, its words are on the page behind the link."
)
LENGTHS = {
    Length.FULL: ("All of it", "Each item as it stands in the newsletter."),
    Length.BRIEF: ("The beginning", BEGINNING),
    Length.HEADLINE: ("Headlines", "A list of links."),
}
NAMELESS = {
    State.TAKEN_BACK: "The sentence on something that was taken back",
    State.CHANGED: "The sentence on something that has changed",
}


@require_safe
@csp_update(WITH_BUTTONS)  # type: ignore[arg-type]
def use(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Show what can be taken of an issue, and what was chosen, ready to be copied."""
    tags = [f"item-{content_id}", "newsletter"]
    release = issues.newest(content_id)
    if release is None:
        page = render_to_string(
            "newsletters/no_such_issue.html", {"publisher": publisher()}
        )
        return respond(request, page, tags=tags, status=404)
    if release.withdrawn_at:
        leads = HttpResponseRedirect(
            reverse("newsletters:issue", kwargs={"content_id": content_id})
        )
        set_public_cache(leads, tags=tags)
        return leads
    copy, form = copies.of(release), FORMS[FIRST]
    try:
        pick, form = _read(request)
        copy = copy.picking(pick)
        shown = _shown(copy, form)
    except Problem as problem:
        # What could be read stays chosen, so that only what was wrong is to be mended.
        return _show(
            request, release, copy, form, error=str(problem.detail), status=400
        )
    return _show(request, release, copy, form, **shown)


def _read(request: HttpRequest) -> tuple[Pick, Form]:
    pick = picks.read(request.GET, also=[FORMAT])
    given = {FORMAT: request.GET[FORMAT]} if FORMAT in request.GET else {}
    return pick, FORMS[parameters.choice(given, FORMAT, FORMS) or FIRST]


def _shown(copy: Copy, form: Form) -> dict[str, Any]:
    """What was chosen, in its format, and where it is by itself."""
    pick = copy.pick if form.has_lengths else Pick(copy.pick.without)
    taken = copy.picking(pick)
    # A file of one's own choice is made, and counted, where it is taken.
    is_for_later = form.is_file and documents.is_own_choice(taken)
    made = "" if is_for_later else documents.make(form, taken)
    address = reverse(
        "newsletters:issue-format",
        kwargs={"content_id": copy.content_id, "suffix": form.suffix},
    )
    return {
        "path": f"{address}{pick.query}",
        "address": f"{settings.PUBLIC_ORIGIN}{address}{pick.query}",
        "words": made if isinstance(made, str) else "",
        "plain_words": plain.long(taken) if form.suffix == FIRST else "",
        "kilobytes": -(-len(made.encode() if isinstance(made, str) else made) // 1000),
    }


def _show(
    request: HttpRequest,
    release: Release,
    copy: Copy,
    form: Form,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    length = copy.pick.length or Length.FULL
    page = render_to_string(
        "newsletters/take.html",
        {
            "publisher": publisher(release),
            "release": release,
            "copy": copy,
            "form": form,
            "is_rich": form.suffix == FIRST,
            "items": [_item(one, copy.pick) for one in copy.items],
            "lengths": [
                {"value": one, "label": name, "hint": hint, "checked": one == length}
                for one, (name, hint) in LENGTHS.items()
            ],
            "formats": [
                {
                    "value": one.suffix,
                    "label": one.name,
                    "hint": one.goes_to,
                    "checked": one == form,
                }
                for one in FORMS.values()
            ],
            "without_name": WITHOUT,
            "length_name": LENGTH,
            "format_name": FORMAT,
            "issue_path": reverse(
                "newsletters:issue", kwargs={"content_id": copy.content_id}
            ),
            **context,
        },
    )
    return respond(request, page, tags=[*copy.tags, "newsletter"], status=status)


def _item(entry: Entry, pick: Pick) -> dict[str, Any]:
    return {
        "value": entry.content_id,
        "label": entry.title or NAMELESS[entry.state],
        "checked": entry.content_id in pick.without,
    }
