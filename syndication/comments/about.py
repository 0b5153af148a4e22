"""The text that a comment is about, as it was released."""

import json
from uuid import UUID

from cms.errors import NoForumConcerned
from cms.models import Area, Topic
from syndication.models import Release, ReleaseArea, ReleaseQuerySet


def newest(content_id: UUID) -> Release | None:
    """The newest release of a text, be it public now or not."""
    releases = Release.objects.filter(item__content_id=content_id)
    return releases.order_by("-version").first()


def versions(content_id: UUID) -> ReleaseQuerySet:
    """The releases of a text that may be spoken of, newest first."""
    known = Release.objects.known().filter(item__content_id=content_id)
    return known.order_by("-version")


def areas(content_id: UUID) -> list[Area]:
    """The areas that a text is for, each with its forums.

    Raises ``NoForumConcerned`` when one of them no longer exists.
    """
    release = newest(content_id)
    wanted = set(
        ReleaseArea.objects.filter(release=release).values_list("slug", flat=True)
    )
    found = list(Area.objects.filter(slug__in=wanted).prefetch_related("forums"))
    if gone := wanted - {area.slug for area in found}:
        raise NoForumConcerned(
            "The text that this answers is for an area that no longer exists "
            f"({', '.join(sorted(gone))}). Ask an administrator to restore it."
        )
    return found


def topics(content_id: UUID) -> set[int]:
    """The keys of the topics that a text is about, of those that still exist."""
    release = newest(content_id)
    if release is None:
        return set()
    slugs = [one["slug"] for one in json.loads(bytes(release.payload))["topics"]]
    return set(Topic.objects.filter(slug__in=slugs).values_list("pk", flat=True))
