"""What ends by itself: news whose last day has passed.

The last day is part of the bytes that the forums signed, so nobody has to act again.
"""

from django.db import models, transaction
from wagtail.log_actions import log

from . import audit, sign_off
from .models import Proof
from .models.proofs import EXPIRED
from .signals import withdrawal_asked

REASON = "its last day has passed"


def end_due() -> int:
    """End every public item whose last day has passed. Returns how many.

    What still waits for its forums and is over is given back to its editors: signed
    now, it would end at once. Asked by the worker; each item by itself.
    """
    waiting = Proof.objects.pending().over().order_by("pk")
    for proof in waiting.defer("payload"):
        _give_back(proof)
    newer = Proof.objects.signed().filter(
        content_id=models.OuterRef("content_id"), pk__gt=models.OuterRef("pk")
    )
    public = Proof.objects.standing().over().exclude(models.Exists(newer))
    return sum(map(_end, public.order_by("pk").defer("payload")))


@transaction.atomic
def _end(proof: Proof) -> bool:
    sign_off.lock_proofs(proof.content_id)
    standing = Proof.objects.standing().filter(content_id=proof.content_id)
    # A newer version may have become public meanwhile, with a later last day.
    newest = standing.first()
    if newest is None or not newest.is_over:
        return False
    ended = list(standing.order_by("pk"))
    for one in ended:
        if one.is_pending:
            sign_off.void(one, REASON)
        sign_off.close(one, Proof.Outcome.WITHDRAWN, REASON)
    withdrawal_asked.send(
        sender=Proof,
        content_id=proof.content_id,
        proofs=ended,
        by=None,
        reason=REASON,
        public_note="",
        kind=EXPIRED,
        to=None,
        reason_class="",
    )
    item = newest.item
    if item is not None:
        # Not ``unpublish``: that would also stop a newer version that waits.
        item.live, item.live_revision, item.expired = False, None, True
        item.has_unpublished_changes = True
        item.save(
            update_fields=[
                "live",
                "live_revision",
                "expired",
                "has_unpublished_changes",
            ],
            clean=False,
        )
        log(instance=item, action="countersign.expire", data={"reason": REASON})
    audit.record(
        action="expired",
        by=None,
        content_id=proof.content_id,
        fingerprint=newest.fingerprint,
        expires_on=newest.expires_on.isoformat() if newest.expires_on else "",
    )
    return True


@transaction.atomic
def _give_back(proof: Proof) -> None:
    sign_off.lock_proofs(proof.content_id)
    waiting = Proof.objects.pending().over().filter(pk=proof.pk).first()
    # A correction is public: it ends with what it corrects.
    if waiting is not None and not waiting.is_correction:
        sign_off.void(waiting, "its last day passed before every forum had signed")
        sign_off.record_closed(waiting)
