"""Comments from the public: taken in, decided about, counted and forgotten.

What comes in is stored and shown to nobody but editors and the forums that signed the
text it is about. It leaves this house only in the words of an item that answers it and
that every forum concerned has signed.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from site_settings.models import CommentSettings

from . import audit, sign_off
from .errors import CommentDecided, DecisionIncomplete, MayNotModerate
from .models import Comment, Proof
from .models.comments import CommentQuerySet
from .permissions import sees_everything
from .signals import answers_asked, comment_published

Status = Comment.Status
# What may be personal data, and what to call it.
SUSPICIOUS = (
    ("an email address", re.compile(r"\S+@\S+\.\S+")),
    ("a telephone number or another long number", re.compile(r"(?:\d[ ()-]?){8,}")),
    ("a date, perhaps of birth", re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")),
    ("a postcode", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")),
    (
        "somebody’s name",
        re.compile(
            r"\b(?:(?i:called|named|name is|mr|mrs|ms|miss|dr)\.?|"
            r"(?i:son|daughter|child|teacher|doctor),?) [A-Z][a-z]+"
        ),
    ),
)


@dataclass(frozen=True)
class Answer:
    """The item that answers a comment: where it is written, and how it stands."""

    title: str
    address: str
    standing: str


@dataclass(frozen=True)
class Tally:
    """How many comments came in a year, and what became of them. Numbers alone."""

    received: int
    gaps: int
    topics: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)


def receive(
    *, key: UUID, proof: Proof, version: int, topic: str, is_gap: bool, words: str
) -> Comment:
    """Store what somebody wrote about a released version, and who did not say who.

    The same ``key`` again stores nothing again. Who sent it is not asked and not kept.
    """
    comment, _ = Comment.objects.get_or_create(
        key=key,
        defaults={
            "proof": proof,
            "content_id": proof.content_id,
            "version": version,
            "topic": topic,
            "is_gap": is_gap,
            "words": plain(words),
            "received_at": timezone.now(),
        },
    )
    return comment


def received_today() -> int:
    """How many comments came since midnight, from anywhere."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Comment.objects.filter(received_at__gte=today).count()


def plain(words: str) -> str:
    """Return ``words`` as plain lines: no control signs, no runs of empty lines.

    >>> plain("One\\r\\n\\r\\n\\r\\n\\x07two\\u202e ")
    'One\\n\\ntwo'
    """
    lines = "\n".join(words.splitlines())
    clean = "".join(
        sign
        for sign in lines
        if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co")
    )
    return re.sub(r"\n{3,}", "\n\n", clean).strip()


def concerning(user: Any) -> CommentQuerySet:
    """The comments that ``user`` may read: all, or those on texts of their forums."""
    found = Comment.objects.all()
    if sees_everything(user):
        return found
    proofs = Proof.objects.filter(forums__in=sign_off.forums_of(user))
    return found.filter(proof__in=proofs.values("pk"))


def may_read(user: Any) -> bool:
    """Whether there can be any comments for this person."""
    return sees_everything(user) or sign_off.forums_of(user).exists()


@transaction.atomic
def publish(*, comment: Comment, by: User, words: str) -> Comment:
    """Accept a comment, in these words, to be answered and then signed.

    ``words`` are those that were sent, or what is left when personal data is taken
    out. Nothing is public by that. Raises ``DecisionIncomplete``, ``CommentDecided``
    or ``MayNotModerate``.
    """
    locked = _lock(comment, by)
    words = plain(words)
    if not words:
        raise DecisionIncomplete("Please leave the words that are to be published.")
    _decide(locked, by, status=Status.PUBLISHED, published_words=words)
    comment_published.send(
        sender=Comment, comment=locked, by=by, altered=words != locked.words
    )
    # Never its words: whatever stands in the audit log stands there for good.
    _record(locked, by, "comment_published", altered=words != locked.words)
    return locked


@transaction.atomic
def merge(*, comment: Comment, by: User, into: Comment | None) -> Comment:
    """Let a comment be answered together with another that is to be published.

    Raises as ``publish`` does.
    """
    locked = _lock(comment, by)
    # Read again: it may have been decided about since it was offered.
    found = concerning(by).published().filter(pk=into.pk).first() if into else None
    if found is None:
        raise DecisionIncomplete(
            "Choose the comment that it joins: one that is to be published."
        )
    _decide(locked, by, status=Status.MERGED, merged_into=found)
    _record(locked, by, "comment_merged", into=found.pk)
    return locked


@transaction.atomic
def refuse(*, comment: Comment, by: User, reason: str) -> Comment:
    """Do not publish a comment, for one of the reasons that the law allows.

    Raises as ``publish`` does.
    """
    locked = _lock(comment, by)
    if reason not in Comment.Reason.values:
        raise DecisionIncomplete("Please choose why it is not published.")
    _decide(locked, by, status=Status.NOT_PUBLISHED, reason=reason)
    _record(locked, by, "comment_refused", reason=reason)
    return locked


@transaction.atomic
def reopen(*, comment: Comment, by: User) -> Comment:
    """Let a comment wait again that was merged or not published.

    One that is to be published has an answer by now: that is taken back instead.
    Raises ``CommentDecided`` or ``MayNotModerate``.
    """
    locked = _lock(comment, by, waiting=False)
    if locked.status not in (Status.MERGED, Status.NOT_PUBLISHED):
        raise CommentDecided("This comment cannot be put back. Nothing was changed.")
    if locked.forgotten_at:
        raise CommentDecided("The words of this comment are deleted by now.")
    locked.status, locked.reason, locked.merged_into = Status.WAITING, "", None
    locked.decided_at, locked.decided_by = None, None
    locked.save()
    _record(locked, by, "comment_reopened")
    return locked


def forget() -> int:
    """Delete the words of comments decided long enough ago. Returns of how many.

    What is published keeps the words that are published. The row stays, without any
    word, so that a yearly report goes on counting it.
    """
    before = timezone.now() - timedelta(days=CommentSettings.current().days_kept)
    old = Comment.objects.filter(forgotten_at=None, decided_at__lt=before)
    return old.update(words="", forgotten_at=timezone.now())


def suspicions(words: str) -> list[str]:
    """What in ``words`` may be personal data. A program's guess, for whoever decides.

    >>> suspicions("Ring me on 01632 960101, my son Tom waits.")
    ['a telephone number or another long number', 'somebody’s name']
    """
    return [what for what, sought in SUSPICIOUS if sought.search(words)]


def answers(found: Iterable[Comment]) -> dict[int, Answer]:
    """The items that answer these comments, by the comments' keys."""
    answered: dict[int, Answer] = {}
    told: Any = answers_asked.send(sender=Comment, comments=list(found))
    for _, some in told:
        answered.update(some)
    return answered


def tally(year: int) -> Tally:
    """Count the comments that came in ``year``. One query."""
    rows = (
        Comment.objects.filter(**_within(year))
        .order_by()
        .values_list("topic", "status", "reason", "is_gap")
        .annotate(count=Count("pk"))
    )
    counts: list[Counter[Any]] = [Counter(), Counter(), Counter(), Counter()]
    for *values, count in rows:
        for counter, value in zip(counts, values, strict=True):
            counter[value] += count
    topics, statuses, reasons, gaps = counts
    return Tally(
        received=sum(statuses.values()),
        gaps=gaps[True],
        topics={value: topics[value] for value in Comment.Topic.values},
        statuses={value: statuses[value] for value in Status.values},
        reasons={value: reasons[value] for value in Comment.Reason.values},
    )


def years() -> list[int]:
    """The years in which comments came, newest first."""
    return [
        first.year
        for first in Comment.objects.datetimes("received_at", "year", order="DESC")
    ]


def _within(year: int) -> dict[str, datetime]:
    zone = timezone.get_current_timezone()
    return {
        "received_at__gte": datetime(year, 1, 1, tzinfo=zone),
        "received_at__lt": datetime(year + 1, 1, 1, tzinfo=zone),
    }


def _lock(comment: Comment, by: User, *, waiting: bool = True) -> Comment:
    """Read a comment again under a lock: somebody else may decide at this moment."""
    locked = (
        concerning(by)
        .select_for_update(of=("self",))
        .select_related("proof")
        .filter(pk=comment.pk)
        .first()
    )
    if locked is None:
        raise MayNotModerate(
            "Only editors and the forums that signed the text decide about comments "
            "on it. Nothing was changed."
        )
    if waiting and locked.status != Status.WAITING:
        raise CommentDecided(
            "Somebody has decided about this comment already. Nothing was changed."
        )
    return locked


def _decide(comment: Comment, by: User, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(comment, name, value)
    comment.decided_at, comment.decided_by = timezone.now(), by
    comment.save()


def _record(comment: Comment, by: User, action: str, **data: Any) -> None:
    audit.record(
        action=action, by=by, content_id=comment.content_id, comment=comment.pk, **data
    )
