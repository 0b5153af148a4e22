"""Taking rows of the ledger to the mail server, over one connection for many.

Every confirmed subscriber gets an issue. At least once: a worker holds one message at
a time, so a crash between the server's "accepted" and our mark can repeat one message
per worker, after its lease ran out and with the same Message-ID.
"""

import contextlib
import logging
import smtplib
import time
from collections import Counter
from dataclasses import dataclass, field

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from . import deliveries
from .messages import Composer, NothingLeft
from .models import Delivery

logger = logging.getLogger(__name__)

# A worker that is told to stop finishes its piece first, so pieces are short.
SECONDS = 5.0


@dataclass
class Batch:
    """What one piece of work came to."""

    counts: Counter[str] = field(default_factory=Counter)
    outage: str = ""
    more: bool = False

    def __str__(self) -> str:
        parts = [f"{count} {outcome}" for outcome, count in sorted(self.counts.items())]
        if self.outage:
            parts.append(f"mail server: {self.outage}")
        return ", ".join(parts)


def send_due(*, seconds: float = SECONDS) -> Batch:
    """Send what is due, for about ``seconds``. Logs one line if there was anything.

    When the mail server cannot be reached, or refuses us and not a recipient, nothing
    counts as tried: all that is due waits half a minute. A reply of 4xx is tried again
    after 10 s, 1, 5, 30 min and 2 h; one of 5xx never.
    """
    started = time.monotonic()
    deliveries.take_back_lost()
    batch = Batch()
    if not Delivery.objects.due().exists():
        return batch
    composer = Composer()
    connection = get_connection()
    try:
        # At least one message, however long it took to get here.
        while not batch.outage:
            try:
                connection.open()
            except OSError as error:  # also the base of everything smtplib raises
                batch.outage = _words(error)
                break
            delivery = deliveries.claim_next()
            if delivery is None:
                break
            _send(delivery, composer, connection, batch)
            if time.monotonic() - started > seconds:
                break
    finally:
        _hang_up(connection)
    if batch.outage:
        deliveries.postpone_due(batch.outage)
    batch.more = Delivery.objects.due().exists()
    logger.info("Newsletter mail: %s in %.1f s", batch, time.monotonic() - started)
    return batch


def _send(
    delivery: Delivery, composer: Composer, connection: BaseEmailBackend, batch: Batch
) -> None:
    if reason := deliveries.why_not(delivery):
        deliveries.suppress(delivery, reason)
        batch.counts["suppressed"] += 1
        return
    try:
        mail = composer.compose(delivery)
    except NothingLeft:
        deliveries.suppress(delivery, "every item in it was taken back")
        batch.counts["suppressed"] += 1
        return
    mail.connection = connection
    try:
        mail.send()
    except OSError as error:
        _hang_up(connection)
        _note(delivery, error, batch)
    else:
        deliveries.accept(delivery)
        batch.counts["accepted"] += 1


def _note(delivery: Delivery, error: OSError, batch: Batch) -> None:
    """Record why one message did not go."""
    words = _words(error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Our own address is refused: this would fail every message of the issue.
        batch.outage = words
        deliveries.give_back(delivery, words)
    elif 500 <= _code(error) < 600:
        deliveries.fail(delivery, words)
        batch.counts["failed"] += 1
    elif deliveries.retry(delivery, words):
        batch.counts["to try again"] += 1
    else:
        batch.counts["failed"] += 1


def _code(error: OSError) -> int:
    """The reply code of the mail server, 0 when it did not come to a reply."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return int(error.smtp_code)
    return 0


def _words(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{code} {_decoded(said)}" for code, said in error.recipients.values()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _hang_up(connection: BaseEmailBackend) -> None:
    # What is left to say to a server that does not listen is of no interest.
    with contextlib.suppress(OSError):
        connection.close()
