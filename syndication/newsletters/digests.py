"""Making issues of what is new: by the schedule, or one at once."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone
from django.utils.formats import date_format

from cms.errors import SignOffError
from cms.models import Area, Proof
from cms.sweep import attempt
from site_settings.models import NewsletterSettings
from syndication import directory
from syndication.models import EXPIRED, Change, Release, ReleaseEmbed

from . import representation, schedule, trials
from .errors import TooLongForMail
from .models import CompileTurn, DigestRun, Frequency, Issue, IssueItem, TakenBack
from .models.issues import KINDS

logger = logging.getLogger(__name__)

Outcome = DigestRun.Outcome
# More is no newsletter, and too long for mail programs. The rest comes in the next.
MOST = 40
# What makes a text worth telling of. Not that something was taken out of it, or that a
# shared block in it has a newer version: an issue shows its title and summary.
NEWS = (
    Change.Type.PUBLISHED,
    Change.Type.UPDATED,
    Change.Type.CORRECTED,
    Change.Type.RESTORED,
)


@dataclass(frozen=True)
class Group:
    """Readers who get the same issues: those who chose a frequency and an area."""

    frequency: Frequency
    area: Area

    def __str__(self) -> str:
        return f"{self.area}, {self.frequency.label}"

    def slugs(self) -> set[str]:
        """What the area is called, and was called when something was signed or sent."""
        return directory.every_slug("area", [self.area.slug])

    def runs(self) -> Any:
        return DigestRun.objects.filter(
            frequency=self.frequency, area_slug__in=self.slugs()
        )


@dataclass
class Content:
    """What an issue is made of."""

    releases: list[Release] = field(default_factory=list)
    taken_back: list[Release] = field(default_factory=list)


def compile_due() -> list[DigestRun]:
    """Make every issue that is due by now and not made yet. Returns the new runs.

    Any number of workers may do this at once and as often as they like. What fails for
    one group is logged, tried again the next time, and holds up no other.
    """
    newsletter = NewsletterSettings.current()
    now = timezone.now()
    made = []
    for group in _due(newsletter, now):
        run = attempt(
            f"Compiling the newsletter ({group})", partial(compile_group, group=group)
        )
        if run is not None:
            made.append(run)
    return made


@transaction.atomic
def compile_group(*, group: Group) -> DigestRun | None:
    """Make the issue that is due for one group. Returns the run, or None without one.

    One run covers everything since the last, however many periods were missed. The
    first look of a group makes no issue: its first period begins then.
    """
    now = take_turn()
    newsletter = NewsletterSettings.current()
    edition = schedule.latest(newsletter, group.frequency, now)
    last = group.runs().first()
    if last is None:
        return _begin(newsletter, group, edition, now)
    if edition.compile_at <= last.period_end:
        return None
    run = DigestRun(
        frequency=group.frequency,
        area_slug=group.area.slug,
        period_start=last.period_end,
        period_end=edition.compile_at,
        last_change=_last_change(),
        send_at=schedule.sending_time(newsletter, group.frequency, edition, now),
        made_at=now,
    )
    content = _content(group, last, to=run.last_change)
    run.postponed = [
        str(release.item.content_id) for release in content.releases[MOST:]
    ]
    del content.releases[MOST:]
    if not content.releases:
        run.outcome = Outcome.EMPTY
        run.reason = "Nothing new was released."
        run.settled_at = now
    else:
        run.outcome = Outcome.COMPILED
        run.carried = [str(release.item.content_id) for release in content.releases]
        run.issue = _make_for(group, run, content, newsletter)
        if newsletter.submit_by_itself:
            try:
                with transaction.atomic():
                    _submit(run.issue, content, by=None)
            except (SignOffError, TooLongForMail) as error:
                # The draft is for editors. The next run takes up what they leave.
                run.outcome, run.reason = Outcome.SKIPPED, str(error)[:255]
    run.save(force_insert=True)
    return run


def _due(newsletter: NewsletterSettings, now: datetime) -> list[Group]:
    """The groups that have no run for their latest edition. Few queries, no locks."""
    ended = {
        (frequency, slug): end
        for frequency, slug, end in DigestRun.objects.order_by()
        .values_list("frequency", "area_slug")
        .annotate(end=Max("period_end"))
    }
    slugs = {word.slug: word.slugs for word in directory.words("area")}
    due = []
    for frequency in schedule.frequencies(newsletter):
        latest = schedule.latest(newsletter, frequency, now).compile_at
        for area in Area.objects.order_by("slug"):
            ends = [
                ended[frequency, slug]
                for slug in slugs.get(area.slug, (area.slug,))
                if (frequency, slug) in ended
            ]
            if not ends or max(ends) < latest:
                due.append(Group(frequency, area))
    return due


def _begin(
    newsletter: NewsletterSettings,
    group: Group,
    edition: schedule.Edition,
    now: datetime,
) -> DigestRun:
    """Note that the first issue carries what is new since ``edition`` was due."""
    earlier = schedule.before(newsletter, group.frequency, edition)
    until = Change.objects.filter(at__lte=edition.compile_at)
    return DigestRun.objects.create(
        frequency=group.frequency,
        area_slug=group.area.slug,
        period_start=earlier.compile_at,
        period_end=edition.compile_at,
        last_change=until.aggregate(last=Max("number"))["last"] or 0,
        send_at=edition.send_at,
        outcome=Outcome.BEGAN,
        made_at=now,
        settled_at=now,
    )


def _last_change() -> int:
    last: int | None = Change.objects.aggregate(last=Max("number"))["last"]
    return last or 0


def _content(group: Group, last: DigestRun, *, to: int) -> Content:
    changes = Change.objects.filter(
        number__gt=last.last_change, number__lte=to, type__in=NEWS, kind__in=KINDS
    )
    changed = set(changes.values_list("content_id", flat=True))
    changed |= _left_over(group) | {UUID(one) for one in last.postponed}
    issues = Issue.objects.for_readers(group.frequency, group.area.slug)
    carried = set(_carried(issues))
    told = set(
        Release.objects.filter(pk__in=carried).values_list("fingerprint", flat=True)
    )
    fresh = (
        Release.objects.current()
        .for_areas(group.slugs())
        .filter(kind__in=KINDS, item__content_id__in=changed)
        .exclude(pk__in=carried)
        # Nothing new to read: a correction that its forums have signed since.
        .exclude(fingerprint__in=told)
        .select_related("item")
        .order_by("released_at", "pk")
    )
    return Content(list(fresh), _taken_back(issues))


def _left_over(group: Group) -> set[UUID]:
    """What issues of this group carried that never went out. Gives those issues up.

    An issue that waits for its forums, or for its time, may still go out. One that is
    with its editors or was deleted will not: the next carries it.
    """
    now = timezone.now()
    left: set[UUID] = set()
    for run in group.runs().filter(settled_at=None).select_related("issue"):
        if run.issue is not None:
            content_id = run.issue.content_id
            if Issue.objects.sent().filter(pk=run.issue.pk).exists():
                run.settled_at = now
                run.save(update_fields=["settled_at"])
                continue
            if Proof.objects.pending().filter(content_id=content_id).exists():
                continue
            carried = [
                row.release.item.content_id
                for row in run.issue.get_latest_revision_as_object().items.all()
            ]
        else:
            carried = [UUID(one) for one in run.carried]
        left.update(carried)
        run.outcome = Outcome.GIVEN_UP
        run.settled_at = now
        run.save(update_fields=["outcome", "settled_at"])
    return left


def _taken_back(issues: Any) -> list[Release]:
    """Withdrawn releases of which earlier issues told, and no issue said so yet."""
    carried = ReleaseEmbed.objects.filter(
        release__item__content_id__in=issues.sent().values("content_id")
    )
    kept = issues.exclude(runs__outcome=Outcome.GIVEN_UP)
    rows = TakenBack.objects.filter(issue__in=kept)
    said = set(rows.values_list("release_id", flat=True))
    for draft in _drafts(kept):
        said.update(row["release"] for row in draft["taken_back"])
    public = Release.objects.current().filter(item=OuterRef("item"))
    gone = (
        Release.objects.filter(
            ~Exists(public),
            item__content_id__in=carried.values("content_id"),
            withdrawn_at__isnull=False,
        )
        # Over by itself: an old issue may go on naming old news.
        .exclude(withdrawn_kind=EXPIRED)
        .exclude(pk__in=said)
        .order_by("withdrawn_at", "pk")
    )
    newest: dict[int, Release] = {release.item_id: release for release in gone}
    return list(newest.values())


def _make_for(
    group: Group, run: DigestRun, content: Content, newsletter: NewsletterSettings
) -> Issue:
    """The draft of the issue of a run."""
    day = date_format(timezone.localtime(run.send_at, schedule.ZONE), "j F Y")
    issue = Issue(
        title=f"{newsletter.title} for {group.area}, {day}"[:150],
        compiled_at=run.made_at,
        frequency=group.frequency,
        area=group.area,
        release_at=run.send_at,
    )
    return _fill(issue, content, by=None)


def _fill(issue: Issue, content: Content, *, by: User | None) -> Issue:
    issue.items.add(
        *(
            IssueItem(release=release, sort_order=place)
            for place, release in enumerate(content.releases)
        )
    )
    lines = [(one, *representation.line_on(one)) for one in content.taken_back]
    issue.taken_back.add(
        *(
            TakenBack(release=release, words=words, url=url, sort_order=place)
            for place, (release, words, url) in enumerate(lines)
        )
    )
    issue.save()
    issue.save_revision(user=by)
    return issue


@transaction.atomic
def compile_digest(*, by: User | None = None, submit: bool = True) -> Issue | None:
    """Make one issue at once, for everybody, of all that no issue carries yet.

    Beside the schedule, whose issues leave out what this one carries. Returns None, and
    makes nothing, when there is nothing new. Raises ``TooLongForMail`` instead of
    submitting what mail programs would cut off. An item counts as carried by its exact
    version: a new version comes again. What an editor leaves out of it comes again after
    it was signed; to get back what a withdrawn or abandoned issue carries, delete it.
    """
    now = take_turn()
    carried = set(_carried(Issue.objects.all()))
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
    _fill(issue, Content(fresh), by=by)
    if submit:
        _submit(issue, Content(fresh), by=by)
    return issue


def _submit(issue: Issue, content: Content, *, by: User | None) -> None:
    """Ask the forums. Raises ``TooLongForMail`` before they read what cannot be sent."""
    why = trials.why_too_long(
        title=issue.title, introductions=[], releases=content.releases
    )
    if why:
        raise TooLongForMail(why)
    issue.get_workflow().start(issue, by)


def take_turn() -> datetime:
    """Let two runs at the same moment go one after the other. Returns the time.

    The turn lasts as long as the caller's transaction, and is the first lock in it. They
    lock one row, known by its number so that the very first two runs meet on it
    as well. A unique key on the release would not do: an editor's draft holds its
    items in a revision, and would fail on that key when its last forum signs.
    """
    CompileTurn.objects.get_or_create(pk=1)
    turn = CompileTurn.objects.select_for_update().get(pk=1)
    turn.taken_at = timezone.now()
    turn.save(update_fields=["taken_at"])
    return turn.taken_at


def _carried(issues: Any) -> Iterable[int]:
    """The releases in ``issues``, signed or not, and in drafts of them.

    Not in those that were given up: nobody will ever get them.
    """
    kept = issues.exclude(runs__outcome=Outcome.GIVEN_UP)
    yield from IssueItem.objects.filter(issue__in=kept).values_list(
        "release_id", flat=True
    )
    for draft in _drafts(kept):
        for row in draft["items"]:
            yield row["release"]


def _drafts(issues: Any) -> Iterable[dict[str, Any]]:
    """What stands in drafts of ``issues`` that differ from what is public."""
    drafts = issues.filter(Q(live=False) | Q(has_unpublished_changes=True))
    for draft in drafts.exclude(latest_revision=None).select_related("latest_revision"):
        yield draft.latest_revision.content
