"""What notices say: fixed sentences around a title, a forum and a date.

Nothing of a draft is in them but its title: a mail can be forwarded, a screen asks who
is reading.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localdate, localtime

from site_settings.models import PublisherSettings, ReviewSettings

from . import comments, embedding, mail, mail_styles
from .membership import called
from .models import Forum, Notice, Proof
from .rendering import one_line

Purpose = Notice.Purpose

READ_AND_SIGN = "Read and sign"
STILL_CORRECT = (
    "If all of it is still right, say so with one click: nothing is edited, and nobody "
    "has to sign again. If something has changed, edit the text and submit it."
)


@dataclass(frozen=True)
class Letter:
    """A notice in words: a subject, paragraphs, and one address to go to."""

    subject: str
    paragraphs: tuple[str, ...]
    link: str
    link_text: str


class Writer:
    """Makes mails out of notices. Keeps settings, so use it briefly."""

    def __init__(self) -> None:
        self.publisher = PublisherSettings.load()

    def write(self, notice: Notice) -> EmailMultiAlternatives:
        """Return the mail of a notice, to its recipient alone."""
        words = letter(notice)
        context = {
            "letter": words,
            "publisher": one_line(self.publisher.name),
            "contact": self.publisher.contact_email,
        }
        return mail.message(
            notice,
            to=notice.recipient.email,
            subject=words.subject,
            text=render_to_string("cms/notices/notice.txt", context),
            html=mail_styles.inline(
                render_to_string("cms/notices/notice.html", context)
            ),
            reply_to=self.publisher.contact_email,
        )


def letter(notice: Notice) -> Letter:
    """Return what a notice says as things stand now."""
    return _LETTERS[Purpose(notice.purpose)](notice)


def _waits(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    if proof.correction:
        changed = _day(_changed_on(proof))
        return _to_read(
            proof,
            f"Please check a correction: “{_title(proof)}”",
            f"A fact in “{_title(proof)}” was corrected on {changed}, before {forum} "
            "could read it. It is public now, with a label that says so.",
            f"Please read it by {_day(proof.due_on)}. You can sign it, ask for "
            f"changes, or say that {forum} does not agree.",
            _one_answer(forum),
            link_text=READ_AND_SIGN,
        )
    return _to_read(
        proof,
        f"Please read and sign: “{_title(proof)}”",
        f"“{_title(proof)}” waits for {forum.name}. Please read it and answer by "
        f"{_day(proof.due_on)}.",
        "You will see exactly what families will read. You can sign it, ask for "
        f"changes, or say that {forum} does not agree.",
        _one_answer(forum),
        link_text=READ_AND_SIGN,
    )


def _asked_too(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"{forum} is asked too: “{_title(proof)}”",
        f"{forum.name} has to sign “{_title(proof)}” as well, since the sign-off policy "
        f"or the place of the text has changed. {_meanwhile(proof)}",
        f"It was to be public on {_moment(proof.release_at)}. If the signature comes "
        "later than that, so does the text."
        if proof.release_at
        else "",
    )


def _nobody_left(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"Nobody can sign for {forum}: “{_title(proof)}”",
        f"“{_title(proof)}” waits for {forum.name}, and nobody there can sign it: "
        "people do not sign what they wrote themselves, and there is nobody else.",
        f"Please ask an administrator to let somebody else into {forum} before "
        f"{_day(proof.due_on)}.",
    )


def _reminder(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"By {_day(proof.due_on)}: “{_title(proof)}”",
        f"“{_title(proof)}” still waits for {forum.name}. Please answer by "
        f"{_day(proof.due_on)}.",
        _one_answer(forum),
        link_text=READ_AND_SIGN,
    )


def _overdue(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"{forum} has not answered: “{_title(proof)}”",
        f"{forum.name} was asked to read “{_title(proof)}” by {_day(proof.due_on)} "
        "and has not answered. That is now on record.",
        f"{forum} can still answer. {_meanwhile(proof)}",
        f"You are named as the second person for {forum}. Please ask its members "
        "to read it."
        if forum.second_contact_id == notice.recipient_id
        else "",
    )


def _no_reply(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    told = Notice.objects.filter(
        purpose=Purpose.OVERDUE,
        proof=proof,
        forum=forum,
        recipient=forum.second_contact_id,
    )
    if forum.second_contact and told.exists():
        who = (
            f"We have written to {called(forum.second_contact)}, the second person "
            f"for {forum}."
        )
    else:
        who = (
            f"Nobody else is named for {forum}. An administrator can name a second "
            f"person: open “Forums and areas”, then {forum}, then “Second contact”."
        )
    return _to_read(
        proof,
        f"No reply by {_day(proof.due_on)}: “{_title(proof)}”",
        f"{forum.name} was asked to read “{_title(proof)}” by {_day(proof.due_on)} "
        "and has not answered. That is now on record.",
        f"{forum} can still answer. {_meanwhile(proof)}",
        who,
    )


def _unreviewed(notice: Notice) -> Letter:
    proof = _proof(notice)
    return _to_read(
        proof,
        f"Still not reviewed: “{_title(proof)}”",
        f"A fact in “{_title(proof)}” was corrected on {_day(_changed_on(proof))}. "
        f"Forums were to review it by {_day(proof.due_on)}. It is public, and nobody "
        "has signed it.",
        "It is with its editors: they have to submit it again.",
    )


def _changes(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"{forum} asks for changes: “{_title(proof)}”",
        f"{forum.name} has read “{_title(proof)}” and asks for changes. You can read "
        "what it wrote behind the link below.",
        f"The text is with its editors now. {_meanwhile(proof)} When they submit it "
        "again, every forum is asked again.",
    )


def _not_agreed(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"{forum} does not agree: “{_title(proof)}”",
        f"{forum.name} has read “{_title(proof)}” and does not agree to it. You can "
        "read why behind the link below.",
        "The correction is taken back. The text that was signed before is public again."
        if proof.correction
        else "This version is not published. The text is with its editors now.",
    )


def _taken_back(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    if proof.release_at and not proof.correction:
        then = (
            f"It was to be public on {_moment(proof.release_at)}. It will not be, "
            f"unless {forum} signs it again."
        )
    else:
        then = _meanwhile(proof)
    return _to_read(
        proof,
        f"{forum} took its sign-off back: “{_title(proof)}”",
        f"{forum.name} had signed “{_title(proof)}” and has taken that back.",
        then,
    )


def _void(notice: Notice) -> Letter:
    proof = _proof(notice)
    return _to_read(
        proof,
        f"No longer waits: “{_title(proof)}”",
        f"“{_title(proof)}” no longer waits for sign-off. The reason: "
        f"{one_line(proof.closed_reason).rstrip('.')}.",
        f"{_meanwhile(proof)} When the text is ready, submit it again.",
    )


def _public(notice: Notice) -> Letter:
    proof = _proof(notice)
    answers = list(proof.sign_offs.select_related("forum"))
    agreed = [str(answer.forum) for answer in answers if answer.agrees]
    dissent = [
        str(answer.forum) for answer in answers if answer.counts and not answer.agrees
    ]
    return Letter(
        subject=f"Signed and public: “{_title(proof)}”",
        paragraphs=_filled(
            f"“{_title(proof)}” is signed and public.",
            f"Agreed by {get_text_list(agreed, 'and')}." if agreed else "",
            f"{get_text_list(dissent, 'and')} did not agree, which the text says."
            if dissent
            else "",
        ),
        link=f"{settings.PUBLIC_ORIGIN}/items/{proof.content_id}",
        link_text="Read it as families do",
    )


def _withdrawn(notice: Notice) -> Letter:
    proof = _proof(notice)
    return _to_read(
        proof,
        f"No longer public: “{_title(proof)}”",
        f"“{_title(proof)}” was taken back and is no longer public.",
        "To show it again, every forum has to sign it again.",
    )


def _block_gone(notice: Notice) -> Letter:
    proof = _proof(notice)
    words = (
        "Please look whether what is left still makes sense, and write what is missing. "
        "Its forums then sign it anew."
    )
    if proof.kind != embedding.KIND:
        return _to_read(
            proof,
            f"A part of “{_title(proof)}” is gone",
            f"A shared block in “{_title(proof)}” was taken back. The text is still "
            "public. A short note stands in the place of the block.",
            words,
        )
    return Letter(
        # Without its name: it may have been taken back for somebody's safety.
        subject="A shared block is gone from the texts that held it",
        paragraphs=_filled(
            "A shared block was taken back and is no longer public. The texts that held "
            "it are still public. A short note stands in its place.",
            words,
        ),
        link=_absolute("uses", proof.content_id),
        link_text="See which texts held it",
    )


def _hosts_wait(notice: Notice) -> Letter:
    proof = _proof(notice)
    return Letter(
        subject=f"Not everywhere yet: “{_title(proof)}”",
        paragraphs=_filled(
            f"“{_title(proof)}” has a new version. Some texts that hold it cannot show "
            "it yet: a forum that they need has not signed it, or somebody is changing "
            "them. They stay public as they were.",
        ),
        link=_absolute("uses", proof.content_id),
        link_text="See which texts wait, and for what",
    )


def _left_out(notice: Notice) -> Letter:
    proof = _proof(notice)
    # Without a name: it may have been taken back for somebody's safety.
    return _to_read(
        proof,
        f"Something is left out of “{_title(proof)}”",
        f"“{_title(proof)}” was signed. Since then something in it was taken back or "
        "has a newer version. The issue goes out without it. A neutral sentence stands "
        "in its place, and everything else stays as it was signed.",
        "There is nothing to do. A newer version can come in the next issue.",
    )


def _consent_ended(notice: Notice) -> Letter:
    proof = _proof(notice)
    return _to_read(
        proof,
        f"A voice was taken out: “{_title(proof)}”",
        f"The consent for a voice in “{_title(proof)}” has ended, so it is no longer "
        "shown. A neutral sentence stands in its place. Everything else stays as it "
        "was signed.",
        "There is nothing to do. To show it again, it needs consent, and every forum "
        "has to sign it again.",
    )


def _consent_review(notice: Notice) -> Letter:
    return Letter(
        subject="A consent is to be reviewed",
        paragraphs=(
            "The day has come to ask again about a consent in the register.",
            "It goes on until it is withdrawn or its last day is over.",
            "Please ask whoever gave it, then write down when to ask next.",
        ),
        link=f"{settings.PUBLIC_ORIGIN}"
        f"{reverse('countersign_consent:edit', args=[notice.consent_id])}",
        link_text="Open it in the register",
    )


def _left(notice: Notice) -> Letter:
    proof, forum = _about(notice)
    return _to_read(
        proof,
        f"No longer for {forum}: “{_title(proof)}”",
        f"{forum.name} signed an earlier version of “{_title(proof)}”. What is public "
        f"now is no longer for any area that {forum} signs for, so it does not name "
        f"{forum} any more.",
        "What was signed before stays on record.",
    )


def _review_soon(notice: Notice) -> Letter:
    proof = _proof(notice)
    return _to_check(
        proof,
        f"To be checked by {_day(_review_by(notice))}: “{_title(proof)}”",
        f"“{_title(proof)}” is public, and somebody is to check it by "
        f"{_day(_review_by(notice))}. Please read it and see whether it is still right.",
    )


def _review_due(notice: Notice) -> Letter:
    proof = _proof(notice)
    days = ReviewSettings.current().days_until_left_out
    return _to_check(
        proof,
        f"Is it still right? “{_title(proof)}”",
        f"“{_title(proof)}” was to be checked by {_day(_review_by(notice))}. From the "
        "day after, its public page says that nobody has checked it.",
        f"If nobody does for {days} days, it drops out of lists and search.",
    )


def _joined(notice: Notice) -> Letter:
    return _membership(notice, f"{notice.about} can now sign for {{}}.")


def _gone(notice: Notice) -> Letter:
    return _membership(notice, f"{notice.about} no longer signs for {{}}.")


def _you_joined(notice: Notice) -> Letter:
    return _membership(notice, "You can now sign for {}.")


def _you_left(notice: Notice) -> Letter:
    return _membership(notice, "You no longer sign for {}.")


def _comments(notice: Notice) -> Letter:
    count = comments.concerning(notice.recipient).waiting().count()
    what = "1 comment waits" if count == 1 else f"{count} comments wait"
    return Letter(
        subject="Comments from families wait to be read",
        paragraphs=_filled(
            f"{what} to be read. Nothing of a comment is public until somebody has "
            "decided about it and the answer is signed.",
            "You can publish it with an answer, merge it with another, or say why it "
            "is not published. If somebody was faster, there is nothing left to do.",
        ),
        link=_absolute("comments"),
        link_text="Read the comments",
    )


_LETTERS: dict[Purpose, Callable[[Notice], Letter]] = {
    Purpose.WAITS: _waits,
    Purpose.ASKED_TOO: _asked_too,
    Purpose.NOBODY_LEFT: _nobody_left,
    Purpose.REMINDER: _reminder,
    Purpose.OVERDUE: _overdue,
    Purpose.NO_REPLY: _no_reply,
    Purpose.UNREVIEWED: _unreviewed,
    Purpose.CHANGES: _changes,
    Purpose.NOT_AGREED: _not_agreed,
    Purpose.TAKEN_BACK: _taken_back,
    Purpose.VOID: _void,
    Purpose.PUBLIC: _public,
    Purpose.WITHDRAWN: _withdrawn,
    Purpose.BLOCK_GONE: _block_gone,
    Purpose.HOSTS_WAIT: _hosts_wait,
    Purpose.CONSENT_ENDED: _consent_ended,
    Purpose.CONSENT_REVIEW: _consent_review,
    Purpose.LEFT: _left,
    Purpose.REVIEW_SOON: _review_soon,
    Purpose.REVIEW_DUE: _review_due,
    Purpose.JOINED: _joined,
    Purpose.GONE: _gone,
    Purpose.YOU_JOINED: _you_joined,
    Purpose.YOU_LEFT: _you_left,
    Purpose.COMMENTS: _comments,
    Purpose.LEFT_OUT: _left_out,
}


def _to_read(
    proof: Proof, subject: str, *paragraphs: str, link_text: str = "Open it"
) -> Letter:
    return Letter(
        subject=subject,
        paragraphs=_filled(*paragraphs),
        link=_absolute("proof", proof.pk),
        link_text=link_text,
    )


def _to_check(proof: Proof, subject: str, *paragraphs: str) -> Letter:
    return Letter(
        subject=subject,
        paragraphs=(
            *paragraphs,
            STILL_CORRECT,
        ),
        link=_absolute("still_correct", proof.content_id),
        link_text="Read it and say whether it is still correct",
    )


def _review_by(notice: Notice) -> date:
    if notice.review_by is None:
        raise ValueError("a reminder of a check that has no day")
    return notice.review_by


def _membership(notice: Notice, sentence: str) -> Letter:
    forum = _forum(notice)
    # Split, not formatted: a name may hold braces.
    before, after = sentence.split("{}")
    return Letter(
        subject=f"{before}{forum}",
        paragraphs=(
            f"{before}{forum.name}{after}",
            "If this is a mistake, please tell an administrator.",
        ),
        link=_absolute("index"),
        link_text="See what waits for sign-off",
    )


def _one_answer(forum: Forum) -> str:
    return (
        f"One answer for {forum} is enough. If somebody has answered already, there is "
        "nothing left to do."
    )


def _meanwhile(proof: Proof) -> str:
    if proof.correction:
        return (
            "It stays public, labelled “changed on "
            f"{_day(_changed_on(proof))} before forum review”."
        )
    return "This version is not public until everyone who is asked has signed it."


def _about(notice: Notice) -> tuple[Proof, Forum]:
    return _proof(notice), _forum(notice)


def _forum(notice: Notice) -> Forum:
    if notice.forum is None:
        raise ValueError("a notice about a forum without one")
    return notice.forum


def _proof(notice: Notice) -> Proof:
    if notice.proof is None:
        raise ValueError("a notice about a proof without one")
    return notice.proof


def _title(proof: Proof) -> str:
    return one_line(proof.title)


def _changed_on(proof: Proof) -> date:
    correction: dict[str, str] = proof.correction or {}
    return localdate(datetime.fromisoformat(correction["changed_at"]))


def _day(day: date) -> str:
    return date_format(day, "j F Y")


def _moment(moment: datetime) -> str:
    return date_format(localtime(moment), r"j F Y \a\t H:i")


def _absolute(name: str, *args: object) -> str:
    path = reverse(f"countersign_sign_off:{name}", args=args)
    return f"{settings.PUBLIC_ORIGIN}{path}"


def _filled(*paragraphs: str) -> tuple[str, ...]:
    return tuple(filter(None, paragraphs))
