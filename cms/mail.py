"""Taking rows of a ledger to the mail server, over one connection for many.

At least once: a worker holds one message at a time, so a crash between the server's
"accepted" and our mark can repeat one message per worker, after its lease ran out and
with the same Message-ID.
"""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from . import ledger, replies
from .ledger import E, Entry
from .rendering import one_line
from .replies import Fate

logger = logging.getLogger(__name__)

# A worker that is told to stop finishes its piece first, so pieces are short.
SECONDS = 5.0


class NotToBeSent(Exception):
    """A message that was due must not go out after all. Says why, for the ledger."""


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


def message(
    entry: Entry,
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    sender: str | None = None,
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """Return the mail for a row of a ledger: to one person, in plain text and HTML.

    ``sender`` is the settings' unless it is named. No word of ``subject`` can become
    a header or a recipient.
    """
    mail = EmailMultiAlternatives(
        subject=one_line(subject)[:150],
        body=text,
        from_email=sender,
        to=[to],
        reply_to=[reply_to] if reply_to else None,
        headers={
            "Message-ID": entry.message_id,
            # RFC 3834: answers of absent people stay away.
            "Auto-Submitted": "auto-generated",
            **(headers or {}),
        },
    )
    mail.attach_alternative(html, "text/html")
    return mail


def send_due(
    rows: type[E],
    *,
    name: str,
    writer: Callable[[], Callable[[E], EmailMultiAlternatives]],
    seconds: float = SECONDS,
) -> Batch:
    """Send what is due, for about ``seconds``. Logs one line if there was anything.

    ``writer`` is asked once for the function that makes a mail of a row, at the last
    moment, and may refuse with ``NotToBeSent``. When the mail server or the provider
    cannot be reached, or refuses us and not a recipient, nothing counts as tried: all
    that is due waits half a minute. What is refused for now, or nobody answered, is
    tried again after 10 s, 1, 5, 30 min and 2 h; what is refused for good never.
    """
    started = time.monotonic()
    ledger.take_back_lost(rows)
    batch = Batch()
    if not ledger.any_due(rows):
        return batch
    write = writer()
    connection = get_connection()
    try:
        # At least one message, however long it took to get here.
        while not batch.outage:
            try:
                connection.open()
            except OSError as error:  # also the base of everything smtplib raises
                batch.outage = replies.words(error)
                break
            entry = ledger.claim_next(rows)
            if entry is None:
                break
            _send(entry, write, connection, batch)
            if time.monotonic() - started > seconds:
                break
    finally:
        _hang_up(connection)
    if batch.outage:
        ledger.postpone_due(rows, batch.outage)
    batch.more = ledger.any_due(rows)
    logger.info("%s: %s in %.1f s", name, batch, time.monotonic() - started)
    return batch


def _send(
    entry: E,
    write: Callable[[E], EmailMultiAlternatives],
    connection: BaseEmailBackend,
    batch: Batch,
) -> None:
    try:
        mail = write(entry)
    except NotToBeSent as reason:
        ledger.suppress(entry, str(reason))
        batch.counts["suppressed"] += 1
        return
    mail.connection = connection
    try:
        mail.send()
    except replies.ERRORS as error:
        _hang_up(connection)
        _note(entry, replies.fate(error), replies.words(error), batch)
    else:
        ledger.accept(entry)
        batch.counts["accepted"] += 1


def _note(entry: Entry, fate: Fate, words: str, batch: Batch) -> None:
    """Record why one message did not go, or is not known to have gone."""
    if fate is Fate.UNSENT:
        # The fault was not with this message, and would be with the next one as well.
        batch.outage = words
        ledger.give_back(entry, words)
    elif fate is Fate.REFUSED:
        ledger.fail(entry, words)
        batch.counts["failed"] += 1
    elif ledger.retry(entry, words):
        batch.counts["to try again"] += 1
    else:
        batch.counts["failed"] += 1


def _hang_up(connection: BaseEmailBackend) -> None:
    # What is left to say to a server that does not listen is of no interest.
    with contextlib.suppress(OSError):
        connection.close()
