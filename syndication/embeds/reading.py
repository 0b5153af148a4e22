"""What is public now, read for other websites: one question to the database each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import (
    DateField,
    DurationField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from site_settings.models import ReviewSettings
from syndication import directory
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

    An empty one costs more: whether there is such an area has to be asked.
    """
    found = list(
        _fresh(selection.of(Release.objects.current()))
        .newest_first()
        .annotate(publisher=PUBLISHER)
        .annotate(area_name=directory.name_of("area", selection.area))
        .annotate(topic_name=directory.name_of(TOPIC, selection.topic))
        .values(
            "title",
            "summary",
            "kind",
            "released_at",
            "receipt",
            "publisher",
            "area_name",
            "topic_name",
            content_id=F("item__content_id"),
        )[:limit]
    )
    if found:
        first = found[0]
        # An area that is no more still has texts that name it.
        names = {
            "area_name": first["area_name"] or selection.area,
            "topic_name": first["topic_name"] or selection.topic,
        }
        publishes = first["publisher"] or publisher()
        return Latest(replace(selection, **names), found, publishes)
    named = name(selection)
    return Latest(named, [], publisher()) if named else None


def name(selection: Selection) -> Selection | None:
    """The same with its names; None where there is no such area or topic."""
    areas = directory.areas() if selection.area else []
    topics = directory.topics() if selection.topic else []
    area_names = {area["slug"]: area["name"] for area in areas}
    topic_names = {topic["slug"]: topic["name"] for topic in topics}
    if selection.area and selection.area not in area_names:
        return None
    if selection.topic and selection.topic not in topic_names:
        return None
    return replace(
        selection,
        area_name=area_names.get(selection.area, ""),
        topic_name=topic_names.get(selection.topic, ""),
    )


def _fresh(releases: ReleaseQuerySet) -> ReleaseQuerySet:
    """The same as ``fresh`` does, without asking the settings first."""
    return releases.annotate(left_out_after=LEFT_OUT_AFTER).filter(
        Q(review_by=None) | Q(left_out_after__gte=timezone.localdate())
    )
