"""Letting texts follow the shared blocks in them, in the worker.

The rows of ``HostUpdate`` are the truth: any of this can stop anywhere and run again.
Each host is a transaction of its own. What a host may show is decided by ``parts`` and
written by ``releases``; where its forums have to sign first, they are asked.
"""

import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cms import notices, resubmission, sign_off, sweep
from cms.errors import SignOffError
from cms.models import Notice, Proof
from cms.uses import Use

from . import releases
from .models import HostUpdate, Release, ReleaseEmbed

logger = logging.getLogger(__name__)

# How long another worker leaves a host alone that one has taken up, or that failed.
LEASE = timedelta(minutes=1)
# A worker that is told to stop finishes its piece first, so pieces are short.
SECONDS = 5.0

State = HostUpdate.State


def update_due(*, seconds: float = SECONDS) -> bool:
    """Let hosts follow for about ``seconds``. Returns whether more are due.

    One that fails is logged, holds up no other and is tried again after a minute.
    """
    started = time.monotonic()
    done = 0
    while time.monotonic() - started < seconds:
        row = _claim_next()
        if row is None:
            break
        sweep.attempt(f"Updating {row.host}", partial(update, row))
        done += 1
    if done:
        logger.info("Hosts: %s looked at in %.1f s", done, time.monotonic() - started)
    tell_settled()
    return HostUpdate.objects.due().exists()


def _claim_next() -> HostUpdate | None:
    """The next host that is due, for this worker alone; None when there is none."""
    while True:
        due = HostUpdate.objects.due().order_by("next_attempt_at", "pk")
        row = due.select_related("host").first()
        if row is None:
            return None
        mine = HostUpdate.objects.due().filter(
            pk=row.pk, next_attempt_at=row.next_attempt_at
        )
        if mine.update(next_attempt_at=timezone.now() + LEASE):
            return row


@transaction.atomic
def update(row: HostUpdate) -> None:
    """Let one host follow, or ask its forums, and note which. Safe to run again."""
    content_id = row.host.content_id
    # The order of docs/adr/0012: proofs, then items.
    sign_off.lock_proofs(content_id)
    settled = releases.follow(content_id=content_id)
    host = Release.objects.current().filter(item=row.host).first()
    if settled is None and host is not None:
        return  # Released anew at this moment: looked at again.
    waiting = [
        one for one in (settled.waiting if settled else []) if one.pk == row.block_id
    ]
    if host is None or not waiting:
        _note(row, State.DONE)
        return
    (block,) = waiting
    because = f"The shared block “{block.title}” in it has changed."
    if block.before_review:
        _note(row, State.STUCK, "The shared block was corrected and awaits review.")
        return
    try:
        with transaction.atomic():
            resubmission.submit_again(signed=host.proof, because=because)
    except SignOffError as error:
        _note(row, State.STUCK, str(error))
    else:
        _note(row, State.ASKED, "Its forums read it with the new shared block.")


def _note(row: HostUpdate, state: State, reason: str = "") -> None:
    # Not where a newer release of the block has passed it over meanwhile.
    HostUpdate.objects.filter(pk=row.pk, state=State.DUE).update(
        state=state, reason=reason, settled_at=timezone.now()
    )


def tell_settled() -> None:
    """Tell editors, once for each text of a block, that some hosts wait and why."""
    told = Notice.objects.filter(purpose=Notice.Purpose.HOSTS_WAIT)
    waiting = (
        HostUpdate.objects.waiting()
        .exclude(block__proof__in=told.values("proof"))
        .exclude(block__in=HostUpdate.objects.filter(state=State.DUE).values("block"))
    )
    for pk in set(waiting.values_list("block__proof", flat=True)):
        with transaction.atomic():
            notices.tell_hosts_wait(proof=Proof.objects.get(pk=pk))


def uses(content_id: UUID) -> list[Use]:
    """What is public and holds this shared block, and whether it shows the newest.

    By title. Three queries, however many there are.
    """
    newest = Release.objects.current().filter(item__content_id=content_id).first()
    embeds = (
        ReleaseEmbed.objects.filter(
            content_id=content_id,
            release__superseded_at=None,
            release__withdrawn_at=None,
        )
        .order_by("release__title", "release__pk")
        .values_list(
            "release__item",
            "release__item__content_id",
            "release__title",
            "release__kind",
            "embedded",
        )
    )
    reasons = _reasons(newest)
    return [
        Use(
            content_id=host_id,
            title=title,
            kind=kind,
            # What stands deeper follows the block that it stands in.
            is_newest=newest is not None and embedded in (newest.pk, None),
            why_not=reasons.get(item, ""),
        )
        for item, host_id, title, kind, embedded in embeds
    ]


def _reasons(block: Release | None) -> dict[int, str]:
    if block is None:
        return {}
    rows: Iterable[tuple[int, str]] = (
        HostUpdate.objects.waiting().filter(block=block).values_list("host", "reason")
    )
    return dict(rows)
