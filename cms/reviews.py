"""Checking again what is public: what is due, who is reminded, and “still correct”.

Forums sign a day by which a text is checked again. Whoever finds it still correct says
so with one click: nothing is edited and nobody signs anew, because no byte changes. The
day then moves on, until the forums sign another one (docs/adr/0017).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Page
from wagtail.permissions import policy_registry

from site_settings.models import ReviewSettings, months_after

from . import audit, register, sign_off
from .errors import MayNotAssure, NothingToAssure, StaleProof
from .membership import called
from .models import Assurance, Forum, Notice, Proof
from .permissions import sees_everything
from .signals import item_assured

# The next check after an assurance, where the settings name no months for its kind.
MONTHS = 12
BATCH = 200
# What to show of the list.
OVERDUE, SOON, ALL = "overdue", "soon", "all"


def public() -> Any:
    """What the public reads and somebody has to check, one proof per item.

    Each has ``check_by``, the day in force, and ``assured_at``: when somebody last found
    it still correct, or None.
    """
    return (
        Proof.objects.newest_standing()
        .exclude(review_by=None)
        .annotate(
            check_by=Coalesce(
                Subquery(_counting().values("review_by")[:1]), F("review_by")
            ),
            assured_at=Subquery(_counting().values("at")[:1]),
        )
        .defer("payload")
    )


def overdue(today: date | None = None) -> Any:
    """What should have been checked before today, the longest overdue first."""
    return (
        public()
        .filter(check_by__lt=today or timezone.localdate())
        .order_by("check_by", "pk")
    )


def due_soon(content_id: UUID) -> Any:
    """The proof of an item that is public, and overdue or due soon; else None."""
    last = _soon(timezone.localdate())
    return public().filter(content_id=content_id, check_by__lte=last).first()


def in_force(proof: Proof) -> tuple[date | None, datetime | None]:
    """Until when ``proof`` is to be checked, and when it was last found still correct.

    Also for one that is not public yet: an assurance of the item counts on as long as
    the forums sign the same day.
    """
    if proof.review_by is None:
        return None, None
    newest = Assurance.objects.filter(
        content_id=proof.content_id, signed_review_by=proof.review_by
    ).first()
    return (newest.review_by, newest.at) if newest else (proof.review_by, None)


def is_to_be_checked(proof: Proof, *, by: date) -> bool:
    """Whether this is what the public reads, and to be checked by exactly that day."""
    found: bool = public().filter(pk=proof.pk, check_by=by).exists()
    return found


def may_assure(*, proof: Proof, user: Any) -> bool:
    """Whether ``user`` may say that this is still correct: its editors and its forums."""
    return _forum_of(proof, user) is not None or _may_edit(proof, user)


@transaction.atomic
def assure(*, content_id: UUID, by: User, fingerprint: str) -> Assurance:
    """Record that ``by`` read what is public and found it still correct.

    ``fingerprint`` is of the text on their screen. Moves the day of the next check on by
    the months that the settings name for its kind, never back. Twice on one day is once.

    Raises ``MayNotAssure``, ``StaleProof`` when another text is public by now, and
    ``NothingToAssure`` when there is nothing public that somebody has to check.
    """
    sign_off.lock_proofs(content_id)
    proof = public().filter(content_id=content_id).first()
    if proof is None:
        raise NothingToAssure(
            "This is not public, or nobody has to check it. Nothing was recorded."
        )
    if not may_assure(proof=proof, user=by):
        raise MayNotAssure(
            "Only its editors and the forums that signed it can say that it is still "
            "correct. Nothing was recorded."
        )
    if proof.outcome != Proof.Outcome.SIGNED:
        raise NothingToAssure(
            "A fact in it was corrected and forums have not answered yet. Nothing was "
            "recorded. Please wait for their answer."
        )
    if fingerprint != proof.fingerprint:
        raise StaleProof(
            "Another text is public now than the one you read. Nothing was recorded. "
            "Please read the new one below."
        )
    now = timezone.now()
    today = timezone.localdate(now)
    newest: Assurance | None = proof.assurances.first()
    if newest is not None and timezone.localdate(newest.at) == today:
        return newest
    months = ReviewSettings.current().months(proof.kind) or MONTHS
    assurance = Assurance.objects.create(
        content_id=content_id,
        proof=proof,
        fingerprint=proof.fingerprint,
        by=by,
        forum=_forum_of(proof, by),
        at=now,
        signed_review_by=proof.review_by,
        review_by=max(proof.check_by, months_after(today, months)),
    )
    if proof.item is not None:
        log(instance=proof.item, action="countersign.assure", user=by)
    item_assured.send(sender=Assurance, assurance=assurance)
    audit.record(
        action="assured",
        by=by,
        content_id=content_id,
        row=assurance,
        fingerprint=proof.fingerprint,
        review_by=assurance.review_by.isoformat(),
    )
    return assurance


def to_remind() -> list[tuple[Proof, Notice.Purpose]]:
    """What people are to be reminded of today, each once before its day and once on it."""
    today = timezone.localdate()
    last = today + timedelta(days=ReviewSettings.current().days_before_reminder)
    soon = public().filter(check_by__gt=today, check_by__lte=last)
    due = public().filter(check_by__lte=today)
    return [
        (proof, purpose)
        for purpose, found in (
            (Notice.Purpose.REVIEW_SOON, soon),
            (Notice.Purpose.REVIEW_DUE, due),
        )
        for proof in found.exclude(
            Exists(
                Notice.objects.filter(
                    purpose=purpose,
                    proof=OuterRef("pk"),
                    review_by=OuterRef("check_by"),
                )
            )
        ).order_by("check_by", "pk")
    ]


def for_user(user: Any) -> Any:
    """What is public and ``user`` looks after: all of it, or what their forums signed."""
    found = public()
    if sees_everything(user):
        return found
    return found.filter(forums__in=sign_off.forums_of(user)).distinct()


def narrowed(found: Any, *, show: str = ALL, kind: str = "") -> Any:
    """Only what is ``overdue``, or that and what is due ``soon``; and of one kind."""
    today = timezone.localdate()
    if show == OVERDUE:
        found = found.filter(check_by__lt=today)
    elif show == SOON:
        found = found.filter(check_by__lte=_soon(today))
    if kind:
        found = found.filter(kind=kind)
    return found.order_by("check_by", "pk")


def counts(user: Any) -> dict[str, int]:
    """How much of what ``user`` looks after is ``overdue`` and how much is due ``soon``."""
    today = timezone.localdate()
    found = for_user(user).order_by()
    numbers: dict[str, int] = found.aggregate(
        overdue=models.Count("pk", filter=Q(check_by__lt=today), distinct=True),
        soon=models.Count(
            "pk",
            filter=Q(check_by__gte=today, check_by__lte=_soon(today)),
            distinct=True,
        ),
    )
    return numbers


@dataclass(frozen=True)
class Row:
    """One public item in the report: when it is due and who looks after it."""

    proof: Proof
    due_on: date
    checked_on: date
    checked_by: str
    owner: str
    forums: tuple[str, ...]

    @property
    def kind(self) -> str:
        return register.kind_name(self.proof.kind)

    @property
    def days_overdue(self) -> int:
        """Days since the day had passed; 0 while it has not."""
        return max(0, (timezone.localdate() - self.due_on).days)


def read(found: Iterable[Proof]) -> Iterator[Row]:
    """Rows for what ``public`` and its kin give, a batch at a time: a few queries each."""
    waiting = iter(found)
    while batch := list(islice(waiting, BATCH)):
        yield from _rows(batch)


def history(content_id: UUID) -> "models.QuerySet[Assurance]":
    """Every assurance of an item, newest first, with who gave it."""
    return Assurance.objects.filter(content_id=content_id).select_related("by", "forum")


def _rows(batch: Sequence[Proof]) -> Iterator[Row]:
    models.prefetch_related_objects(batch, "forums", "content_type")
    last: dict[UUID, Assurance] = {}
    for one in Assurance.objects.filter(
        content_id__in=[proof.content_id for proof in batch]
    ).select_related("by", "forum"):
        last.setdefault(one.content_id, one)
    owners = _owners(batch)
    for proof in batch:
        closed = timezone.localdate(proof.closed_at or proof.submitted_at)
        assured = last.get(proof.content_id)
        checked = timezone.localdate(assured.at) if assured else closed
        if assured and checked >= closed:
            by = f"{called(assured.by)} ({assured.forum or 'editor'})"
        else:
            checked, by = closed, "signed by its forums"
        yield Row(
            proof=proof,
            due_on=proof.check_by,  # type: ignore[attr-defined]
            checked_on=checked,
            checked_by=by,
            owner=owners.get(proof.pk, ""),
            forums=tuple(str(forum) for forum in proof.forums.all()),
        )


def _owners(batch: Sequence[Proof]) -> dict[int, str]:
    """Who owns the pages behind some proofs; a snippet has no owner."""
    pages = {
        proof.pk: int(proof.object_id)
        for proof in batch
        if issubclass(proof.content_type.model_class() or object, Page)
    }
    owners = {
        page.pk: called(page.owner)
        for page in Page.objects.filter(pk__in=pages.values())
        .exclude(owner=None)
        .select_related("owner")
        .only("pk", "owner")
    }
    return {pk: owners[page] for pk, page in pages.items() if page in owners}


def _counting() -> "models.QuerySet[Assurance]":
    """The assurances that count for a proof: its forums signed no other day since."""
    return Assurance.objects.filter(
        content_id=OuterRef("content_id"), signed_review_by=OuterRef("review_by")
    ).order_by("-at", "-pk")


def _soon(today: date) -> date:
    return today + timedelta(days=ReviewSettings.current().days_before_reminder)


def _forum_of(proof: Proof, user: Any) -> Forum | None:
    """The forum among those that signed ``proof`` to which this person belongs."""
    return sign_off.forums_of(user).filter(proofs=proof).first()


def _may_edit(proof: Proof, user: Any) -> bool:
    item = proof.item
    if not user.is_active or item is None:
        return False
    if isinstance(item, Page):
        allowed: bool = item.permissions_for_user(user).can_edit()
        return allowed
    return bool(policy_registry.get(item).user_has_permission(user, "change"))
