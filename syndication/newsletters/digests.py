"""Making an issue of what was released since the last one."""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from site_settings.models import NewsletterSettings
from syndication.models import Release

from .models import CompileTurn, Issue, IssueItem
from .models.issues import KINDS


@transaction.atomic
def compile_digest(*, by: User | None = None, submit: bool = True) -> Issue | None:
    """Make an issue of everything released that no issue carries yet, and submit it.

    Returns None, and makes nothing, when there is nothing new. An item counts as
    carried by its exact version: a new version comes again. What an editor leaves out
    of an issue comes again after that issue was signed; to get back what a
    withdrawn or abandoned issue carries, delete that issue.
    """
    now = _wait_for_turn()
    carried = set(_carried())
    fresh = list(
        Release.objects.current()
        .filter(kind__in=KINDS)
        .exclude(pk__in=carried)
        # The same text with something taken away is no news.
        .exclude(reduced_from__isnull=False, proof__releases__in=carried)
        .order_by("released_at", "pk")
    )
    if not fresh:
        return None
    newsletter = NewsletterSettings.load()
    today = date_format(timezone.localdate(now), "j F Y")
    issue = Issue(title=f"{newsletter.title}, {today}"[:150], compiled_at=now)
    issue.items.add(
        *(
            IssueItem(release=release, sort_order=place)
            for place, release in enumerate(fresh)
        )
    )
    issue.save()
    issue.save_revision(user=by)
    if submit:
        issue.get_workflow().start(issue, by)
    return issue


def _wait_for_turn() -> datetime:
    """Let two runs at the same moment go one after the other. Returns the time.

    They lock one row, known by its number so that the very first two runs meet on it
    as well. A unique key on the release would not do: an editor's draft holds its
    items in a revision, and would fail on that key when its last forum signs.
    """
    CompileTurn.objects.get_or_create(pk=1)
    turn = CompileTurn.objects.select_for_update().get(pk=1)
    turn.taken_at = timezone.now()
    turn.save(update_fields=["taken_at"])
    return turn.taken_at


def _carried() -> Iterator[int]:
    """The releases in issues, signed or not, and in drafts of issues."""
    yield from IssueItem.objects.values_list("release_id", flat=True)
    drafts = Issue.objects.filter(Q(live=False) | Q(has_unpublished_changes=True))
    for draft in drafts.exclude(latest_revision=None).select_related("latest_revision"):
        for row in draft.latest_revision.content["items"]:
            yield row["release"]
