"""Telling people what they have to know of a sign-off: who is told, and of what.

Every verb writes rows in the transaction of its cause; ``send_due`` takes them to the
mail server later. All can run again: a person is told one thing once. Who is told is
asked a second time when the mail leaves, so nobody gets one who left meanwhile.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission, User
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from site_settings.models import ReviewSettings, SignOffSettings

from . import audit, ledger, mail, reviews, tasks
from .letters import Writer
from .membership import called
from .models import Comment, Consent, Forum, NoReply, Notice, Proof, SignOff
from .models.proofs import unanswered
from .tree import EDITORS

Purpose = Notice.Purpose
People = models.QuerySet[User]

# When somebody was last written to who never was.
BEGINNING = Value(datetime(1970, 1, 1, tzinfo=UTC), output_field=models.DateTimeField())
# Of use only while the forum can still answer.
CALLS = {Purpose.WAITS, Purpose.NOBODY_LEFT, Purpose.REMINDER, Purpose.OVERDUE}

# Of use only to those who can change the text.
FOR_EDITORS = {
    Purpose.ASKED_TOO,
    Purpose.NO_REPLY,
    Purpose.VOID,
    Purpose.BLOCK_GONE,
    Purpose.HOSTS_WAIT,
}


def members(forum: Forum) -> People:
    """Everyone who belongs to a forum and can sign in."""
    return _active().filter(groups=forum.group_id)


def signatories(proof: Proof, forum: Forum) -> People:
    """The members of a forum who may sign ``proof``: none of its authors."""
    return members(forum).exclude(pk__in=proof.authors.values("pk"))


def second_person(forum: Forum) -> People:
    """Whom to ask when a forum does not answer: one person, or nobody."""
    return _active().filter(pk__in=[forum.second_contact_id]).exclude(email="")


def editors(proof: Proof) -> People:
    """Who submitted it, and everyone who edits co-produced content."""
    return _active().filter(
        Q(pk=proof.submitted_by_id)
        | Q(pk__in=get_user_model().objects.filter(groups__name=EDITORS).values("pk"))
    )


def everybody(proof: Proof) -> People:
    """Its editors, and the members of every forum that was asked."""
    asked = get_user_model().objects.filter(groups__forum__proofs=proof)
    return _active().filter(
        Q(pk__in=editors(proof).values("pk")) | Q(pk__in=asked.values("pk"))
    )


def reviewers(proof: Proof) -> People:
    """Who is to check a public text again: its owner, and a second person.

    Owners leave: then it is whoever submitted it. Where fewer than two people can be
    written to, all editors are.
    """
    reachable = _active().exclude(email="")
    owner: int | None = getattr(proof.item, "owner_id", None)
    wanted = [pk for pk in (owner, proof.submitted_by_id) if pk is not None]
    found = set(reachable.filter(pk__in=wanted).values_list("pk", flat=True))
    first = next((pk for pk in wanted if pk in found), None)
    second = ReviewSettings.current().second_person_id
    people = reachable.filter(pk__in=[pk for pk in (first, second) if pk is not None])
    if people.count() > 1:
        return people
    group = get_user_model().objects.filter(groups__name=EDITORS)
    return _union(people, _active().filter(pk__in=group.values("pk")))


def comment_readers(*, new: bool = False) -> People:
    """Who has comments to decide about: editors, and members of the forums concerned.

    ``new`` leaves out people who were written to since the last of them came.
    """
    waiting = Comment.objects.waiting()
    readers = _active()
    if new:
        told = Notice.objects.filter(
            purpose=Purpose.COMMENTS, recipient=OuterRef("pk")
        ).order_by("-created_at")
        readers = readers.annotate(
            told_at=Coalesce(Subquery(told.values("created_at")[:1]), BEGINNING)
        )
        waiting = waiting.filter(received_at__gt=OuterRef("told_at"))
    edits = Group.objects.filter(user=OuterRef("pk"), name=EDITORS)
    return readers.filter(
        Exists(waiting.filter(proof__forums__group__user=OuterRef("pk")))
        | (Exists(waiting) & Exists(edits))
    )


def keepers() -> People:
    """Who keeps the register of consent: not every superuser by being one."""
    permission = Permission.objects.filter(
        codename="keep_consent", content_type__app_label="cms"
    )
    return _active().filter(
        Q(pk__in=get_user_model().objects.filter(user_permissions__in=permission))
        | Q(pk__in=get_user_model().objects.filter(groups__permissions__in=permission))
    )


def audience(purpose: str, *, proof: Proof | None, forum: Forum | None) -> People:
    """Exactly who may be told this. Every mail goes to one of them, and to nobody else.

    Raises ``ValueError`` for a purpose that lacks what it is about.
    """
    if (people := _beside_proofs(purpose, forum)) is not None:
        return people
    match purpose, proof, forum:
        case ((Purpose.WAITS | Purpose.REMINDER), Proof(), Forum()):
            return signatories(proof, forum)
        case Purpose.NOBODY_LEFT, Proof(), Forum():
            return _union(members(forum), second_person(forum), editors(proof))
        case Purpose.OVERDUE, Proof(), Forum():
            return _chased(proof, forum)
        case Purpose.LEFT, Proof(), Forum():
            return members(forum)
        case ((Purpose.REVIEW_SOON | Purpose.REVIEW_DUE), Proof(), None):
            return reviewers(proof)
        case kind, Proof(), _ if kind in FOR_EDITORS:
            return editors(proof)
        case _, Proof(), _:
            return everybody(proof)
    raise ValueError(f"a notice of {purpose} lacks what it is about")


def _chased(proof: Proof, forum: Forum) -> People:
    if proof.is_correction:
        return _union(second_person(forum), signatories(proof, forum))
    return second_person(forum)


def _beside_proofs(purpose: str, forum: Forum | None) -> People | None:
    """The audience of what is about no proof; None for everything else."""
    match purpose, forum:
        case Purpose.COMMENTS, None:
            return comment_readers()
        case Purpose.CONSENT_REVIEW, None:
            return keepers()
        case ((Purpose.JOINED | Purpose.GONE | Purpose.YOU_JOINED), Forum()):
            return members(forum)
        case Purpose.YOU_LEFT, Forum():
            return _active().exclude(pk__in=members(forum).values("pk"))
    return None


def ask(*, proof: Proof, forums: Iterable[Forum]) -> None:
    """Tell the members of ``forums`` that ``proof`` waits for them.

    Where nobody may sign for a forum, because its members wrote the text or there are
    none, its people and the editors are told that instead.
    """
    rows: list[Notice] = []
    for forum in forums:
        rows += _rows(Purpose.WAITS, proof=proof, forum=forum) or _rows(
            Purpose.NOBODY_LEFT, proof=proof, forum=forum
        )
    _keep(rows)


def tell_asked_too(*, proof: Proof, forums: Iterable[Forum]) -> None:
    """Tell editors that ``forums`` have to sign as well, which delays a release."""
    for forum in forums:
        _write(Purpose.ASKED_TOO, proof=proof, forum=forum)


def tell_answer(*, sign_off: SignOff) -> None:
    """Tell everybody concerned that a forum wants changes or does not agree."""
    purpose = {
        SignOff.Decision.CHANGES: Purpose.CHANGES,
        SignOff.Decision.NOT_AGREED: Purpose.NOT_AGREED,
    }.get(SignOff.Decision(sign_off.decision))
    if purpose is not None:
        _write(purpose, proof=sign_off.proof, forum=sign_off.forum, by=sign_off.by)


def tell_taken_back(*, sign_off: SignOff) -> None:
    """Tell everybody concerned that a forum took its sign-off back before release."""
    _write(
        Purpose.TAKEN_BACK,
        proof=sign_off.proof,
        forum=sign_off.forum,
        sign_off=sign_off,
        by=sign_off.withdrawn_by,
    )


def tell_void(*, proof: Proof) -> None:
    """Tell editors that a proof no longer waits for anybody, and why."""
    _write(Purpose.VOID, proof=proof)


def tell_public(*, proof: Proof, by: User | None) -> None:
    """Tell everybody concerned that what they signed is public."""
    _write(Purpose.PUBLIC, proof=proof, by=by)


def tell_withdrawn(*, proof: Proof, by: User | None) -> None:
    """Tell everybody concerned that what they signed is no longer public."""
    _write(Purpose.WITHDRAWN, proof=proof, by=by)


def tell_block_gone(*, proof: Proof, hosts: Iterable[UUID]) -> None:
    """Tell the editors of ``hosts`` that a shared block was taken out of them.

    One mail to each person, however many texts held it.
    """
    _write(Purpose.BLOCK_GONE, proof=proof)
    told = set(editors(proof).values_list("pk", flat=True))
    # Members who write in their own section, each with a text of theirs.
    standing = Proof.objects.standing().filter(content_id__in=list(hosts))
    for host in standing.select_related("submitted_by").defer("payload"):
        if host.submitted_by and host.submitted_by.pk not in told:
            told.add(host.submitted_by.pk)
            people = _active().filter(pk=host.submitted_by.pk)
            _write(Purpose.BLOCK_GONE, proof=host, to=people)


def tell_left_out(*, proof: Proof) -> None:
    """Tell everybody concerned that a signed issue goes out with less in it."""
    _write(Purpose.LEFT_OUT, proof=proof)


def tell_hosts_wait(*, proof: Proof) -> None:
    """Tell editors that some texts do not show the new version of a shared block."""
    _write(Purpose.HOSTS_WAIT, proof=proof)


def tell_consent_ended(*, proof: Proof, consent: Consent, by: User | None) -> None:
    """Tell everybody concerned that a voice was taken out of what they signed."""
    _write(Purpose.CONSENT_ENDED, proof=proof, consent=consent, by=by)


def tell_review(*, consent: Consent) -> None:
    """Tell the keepers of the register that a consent is to be reviewed."""
    _write(Purpose.CONSENT_REVIEW, consent=consent)


def tell_left(*, proof: Proof, forum: Forum) -> None:
    """Tell a forum that what is public now is no longer for any area of its own."""
    _write(Purpose.LEFT, proof=proof, forum=forum)


def tell_membership(
    *, joined: bool, users: Iterable[User], groups: Iterable[Group]
) -> None:
    """Tell forums, and the people themselves, who can sign for them from now on."""
    theirs, yours = (
        (Purpose.JOINED, Purpose.YOU_JOINED)
        if joined
        else (Purpose.GONE, Purpose.YOU_LEFT)
    )
    for forum in Forum.objects.filter(group__in=groups):
        for user in users:
            _write(theirs, forum=forum, about=called(user), by=user)
            # Django says that it clears a group before it does: asked of the account
            # alone, and of the group again when the mail leaves.
            _write(yours, forum=forum, to=_active().filter(pk=user.pk))


def tell_account_gone(*, user: User, groups: Iterable[Group]) -> None:
    """Tell forums that somebody whose account is deleted no longer signs for them."""
    for forum in Forum.objects.filter(group__in=groups):
        _write(Purpose.GONE, forum=forum, about=called(user), by=user)


def to_remind() -> list[tuple[Proof, Forum]]:
    """The forums that are to be reminded today, each with what waits for it.

    Never on the day on which they were first written to.
    """
    today = timezone.localdate()
    last = today + timedelta(days=SignOffSettings.current().days_before_reminder)
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    told_of = {"proof": OuterRef("proof"), "forum": OuterRef("forum")}
    reminded = Notice.objects.filter(purpose=Purpose.REMINDER, **told_of)
    asked_today = Notice.objects.filter(
        purpose=Purpose.WAITS, created_at__gte=midnight, **told_of
    )
    return _pairs(
        _unanswered()
        .filter(proof__due_on__gte=today, proof__due_on__lte=last)
        .exclude(Exists(reminded))
        .exclude(Exists(asked_today))
    )


@transaction.atomic
def remind(*, proof: Proof, forum: Forum) -> None:
    """Tell the members of a forum that ``proof`` still waits for it."""
    _write(Purpose.REMINDER, proof=proof, forum=forum)


def without_reply() -> list[tuple[Proof, Forum]]:
    """The forums that did not answer in time, where that is not on record yet."""
    pair = {"proof": OuterRef("proof"), "forum": OuterRef("forum")}
    return _pairs(
        _unanswered()
        .filter(proof__due_on__lt=timezone.localdate())
        .exclude(Exists(NoReply.objects.filter(**pair)))
        # A forum that took its answer back did reply.
        .exclude(Exists(SignOff.objects.filter(**pair)))
    )


@transaction.atomic
def record_no_reply(*, proof: Proof, forum: Forum) -> bool:
    """Put “no reply by DATE” on record and tell whoever can do something about it.

    Returns whether it was new. It decides nothing: the forum can still answer.
    """
    # Whoever answers takes this lock too, so an answer is either seen or late.
    proof = Proof.objects.select_for_update().get(pk=proof.pk)
    answered = SignOff.objects.filter(proof=proof, forum=forum)
    recorded = NoReply.objects.filter(proof=proof, forum=forum)
    if not proof.is_open or answered.exists() or recorded.exists():
        return False
    no_reply = NoReply.objects.create(
        proof=proof, forum=forum, due_on=proof.due_on, recorded_at=timezone.now()
    )
    _write(Purpose.OVERDUE, proof=proof, forum=forum)
    _write(Purpose.NO_REPLY, proof=proof, forum=forum)
    audit.record(
        action="no_reply",
        by=None,
        content_id=proof.content_id,
        row=no_reply,
        fingerprint=proof.fingerprint,
        forum=str(forum),
        due_on=proof.due_on.isoformat(),
    )
    return True


def left_unreviewed() -> list[Proof]:
    """Corrections that are public, that nobody is asked to review, and overdue.

    A forum wanted changes, or an editor began to edit, and it went no further.
    """
    told = Notice.objects.filter(purpose=Purpose.UNREVIEWED, proof=OuterRef("pk"))
    overdue = Proof.objects.unreviewed().filter(due_on__lt=timezone.localdate())
    return list(
        overdue.exclude(outcome__in=[Proof.Outcome.OPEN, Proof.Outcome.EMBARGOED])
        .exclude(Exists(told))
        .defer("payload")
    )


@transaction.atomic
def tell_unreviewed(*, proof: Proof) -> None:
    """Tell everybody concerned that a correction is still public without review."""
    _write(Purpose.UNREVIEWED, proof=proof)


@transaction.atomic
def remind_of_review(*, proof: Proof, purpose: Purpose) -> None:
    """Tell who looks after a public text that it is to be checked again."""
    _write(purpose, proof=proof, review_by=reviews.in_force(proof)[0])


@transaction.atomic
def tell_comments_wait() -> None:
    """Tell whoever decides about comments that new ones came, once a day at most."""
    today = timezone.localdate().isoformat()
    told = Notice.objects.filter(purpose=Purpose.COMMENTS, about=today)
    people = comment_readers(new=True).exclude(pk__in=told.values("recipient"))
    _write(Purpose.COMMENTS, about=today, to=people)


def send_due(*, seconds: float = mail.SECONDS) -> mail.Batch:
    """Send what is due, for about ``seconds`` (see ``cms.mail``)."""
    return mail.send_due(Notice, name="Notices", writer=_writer, seconds=seconds)


def why_not(notice: Notice) -> str:
    """Why a notice must not be sent after all; empty when it may."""
    proof, forum = notice.proof, notice.forum
    concerned = audience(notice.purpose, proof=proof, forum=forum)
    if not concerned.filter(pk=notice.recipient_id).exists():
        return "no longer concerns them"
    if not notice.recipient.email:
        return "has no address"
    if proof is None:
        return ""
    if notice.purpose in CALLS | {Purpose.NO_REPLY}:
        if not proof.is_open:
            return "no longer waits"
        if forum and proof.sign_offs.filter(forum=forum, withdrawn_at=None).exists():
            return "answered meanwhile"
    if notice.review_by and not reviews.is_to_be_checked(proof, by=notice.review_by):
        return "checked or changed meanwhile"
    if notice.purpose in (Purpose.WITHDRAWN, Purpose.BLOCK_GONE):
        return ""
    withdrawn = Proof.objects.filter(
        content_id=proof.content_id,
        outcome=Proof.Outcome.WITHDRAWN,
        closed_at__gte=notice.created_at,
    )
    return "taken back meanwhile" if withdrawn.exists() else ""


def _writer() -> Callable[[Notice], EmailMultiAlternatives]:
    writer = Writer()

    def write(notice: Notice) -> EmailMultiAlternatives:
        if reason := why_not(notice):
            raise mail.NotToBeSent(reason)
        return writer.write(notice)

    return write


def _write(purpose: Purpose, **told: Any) -> None:
    """Write the ``_rows`` that these arguments ask for."""
    _keep(_rows(purpose, **told))


def _keep(rows: Sequence[Notice]) -> None:
    if rows:
        Notice.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(tasks.wake_up)


def _rows(
    purpose: Purpose,
    *,
    proof: Proof | None = None,
    forum: Forum | None = None,
    about: str = "",
    sign_off: SignOff | None = None,
    review_by: date | None = None,
    consent: Consent | None = None,
    by: User | None = None,
    to: People | None = None,
) -> list[Notice]:
    """Make one row for everyone concerned, or for ``to``, but not for ``by``."""
    people = audience(purpose, proof=proof, forum=forum) if to is None else to
    if by is not None:
        people = people.exclude(pk=by.pk)
    now = timezone.now()
    return [
        Notice(
            purpose=purpose,
            recipient=person,
            proof=proof,
            forum=forum,
            about=about,
            sign_off=sign_off,
            review_by=review_by,
            consent=consent,
            **ledger.due_at(now),
        )
        for person in people
    ]


def _unanswered() -> Any:
    """Which open proofs lack an answer of which forum."""
    return (
        unanswered()
        .select_related("proof", "forum")
        .defer("proof__payload")
        .order_by("proof__due_on", "pk")
    )


def _pairs(asked: Any) -> list[tuple[Proof, Forum]]:
    return [(one.proof, one.forum) for one in asked]


def _active() -> People:
    return get_user_model().objects.filter(is_active=True).order_by("pk")


def _union(*people: People) -> People:
    keys = Q()
    for some in people:
        keys |= Q(pk__in=some.values("pk"))
    return _active().filter(keys)
