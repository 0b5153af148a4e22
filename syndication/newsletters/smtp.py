"""One SMTP connection, kept open, with as few round trips as the server allows.

``smtplib`` waits for an answer after each command: five times for each mail. With
PIPELINING (RFC 2920) MAIL, RCPT and DATA go in one piece, and only two waits are left.
Every server is spoken to as it says it wants to be: STARTTLS, AUTH, SIZE and 8BITMIME
where it offers them, one command after the other where it offers no PIPELINING.
"""

import asyncio
import base64
import email
import hmac
import re
import socket
import ssl
from dataclasses import dataclass
from email.policy import SMTP as POLICY

# The longest reply that is read: RFC 5321 allows 512 bytes a line.
LONGEST_REPLY = 64 * 1024
ADDRESS = re.compile(rb"[^\x00-\x20\x7f-\xff<>]{1,320}")


@dataclass(frozen=True, slots=True)
class Reply:
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


class Session(asyncio.Protocol):
    """A connection that takes one mail after the other. Not for two tasks at once."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.carried = 0
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._lines: list[str] = []
        self._replies: list[Reply] = []
        self._wanted = 0
        self._waiter: asyncio.Future[None] | None = None
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
                self._wanted, self._waiter = 1, loop.create_future()
                await loop.create_connection(
                    lambda: self,
                    server.host,
                    server.port,
                    ssl=context if server.tls else None,
                )
                await self._greet(context)
        except (OSError, TimeoutError) as error:
            self.abort()
            raise Trouble(_words(error) or "no answer in time") from error

    async def _greet(self, context: ssl.SSLContext | None) -> None:
        loop = asyncio.get_running_loop()
        (banner,) = await self._replies_to_what_was_asked()
        self._expect(banner, 220)
        await self._hello()
        if self.server.starttls:
            if "STARTTLS" not in self._can:
                raise Trouble("the mail server offers no STARTTLS")
            self._expect(await self._ask_one(b"STARTTLS"), 220)
            # What came unencrypted after that reply is somebody else's (CVE-2021-38371).
            self._buffer, self._lines, self._replies = b"", [], []
            assert self._transport is not None  # noqa: S101 - connected above
            transport = await loop.start_tls(
                self._transport,
                self,
                context or ssl.create_default_context(),
                server_hostname=self.server.host,
            )
            assert isinstance(transport, asyncio.Transport)  # noqa: S101
            self._transport = transport
            await self._hello()
        if self.server.user:
            await self._log_in()
        self._watch_over()

    async def _hello(self) -> None:
        name = self.server.name or socket.getfqdn()
        reply = await self._ask_one(b"EHLO " + name.encode("ascii", "replace"))
        if reply.code != 250:
            self._can = {}
            self._expect(
                await self._ask_one(b"HELO " + name.encode("ascii", "replace")), 250
            )
            return
        lines = [
            line.strip().upper().partition(" ") for line in reply.words.split("\n")
        ]
        self._can = {word: rest for word, _, rest in lines[1:]}

    async def _log_in(self) -> None:
        user, password = self.server.user, self.server.password
        offered = self._can.get("AUTH", "").split()
        if "CRAM-MD5" in offered and not (self.server.tls or self.server.starttls):
            reply = await self._ask_one(b"AUTH CRAM-MD5")
            self._expect(reply, 334)
            challenge = base64.b64decode(reply.words)
            digest = hmac.new(password.encode(), challenge, "md5").hexdigest()
            reply = await self._ask_one(_b64(f"{user} {digest}"))
        elif "PLAIN" in offered or not offered:
            reply = await self._ask_one(b"AUTH PLAIN " + _b64(f"\0{user}\0{password}"))
        elif "LOGIN" in offered:
            reply = await self._ask_one(b"AUTH LOGIN " + _b64(user))
            if reply.code == 334:
                reply = await self._ask_one(_b64(password))
        else:
            raise Trouble(f"the mail server offers no way to log in: {offered}")
        self._expect(reply, 235)

    async def send(self, *, sender: str, to: str, data: bytes) -> Reply:
        """Hand over one mail, lines ended by CRLF. Returns the server's acceptance.

        Raises ``Refused``, ``Trouble`` or ``NoAnswer``.
        """
        mail_from, rcpt_to = _address(sender), _address(to)
        data, options = self._fit(data)
        mail, rcpt, go = await self._announce(
            [
                b"MAIL FROM:<" + mail_from + b">" + options,
                b"RCPT TO:<" + rcpt_to + b">",
                b"DATA",
            ]
        )
        self._in_transaction = True
        if go.code == 354 and rcpt.code not in (250, 251):
            # RFC 2920 3.1: it waits for a mail to nobody, which it refuses.
            await self._ask(b".\r\n", 1)
        closing = next((one for one in (mail, rcpt, go) if one.code == 421), None)
        if closing or mail.code != 250:
            # Our own address, or we: it would fail every mail.
            raise Trouble(str(closing or mail))
        if rcpt.code not in (250, 251) or go.code != 354:
            raise Refused(rcpt if rcpt.code not in (250, 251) else go)
        return await self._hand_over(data)

    async def _announce(self, commands: list[bytes]) -> list[Reply]:
        """Say from whom and to whom. Returns the replies to MAIL, RCPT and DATA."""
        together = "PIPELINING" in self._can
        if self._in_transaction:
            self._in_transaction = False
            if together:
                commands = [b"RSET", *commands]
            else:
                await self._ask_one(b"RSET")
        if together:
            count = len(commands)
            return (await self._ask(b"\r\n".join(commands) + b"\r\n", count))[-3:]
        replies: list[Reply] = []
        for command in commands:
            replies.append(await self._ask_one(command))
            if replies[-1].code not in (250, 251, 354):
                break
        return replies + replies[-1:] * (3 - len(replies))

    async def _hand_over(self, data: bytes) -> Reply:
        end = b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"
        if data.startswith(b"."):
            data = b"." + data
        try:
            (reply,) = await self._ask(data.replace(b"\r\n.", b"\r\n..") + end, 1)
        except Trouble as error:
            raise NoAnswer(str(error)) from error
        self._in_transaction = False
        self.carried += 1
        if reply.code == 421:
            raise Trouble(str(reply))
        if reply.code != 250:
            raise Refused(reply)
        return reply

    def _fit(self, data: bytes) -> tuple[bytes, bytes]:
        """The mail as this server can take it, and what MAIL says of it."""
        options = b""
        if not data.isascii():
            if "8BITMIME" in self._can:
                options += b" BODY=8BITMIME"
            else:
                data = _in_seven_bits(data)
        if "SIZE" in self._can:
            limit = self._can["SIZE"]
            if limit.isdigit() and 0 < int(limit) < len(data):
                raise Refused(
                    Reply(552, f"the server takes {limit} bytes, this is {len(data)}")
                )
            options += b" SIZE=%d" % len(data)
        return data, options

    async def close(self) -> None:
        """Say goodbye. What the server makes of it is of no interest."""
        if self.is_open:
            try:
                async with asyncio.timeout(2):
                    await self._ask_one(b"QUIT")
            except (Trouble, TimeoutError):
                pass
        self.abort()

    def abort(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._lost = self._lost or ConnectionError("the connection was closed")

    # Asking, and reading what comes back

    def _expect(self, reply: Reply, code: int) -> None:
        if reply.code != code:
            raise Trouble(str(reply))

    async def _ask_one(self, command: bytes) -> Reply:
        (reply,) = await self._ask(command + b"\r\n", 1)
        return reply

    async def _ask(self, data: bytes, replies: int) -> list[Reply]:
        if self._lost is not None or self._transport is None:
            raise Trouble(_words(self._lost))
        loop = asyncio.get_running_loop()
        self._wanted, self._waiter = replies, loop.create_future()
        self._deadline = loop.time() + self.server.timeout
        self._transport.write(data)
        return await self._replies_to_what_was_asked()

    async def _replies_to_what_was_asked(self) -> list[Reply]:
        assert self._waiter is not None  # noqa: S101 - made by whoever asked
        try:
            await self._waiter
        finally:
            self._waiter, self._deadline = None, None
        found = self._replies[: self._wanted]
        self._replies = self._replies[self._wanted :]
        return found

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > LONGEST_REPLY:
            self.connection_lost(ConnectionError("the mail server talks without end"))
            return
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            self._read(line.rstrip(b"\r").decode("utf-8", "replace"))
        waiter = self._waiter
        if waiter and not waiter.done() and self._is_answered():
            waiter.set_result(None)

    def _is_answered(self) -> bool:
        # A server that closes says so once, whatever it was asked.
        if self._replies and self._replies[-1].code == 421:
            self._replies += [self._replies[-1]] * self._wanted
        return len(self._replies) >= self._wanted

    def _read(self, line: str) -> None:
        self._lines.append(line[4:])
        if line[3:4] == "-" and len(self._lines) < 100:
            return
        code = int(line[:3]) if line[:3].isdigit() else 500
        self._replies.append(Reply(code, "\n".join(self._lines)))
        self._lines = []

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = self._lost or exc or ConnectionError("the connection broke")
        if self._waiter and not self._waiter.done():
            self._waiter.set_exception(Trouble(_words(self._lost)))
        if self._transport is not None:
            self._transport.abort()

    def _watch_over(self) -> None:
        """Break off once an answer takes too long. One timer for all questions."""
        loop = asyncio.get_running_loop()
        if self._deadline is not None and loop.time() > self._deadline:
            self.connection_lost(TimeoutError("no answer in time"))
            return
        if self._lost is None:
            self._watch = loop.call_later(
                min(1.0, self.server.timeout / 4), self._watch_over
            )


def _address(address: str) -> bytes:
    """An address as it stands in a command: nothing in it can end the command."""
    raw = address.encode("ascii", "replace")
    if not ADDRESS.fullmatch(raw):
        raise Refused(Reply(553, "this is no address that mail can be sent to"))
    return raw


def _in_seven_bits(data: bytes) -> bytes:
    policy = POLICY.clone(cte_type="7bit")
    return email.message_from_bytes(data, policy=policy).as_bytes()


def _b64(words: str) -> bytes:
    return base64.b64encode(words.encode())


def _words(error: BaseException | None) -> str:
    return str(error or "") or type(error).__name__
