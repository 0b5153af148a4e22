"""What changed of the items of an issue after its forums had signed it.

The mail goes without them and says so. The forums are told: they signed more than is sent.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from cms import notices
from cms.models import Proof
from syndication import releases
from syndication.models import Release

from .models import Hold, Issue, Mailing


def no_longer_public(items: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The items (content_ids) whose exact signed version nobody may see any more."""
    wanted = {(item["content_id"], item["version"]) for item in items}
    current = {
        (str(content_id), version)
        for content_id, version in public_versions(
            content_id for content_id, _ in wanted
        )
    }
    return frozenset(content_id for content_id, _ in wanted - current)


def public_versions(
    content_ids: Iterable[str],
) -> QuerySet[Release, tuple[UUID, int]]:
    """Of these items content_id and version of what is public, in one order."""
    found = Release.objects.current().filter(item__content_id__in=list(content_ids))
    return found.order_by("pk").values_list("item__content_id", "version")


def tell_of_issue(*, release: Release) -> None:
    """Tell the forums of an issue that is public now, where it lost something since."""
    if no_longer_public(json.loads(bytes(release.payload))["items"]):
        notices.tell_left_out(proof=release.proof)


def tell_of_item(*, content_id: UUID) -> None:
    """Tell the forums of every signed issue that still goes out with this item in it.

    To be called before anything is taken out of those issues.
    """
    for proof in Proof.objects.embargoed().filter(kind=Issue.kind):
        items = proof.representation["items"]
        if str(content_id) in {item["content_id"] for item in items}:
            notices.tell_left_out(proof=proof)
    for host in releases.current_hosts(content_id):
        if host.kind == Issue.kind and _still_goes_out(host):
            notices.tell_left_out(proof=host.proof)


def _still_goes_out(release: Release) -> bool:
    held = Hold.objects.filter(item=release.item, settled_at=None)
    waiting = Mailing.objects.unfinished().filter(release=release)
    return held.exists() or waiting.exists()
