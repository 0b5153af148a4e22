"""The ways out: many connections at once, kept open, to a mail server or a provider.

A carrier works beside the thread that keeps the ledger, in a thread of its own. It is
given mails and tells what became of each; it knows nothing of rows.
"""

import asyncio
import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from cms import replies
from cms.replies import Fate

from . import smtp

logger = logging.getLogger(__name__)

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


class Errand(NamedTuple):
    """A mail to hand over: what follows DATA, or what makes a letter for a provider."""

    delivery_id: int
    to: str
    data: bytes
    letter: Callable[[], EmailMessage]


class Outcome(NamedTuple):
    """What became of a mail."""

    delivery_id: int
    fate: Fate
    words: str = ""
    provider_id: str = ""


class Carrier(Protocol):
    """What ``sending`` needs of a way out."""

    name: str
    size: int

    def give(self, errands: Iterable[Errand]) -> None: ...
    def take(self, *, seconds: float, enough: int = 1) -> list[Outcome]: ...
    def close(self) -> None: ...


class Outbox(ABC):
    """Collects outcomes that other threads put in, for the thread that asks."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome] = []
        self._enough = 1
        self._ready = threading.Event()

    def put(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        # Whoever waits is woken once, not by each.
        if len(self._outcomes) >= self._enough and not self._ready.is_set():
            self._ready.set()

    def take(self, *, seconds: float, enough: int = 1) -> list[Outcome]:
        """What became of what was given, since last asked.

        Waits until there are ``enough`` outcomes, for ``seconds`` at most.
        """
        # In this order: what is put in from here on is counted, or sets the event.
        self._enough = enough
        self._ready.clear()
        if len(self._outcomes) < enough:
            self._ready.wait(seconds)
        count = len(self._outcomes)
        taken, self._outcomes[:count] = self._outcomes[:count], []
        return taken

    @abstractmethod
    def close(self) -> None: ...


class SmtpCarrier(Outbox):
    """Connections to one mail server, each with one mail at a time."""

    def __init__(self, server: smtp.Server, *, sender: str, size: int) -> None:
        super().__init__()
        self.name = f"smtp {server.host}:{server.port}"
        self.size = size
        self._server = server
        self._sender = sender
        self._loop = asyncio.new_event_loop()
        self._queue: deque[Errand] = deque()
        # Connections, and those among them that have nothing to do.
        self._sessions: set[smtp.Session] = set()
        self._free: list[smtp.Session] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(
            target=self._run, name="mail carrier", daemon=True
        )
        self._thread.start()

    def give(self, errands: Iterable[Errand]) -> None:
        batch = list(errands)
        if batch:
            self._loop.call_soon_threadsafe(self._enqueue, batch)

    def close(self) -> None:
        """Say goodbye on every connection. What was given and is not done is lost."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join(timeout=5)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
        finally:
            self._loop.close()

    def _stop(self) -> None:
        async def leave() -> None:
            self._queue.clear()
            for task in self._opening:
                task.cancel()
            await asyncio.gather(*self._opening, return_exceptions=True)
            await asyncio.gather(*(one.close() for one in self._sessions))
            self._loop.stop()

        self._leaving = self._loop.create_task(leave())

    # In the loop's thread, from here on

    def _enqueue(self, batch: list[Errand]) -> None:
        self._queue.extend(batch)
        self._go_on()

    def _go_on(self) -> None:
        """Give what waits to connections that are free, and open more if need be."""
        while self._queue and self._free:
            session = self._free.pop()
            if session.is_open:
                self._send(session, self._queue.popleft())
            else:
                self._sessions.discard(session)
        while self._queue and len(self._sessions) + len(self._opening) < self.size:
            self._open(self._queue.popleft())

    def _open(self, errand: Errand) -> None:
        task = self._loop.create_task(self._send_over_a_new_one(errand))
        self._opening.add(task)
        task.add_done_callback(self._opened)

    def _opened(self, task: asyncio.Task[None]) -> None:
        self._opening.discard(task)
        self._go_on()

    async def _send_over_a_new_one(self, errand: Errand) -> None:
        session = smtp.Session(self._server)
        try:
            await session.open()
        except smtp.Trouble as error:
            session.abort()
            self._put(errand, Fate.UNSENT, str(error))
        except Exception as error:
            # No mail was handed over yet, so it is no fault of one.
            logger.exception("The mail server could not be greeted.")
            session.abort()
            self._put(errand, Fate.UNSENT, repr(error))
        else:
            self._sessions.add(session)
            self._send(session, errand)

    def _send(self, session: smtp.Session, errand: Errand) -> None:
        # A server may end a connection that it has had enough of.
        may_repeat = session.carried > 0

        def note(end: smtp.Reply | Exception) -> None:
            match end:
                case smtp.Reply():
                    self._put(errand, Fate.ACCEPTED)
                case smtp.Refused():
                    fate = Fate.DEFERRED if end.reply.is_for_now else Fate.REFUSED
                    self._put(errand, fate, str(end.reply))
                case smtp.Trouble() if may_repeat:
                    # Nobody has seen this mail, so it goes over a new one.
                    self._drop(session)
                    self._open(errand)
                    return
                case smtp.Trouble():
                    self._drop(session)
                    self._put(errand, Fate.UNSENT, str(end))
                case smtp.NoAnswer():
                    self._drop(session)
                    self._put(errand, Fate.UNKNOWN, str(end))
                case _:
                    logger.error("A mail could not be carried.", exc_info=end)
                    self._drop(session)
                    self._put(errand, Fate.UNKNOWN, repr(end))
            if session in self._sessions:
                self._free.append(session)
            self._go_on()

        try:
            session.send(sender=self._sender, to=errand.to, data=errand.data, done=note)
        except Exception as error:  # noqa: BLE001 - ``note`` logs it
            note(error)

    def _put(self, errand: Errand, fate: Fate, words: str = "") -> None:
        self.put(Outcome(errand.delivery_id, fate, words))

    def _drop(self, session: smtp.Session) -> None:
        self._sessions.discard(session)
        session.abort()


class BackendCarrier(Outbox):
    """Any other mail backend of Django's, such as a provider's: a call for each mail."""

    def __init__(self, *, size: int) -> None:
        super().__init__()
        self.name = settings.EMAIL_BACKEND
        self.size = size
        self._own = threading.local()
        self._connections: list[Any] = []
        self._pool = ThreadPoolExecutor(size, thread_name_prefix="mail carrier")

    def give(self, errands: Iterable[Errand]) -> None:
        for errand in errands:
            self._pool.submit(self._carry, errand)

    def close(self) -> None:
        self._pool.shutdown()
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.close()

    def _carry(self, errand: Errand) -> None:
        try:
            self.put(self._send(errand))
        except BaseException as error:
            # Nobody would ever hear of it otherwise, and its row would wait for ever.
            logger.exception("A mail could not be carried.")
            self.put(Outcome(errand.delivery_id, Fate.UNKNOWN, repr(error)))
            raise

    def _send(self, errand: Errand) -> Outcome:
        letter = errand.letter()
        try:
            letter.connection = self._connection()
        except Exception as error:
            # No mail was handed over yet, so it is no fault of one.
            logger.exception("The provider could not be set up.")
            return Outcome(errand.delivery_id, Fate.UNSENT, repr(error))
        try:
            letter.send()
        except replies.ERRORS as error:
            return Outcome(
                errand.delivery_id, replies.fate(error), replies.words(error)
            )
        status = getattr(letter, "anymail_status", None)
        message_id = getattr(status, "message_id", None)
        return Outcome(
            errand.delivery_id, Fate.ACCEPTED, provider_id=str(message_id or "")
        )

    def _connection(self) -> Any:
        if not hasattr(self._own, "connection"):
            self._own.connection = get_connection()
            self._connections.append(self._own.connection)
        return self._own.connection


class _Kept(threading.local):
    """The carrier of this worker: opening connections for each piece costs more.

    Not for two workers at once: each would wait for outcomes that the other took.
    """

    carrier: SmtpCarrier | BackendCarrier | None = None
    made_for: tuple[object, ...] = ()


_kept = _Kept()


def open_route() -> SmtpCarrier | BackendCarrier:
    """Return the carrier that the settings name, with the connections it has already."""
    wanted = _settings()
    if _kept.carrier is not None and _kept.made_for != wanted:
        hang_up()
    if _kept.carrier is None:
        _kept.carrier, _kept.made_for = _make(), wanted
    return _kept.carrier


def hang_up() -> None:
    """Close every connection of this worker, if there is any."""
    if _kept.carrier is not None:
        _kept.carrier.close()
        _kept.carrier = None


def _settings() -> tuple[object, ...]:
    return (
        settings.EMAIL_BACKEND,
        settings.EMAIL_HOST,
        settings.EMAIL_PORT,
        settings.EMAIL_HOST_USER,
        settings.EMAIL_USE_TLS,
        settings.EMAIL_USE_SSL,
        settings.EMAIL_TIMEOUT,
        settings.NEWSLETTER_CONNECTIONS,
    )


def _make() -> SmtpCarrier | BackendCarrier:
    from email.utils import parseaddr

    size = max(1, settings.NEWSLETTER_CONNECTIONS)
    if settings.EMAIL_BACKEND != SMTP_BACKEND:
        return BackendCarrier(size=size)
    server = smtp.Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER or "",
        password=settings.EMAIL_HOST_PASSWORD or "",
        starttls=bool(settings.EMAIL_USE_TLS),
        tls=bool(settings.EMAIL_USE_SSL),
        timeout=settings.EMAIL_TIMEOUT or 20.0,
    )
    sender = settings.NEWSLETTER_BOUNCES_TO or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    return SmtpCarrier(server, sender=sender, size=size)
