"""What stands in a feed."""

from datetime import UTC, datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from site_settings.models import PublisherSettings
from syndication import checked, directory
from syndication.models import Change, Release, ReleaseArea, ReleaseQuerySet

from . import entries
from .entries import Feed
from .selections import ALL, KINDS, REPEATING

NEWEST = 50
# What a feed that never had an entry says was its last change.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGREED = "Below each text stands which parent carer forums agreed to it, word for word."


def read(kind: str, area: str = "") -> tuple[Feed, datetime] | None:
    """Return a feed and when its selection last changed; None if there is no such.

    An area that no longer exists goes on being answered while something released
    says it is for it: readers keep addresses for years. Costs two queries; an empty
    feed, which has to ask whether there is such an area, some more.
    """
    if kind not in KINDS:
        return None
    changed = _changes(kind, area).order_by("-number").values("at")[:1]
    first = Release.objects.filter(item=OuterRef("item"), version=1)
    newest = list(
        _releases(kind, area)
        .newest_first()
        .with_form("feeds")
        .annotate(changed_at=Subquery(changed))
        .annotate(published_at=Subquery(first.values("released_at")))
        .values(
            "payload",
            "form",
            "receipt",
            "released_at",
            "published_at",
            "changed_at",
            "assured_at",
            "review_by",
        )[:NEWEST]
    )
    found = [
        entries.of_release(
            payload=bytes(one["form"] or one["payload"]),
            receipt=one["receipt"],
            published=one["published_at"],
            updated=one["released_at"],
            checked=checked.days_of(
                one["receipt"], one["assured_at"], one["review_by"]
            ),
        )
        for one in newest
    ]
    if found:
        name = _area_name(area, found[0])
        changed_at = newest[0]["changed_at"] or newest[0]["released_at"]
    else:
        names = {one["slug"]: one["name"] for one in directory.areas()} if area else {}
        if area and area not in names:
            return None
        name = names.get(area, "")
        changed_at = changed.values_list("at", flat=True).first() or EPOCH
    publisher = PublisherSettings.objects.first() or PublisherSettings()
    where = f" for {name}" if name else ""
    feed = Feed(
        title=f"{publisher.name}: {KINDS[kind].name}{where}",
        description=f"{KINDS[kind].description} {AGREED}",
        home=f"{settings.PUBLIC_ORIGIN}/",
        publisher=publisher.name,
        licence_name=publisher.licence_name,
        licence_url=publisher.licence_url,
        updated=newest[0]["released_at"] if found else EPOCH,
        entries=found,
    )
    return feed, changed_at


def _releases(kind: str, area: str) -> ReleaseQuerySet:
    releases = Release.objects.current()
    releases = (
        releases.exclude(kind__in=REPEATING) if kind == ALL else releases.of_kind(kind)
    )
    return releases.for_area(area) if area else releases


def _changes(kind: str, area: str) -> QuerySet[Change]:
    """The log of everything that is, or ever was, in this selection.

    Not the newest entry: that stays the same when an older one is withdrawn, and a
    reader that asks by date alone would never learn of it.
    """
    changes = (
        Change.objects.exclude(kind__in=REPEATING)
        if kind == ALL
        else Change.objects.filter(kind=kind)
    )
    if area:
        changes = changes.filter(
            Exists(
                ReleaseArea.objects.filter(
                    slug=area, release__item__content_id=OuterRef("content_id")
                )
            )
        )
    return changes


def _area_name(slug: str, entry: entries.Entry) -> str:
    """The name of an area as the newest entry's forums signed it."""
    for category in entry.categories:
        if (category.scheme, category.slug) == ("areas", slug):
            return category.name
    return ""
