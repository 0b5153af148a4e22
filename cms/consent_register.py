"""Giving, changing and ending consent, and what follows from its end at once.

Where consent ends for a channel, the voice is taken out of what is public there in the
same transaction. Of an end nobody outside is told more than that there was one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from . import audit, notices, sign_off
from .consent import lock_rows, lose
from .errors import ConsentChanged, ConsentEnded
from .models import Consent, Proof
from .signals import consent_ended, repeated_by

# What partners are told of the reason. A class, for programs; never more.
WITHDRAWN = "consent_withdrawn"


@transaction.atomic
def give(*, consent: Consent, by: User) -> Consent:
    """Enter a consent into the register."""
    consent.recorded_by = by
    consent.recorded_at = timezone.now()
    consent.save()
    _record("consent_given", consent, by)
    return consent


@transaction.atomic
def change(
    *, consent: Consent, values: Mapping[str, Any], by: User, seen: str = ""
) -> Consent:
    """Write new values into a consent. What they no longer allow is taken out at once.

    What they allow besides needs new signatures. Raises ``ConsentEnded`` after it was
    withdrawn: people who think again give a new one. ``seen`` is the ``state`` that the
    form was opened with: raises ``ConsentChanged`` where somebody changed it since, so
    that nobody gives back unawares what another has just taken away.
    """
    consent, content_ids = _lock(consent)
    if consent.withdrawn_at:
        raise ConsentEnded(
            "This consent was withdrawn, so it stays as it is. Nothing was changed. If "
            "the family has agreed anew, enter a new one."
        )
    if seen and seen != consent.state:
        raise ConsentChanged(
            "Somebody else changed this consent after you opened it. Nothing was "
            "changed by you. Below is how it stands now. Please look, then write again."
        )
    for name, value in values.items():
        setattr(consent, name, value)
    if consent.expires_on is None or consent.expires_on >= timezone.localdate():
        # It runs again, and what comes after needs somebody to look again.
        consent.expired_at = None
    consent.save()
    closed = _take_out(consent, content_ids, by=by)
    _record("consent_changed", consent, by)
    _record_closed(closed)
    return consent


@transaction.atomic
def withdraw(*, consent: Consent, by: User) -> Consent:
    """End a consent for good, and take what stands on it out everywhere at once.

    Safe to run again. Why is nobody's business, so nobody is asked.
    """
    consent, content_ids = _lock(consent)
    if consent.withdrawn_at:
        return consent
    consent.withdrawn_at = timezone.now()
    consent.withdrawn_by = by
    consent.save(update_fields=["withdrawn_at", "withdrawn_by"])
    closed = _take_out(consent, content_ids, by=by)
    _record("consent_withdrawn", consent, by)
    _record_closed(closed)
    return consent


def over() -> list[Consent]:
    """Consents whose last day is over, which nothing was done about yet."""
    return list(Consent.objects.over().order_by("pk"))


@transaction.atomic
def expire(*, consent: Consent) -> bool:
    """Take out what a consent allowed until its last day. Returns whether it was due."""
    consent, content_ids = _lock(consent)
    if not Consent.objects.over().filter(pk=consent.pk).exists():
        return False
    consent.expired_at = timezone.now()
    consent.save(update_fields=["expired_at"])
    closed = _take_out(consent, content_ids, by=None)
    _record("consent_expired", consent, None)
    _record_closed(closed)
    return True


def to_review() -> list[Consent]:
    """Consents that should be asked for again, of which no keeper was told yet."""
    return list(Consent.objects.to_review().order_by("pk"))


@transaction.atomic
def remind(*, consent: Consent) -> bool:
    """Tell the keepers that a consent is to be reviewed. It goes on until then."""
    locked = Consent.objects.select_for_update().get(pk=consent.pk)
    if not Consent.objects.to_review().filter(pk=locked.pk).exists():
        return False
    locked.reminded_for = locked.review_on
    locked.save(update_fields=["reminded_for"])
    notices.tell_review(consent=locked)
    return True


def _take_out(
    consent: Consent, content_ids: Sequence[UUID], *, by: User | None
) -> list[Proof]:
    """Take what ``consent`` no longer allows out of all that is public or waits.

    Returns the proofs that were closed by it. The caller holds all locks.
    """
    theirs = Proof.objects.standing().filter(content_id__in=content_ids)
    standing = set(theirs.values_list("pk", flat=True))
    closed: list[Proof] = []
    public: list[UUID] = []
    rows = consent.voices.filter(proof__content_id__in=content_ids)
    for proof in Proof.objects.filter(pk__in=rows.values("proof")).order_by("pk"):
        shown = [set(one.shown_in) for one in proof.voices.filter(consent=consent)]
        lose(proof=proof)
        left = [set(one.shown_in) for one in proof.voices.filter(consent=consent)]
        if shown == left:
            continue
        if proof.is_pending:
            sign_off.void(proof, sign_off.CONSENT_ENDED)
            closed.append(proof)
        if proof.pk in standing:
            public.append(proof.content_id)
    # Whoever takes it out locks items, then the change log: after every proof.
    answers: Any = consent_ended.send(
        sender=Consent, content_ids=list(dict.fromkeys(public)), by=by
    )
    for content_id in (one for _, changed in answers for one in changed):
        newest = Proof.objects.standing().filter(content_id=content_id).first()
        if newest is not None:
            notices.tell_consent_ended(proof=newest, consent=consent, by=by)
    return closed


def _lock(consent: Consent) -> tuple[Consent, list[UUID]]:
    """Lock a consent with everything that its end may touch, in the order of ADR 12.

    Returns it as it is now, and the items in which it has a voice.
    """
    shown = Proof.objects.filter(voices__consent=consent)
    together = Consent.objects.filter(
        models.Q(pk=consent.pk)
        | models.Q(voices__proof__content_id__in=shown.values("content_id"))
    )
    locked = lock_rows(together)
    content_ids = list(shown.order_by().values_list("content_id", flat=True).distinct())
    hosts: list[UUID] = []
    for content_id in content_ids:
        answers: Any = repeated_by.send(sender=Proof, content_id=content_id)
        hosts += [host for _, found in answers for host in found]
    sign_off.lock_proofs(*content_ids, *hosts)
    return locked[consent.pk], content_ids


def _record(action: str, consent: Consent, by: User | None) -> None:
    """Write that something happened to a consent, and to none of whose it is."""
    audit.record(
        action=action,
        by=by,
        consent=consent.pk,
        channels=sorted(consent.scope if consent.is_live else ()),
    )


def _record_closed(proofs: Iterable[Proof]) -> None:
    for proof in proofs:
        sign_off.record_closed(proof)


def reminder_day(given_on: date) -> date:
    """The latest day on which a consent is to be reviewed: a year after it was given."""
    try:
        return given_on.replace(year=given_on.year + 1)
    except ValueError:  # 29 February
        return given_on.replace(year=given_on.year + 1, day=28)
