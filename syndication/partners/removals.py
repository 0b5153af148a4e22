"""Which removals concern a partner, and what it says that it did about them."""

from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from syndication.changes import AREA
from syndication.models import Change, ChangeSelection

from .errors import NotARemoval
from .models import Acknowledgement, Partner

# What asks whoever holds a copy to take something down.
REMOVALS = (
    Change.Type.WITHDRAWN,
    Change.Type.REDIRECTED,
    Change.Type.EXPIRED,
    Change.Type.REDUCED,
    Change.Type.CONSENT_ENDED,
)


def of(partner: Partner) -> QuerySet[Change]:
    """Return the rows of the change log that ask ``partner`` to take something down.

    Of its areas, where it names any: what left one of them too. Nothing of the time
    before it was a partner. Two queries at most: one for its areas, one for the rows.
    """
    rows = Change.objects.filter(at__gte=partner.added_at)
    areas = list(partner.areas.values_list("slug", flat=True))
    if not areas:
        return rows.filter(type__in=REMOVALS)
    told = ChangeSelection.objects.filter(
        change=OuterRef("pk"), scheme=AREA, slug__in=areas
    )
    return rows.filter(
        Q(Exists(told), type__in=REMOVALS)
        | Q(type=Change.Type.LEFT_SELECTION, area__in=areas)
    )


def with_answers(partner: Partner) -> QuerySet[Any]:
    """The same rows with ``received_at`` and ``removed_at``, None where not said."""
    return of(partner).annotate(
        received_at=_said(partner, Acknowledgement.State.RECEIVED),
        removed_at=_said(partner, Acknowledgement.State.REMOVED),
    )


def acknowledge(
    *, partner: Partner, number: int, state: str
) -> tuple[Acknowledgement, bool]:
    """Record that ``partner`` received or removed what a change asks for.

    Returns the record, and whether it is new: saying it again changes nothing, not even
    its time. Raises ``NotARemoval``.
    """
    if not of(partner).filter(number=number).exists():
        raise NotARemoval(f"No removal that concerns you has the number {number}.")
    with transaction.atomic():
        return Acknowledgement.objects.get_or_create(
            partner=partner, change_id=number, state=state
        )


def _said(partner: Partner, state: str) -> Subquery:
    rows: models.QuerySet[Acknowledgement] = Acknowledgement.objects.filter(
        partner=partner, change=OuterRef("pk"), state=state
    )
    return Subquery(rows.values("at"))
