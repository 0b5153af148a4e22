"""Writing down which hosts are to follow a shared block. ``hosts`` does it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from cms import embedding

from . import tasks
from .models import HostUpdate, Item, Release


def queue(block: Release) -> int:
    """Write one row for each text that holds another version of ``block``.

    In the transaction of its release. Returns how many. Safe to run again. What was
    still to be done for earlier versions is passed over: this one is newer.
    """
    if block.kind != embedding.KIND:
        return 0
    now = timezone.now()
    earlier = HostUpdate.objects.filter(block__item=block.item).exclude(block=block)
    earlier.exclude(state__in=[HostUpdate.State.DONE, HostUpdate.State.PASSED]).update(
        state=HostUpdate.State.PASSED, settled_at=now
    )
    hosts = (
        Release.objects.current()
        .filter(embeds__embedded__item=block.item)
        .exclude(embeds__embedded=block)
        .order_by("item_id")
        .values_list("item_id", flat=True)
    )
    rows = [HostUpdate(block=block, host_id=pk, next_attempt_at=now) for pk in hosts]
    if rows:
        HostUpdate.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
        transaction.on_commit(tasks.wake_up)
    return len(rows)


def queue_host(host: Item, blocks: Sequence[Release]) -> None:
    """Write that ``host`` became public with older versions of ``blocks`` than there are.

    Its forums signed it while the blocks changed; a worker asks them about that.
    """
    if not blocks:
        return
    now = timezone.now()
    for block in blocks:
        HostUpdate.objects.update_or_create(
            block=block,
            host=host,
            defaults={
                "state": HostUpdate.State.DUE,
                "reason": "",
                "next_attempt_at": now,
                "settled_at": None,
            },
        )
    transaction.on_commit(tasks.wake_up)
