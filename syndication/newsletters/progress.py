"""How far a mailing is, in numbers and in words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from . import mailings
from .models import Delivery, Mailing, Route
from .models.deliveries import OPEN, REACHED

State = Delivery.State
# In the order in which they are told, with what each means.
TOLD = (
    (State.PENDING, "waiting"),
    (State.CLAIMED, "next to go"),
    (State.HANDED_OVER, "on the way to the mail server"),
    (State.ACCEPTED, "taken by the mail server"),
    (State.DELIVERED, "known to have arrived"),
    (State.BOUNCED, "came back"),
    (State.COMPLAINED, "reported as unwanted"),
    (State.FAILED, "refused for good"),
    (State.SUPPRESSED, "not sent, because they left or must not be written to"),
    (State.UNCERTAIN, "perhaps sent"),
)


@dataclass(frozen=True)
class Progress:
    mailing: Mailing
    done: int
    # Those whose mail a mail server took, whatever became of it then.
    reached: int
    lines: Sequence[tuple[str, int]]
    uncertain: int
    balances: bool

    @property
    def total(self) -> int:
        return self.mailing.audience

    @property
    def words(self) -> str:
        """One sentence for the bar, and for whoever hears it read out."""
        mailing = self.mailing
        if mailing.state == Mailing.State.PREPARING:
            return "We are finding out who gets it."
        people = "1 person" if self.total == 1 else f"{self.total:,} people"
        if mailing.state == Mailing.State.FINISHED:
            if not self.total:
                return "Finished: there was nobody to get it."
            who = f"all {people} are" if self.total > 1 else f"{people} is"
            return f"Finished: {who} accounted for."
        if mailing.state == Mailing.State.STOPPED:
            return f"Stopped: {self.reached:,} of {people} got it."
        settled = f"{self.done:,} of {people} done"
        if mailing.state == Mailing.State.SENDING:
            return f"Being sent: {settled}."
        return f"{mailing.get_state_display().capitalize()}: {settled}."

    @property
    def is_over(self) -> bool:
        return self.mailing.finished_at is not None


def of(mailing: Mailing) -> Progress:
    """How far it is now."""
    return of_all([mailing])[0]


def of_all(found: Sequence[Mailing]) -> list[Progress]:
    """How far each is now. One query for all."""
    counts = mailings.counts_of(found)
    return [_told(mailing, counts[mailing.pk]) for mailing in found]


def _told(mailing: Mailing, counts: Counter[str]) -> Progress:
    still_open = sum(counts[state] for state in OPEN)
    lines = [(words, counts[state]) for state, words in TOLD if counts[state]]
    if mailing.excluded:
        lines.append(
            ("left out: had it already, get a newer version, or must not be written to",
             mailing.excluded)
        )  # fmt: skip
    return Progress(
        mailing,
        done=max(0, mailing.audience - still_open),
        reached=sum(counts[state] for state in REACHED),
        lines=lines,
        uncertain=counts[State.UNCERTAIN],
        balances=mailings.balances(mailing, counts),
    )


def outage(now: datetime | None = None) -> Route | None:
    """The way out, when it does not work at the moment."""
    return Route.objects.filter(down_until__gt=now or timezone.now()).first()
