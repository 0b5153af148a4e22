"""Writing the change log."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from .models import Change, ChangeCounter, ChangeSelection
from .signals import change_recorded

AREA, TOPIC = "area", "topic"
# One of what followers can choose by: ``("area", slug)`` or ``("topic", slug)``.
Selection = tuple[str, str]


def selections(data: Mapping[str, Any]) -> frozenset[Selection]:
    """Return the selections that an item is in, from its representation."""
    return frozenset(
        (scheme, one["slug"])
        for scheme, key in ((AREA, "areas"), (TOPIC, "topics"))
        for one in data.get(key, ())
    )


def last_number() -> int:
    """The number of the newest row; 0 where nothing happened yet."""
    newest: int | None = (
        Change.objects.order_by("-number").values_list("number", flat=True).first()
    )
    return newest or 0


def moment_after(number: int) -> datetime | None:
    """When the row after a place in the log was written; None where there is none."""
    at: datetime | None = (
        Change.objects.filter(number__gt=number).values_list("at", flat=True).first()
    )
    return at


def record(
    *,
    change: str,
    content_id: UUID,
    kind: str,
    version: int,
    within: Collection[Selection] = (),
    note: str = "",
    area: str = "",
    topic: str = "",
    replacement: UUID | None = None,
    reason: str = "",
) -> Change:
    """Append one row, numbered so that a reader never skips one that commits late.

    ``within`` are the selections whose followers are told: those that the item is in,
    or was in until it was taken back. Must be the last lock that a transaction takes, but for the audit log's; it is held
    until the end.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "a change is recorded in the transaction of its cause"
        )
    counter = _lock_counter()
    counter.last += 1
    counter.save(update_fields=["last"])
    made = Change.objects.create(
        number=counter.last,
        type=change,
        content_id=content_id,
        kind=kind,
        version=version,
        at=timezone.now(),
        note=note,
        area=area,
        topic=topic,
        replacement=replacement,
        reason=reason,
    )
    ChangeSelection.objects.bulk_create(
        ChangeSelection(change=made, scheme=scheme, slug=slug)
        for scheme, slug in sorted(within)
    )
    change_recorded.send(sender=Change, change=made, within=sorted(within))
    return made


def record_left(
    *,
    content_id: UUID,
    kind: str,
    version: int,
    before: frozenset[Selection],
    after: frozenset[Selection],
) -> None:
    """Append a row for every selection that an item was in and is in no longer.

    Each reaches whoever follows that selection, alone or together with others that the
    item was in: judged by what was, where all other rows are judged by what is.
    """
    for scheme, slug in sorted(before - after):
        others = {one for one in before if one[0] != scheme}
        record(
            change=Change.Type.LEFT_SELECTION,
            content_id=content_id,
            kind=kind,
            version=version,
            within={(scheme, slug), *others},
            area=slug if scheme == AREA else "",
            topic=slug if scheme == TOPIC else "",
        )


def _lock_counter() -> ChangeCounter:
    counters = ChangeCounter.objects.select_for_update().filter(pk=1)
    if (counter := counters.first()) is None:
        ChangeCounter.objects.get_or_create(pk=1)
        counter = counters.get()
    return counter
