"""Sending one release to everybody who asked for it: begun, frozen, paused, finished.

The audience is frozen once, in one statement. An issue that is signed again gets a
mailing of its own, which takes over whom the earlier one has not reached.
"""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone

from cms import audit
from cms.ledger import domain
from syndication.models import Release

from . import audiences, signed, tasks
from .errors import NoLongerStoodBy, NotAsSigned
from .models import Delivery, Frequency, Issue, Mailing, Subscription, Suppression
from .models.deliveries import OPEN
from .models.issues import KINDS

if TYPE_CHECKING:
    from .models.subscribers import SubscriptionQuerySet

# What comes by itself as soon as it is released.
MAILED_AT_ONCE = KINDS

State = Delivery.State


@transaction.atomic
def begin(*, release: Release) -> Mailing | None:
    """Note that a release is to be mailed; a worker freezes its audience.

    Safe to run again. Returns None for what is not mailed, or to nobody. Signed bytes
    that went out already while their forums had not reviewed them do not go again.
    """
    is_issue = release.kind == Issue.kind
    if not is_issue and not (
        release.kind in MAILED_AT_ONCE
        and Subscription.objects.active().filter(frequency=Frequency.AT_ONCE).exists()
    ):
        return None
    went_out = Mailing.objects.filter(release__proof=release.proof_id)
    if not is_issue and release.again_id is None and went_out.exists():
        return went_out.get()
    if not is_issue:
        # Of an issue the rest is taken over when this one's audience is frozen.
        stop_earlier(release=release)
    made, is_new = Mailing.objects.get_or_create(
        release=release,
        defaults={
            "round": 0 if is_issue else release.version,
            "host": domain(),
            "created_at": timezone.now(),
        },
    )
    if is_new:
        transaction.on_commit(tasks.wake_up)
    return made


@transaction.atomic
def freeze(*, mailing: Mailing) -> Mailing | None:
    """Write one delivery for everybody the signed rule finds, all in one statement.

    Returns the mailing as it may be sent now, which may be of a later release than the
    one given; None where sending may not begin. Safe to run again, and by two workers at
    once. Everybody found is frozen or counted as excluded: on the list of addresses not
    to write to, or reached by an earlier version.
    """
    locked = Mailing.objects.select_for_update().select_related("release__item")
    mailing = locked.get(pk=mailing.pk)
    if mailing.state not in (Mailing.State.PREPARING, Mailing.State.SENDING):
        return None
    if not _is_still_public(mailing):
        return None
    if mailing.state == Mailing.State.SENDING:
        return mailing
    release = mailing.release
    try:
        signed.of(release)
    except NotAsSigned as error:
        _end(mailing, Mailing.State.STOPPED, str(error))
        stop_earlier(release=release)
        return None
    audience = audiences.find(_rule(release))
    others = list(_others(mailing))
    is_first = not Delivery.objects.filter(mailing__in=others).exists()
    if not is_first:
        _take_over_unsent(mailing, others, audience)
    for other in others:
        if other.finished_at is None:
            _end(other, Mailing.State.STOPPED, "a newer version was signed")
    _insert(mailing, audience, is_first=is_first)
    frozen = mailing.deliveries.count()
    mailing.excluded = _count_excluded(mailing, audience, is_first=is_first)
    mailing.audience = frozen + mailing.excluded
    if not mailing.audience and mailing.round:
        # Nobody asked for this kind of item at once. Nothing to show, then.
        mailing.delete()
        return None
    mailing.state = Mailing.State.SENDING
    mailing.started_at = timezone.now()
    mailing.save(update_fields=["excluded", "audience", "state", "started_at"])
    return mailing


def _is_still_public(mailing: Mailing) -> bool:
    """Bring a mailing to what is public of its signed bytes, or end it."""
    if _follow(mailing):
        return True
    item = mailing.release.item_id
    newer = Mailing.objects.filter(release__item=item, pk__gt=mailing.pk)
    # A newer one stops this, and takes over whom it has not reached, when it is frozen.
    if not newer.filter(state=Mailing.State.PREPARING).exists():
        _stop(mailing, "it was taken back or signed anew")
    return False


def _follow(mailing: Mailing) -> bool:
    """Let a mailing bring what is public now of what was signed. False if nothing is.

    These bytes may have lost an item or a voice, or follow a shared block, since it
    was begun.
    """
    release = mailing.release
    if release.is_current:
        return True
    current = Release.objects.current().select_related("item")
    same = current.filter(item=release.item_id, proof=release.proof_id).first()
    if same is None or Mailing.objects.filter(release=same).exists():
        return False
    mailing.release = same
    mailing.save(update_fields=["release"])
    return True


def stop_earlier(*, release: Release) -> None:
    """Stop what is not sent yet of earlier versions of what ``release`` is now."""
    unfinished = Mailing.objects.unfinished().filter(release__item=release.item_id)
    for earlier in unfinished.exclude(release=release):
        _stop(earlier, "a newer version was signed")


def _rule(release: Release) -> dict[str, Any]:
    if release.kind == Issue.kind:
        rule: dict[str, Any] = json.loads(bytes(release.payload))["recipients"]
        return rule
    return audiences.of_item(release)


def _others(mailing: Mailing) -> QuerySet[Mailing]:
    """Those of other versions of the same."""
    same = Mailing.objects.filter(
        release__item=mailing.release.item, round=mailing.round
    )
    return same.exclude(pk=mailing.pk)


def _take_over_unsent(
    mailing: Mailing, others: Sequence[Mailing], audience: "SubscriptionQuerySet"
) -> None:
    """Bring whom earlier versions have not reached into this mailing.

    Only whom the rule that was signed now finds. What a worker holds comes too: should
    its mail not go out now, the next one is of this version. What was suppressed gets a
    new chance, and is asked about again when it is claimed.
    """
    earlier = Delivery.objects.filter(mailing__in=others)
    theirs = earlier.filter(subscriber__in=audience.values("subscriber"))
    unsent = theirs.filter(state__in=[*OPEN, State.SUPPRESSED])
    moved = dict(
        unsent.values_list("mailing").annotate(Count("pk")).order_by("mailing")
    )
    now = timezone.now()
    theirs.filter(state__in=OPEN).update(mailing=mailing)
    theirs.filter(state=State.SUPPRESSED).update(
        mailing=mailing, state=State.PENDING, due_at=now, settled_at=None, reason=""
    )
    for pk, count in moved.items():
        Mailing.objects.filter(pk=pk).update(
            excluded=F("excluded") + count, counted_at=None
        )
    earlier.waiting().update(
        state=State.SUPPRESSED,
        due_at=None,
        settled_at=now,
        reason="a newer version was signed that is not for this person",
    )


def _insert(
    mailing: Mailing, audience: "SubscriptionQuerySet", *, is_first: bool
) -> None:
    found = audience.filter(~Exists(_suppressions()))
    if not is_first:
        found = found.filter(~Exists(_reached(mailing)))
    # In their order, since an index grows quicker at its end than all over.
    people = found.order_by("subscriber_id").values("subscriber_id")
    sql, values = people.query.sql_with_params()
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (mailing_id, item_id, round, subscriber_id,"  # noqa: S608 - no word of anybody in it
            " state, attempts, doubts, due_at, reason, provider_id)"
            " SELECT %s, %s, %s, found.subscriber_id, %s, 0, 0, %s, '', ''"
            f" FROM ({sql}) AS found",
            [
                mailing.pk,
                mailing.release.item_id,
                mailing.round,
                State.PENDING.value,
                connection.ops.adapt_datetimefield_value(timezone.now()),
                *values,
            ],
        )


def _count_excluded(
    mailing: Mailing, audience: "SubscriptionQuerySet", *, is_first: bool
) -> int:
    suppressed = Exists(_suppressions())
    if is_first:
        # Without a look at the rows just written: PostgreSQL knows of none of them yet,
        # plans for an empty table, and reads all of it for each person.
        return audience.filter(suppressed).count()
    reached = _reached(mailing)
    return (
        audience.filter(Exists(reached) | suppressed)
        .exclude(Exists(reached.filter(mailing=mailing)))
        .count()
    )


def _suppressions() -> QuerySet[Suppression]:
    """By which a subscription's address gets nothing."""
    return Suppression.objects.filter(
        subscriber=OuterRef("subscriber"), since__isnull=False
    )


def _reached(mailing: Mailing) -> QuerySet[Delivery]:
    """What a subscription's person has of the same, by whichever mailing."""
    theirs = Delivery.objects.filter(subscriber=OuterRef("subscriber"))
    return theirs.filter(item=mailing.release.item, round=mailing.round)


def hand_over(*, release: Release, to: Release) -> None:
    """Let what is not sent yet of a release go out as ``to``, its reduced release."""
    Mailing.objects.unfinished().filter(release=release).update(release=to)


@transaction.atomic
def withdraw(*, release: Release) -> None:
    """Stop what is not sent yet of a release that was taken back."""
    for mailing in Mailing.objects.unfinished().filter(release=release):
        _stop(mailing, "it was taken back")


@transaction.atomic
def pause(*, mailing: Mailing, by: User | None, reason: str) -> bool:
    """Let nothing more go out until somebody resumes. Returns whether it was going."""
    going = Mailing.objects.under_way().filter(pk=mailing.pk)
    changed = going.update(state=Mailing.State.PAUSED, reason=reason[:200])
    if changed:
        _record("mailing_paused", mailing, by)
    return bool(changed)


@transaction.atomic
def resume(*, mailing: Mailing, by: User) -> bool:
    """Go on with what was paused. Returns whether it was."""
    paused = Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.PAUSED)
    # Never frozen yet if it was paused before a worker saw it.
    frozen = paused.filter(started_at__isnull=False)
    changed = frozen.update(state=Mailing.State.SENDING, reason="") or paused.update(
        state=Mailing.State.PREPARING, reason=""
    )
    if changed:
        _record("mailing_resumed", mailing, by)
        transaction.on_commit(tasks.wake_up)
    return bool(changed)


@transaction.atomic
def stop(*, mailing: Mailing, by: User) -> bool:
    """End it for good. Returns whether it was still open.

    Who has it keeps it; what a worker hands over at this moment still arrives.
    """
    found = Mailing.objects.select_for_update().filter(pk=mailing.pk)
    still_open = found.unfinished().first()
    if still_open is None:
        return False
    _stop(still_open, f"{by.get_full_name() or by.get_username()} stopped it.")
    _record("mailing_stopped", mailing, by)
    return True


@transaction.atomic
def end(*, mailing: Mailing, reason: str) -> None:
    """Stop it because there is nothing to send.

    Not where its release was replaced meanwhile: ``freeze`` finds out what that means.
    """
    found = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if found.release.is_current:
        _stop(found, reason)


@transaction.atomic
def send_again_what_is_uncertain(*, mailing: Mailing, by: User) -> int:
    """Send what was perhaps sent, with the same Message-IDs. Returns how many.

    As it is public now, which may be less than went out. Raises ``NoLongerStoodBy``.
    """
    found = Mailing.objects.select_for_update().get(pk=mailing.pk)
    if found.state == Mailing.State.STOPPED:
        return 0
    if not _follow(found):
        is_public = Release.objects.current().filter(item=found.release.item_id)
        raise NoLongerStoodBy(
            "A newer version was signed since. This one is not sent again."
            if is_public.exists()
            else "It was taken back since. It is not sent again."
        )
    count = found.deliveries.filter(state=State.UNCERTAIN).update(
        state=State.PENDING, due_at=timezone.now(), settled_at=None, reason=""
    )
    if count and found.state == Mailing.State.FINISHED:
        found.state, found.finished_at = Mailing.State.SENDING, None
        found.save(update_fields=["state", "finished_at"])
    if count:
        _record("mailing_sent_again", mailing, by)
        transaction.on_commit(tasks.wake_up)
    return count


def finish_if_done(*, mailing: Mailing) -> bool:
    """Call it finished when nothing is open and everybody is accounted for."""
    waits = Delivery.objects.filter(mailing=mailing, due_at__isnull=False)
    if waits.exists():
        return False
    with transaction.atomic():
        found = Mailing.objects.select_for_update().get(pk=mailing.pk)
        if found.state != Mailing.State.SENDING:
            return False
        counts = count_states(found)
        if any(counts[state] for state in OPEN) or not balances(found, counts):
            return False
        found.counts, found.counted_at = dict(counts), timezone.now()
        found.save(update_fields=["counts", "counted_at"])
        _end(found, Mailing.State.FINISHED, "")
    return True


def count_states(mailing: Mailing) -> Counter[str]:
    """How many deliveries are in which state, counted now."""
    return _count([mailing.pk])[mailing.pk]


def counts_of(found: Sequence[Mailing]) -> dict[int, Counter[str]]:
    """How many deliveries of each mailing are in which state. One query for all.

    Of what is over the count is kept, until a mail server tells more.
    """
    stale = [one.pk for one in found if not one.finished_at or not one.counted_at]
    counted = _count(stale) if stale else {}
    return {
        one.pk: counted[one.pk] if one.pk in counted else Counter(one.counts)
        for one in found
    }


def count_what_is_over() -> None:
    """Keep the counts of what ended, or of which a mail server told more since."""
    stale = Mailing.objects.filter(finished_at__isnull=False, counted_at=None)[:20]
    for mailing in stale:
        counts = count_states(mailing)
        if not any(counts[state] for state in OPEN):
            # Nothing that is told in between is missed: it empties ``counted_at`` again.
            Mailing.objects.filter(pk=mailing.pk, counted_at=None).update(
                counts=dict(counts), counted_at=timezone.now()
            )


def _count(pks: Collection[int]) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = {pk: Counter() for pk in pks}
    rows = Delivery.objects.filter(mailing__in=pks).order_by()
    for pk, state, count in rows.values_list("mailing", "state").annotate(Count("pk")):
        counted[pk][state] = count
    return counted


def balances(mailing: Mailing, counts: Counter[str]) -> bool:
    """Whether everybody who was found is excluded or has a delivery."""
    return mailing.audience == mailing.excluded + counts.total()


def count_again(*, mailing_id: int) -> None:
    """Let what was counted be counted anew: a delivery of it changed later."""
    Mailing.objects.filter(pk=mailing_id).update(counted_at=None)


def _record(action: str, mailing: Mailing, by: User | None) -> None:
    content_id = mailing.release.item.content_id
    audit.record(action=action, by=by, content_id=content_id)


def _stop(mailing: Mailing, reason: str) -> None:
    mailing.deliveries.waiting().update(
        state=State.SUPPRESSED, due_at=None, settled_at=timezone.now(), reason=reason
    )
    _end(mailing, Mailing.State.STOPPED, reason)


def _end(mailing: Mailing, state: str, reason: str) -> None:
    mailing.state, mailing.reason = state, reason[:200]
    mailing.finished_at = timezone.now()
    # What is in a worker's hands settles later.
    mailing.counted_at = None
    mailing.save(update_fields=["state", "reason", "finished_at", "counted_at"])


def suppress_what_is_over() -> int:
    """Send none of what came back from workers after its mailing ended."""
    over = Mailing.objects.filter(
        state__in=[Mailing.State.STOPPED, Mailing.State.FINISHED]
    )
    return Delivery.objects.filter(due_at__isnull=False, mailing__in=over).update(
        state=State.SUPPRESSED,
        due_at=None,
        settled_at=timezone.now(),
        reason="the mailing was stopped",
    )
