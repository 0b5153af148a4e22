"""What is public now, read for other websites: one question to the database each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    BooleanField,
    DateField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from site_settings.models import ReviewSettings
from syndication import directory
from syndication.directory import AREA
from syndication.models import TOPIC, Release, ReleaseQuerySet
from syndication.publisher import PUBLISHER, Publisher, publisher

from .selections import Selection

# Not looked at here, and long.
UNREAD = ("document", "brief", "document_piece", "document_brotli")
DAYS_UNTIL_LEFT_OUT = Coalesce(
    Subquery(ReviewSettings.objects.order_by("pk").values("days_until_left_out")[:1]),
    Value(ReviewSettings().days_until_left_out),
    output_field=IntegerField(),
)
LEFT_OUT_AFTER = ExpressionWrapper(
    F("review_by")
    + ExpressionWrapper(
        DAYS_UNTIL_LEFT_OUT * Value(timedelta(days=1), DurationField()),
        output_field=DurationField(),
    ),
    output_field=DateField(),
)


class State(StrEnum):
    """What became of an item, as programs are told."""

    CURRENT = "current"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Latest:
    """The newest releases of a selection, with what is said around them."""

    selection: Selection
    releases: Sequence[Mapping[str, Any]]
    publisher: Publisher


def newest(content_id: UUID) -> Release | None:
    """The newest release of an item that may be spoken of.

    ``replacement_title`` is that of what replaces it, while that is public.
    """
    replacement = Release.objects.current().filter(
        item__content_id=OuterRef("withdrawn_to")
    )
    found: Release | None = (
        Release.objects.known()
        .filter(item__content_id=content_id)
        .order_by("-version")
        .annotate(publisher=PUBLISHER)
        .annotate(replacement_title=Subquery(replacement.values("title")[:1]))
        .defer(*UNREAD)
        .first()
    )
    return found


def state_of(release: Release) -> State:
    if release.withdrawn_at is None:
        return State.CURRENT
    if release.withdrawn_kind == "expired":
        return State.EXPIRED
    if getattr(release, "replacement_title", None):
        return State.REPLACED
    return State.WITHDRAWN


def latest(selection: Selection, limit: int) -> Latest | None:
    """Return the newest texts of a selection; None where there is no such selection.

    One that is empty, or whose area or topic was renamed, costs more. Websites go on asking
    by the name that it had when somebody pasted it.
    """
    found = _newest(selection, limit)
    if not found or found[0]["is_renamed"]:
        named = name(selection)
        if named:
            selection, found = named, _newest(named, limit)
        elif not found:
            return None
    first = found[0] if found else {}
    # An area that is no more still has texts that name it.
    selection = replace(
        selection,
        area_name=first.get("area_name") or selection.area_name or selection.area,
        topic_name=first.get("topic_name") or selection.topic_name or selection.topic,
    )
    return Latest(selection, found, first.get("publisher") or publisher())


def _newest(selection: Selection, limit: int) -> list[Mapping[str, Any]]:
    return list(
        _fresh(selection.of(Release.objects.current()))
        .newest_first()
        .annotate(publisher=PUBLISHER)
        .annotate(area_name=directory.name_of("area", selection.area))
        .annotate(topic_name=directory.name_of(TOPIC, selection.topic))
        .annotate(is_renamed=_is_renamed(selection))
        .values(
            "title",
            "summary",
            "kind",
            "released_at",
            "receipt",
            "publisher",
            "area_name",
            "topic_name",
            "is_renamed",
            content_id=F("item__content_id"),
        )[:limit]
    )


def name(selection: Selection) -> Selection | None:
    """The same by the names of today; None where there is no such area or topic."""
    area = directory.find(AREA, selection.area) if selection.area else None
    topic = directory.find(TOPIC, selection.topic) if selection.topic else None
    if (selection.area and not area) or (selection.topic and not topic):
        return None
    if area:
        selection = replace(
            selection, area=area.slug, area_name=area.name, area_former=area.former
        )
    if topic:
        selection = replace(
            selection,
            topic=topic.slug,
            topic_name=topic.name,
            topic_former=topic.former,
        )
    return selection


def _is_renamed(selection: Selection) -> Combinable:
    """Whether the area or the topic has, or had, another slug than this one."""
    as_ever = [
        directory.RENAMED[scheme].objects.filter(slug=slug, former_slugs=None)
        for scheme, slug in ((AREA, selection.area), (TOPIC, selection.topic))
        if slug
    ]
    known = Q(*map(Exists, as_ever))
    return ExpressionWrapper(~known, BooleanField()) if as_ever else Value(False)


def _fresh(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    """The same as ``fresh`` does, without asking the settings first."""
    return releases.annotate(left_out_after=LEFT_OUT_AFTER).filter(
        Q(review_by=None) | Q(left_out_after__gte=timezone.localdate())
    )
