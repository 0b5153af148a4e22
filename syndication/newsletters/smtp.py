"""One SMTP connection, kept open, with as few round trips as the server allows.

``smtplib`` waits for an answer after each command: five times for each mail. With
PIPELINING (RFC 2920) MAIL, RCPT and DATA go in one piece, and only two waits are left.
Every server is spoken to as it says it wants to be: STARTTLS, AUTH and SIZE where it
offers them, one command after the other where it offers no PIPELINING. No mail has a byte
above 127 (``moulds``), so that none needs 8BITMIME.
"""

import asyncio
import base64
import hmac
import re
import socket
import ssl
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")
# The longest reply that is read: RFC 5321 allows 512 bytes a line.
LONGEST_REPLY = 64 * 1024
# What to write, and how many replies it has.
Question = tuple[bytes, int]
Dialogue = Generator[Question, list["Reply"], Result]
ADDRESS = re.compile(rb"[^\x00-\x20\x7f-\xff<>]{1,320}")


class Reply(NamedTuple):
    """A server's answer: its lines of text without their codes."""

    code: int
    words: str

    @property
    def is_for_now(self) -> bool:
        return 400 <= self.code < 500

    @property
    def is_for_good(self) -> bool:
        return 500 <= self.code < 600

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail server is and how it wants to be spoken to."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    timeout: float = 20.0
    # Our own name, as in HELO.
    name: str = ""
    context: ssl.SSLContext | None = None


class Refused(Exception):
    """The server does not take this mail: ``reply`` says whether for now or for good."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply))
        self.reply = reply


class Trouble(Exception):
    """The connection, or we ourselves, are not wanted: no fault of this mail.

    It was not handed over: the server never had the whole of it.
    """


class NoAnswer(Exception):
    """The whole mail was handed over, and no answer came: perhaps it was taken."""


class Session(asyncio.BufferedProtocol):
    """A connection that takes one mail after the other, never two at once.

    What is said on it is written as dialogues: generators that yield what to write and how
    many replies that has, and are given the replies. They run as the replies come in,
    since a task and a future for each question took as long as the rest of a mail.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.carried = 0
        self._transport: asyncio.Transport | None = None
        # Where bytes arrive: asyncio would take 256 KB for each reply.
        self._room = memoryview(bytearray(4096))
        self._buffer = b""
        self._lines: list[str] = []
        self._replies: list[Reply] = []
        self._wanted = 0
        self._dialogue: Dialogue[Any] | None = None
        self._done: Callable[[Any], None] = _ignore
        self._lost: Exception | None = None
        self._deadline: float | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._can: dict[str, str] = {}
        self._in_transaction = False

    @property
    def is_open(self) -> bool:
        return self._transport is not None and self._lost is None

    async def open(self) -> None:
        """Connect, greet, encrypt and log in. Raises ``Trouble``."""
        server = self.server
        loop = asyncio.get_running_loop()
        context = (
            server.context or ssl.create_default_context()
            if server.tls or server.starttls
            else None
        )
        try:
            async with asyncio.timeout(server.timeout):
                await loop.create_connection(
                    lambda: self,
                    server.host,
                    server.port,
                    ssl=context if server.tls else None,
                )
                await self._converse(self._greet())
                if context is not None and server.starttls:
                    await self._encrypt(context)
                if server.user:
                    await self._converse(self._log_in())
        except (OSError, TimeoutError) as error:
            self.abort()
            raise Trouble(_words(error) or "no answer in time") from error
        self._watch_over()

    async def _encrypt(self, context: ssl.SSLContext) -> None:
        await self._converse(self._ask_to_encrypt())
        # What came unencrypted after that reply is somebody else's (CVE-2021-38371).
        self._buffer, self._lines, self._replies = b"", [], []
        assert self._transport is not None  # noqa: S101 - connected before
        transport = await asyncio.get_running_loop().start_tls(
            self._transport, self, context, server_hostname=self.server.host
        )
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        await self._converse(self._hello())

    async def _converse(self, dialogue: Dialogue[None]) -> None:
        ended = asyncio.get_running_loop().create_future()

        def note(end: object) -> None:
            if not ended.done():
                ended.set_result(end)

        self._begin(dialogue, note)
        if isinstance(end := await ended, Exception):
            raise end

    def send(
        self,
        *,
        sender: str,
        to: str,
        data: bytes,
        done: Callable[[Reply | Exception], None],
    ) -> None:
        """Hand over one mail, ``closed`` already; then call ``done`` once.

        With the server's acceptance, or with ``Refused``, ``Trouble`` or ``NoAnswer``; with
        any other exception when it is a mistake of ours.
        """
        self._begin(self._carry(sender, to, data), done)

    # What is said

    def _greet(self) -> Dialogue[None]:
        self._expect((yield b"", 1)[0], 220)
        yield from self._hello()

    def _ask_to_encrypt(self) -> Dialogue[None]:
        if "STARTTLS" not in self._can:
            raise Trouble("the mail server offers no STARTTLS")
        self._expect((yield b"STARTTLS\r\n", 1)[0], 220)

    def _hello(self) -> Dialogue[None]:
        name = (self.server.name or socket.getfqdn()).encode("ascii", "replace")
        (reply,) = yield b"EHLO " + name + b"\r\n", 1
        if reply.code != 250:
            self._can = {}
            self._expect((yield b"HELO " + name + b"\r\n", 1)[0], 250)
            return
        lines = [
            line.strip().upper().partition(" ") for line in reply.words.split("\n")
        ]
        self._can = {word: rest for word, _, rest in lines[1:]}

    def _log_in(self) -> Dialogue[None]:
        user, password = self.server.user, self.server.password
        offered = self._can.get("AUTH", "").split()
        if "CRAM-MD5" in offered and not (self.server.tls or self.server.starttls):
            (reply,) = yield b"AUTH CRAM-MD5\r\n", 1
            self._expect(reply, 334)
            challenge = base64.b64decode(reply.words)
            digest = hmac.new(password.encode(), challenge, "md5").hexdigest()
            (reply,) = yield _b64(f"{user} {digest}"), 1
        elif "PLAIN" in offered or not offered:
            (reply,) = yield b"AUTH PLAIN " + _b64(f"\0{user}\0{password}"), 1
        elif "LOGIN" in offered:
            (reply,) = yield b"AUTH LOGIN " + _b64(user), 1
            if reply.code == 334:
                (reply,) = yield _b64(password), 1
        else:
            raise Trouble(f"the mail server offers no way to log in: {offered}")
        self._expect(reply, 235)

    def _carry(self, sender: str, to: str, data: bytes) -> Dialogue[Reply]:
        mail_from, rcpt_to = _address(sender), _address(to)
        mail, rcpt, go = yield from self._announce(
            b"MAIL FROM:<%b>%b\r\n" % (mail_from, self._size_of(data)),
            b"RCPT TO:<%b>\r\n" % rcpt_to,
            b"DATA\r\n",
        )
        self._in_transaction = True
        if go.code == 354 and rcpt.code not in (250, 251):
            # RFC 2920 3.1: it waits for a mail to nobody, which it refuses.
            yield b".\r\n", 1
        closing = next((one for one in (mail, rcpt, go) if one.code == 421), None)
        if closing or mail.code != 250:
            # Our own address, or we: it would fail every mail.
            raise Trouble(str(closing or mail))
        if rcpt.code not in (250, 251) or go.code != 354:
            raise Refused(rcpt if rcpt.code not in (250, 251) else go)
        return (yield from self._hand_over(data))

    def _announce(self, *commands: bytes) -> Dialogue[list[Reply]]:
        """Say from whom and to whom. Returns the replies to MAIL, RCPT and DATA."""
        if self._in_transaction:
            self._in_transaction = False
            commands = (b"RSET\r\n", *commands)
        wanted = len(commands)
        if "PIPELINING" in self._can:
            return (yield b"".join(commands), wanted)[-3:]
        replies: list[Reply] = []
        for command in commands:
            replies += yield command, 1
            if replies[-1].code not in (250, 251, 354):
                break
        return (replies + replies[-1:] * (wanted - len(replies)))[-3:]

    def _hand_over(self, data: bytes) -> Dialogue[Reply]:
        try:
            (reply,) = yield data, 1
        except Trouble as error:
            raise NoAnswer(str(error)) from error
        self._in_transaction = False
        self.carried += 1
        if reply.code == 421:
            raise Trouble(str(reply))
        if reply.code != 250:
            raise Refused(reply)
        return reply

    def _size_of(self, data: bytes) -> bytes:
        """What MAIL says of a mail where the server wants to know its size (RFC 1870)."""
        if "SIZE" not in self._can:
            return b""
        limit = self._can["SIZE"]
        if limit.isdigit() and 0 < int(limit) < len(data):
            raise Refused(
                Reply(552, f"the server takes {limit} bytes, this is {len(data)}")
            )
        return b" SIZE=%d" % len(data)

    def _expect(self, reply: Reply, code: int) -> None:
        if reply.code != code:
            raise Trouble(str(reply))

    async def close(self) -> None:
        """Say goodbye. What the server makes of it is of no interest."""
        if self.is_open and self._dialogue is None:
            try:
                async with asyncio.timeout(2):
                    await self._converse(_goodbye())
            except (Trouble, TimeoutError):
                pass
        self.abort()

    def abort(self) -> None:
        """Break off. Whoever waits for the end of a mail hears of ``Trouble``."""
        self._lose(ConnectionError("the connection was closed"))

    # Going on with what is said, as replies come in

    def _begin(self, dialogue: Dialogue[Any], done: Callable[[Any], None]) -> None:
        self._dialogue, self._done = dialogue, done
        if self._lost is not None or self._transport is None:
            self._go_on(partial(dialogue.throw, Trouble(_words(self._lost))))
        else:
            self._go_on(partial(next, dialogue))

    def _go_on(self, step: Callable[[], Question]) -> None:
        """Take a dialogue's next step, and those whose replies are there already."""
        dialogue = self._dialogue
        assert dialogue is not None  # noqa: S101 - whoever calls has one
        try:
            while True:
                data, self._wanted = step()
                if data and self._replies and self._replies[-1].code != 421:
                    # Else that would be taken for the answer, to a whole mail perhaps.
                    self._lost = ConnectionError("the mail server answers unasked")
                if self._lost is not None or self._transport is None:
                    # It went on after it was told. Nothing answers any more.
                    step = partial(dialogue.throw, Trouble(_words(self._lost)))
                    continue
                self._deadline = time.monotonic() + self.server.timeout
                if data:
                    self._transport.write(data)
                if not self._is_answered():
                    return
                step = partial(dialogue.send, self._answers())
        except StopIteration as end:
            self._end(end.value)
        except Exception as error:  # noqa: BLE001 - whoever began it is told
            self._end(error)

    def _end(self, end: object) -> None:
        done, self._done = self._done, _ignore
        self._dialogue, self._deadline = None, None
        done(end)

    def _answers(self) -> list[Reply]:
        found = self._replies[: self._wanted]
        del self._replies[: self._wanted]
        return found

    def _is_answered(self) -> bool:
        # A server that closes says so once, whatever it was asked.
        if self._replies and self._replies[-1].code == 421:
            self._replies += [self._replies[-1]] * self._wanted
        return len(self._replies) >= self._wanted

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        self._buffer += self._room[:nbytes]
        if len(self._buffer) > LONGEST_REPLY:
            self._lose(ConnectionError("the mail server talks without end"))
            return
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._read(line.rstrip(b"\r").decode("utf-8", "replace"))
        if self._dialogue is not None and self._is_answered():
            self._go_on(partial(self._dialogue.send, self._answers()))

    def _read(self, line: str) -> None:
        self._lines.append(line[4:])
        if line[3:4] == "-" and len(self._lines) < 100:
            return
        code = int(line[:3]) if line[:3].isdigit() else 500
        self._replies.append(Reply(code, "\n".join(self._lines)))
        self._lines = []

    def connection_lost(self, exc: Exception | None) -> None:
        self._lose(exc or ConnectionError("the connection broke"))

    def _lose(self, error: Exception) -> None:
        self._lost = self._lost or error
        if self._watch is not None:
            self._watch.cancel()
        if self._transport is not None:
            self._transport.abort()
        if self._dialogue is not None:
            trouble = Trouble(_words(self._lost))
            self._go_on(partial(self._dialogue.throw, trouble))

    def _watch_over(self) -> None:
        """Break off once an answer takes too long. One timer for all questions."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            self._lose(TimeoutError("no answer in time"))
        elif self._lost is None:
            self._watch = asyncio.get_running_loop().call_later(
                min(1.0, self.server.timeout / 4), self._watch_over
            )


def closed(data: bytes) -> bytes:
    """A mail as it follows DATA: dots that begin a line doubled, and a last one alone.

    It does not begin with one, since it begins with a header. RFC 5321 4.5.2.
    """
    end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
    return doubled(data) + end


def doubled(words: bytes) -> bytes:
    """Words from within a mail, with the dots doubled that begin a line."""
    return words.replace(b"\r\n.", b"\r\n..")


def _goodbye() -> Dialogue[None]:
    yield b"QUIT\r\n", 1


def _ignore(end: object) -> None:
    """Nobody waits for it."""


def _address(address: str) -> bytes:
    """An address as it stands in a command: nothing in it can end the command."""
    raw = address.encode("ascii", "replace")
    if not ADDRESS.fullmatch(raw):
        raise Refused(Reply(553, "this is no address that mail can be sent to"))
    return raw


def _b64(words: str) -> bytes:
    """A line of what is said when logging in."""
    return base64.b64encode(words.encode()) + b"\r\n"


def _words(error: BaseException | None) -> str:
    return str(error or "") or type(error).__name__
