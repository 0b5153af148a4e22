"""Taking voices whose consent has ended out of everything that is public."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from cms import channels, withdrawals
from cms.consent_register import WITHDRAWN

from . import releases
from .models import Release


@transaction.atomic
def leave_out(*, content_ids: Iterable[UUID], by: User | None) -> list[UUID]:
    """Take what has no consent any more out of the current releases of some items.

    A neutral sentence stands in its place. What was nothing but voices is withdrawn
    as gone. Returns the items that are still public and changed.
    """
    content_ids = list(content_ids)
    releases.lock(*content_ids)
    current = Release.objects.current().filter(item__content_id__in=content_ids)
    changed: list[UUID] = []
    for release in current.select_related("item", "proof").order_by("item_id"):
        content_id = release.item.content_id
        left = releases.without_lost_voices(release=release, by=by)
        if not any(one.lost for one in release.proof.voices.all()):
            continue
        if channels.nothing_left(releases.forms_of(left or release).values()):
            withdrawals.withdraw(
                content_id=content_id,
                # Whoever keeps the register need not be able to take pages back.
                by=None,
                reason="the consent for what it showed has ended",
                reason_class=WITHDRAWN,
            )
        elif left is not None:
            changed.append(content_id)
    return changed
