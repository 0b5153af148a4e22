"""The ways out: many connections at once, kept open, to a mail server or a provider.

A carrier works beside the thread that keeps the ledger, in a thread of its own. It is
given mails and tells what became of each; it knows nothing of rows.
"""

import asyncio
import contextlib
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from cms import replies
from cms.replies import Fate

from . import smtp

logger = logging.getLogger(__name__)

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


@dataclass(frozen=True, slots=True)
class Errand:
    """A mail to hand over: its bytes for SMTP, or what makes a letter for a provider."""

    delivery_id: int
    to: str
    data: bytes
    letter: Callable[[], EmailMessage]


@dataclass(frozen=True, slots=True)
class Outcome:
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
        if len(self._outcomes) >= self._enough:
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
        self._queue: asyncio.Queue[Errand] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []
        self._waiting = 0
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
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._loop.stop()

        self._leaving = self._loop.create_task(leave())

    def _enqueue(self, batch: list[Errand]) -> None:
        for errand in batch:
            self._queue.put_nowait(errand)
        # A connection more only where all are busy: few mails go over few.
        missing = self._queue.qsize() - self._waiting
        for _ in range(min(missing, self.size - len(self._tasks))):
            self._tasks.append(self._loop.create_task(self._work()))

    async def _work(self) -> None:
        session: smtp.Session | None = None
        try:
            while True:
                self._waiting += 1
                try:
                    errand = await self._queue.get()
                finally:
                    self._waiting -= 1
                session = await self._carry(session, errand)
        finally:
            if session is not None:
                await session.close()

    async def _carry(
        self, session: smtp.Session | None, errand: Errand
    ) -> smtp.Session | None:
        """Put in what became of it, whatever happens: somebody waits for that."""
        carried = _Carried(session)
        try:
            await self._hand_over(carried, errand)
        except smtp.Refused as error:
            fate = Fate.DEFERRED if error.reply.is_for_now else Fate.REFUSED
            self.put(Outcome(errand.delivery_id, fate, str(error.reply)))
        except smtp.Trouble as error:
            carried.abort()
            self.put(Outcome(errand.delivery_id, Fate.UNSENT, str(error)))
        except smtp.NoAnswer as error:
            carried.abort()
            self.put(Outcome(errand.delivery_id, Fate.UNKNOWN, str(error)))
        except Exception as error:
            logger.exception("A mail could not be carried.")
            carried.abort()
            self.put(Outcome(errand.delivery_id, Fate.UNKNOWN, repr(error)))
        else:
            self.put(Outcome(errand.delivery_id, Fate.ACCEPTED))
        return carried.session

    async def _hand_over(self, carried: "_Carried", errand: Errand) -> None:
        session = carried.session
        fresh = session is None or not session.is_open
        if session is None or not session.is_open:
            session = carried.session = await self._open()
        try:
            await session.send(sender=self._sender, to=errand.to, data=errand.data)
        except smtp.Trouble:
            session.abort()
            # A server may end a connection that it has had enough of. Nobody has
            # seen this mail, so it goes over a new one.
            if fresh or not session.carried:
                raise
            session = carried.session = await self._open()
            await session.send(sender=self._sender, to=errand.to, data=errand.data)

    async def _open(self) -> smtp.Session:
        session = smtp.Session(self._server)
        try:
            await session.open()
        except smtp.Trouble:
            session.abort()
            raise
        except Exception as error:
            # No mail was handed over yet, so it is no fault of one.
            logger.exception("The mail server could not be greeted.")
            session.abort()
            raise smtp.Trouble(repr(error)) from error
        return session


@dataclass(slots=True)
class _Carried:
    """The session over which a mail goes, which may be another in the end."""

    session: smtp.Session | None

    def abort(self) -> None:
        if self.session is not None:
            self.session.abort()


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
