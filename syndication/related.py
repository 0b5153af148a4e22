"""Texts that name other items: they stop naming what was taken back."""

import json
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from cms.representation import every_block, whole

from . import releases
from .models import Release


def leave_out(*, content_id: UUID) -> None:
    """Take the name of an item out of every text that leads to it."""
    for host in releases.current_hosts(content_id):
        _reduce(host, {str(content_id)})


def leave_out_what_is_gone(*, release: Release) -> None:
    """Take out of a text the names of items that nobody may read any more."""
    named = _named(_signed(release))
    public = Release.objects.current().filter(item__content_id__in=named)
    gone = named - {
        str(one) for one in public.values_list("item__content_id", flat=True)
    }
    if gone:
        _reduce(release, gone)


def _reduce(release: Release, gone: Collection[str]) -> None:
    if _named(_signed(release)).intersection(gone):
        releases.take_out(release=release, change=partial(_form_without, gone))


def _form_without(gone: Collection[str], form: dict[str, Any]) -> dict[str, Any]:
    return whole(form | {"body": [_without(block, gone) for block in form["body"]]})


def _without(block: dict[str, Any], gone: Collection[str]) -> dict[str, Any]:
    if block["type"] == "related_item" and block["content_id"] in gone:
        return {"type": "left_out"}
    if "body" in block:
        return block | {"body": [_without(one, gone) for one in block["body"]]}
    return block


def _named(data: dict[str, Any]) -> set[str]:
    blocks = every_block(data.get("body", []))
    return {one["content_id"] for one in blocks if one["type"] == "related_item"}


def _signed(release: Release) -> dict[str, Any]:
    signed: dict[str, Any] = json.loads(bytes(release.payload))
    return signed
