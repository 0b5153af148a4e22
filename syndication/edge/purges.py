"""Making shared caches forget: what was written, asked for, and asked for again."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import requests
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from syndication.models import Change

from . import caches, outages
from .caches import Cache, NoAnswer, PurgeFailed
from .models import Purge

logger = logging.getLogger(__name__)

# Longer than asking a cache for so many rows can take.
LEASE = timedelta(minutes=5)
AT_ONCE = 100
# How long to wait after the first, the second, … attempt; then the last for ever.
RETRY_AFTER = tuple(timedelta(seconds=s) for s in (1, 2, 5, 15, 30, 60))
# An answer that was being written at the withdrawal can reach a cache after the purge. So
# what was taken back is purged once more, when no such answer is under way any longer.
SETTLED_AFTER = timedelta(seconds=30)
# Whoever watches is told when a cache still shows after this what was taken back.
ALARM_AFTER = timedelta(seconds=60)
KEPT = timedelta(days=90)

Type = Change.Type
REMOVALS = {Type.WITHDRAWN, Type.REDIRECTED, Type.EXPIRED}
# Something in the item was taken back: what a cache holds tells more than it may.
HARD = {*REMOVALS, Type.REDUCED, Type.CONSENT_ENDED, Type.LEFT_SELECTION}
# What every change alters.
LISTS = ("list-items", "list-changes", "feeds", "home", "receipts", "coverage")
FILES = ("images", "attachments")
# For programs, and for people.
FEEDS = (".rss", ".atom", ".json", "/")


def queue(change: Change, within: Iterable[tuple[str, str]]) -> None:
    """Write a row for each cache, in the transaction of the change."""
    selections = list(within)
    now = timezone.now()
    Purge.objects.bulk_create(
        Purge(
            cache=one.name,
            tags=_tags(change, selections),
            paths=_paths(change, selections),
            is_hard=change.type in HARD,
            gone=change.content_id if change.type in REMOVALS else None,
            created_at=now,
            next_attempt_at=now,
        )
        for one in caches.configured()
    )


def send_due() -> int:
    """Ask every cache for what is due. Returns how many rows were asked for.

    Each cache by itself, those that did not answer last come last, and readers are only
    looked after when all were asked: one that does not answer holds up no other.
    """
    asked, purged = 0, []
    silent = outages.known()
    for one in sorted(caches.configured(), key=lambda one: one.name in silent):
        outage = silent.get(one.name)
        if outage and not outages.may_ask(outage):
            continue
        rows = _claim(one)
        asked += len(rows)
        purged += _purge(one, rows)
    _settle(purged)
    return asked


def forget_old() -> int:
    """Delete what was confirmed long ago. Returns of how many rows."""
    old = Purge.objects.filter(confirmed_at__lt=timezone.now() - KEPT)
    deleted, _ = old.delete()
    return deleted


@transaction.atomic(durable=True)
def _claim(one: Cache) -> list[Purge]:
    """Take what is due for a cache. Durable, so that nobody asks in a transaction."""
    now = timezone.now()
    rows = list(
        Purge.objects.due(now)
        .filter(cache=one.name)
        .select_for_update(skip_locked=True)
        .order_by("pk")[:AT_ONCE]
    )
    for row in rows:
        row.attempts += 1
        row.lease_until = now + LEASE
    Purge.objects.bulk_update(rows, ["attempts", "lease_until"])
    return rows


def _purge(one: Cache, rows: list[Purge]) -> list[Purge]:
    """Ask a cache to forget. Returns for which rows it said that it had."""
    purged: list[Purge] = []
    for is_hard in (True, False):
        some = [row for row in rows if row.is_hard is is_hard]
        if not some:
            continue
        tags = _together(row.tags for row in some)
        paths = _together(row.paths for row in some)
        try:
            one.purge(tags=tags, paths=paths, is_hard=is_hard)
        except NoAnswer as error:
            until = outages.note(one).next_attempt_at
            _again([row for row in rows if row not in purged], str(error), at=until)
            break
        except PurgeFailed as error:
            outages.end(one)
            _again(some, str(error))
        else:
            outages.end(one)
            purged += some
    Purge.objects.filter(pk__in=[row.pk for row in purged], purged_at=None).update(
        purged_at=timezone.now()
    )
    return purged


def _settle(rows: list[Purge]) -> None:
    """Confirm what was purged, or see to it that it is purged again."""
    unanswered = ""
    for row in rows:
        now = timezone.now()
        try:
            still = row.gone and (unanswered or _still_shown(row.gone))
        except NoAnswer as error:
            # Nobody else gets an answer either: once is long enough to wait.
            still = unanswered = str(error)
        if still:
            _again([row], still)
        elif row.is_hard and now < (settled := row.created_at + SETTLED_AFTER):
            _mark(row, next_attempt_at=settled, last_error="")
        else:
            _mark(row, confirmed_at=now, last_error="")


def _still_shown(content_id: UUID) -> str:
    """Ask as a reader would, through the cache. Says what is wrong, or nothing.

    Raises ``NoAnswer``.
    """
    url = f"{settings.PUBLIC_ORIGIN}/api/v1/items/{content_id}"
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.get(url, timeout=caches.TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise NoAnswer(
                f"the probe got no answer ({type(error).__name__})"
            ) from None
    if answer.status_code in (404, 410) or _is_public(content_id):
        return ""
    return f"a reader still gets it ({answer.status_code})"


def _is_public(content_id: UUID) -> bool:
    """Whether it became public again meanwhile: then a reader is right to get it."""
    newest = Change.objects.filter(content_id=content_id).order_by("-number").first()
    return newest is not None and newest.type not in REMOVALS


def _again(rows: list[Purge], reason: str, *, at: datetime | None = None) -> None:
    """Put rows of one cache off until ``at``, or each by how often it was tried."""
    now = timezone.now()
    if any(row.is_hard and now - row.created_at > ALARM_AFTER for row in rows):
        level, words = logging.ERROR, "%s does not forget what was taken back: %s"
    else:
        level, words = logging.WARNING, "%s has to be asked again: %s"
    logger.log(level, words, rows[0].cache, reason)
    for row in rows:
        wait = RETRY_AFTER[min(row.attempts, len(RETRY_AFTER)) - 1]
        _mark(row, next_attempt_at=at or now + wait, last_error=reason[:200])


def _mark(row: Purge, **values: Any) -> None:
    """Change a row that is still ours: another worker may have it after our lease."""
    mine = Purge.objects.filter(pk=row.pk, attempts=row.attempts, confirmed_at=None)
    mine.update(lease_until=None, **values)


def _tags(change: Change, selections: list[tuple[str, str]]) -> list[str]:
    tags = [
        f"item-{change.content_id}",
        f"kind-{change.kind}",
        *(f"{scheme}-{slug}" for scheme, slug in selections),
        *LISTS,
    ]
    if change.kind in ALSO:
        tags.append(ALSO[change.kind])
    return [*tags, *FILES] if change.type in HARD else tags


def _paths(change: Change, selections: list[tuple[str, str]]) -> list[str]:
    """The addresses without parameters that a change alters, as far as they are known."""
    areas = [slug for scheme, slug in selections if scheme == "area"]
    topics = [slug for scheme, slug in selections if scheme == "topic"]
    kinds = ("all", "withdrawals", change.kind)
    lists = ("all", change.kind)
    in_areas = ["", *(f"/{area}" for area in areas)]
    places = [
        *in_areas,
        *(f"/{first}/{topic}" for topic in topics for first in ("topic", *areas)),
    ]
    within = [
        *in_areas,
        *(f"{area}/topic/{topic}" for topic in topics for area in in_areas),
    ]
    return [
        *ARCHIVES.get(change.kind, ()),
        f"/items/{change.content_id}",
        f"/items/{change.content_id}.txt",
        f"/items/{change.content_id}/use",
        f"/embed/{change.content_id}",
        f"/fragments/{change.content_id}.html",
        f"/api/v1/items/{change.content_id}",
        "/",
        "/api/v1/items",
        "/api/v1/changes",
        *(
            f"/feeds/{kind}{place}{end}"
            for kind in kinds
            for place in places
            for end in FEEDS
        ),
        *(f"/embed/{kind}{place}" for kind in lists for place in within),
        *(f"/fragments/{kind}{place}.html" for kind in lists for place in within),
    ]


# Lists of one kind of item only, by the tag of their pages.
ALSO: Mapping[str, str] = {
    "issues": "newsletter",
    "you-said-we-did": "you-said-we-did",
}
# And by their addresses.
ARCHIVES: Mapping[str, Sequence[str]] = {"issues": ["/newsletter/issues/"]}


def _together(lists: Iterable[list[str]]) -> list[str]:
    """All entries, each once, in the order in which they come."""
    return list(dict.fromkeys(one for some in lists for one in some))
