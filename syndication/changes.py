"""Writing the change log."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from .models import Change, ChangeCounter


def record(
    *,
    change: str,
    content_id: UUID,
    kind: str,
    version: int,
    note: str = "",
    area: str = "",
    replacement: UUID | None = None,
    reason: str = "",
) -> Change:
    """Append one row, numbered so that a reader never skips one that commits late.

    Must be the last lock that a transaction takes, but for the audit log's; it is held
    until the end.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(
            "a change is recorded in the transaction of its cause"
        )
    counter = _lock_counter()
    counter.last += 1
    counter.save(update_fields=["last"])
    return Change.objects.create(
        number=counter.last,
        type=change,
        content_id=content_id,
        kind=kind,
        version=version,
        at=timezone.now(),
        note=note,
        area=area,
        replacement=replacement,
        reason=reason,
    )


def _lock_counter() -> ChangeCounter:
    counters = ChangeCounter.objects.select_for_update().filter(pk=1)
    if (counter := counters.first()) is None:
        ChangeCounter.objects.get_or_create(pk=1)
        counter = counters.get()
    return counter
