"""Keeping public issues free of what was taken back since."""

import json
from collections.abc import Collection
from uuid import UUID

from cms import withdrawals
from syndication import releases
from syndication.models import Release

from . import mailings, representation
from .models import Issue


def leave_out(*, content_id: UUID) -> None:
    """Take the words of an item out of every issue that repeats them."""
    for release in releases.current_hosts(content_id):
        if release.kind == Issue.kind:  # Texts that hold a shared block are not ours.
            _reduce(release, {str(content_id)})


def leave_out_what_is_gone(*, release: Release) -> None:
    """Take out of an issue what nobody may read any more at all.

    An item that has a newer version stays: its link leads there.
    """
    wanted = {item["content_id"] for item in _signed(release)["items"]}
    public = {
        str(content_id)
        for content_id in Release.objects.current()
        .filter(item__content_id__in=wanted)
        .values_list("item__content_id", flat=True)
    }
    if gone := wanted - public:
        _reduce(release, gone)


def _reduce(release: Release, gone: Collection[str]) -> None:
    reduced = representation.without(_signed(release), gone)
    if not reduced["items"]:
        withdrawals.withdraw(
            content_id=release.item.content_id,
            by=None,
            reason="everything in this issue was taken back",
        )
        return
    made = releases.reduce(release=release, representation=reduced)
    if made is not None:
        mailings.hand_over(release=release, to=made)


def _signed(release: Release) -> dict[str, list[dict[str, str]]]:
    signed: dict[str, list[dict[str, str]]] = json.loads(bytes(release.payload))
    return signed
