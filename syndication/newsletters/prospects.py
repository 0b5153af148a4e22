"""What is to become of an issue: who gets it, who signs it, until when, without what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from cms import policy, sign_off
from cms.errors import NoForumConcerned
from cms.models import Proof
from syndication.models import Release

from . import audiences, meanwhile
from .models import DigestRun, Hold, Issue
from .models.issues import KINDS


@dataclass(frozen=True)
class Signatory:
    """A forum that signs an issue, and what it has answered."""

    name: str
    answer: str


@dataclass(frozen=True)
class Prospect:
    """Everything that the screen of an issue says beside its own words."""

    issue: Issue
    state: str
    rule: str
    people: int
    signatories: list[Signatory] = field(default_factory=list)
    # Why nobody could sign it as it is.
    nobody: str = ""
    answer_by: date | None = None
    send_at: datetime | None = None
    # Titles of what is new for its readers and not in it, and of what is in it and may
    # not be read any more.
    left_out: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    # How many more are new for its readers, and wait for the next issue.
    postponed: int = 0
    # Why it could not be submitted when it was made.
    reason: str = ""
    proof: Proof | None = None
    is_held: bool = False


def of(issue: Issue) -> Prospect:
    """Return the prospect of an issue as it stands in its newest draft."""
    proof = Proof.objects.filter(content_id=issue.content_id).first()
    settled = proof is not None and proof.outcome in (
        Proof.Outcome.OPEN,
        Proof.Outcome.EMBARGOED,
        Proof.Outcome.SIGNED,
    )
    said = proof.representation if proof and settled else issue.representation()
    held = Hold.objects.filter(item__content_id=issue.content_id, settled_at=None)
    signatories, nobody = _signatories(issue, proof if settled else None)
    run = DigestRun.objects.filter(issue=issue).first()
    in_it = {item["content_id"] for item in said["items"]}
    gone = meanwhile.no_longer_public(said["items"])
    return Prospect(
        issue=issue,
        state=state(issue, proof),
        rule=said["recipients"]["words"],
        people=audiences.find(said["recipients"]).count(),
        signatories=signatories,
        nobody=nobody,
        answer_by=proof.due_on if proof and proof.is_open else issue.answer_by(),
        send_at=issue.release_at,
        left_out=_left_out(run, in_it) if run else [],
        postponed=len(run.postponed) if run else 0,
        reason=run.reason if run and proof is None else "",
        gone=_named([item for item in said["items"] if item["content_id"] in gone]),
        proof=proof if settled else None,
        is_held=held.exists(),
    )


def state(issue: Issue, proof: Proof | None) -> str:
    """Say in words where an issue stands."""
    if issue.is_given_up:
        return "Given up: the next issue carries what stood here."
    if proof is None:
        return "A draft. Nobody has been asked to sign it."
    match proof.outcome:
        case Proof.Outcome.OPEN:
            return "Waits for its forums."
        case Proof.Outcome.EMBARGOED:
            return "Signed by every forum. Waits for its time."
        case Proof.Outcome.SIGNED:
            return "Signed by every forum, and public."
        case Proof.Outcome.WITHDRAWN:
            return "Taken back. Nobody else gets it."
        case _:
            return "With its editors. It has to be submitted again."


def in_brief(issue: Any) -> str:
    """The state of an issue in a list, of a row that ``listed`` gave."""
    if issue.was_given_up:
        return "given up"
    if issue.is_held:
        return "signed too late: waits for you"
    return {
        None: "draft",
        Proof.Outcome.OPEN: "waits for forums",
        Proof.Outcome.EMBARGOED: "signed, waits for its time",
        Proof.Outcome.SIGNED: "signed and public",
        Proof.Outcome.WITHDRAWN: "taken back",
    }.get(issue.outcome, "with its editors")


def to_be_sent(issue: Issue) -> str:
    """When an issue is meant to go out, in a list."""
    if issue.release_at is None:
        return "when signed"
    # In words: Wagtail's own column says “just now” of what is to come.
    return date_format(timezone.localtime(issue.release_at), "j M Y, H:i")


def _signatories(issue: Issue, proof: Proof | None) -> tuple[list[Signatory], str]:
    if proof is None:
        try:
            asked = policy.required(issue)
        except NoForumConcerned as error:
            return [], str(error)
        return [Signatory(one.forum.name, "") for one in asked], ""
    lacking = {forum.pk for forum in sign_off.missing(proof)}
    return [
        Signatory(
            forum.name,
            "has not answered yet" if forum.pk in lacking else "has signed",
        )
        for forum in proof.forums.all()
    ], ""


def _named(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """The titles of items; of what vanished that it did."""
    ids = [item["content_id"] for item in items]
    known = {
        str(content_id)
        for content_id in Release.objects.known()
        .filter(item__content_id__in=ids)
        .values_list("item__content_id", flat=True)
    }
    return [
        item["title"] if item["content_id"] in known else "Something that vanished"
        for item in items
    ]


def _left_out(run: DigestRun, in_it: set[str]) -> list[str]:
    """What its run considered and its editors took out, as far as it is still public."""
    missing = [one for one in run.carried if one not in in_it]
    found: Mapping[str, str] = {
        str(content_id): title
        for content_id, title in Release.objects.current()
        .filter(kind__in=KINDS, item__content_id__in=missing)
        .values_list("item__content_id", "title")
    }
    return [found[one] for one in missing if one in found]
