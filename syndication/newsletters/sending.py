"""Taking newsletters to the mail server. Every confirmed subscriber gets an issue.

Notes about a subscription go one by one (``cms.mail``). Mailings go many at a time: a worker
claims what it sends in half a second, then turns in a circle. In each turn one statement
marks what was accepted and what goes next; then what goes next is given to connections
that are free. So no mail leaves before its mark, no connection has more than one mail
whose answer is not marked yet, and that is how many can be repeated after a crash.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from functools import partial
from itertools import islice

from django.core.mail import EmailMultiAlternatives
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from cms import mail
from cms.ledger import printable
from cms.mail import Batch
from cms.replies import Fate
from cms.sweep import attempt
from syndication.models import Release

from . import (
    carriers,
    claims,
    links,
    mailings,
    message_ids,
    messages,
    notes,
    routes,
    signed,
)
from .carriers import Carrier, Errand, Outcome
from .claims import Parcel
from .errors import NewsletterError
from .lookups import Prepared
from .messages import Composer
from .models import Claim, Delivery, Mailing, Note

logger = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 1000
# For how many seconds of work a worker claims, so that the last mails are shared by all.
CLAIMED_FOR = 0.5
# How long answers wait for others, in seconds.
TOGETHER = 0.02
# How long a mail may still leave after something in it, or all of it, was taken back.
LOOK_AGAIN = 0.1
# Troubles in a row, with no answer to any mail between them, that make an outage.
TROUBLES = 3
# Refusals for good in a row, without a mail accepted, after which a person should look.
REFUSALS = 50
TOLD_AS = {
    Fate.ACCEPTED: "accepted",
    Fate.REFUSED: "failed",
    Fate.DEFERRED: "to try again",
    Fate.UNSENT: "",
    Fate.UNKNOWN: "without an answer",
}


def send_due(*, seconds: float = mail.SECONDS) -> Batch:
    """Send what is due, for about ``seconds`` each of letters and of mailings.

    Notes that cannot be sent hold up no mailing.
    """
    letters = attempt("Sending notes to subscribers", lambda: _send_notes(seconds))
    letters = letters or Batch()
    batch = send_mailings(seconds=seconds)
    return Batch(
        counts=letters.counts + batch.counts,
        outage=letters.outage or batch.outage,
        more=letters.more or batch.more,
    )


def _send_notes(seconds: float) -> Batch:
    return mail.send_due(
        Note, name="Notes to subscribers", writer=_writer, seconds=seconds
    )


def _writer() -> Callable[[Note], EmailMultiAlternatives]:
    composer = Composer()

    def write(note: Note) -> EmailMultiAlternatives:
        if reason := notes.why_not(note):
            raise mail.NotToBeSent(reason)
        return composer.compose(note)

    return write


def send_mailings(*, seconds: float = mail.SECONDS) -> Batch:
    """Work for about ``seconds`` on every mailing that is under way, in turn.

    Any number of workers may do this at once. Logs one line if there was anything. A
    mailing that fails is logged, holds up no other, and waits for the next time.
    """
    started = time.monotonic()
    claims.take_back_lost()
    batch = Batch()
    found = list(Mailing.objects.under_way())
    failed = []
    for mailing in found:
        taken_up = partial(_take_up, mailing, batch, seconds / len(found))
        if not attempt(f"Mailing {mailing.key}", taken_up):
            failed.append(mailing.pk)
    mailings.suppress_what_is_over()
    mailings.count_what_is_over()
    batch.more = _any_due(besides=failed)
    if not batch.more:
        carriers.hang_up()
    if batch.counts or batch.outage:
        logger.info("Mailings: %s in %.1f s", batch, time.monotonic() - started)
    return batch


def _take_up(waiting: Mailing, batch: Batch, seconds: float) -> bool:
    mailing = mailings.freeze(mailing=waiting)
    if mailing is None:
        return True
    carrier = carriers.open_route()
    if not routes.is_down(carrier.name):
        _work_on(mailing, carrier, batch, time.monotonic() + seconds)
    mailings.finish_if_done(mailing=mailing)
    return True


def _work_on(mailing: Mailing, carrier: Carrier, batch: Batch, until: float) -> None:
    try:
        signed.of(mailing.release)
        piece = Piece(mailing, carrier, batch, until)
        piece.run()
    except messages.NothingLeft as reason:
        mailings.end(mailing=mailing, reason=str(reason))
    except NewsletterError as error:
        # What was signed cannot be mailed as it stands: a person has to look.
        logger.error("A mailing is paused: %s", error)
        mailings.pause(mailing=mailing, by=None, reason=str(error))


def _any_due(*, besides: Collection[int]) -> bool:
    others = Mailing.objects.exclude(pk__in=besides)
    due = Delivery.objects.filter(
        mailing__in=others.filter(state=Mailing.State.SENDING),
        due_at__lte=timezone.now(),
    )
    preparing = others.filter(state=Mailing.State.PREPARING)
    if not (preparing.exists() or due.exists()):
        return False
    return not routes.is_down(carriers.open_route().name)


class Piece:
    """One worker's work on one mailing, for a few seconds."""

    def __init__(
        self, mailing: Mailing, carrier: Carrier, batch: Batch, until: float
    ) -> None:
        self.mailing = mailing
        self.carrier = carrier
        self.batch = batch
        self.until = until
        self.claim: Claim | None = None
        # How many were claimed the last time, and when that was.
        self._claimed = 0
        self._claimed_at = 0.0
        self.waiting: deque[Parcel] = deque()
        # The mails of the first that wait.
        self.made: dict[int, Errand] = {}
        self.away: dict[int, Parcel] = {}
        # What became of some of those, not written down yet.
        self.unmarked: list[Outcome] = []
        # How many connections are used: fewer once the server wants no more of us.
        self.width = carrier.size
        self.over = False
        self.first = True
        self._cipher = message_ids.cipher()
        self._links = links.Writer()
        self._moulds = messages.Moulds()
        self._mould = self._moulds.of(mailing.release)
        self._mine = Mailing.objects.filter(pk=mailing.pk)
        stands = Release.objects.current().filter(pk=OuterRef("release"))
        sent = self._mine.filter(Exists(stands), state=Mailing.State.SENDING)
        self._state = Prepared(sent.values_list("mould", "release"))
        self._looked_at = 0.0
        # Until when it is no use to ask whether more may leave.
        self._not_before = 0.0
        self._answered = self._again = False
        self._troubles = 0
        self._trouble = ""
        self._refusals = 0

    def run(self) -> None:
        try:
            while self._turn():
                pass
            self._leave()
            if self._troubles and not self._answered and not self.batch.outage:
                # Too few mails to be sure, but knocking again at once is no use.
                self._note_outage()
        except (OperationalError, InterfaceError):
            self._rescue()
            raise
        except BaseException:
            self._leave()
            raise

    def _turn(self) -> bool:
        """Mark what came back and give away what goes next. False when all is done."""
        self._look_again()
        if not self.over and len(self.waiting) < self.width:
            self._take()
        if self.away:
            # So that no connection waits for it.
            self._prepare()
            self._collect(seconds=TOGETHER)
        # At least one mail, however long it took to get here.
        if time.monotonic() > self.until and not self.first:
            self.over = True
        following = self._next()
        given = 0
        if self.unmarked or following:
            given = self._write(following)
            self.first = False
        elif self.claim is not None and not claims.renew(self.claim):
            self.over = True
        if not self.away and (self.over or not self.waiting):
            # One that came back unsent goes again, where others go through.
            again, self._again = self._again and self._answered, False
            return again and not self.over
        if not self.away and not given:
            # The rate that is allowed is used up.
            time.sleep(routes.pause())
        return True

    def _look_again(self) -> None:
        """See whether it may still go out, and whether what is in it may.

        Somebody may have paused it, and an item may have been taken back.
        """
        now = time.monotonic()
        if self.over or now - self._looked_at < LOOK_AGAIN:
            return
        self._looked_at = now
        found = self._state.ask()
        if not found:
            self.over = True
            return
        ((before, release),) = found
        if release != self.mailing.release_id:
            # Something was taken out of it, and it goes on without.
            self.mailing.release = Release.objects.get(pk=release)
        mould = self._moulds.of(self.mailing.release)
        if mould is not self._mould:
            self._mould = mould
            self.made.clear()
        if before != mould.fingerprint:
            self._mine.update(mould=mould.fingerprint)

    def _take(self) -> None:
        now = time.monotonic()
        # Nearly all of the last ones have gone by now.
        pace = self._claimed / max(now - self._claimed_at, 0.001)
        count = max(2 * self.carrier.size, round(pace * CLAIMED_FOR))
        claim, parcels, suppressed = claims.take(
            mailing=self.mailing, claim=self.claim, count=min(count, CLAIMED_AT_ONCE)
        )
        self.claim = claim
        self._claimed, self._claimed_at = len(parcels) + suppressed, now
        self.waiting.extend(parcels)
        if suppressed:
            self.batch.counts["suppressed"] += suppressed

    def _prepare(self) -> None:
        """Make the mails of those that may go next. Some may not be made."""
        if self.over:
            return
        for parcel in list(islice(self.waiting, self.width)):
            if parcel.delivery_id in self.made:
                continue
            try:
                self.made[parcel.delivery_id] = self._errand(parcel)
            except Exception as error:
                # Of the others every mail may be as it should.
                logger.exception("A mail could not be made.")
                self._fail(parcel, printable(str(error) or repr(error)))

    def _next(self) -> list[Errand]:
        """What goes next: the mails of the first that wait, as they stand now."""
        self._look_again()
        if self._may_go():
            self._prepare()
        if not self._may_go():
            return []
        # What came back is marked together with that.
        count = max(0, self.width - len(self.away) + len(self.unmarked))
        return [self.made[one.delivery_id] for one in islice(self.waiting, count)]

    def _may_go(self) -> bool:
        return not self.over and time.monotonic() >= self._not_before

    def _fail(self, parcel: Parcel, words: str) -> None:
        """Let a mail that cannot be made be marked as if it had been refused."""
        self.waiting.remove(parcel)
        self.away[parcel.delivery_id] = parcel
        self.unmarked.append(Outcome(parcel.delivery_id, Fate.REFUSED, words))
        self.batch.counts["failed"] += 1
        self._note_refusal(f"No mail of it can be made: {words}")

    def _collect(self, *, seconds: float) -> None:
        # A transaction for each answer would take longer than the answers.
        enough = max(1, len(self.away) // 2)
        outcomes = self.carrier.take(seconds=seconds, enough=enough)
        self.unmarked += outcomes
        self._note(outcomes)

    def _write(self, following: list[Errand]) -> int:
        """Mark what came back and give away what may go. Returns how many went."""
        claim, outcomes = self.claim, self.unmarked
        assert claim is not None  # noqa: S101 - there is nothing in hand without one
        with transaction.atomic() if self._is_several(outcomes) else nullcontext():
            allowed = routes.allowed(self.carrier.name, len(following))
            if allowed < len(following):
                self._not_before = time.monotonic() + routes.pause()
            following = following[:allowed]
            ids = [errand.delivery_id for errand in following]
            held = claims.renew(claim) and self._mark(claim, outcomes, ids)
        if not held:
            # Another worker thinks that we are gone, and has what was ours.
            self.over = True
            following = []
        self.unmarked = []
        for outcome in outcomes:
            self.away.pop(outcome.delivery_id)
        for errand in following:
            self.away[errand.delivery_id] = self.waiting.popleft()
            del self.made[errand.delivery_id]
        self.carrier.give(following)
        return len(following)

    def _errand(self, parcel: Parcel) -> Errand:
        number = parcel.delivery_id
        leave, choose = self._links.of(parcel.key)
        personal = {
            "to": parcel.to,
            "message_id": self._cipher.message_id(number, self.mailing.host),
            "unsubscribe": leave,
            "preferences": choose,
        }
        return Errand(
            number,
            parcel.to,
            self._mould.closed(**personal),
            partial(self._mould.letter, **personal),
        )

    def _is_several(self, outcomes: Collection[Outcome]) -> bool:
        """Whether marking these takes more than one statement."""
        return routes.are_limited() or any(
            one.fate is not Fate.ACCEPTED or one.provider_id for one in outcomes
        )

    def _mark(
        self,
        claim: Claim,
        outcomes: Collection[Outcome],
        following: Collection[int] = (),
    ) -> bool:
        """Mark what came back, and what goes next. False when that may not go."""
        accepted = []
        for one in outcomes:
            pk = one.delivery_id
            if one.fate is Fate.ACCEPTED:
                accepted.append(pk)
                if one.provider_id:
                    claims.name_at_provider(pk, one.provider_id)
                continue
            words = printable(one.words)
            if one.fate is Fate.REFUSED:
                claims.fail(claim, pk, words)
            elif one.fate is Fate.DEFERRED:
                claims.retry(claim, self.away[pk], words)
            elif one.fate is Fate.UNSENT:
                claims.give_back(claim, [pk], words)
            elif one.fate is Fate.UNKNOWN:
                claims.doubt(claim, pk, policy=self.mailing.in_doubt)
        return claims.pass_on(claim, accepted=accepted, following=following)

    def _note(self, outcomes: Collection[Outcome]) -> None:
        """Learn from what came back, apart from what is marked of each mail."""
        for one in outcomes:
            if name := TOLD_AS[one.fate]:
                self.batch.counts[name] += 1
            if one.fate in (Fate.UNSENT, Fate.UNKNOWN):
                self._again = True
                self._note_trouble(one.words)
                continue
            self._troubles = 0
            if not self._answered:
                self._answered = True
                routes.note_answer(self.carrier.name)
            if one.fate is Fate.REFUSED:
                words = f"The mail server refuses every mail: {one.words}"
                self._note_refusal(printable(words))
            else:
                self._refusals = 0

    def _note_refusal(self, words: str) -> None:
        self._refusals += 1
        if self._refusals >= REFUSALS and not self.over:
            self.over = True
            mailings.pause(mailing=self.mailing, by=None, reason=words)

    def _note_trouble(self, words: str) -> None:
        self._troubles += 1
        self._trouble = printable(words)
        if self._answered and self.width > 1:
            # Others go through: it may be one connection too many.
            self.width -= 1
        if self._troubles >= TROUBLES and not self.over:
            self.over = True
            self._note_outage()

    def _note_outage(self) -> None:
        self.batch.outage = self._trouble
        routes.note_outage(self.carrier.name, self.batch.outage)

    def _leave(self) -> None:
        """Wait for every answer, mark it, and let go of the rest."""
        claim = self.claim
        if claim is None:
            return
        while self.away:
            self._collect(seconds=1)
            self._write([])
        with transaction.atomic():
            claims.give_back(claim, [one.delivery_id for one in self.waiting])
            claims.let_go(claim)
        self.claim = None

    def _rescue(self) -> None:
        """Save what is known when the database breaks off: it may soon be back.

        Nothing that was accepted in these seconds has to be sent again then. Without
        it in time the claim runs out, and others act on what the rows say.
        """
        until = time.monotonic() + claims.LEASE.total_seconds() / 2
        claim = self.claim
        while claim is not None and time.monotonic() < until:
            if len(self.unmarked) < len(self.away):
                self.unmarked += self.carrier.take(seconds=0.5)
                continue
            with suppress(OperationalError, InterfaceError):
                connection.close()
                with transaction.atomic():
                    self._mark(claim, self.unmarked)
                    # Whether or not the last hand-over was committed.
                    rest = [one.delivery_id for one in self.waiting]
                    claims.give_back(claim, rest)
                    # Nor do we know whether the last claiming was: so not ``let_go``.
                    claims.give_up(claim)
                break
            time.sleep(0.5)
        self.claim = None
