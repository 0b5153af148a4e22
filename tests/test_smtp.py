"""What our SMTP client says to mail servers of every kind, and what it makes of answers."""

import asyncio
import base64
import hmac
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syndication.newsletters.smtp import (
    NoAnswer,
    Refused,
    Reply,
    Server,
    Session,
    Trouble,
    closed,
)

MAIL = closed(b"Subject: Hi\r\n\r\n.dots.\r\n..\r\n.\r\nend")
WELL = ("PIPELINING", "SIZE 1000000")
MANY = b"250 2.0.0 " + b"x" * 70_000


class OtherSide:
    """A mail server on loopback that says what it is told to.

    ``answers`` maps the beginning of a command, or ``"."`` for the end of a mail, to what is
    said instead of the usual: ``None`` for nothing at all, ``b""`` to break off. ``heard`` is
    all that came, piece by piece.
    """

    def __init__(self, *offers, answers=None, context=None):
        self.offers = offers
        self.answers = answers or {}
        self.context = context
        self.heard = []
        self.mails = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.socket.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=[connection], daemon=True).start()

    def _talk(self, connection):
        try:
            self._say(connection, "banner", b"220 here")
            while secret := self._listen(connection):
                connection = secret
        except OSError:
            pass
        finally:
            connection.close()

    def _listen(self, connection):
        """Answer what comes, until the connection is another, or none."""
        rest, in_mail = b"", False
        while piece := connection.recv(100_000):
            self.heard.append(piece)
            rest += piece
            if in_mail and rest.startswith(b".\r\n"):
                rest, in_mail = rest[3:], False
                self._say(connection, "nothing", b"554 nobody to send it to")
            while (end := rest.find(b"\r\n.\r\n" if in_mail else b"\r\n")) >= 0:
                if in_mail:
                    self.mails.append(rest[: end + 2])
                    rest, in_mail = rest[end + 5 :], False
                    self._say(connection, ".", b"250 taken")
                    continue
                line, rest = rest[:end].decode(), rest[end + 2 :]
                if line.startswith("STARTTLS"):
                    self._say(connection, line, b"220 go on")
                    return self.context.wrap_socket(connection, server_side=True)
                in_mail = self._say(connection, line, self._usual(line)) == b"354"
        return None

    def _usual(self, line):
        if line.startswith("EHLO"):
            lines = ["here", *self.offers]
            marks = ["-"] * len(self.offers) + [" "]
            return "\r\n".join(
                f"250{mark}{one}" for mark, one in zip(marks, lines, strict=True)
            ).encode()
        return {"DATA": b"354 go on", "QUIT": b"221 bye"}.get(line, b"250 fine")

    def _say(self, connection, line, usual):
        said = next(
            (words for begin, words in self.answers.items() if line.startswith(begin)),
            usual,
        )
        if isinstance(said, list):
            said = said.pop(0) if said else usual
        if said == b"":
            raise OSError
        if said is not None:
            connection.sendall(said + b"\r\n")
        return (said or b"")[:3]

    @property
    def commands(self):
        return b"".join(self.heard)


def talk(server, *mails, to=("pat@example.org",), **options):
    """What became of each mail, over one connection."""

    async def run():
        async with connected(server, **options) as session:
            return [
                await carried(session, mail, address)
                for mail in mails or (MAIL,)
                for address in to
            ]

    return asyncio.run(run())


@asynccontextmanager
async def connected(server, **options):
    session = Session(Server("127.0.0.1", server.port, **{"timeout": 0.5, **options}))
    try:
        await session.open()
        yield session
        await session.close()
    finally:
        session.abort()
        await asyncio.sleep(0.01)


async def carried(session, mail=MAIL, to="pat@example.org"):
    ended = asyncio.get_running_loop().create_future()
    # Said twice, this would raise.
    session.send(sender="news@here.example", to=to, data=mail, done=ended.set_result)
    return await asyncio.wait_for(ended, 5)


def one(server, **options):
    (end,) = talk(server, **options)
    return end


# What is said


def test_a_mail_arrives_with_all_its_dots():
    with OtherSide(*WELL) as server:
        assert one(server) == Reply(250, "taken")

    (mail,) = server.mails
    lines = [line[line.startswith(b".") :] for line in mail.split(b"\r\n")]
    assert b"\r\n".join(lines) == b"Subject: Hi\r\n\r\n.dots.\r\n..\r\n.\r\nend\r\n"


@given(
    st.lists(st.text("a.\r\n", max_size=4).map(str.encode), max_size=20).map(b"".join)
)
def test_no_line_within_a_mail_ends_it(words):
    words = words.replace(b"\r", b"").replace(b"\n", b"\r\n")

    sent = closed(b"S: x\r\n" + words)

    assert sent.endswith(b"\r\n.\r\n")
    assert sent.index(b"\r\n.\r\n") == len(sent) - 5


def test_where_it_may_all_commands_go_at_once():
    with OtherSide(*WELL) as server:
        one(server)

    assert server.heard[1].startswith(b"MAIL FROM:<news@here.example> SIZE=")
    assert server.heard[1].endswith(b"RCPT TO:<pat@example.org>\r\nDATA\r\n")


def test_where_it_may_not_each_command_waits_for_its_answer():
    with OtherSide("SIZE") as server:
        assert one(server).code == 250

    assert [piece.split()[0] for piece in server.heard[1:4]] == [
        b"MAIL",
        b"RCPT",
        b"DATA",
    ]
    assert all(piece.count(b"\r\n") == 1 for piece in server.heard[:4])


def test_a_server_that_knows_no_extensions_is_greeted_as_in_old_times():
    with OtherSide(answers={"EHLO": b"502 what?"}) as server:
        assert one(server).code == 250

    assert b"\r\nHELO " in server.commands
    assert b"SIZE" not in server.commands


def test_what_is_too_large_for_a_server_is_not_begun():
    with OtherSide("SIZE 20") as server:
        end = one(server)

    assert isinstance(end, Refused)
    assert end.reply.code == 552
    assert b"MAIL" not in server.commands


@pytest.mark.parametrize(
    "address", ["a b@example.org", "a@b>\r\nDATA\r\n", "pät@example.org\n", ""]
)
def test_no_address_becomes_a_command(address):
    with OtherSide(*WELL) as server:
        end, after = talk(server, to=[address, "pat@example.org"])

    assert isinstance(end, Refused)
    assert end.reply.code == 553
    assert after.code == 250
    assert server.commands.count(b"MAIL") == 1


# Who we are


def test_a_name_and_a_password_are_said_in_one_go_where_that_is_offered():
    with OtherSide("AUTH LOGIN PLAIN", *WELL, answers={"AUTH": b"235 in"}) as server:
        assert one(server, user="news", password="secret").code == 250

    assert b"AUTH PLAIN " + base64.b64encode(b"\0news\0secret") in server.commands


def test_or_one_after_the_other():
    name = base64.b64encode(b"news").decode()
    word = base64.b64encode(b"secret").decode()
    answers = {"AUTH LOGIN": b"334 UGFzc3dvcmQ6", word: b"235 in"}
    with OtherSide("AUTH LOGIN", *WELL, answers=answers) as server:
        assert one(server, user="news", password="secret").code == 250

    assert f"AUTH LOGIN {name}\r\n{word}\r\n".encode() in server.commands


def test_a_password_is_not_said_aloud_where_that_can_be_helped():
    challenge = b"<1896.697170952@here>"
    digest = hmac.new(b"secret", challenge, "md5").hexdigest()
    said = base64.b64encode(f"news {digest}".encode()).decode()
    answers = {"AUTH": b"334 " + base64.b64encode(challenge), said: b"235 in"}
    with OtherSide("AUTH PLAIN CRAM-MD5", *WELL, answers=answers) as server:
        assert one(server, user="news", password="secret").code == 250

    assert base64.b64encode(b"\0news\0secret") not in server.commands


@pytest.mark.parametrize("offer", ["AUTH PLAIN", "AUTH GSSAPI"])
def test_who_is_not_let_in_sends_nothing(offer):
    with (
        OtherSide(offer, *WELL, answers={"AUTH": b"535 no"}) as server,
        pytest.raises(Trouble),
    ):
        one(server, user="news", password="wrong")

    assert b"MAIL" not in server.commands


# In secret


@pytest.fixture(scope="module")
def contexts(tmp_path_factory):
    """What a server shows, and who trusts it."""
    program = shutil.which("openssl")
    assert program, "openssl belongs to Debian's ca-certificates: install it"
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(  # noqa: S603 - found on PATH
        [
            *(program, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate, key)
    return shown, ssl.create_default_context(cafile=certificate)


def test_a_password_is_said_once_nobody_else_can_hear(contexts):
    shown, trusting = contexts
    offers = ("STARTTLS", "AUTH PLAIN", *WELL)
    with OtherSide(*offers, answers={"AUTH": b"235 in"}, context=shown) as server:
        end = one(
            server, starttls=True, context=trusting, user="news", password="secret"
        )

    assert end.code == 250
    assert server.heard[1] == b"STARTTLS\r\n"
    assert server.heard[2].startswith(b"EHLO ")


def test_what_was_slipped_in_before_is_not_taken_for_an_answer(contexts):
    """CVE-2021-38371: a third party adds replies to the last one that is readable."""
    shown, trusting = contexts
    answers = {"STARTTLS": b"220 go on\r\n250-here\r\n250 AUTH CRAM-MD5"}
    with OtherSide("STARTTLS", *WELL, answers=answers, context=shown) as server:
        assert one(server, starttls=True, context=trusting).code == 250

    assert len(server.mails) == 1


@pytest.mark.parametrize("offers", [(), ("STARTTLS",)])
def test_nothing_is_said_where_others_could_hear(contexts, offers):
    """Neither without encryption, nor to somebody whom we do not know."""
    with (
        OtherSide(*offers, "AUTH PLAIN", *WELL, context=contexts[0]) as server,
        pytest.raises(Trouble),
    ):
        one(server, starttls=True, user="news", password="secret")

    assert b"AUTH" not in server.commands
    assert b"MAIL" not in server.commands


# What comes back


def test_who_is_refused_keeps_nobody_from_the_next_mail():
    answers = {"RCPT": [b"550 5.1.1 nobody", b"450 4.2.0 later"]}
    with OtherSide(*WELL, answers=answers) as server:
        nobody, later, fine = talk(server, MAIL, MAIL, MAIL)

    assert nobody.reply.is_for_good
    assert later.reply.is_for_now
    assert fine.code == 250
    assert len(server.mails) == 1


def test_a_mail_that_is_refused_as_a_whole_is_said_to_be():
    with OtherSide(*WELL, answers={".": [b"554 5.7.1 no such mail"]}) as server:
        refused, fine = talk(server, MAIL, MAIL)

    assert str(refused.reply) == "554 5.7.1 no such mail"
    assert fine.code == 250


@pytest.mark.parametrize(
    "answers",
    [
        {"MAIL": b"550 not from you"},
        {"MAIL": b"421 closing"},
        {"RCPT": b"421 closing"},
        {"DATA": b"421 closing"},
        {"MAIL": b""},
        {"MAIL": None},
        {"DATA": None},
        {"MAIL": MANY},
    ],
    ids=str,
)
def test_trouble_before_a_mail_was_said_leaves_it_unsent(answers):
    with OtherSide("SIZE", answers=answers) as server:
        assert isinstance(one(server), Trouble)

    assert not server.mails


@pytest.mark.parametrize("answer", [None, b"", MANY], ids=["silence", "end", "noise"])
def test_nobody_knows_of_a_mail_whose_answer_is_missing(answer):
    with OtherSide(*WELL, answers={".": answer}) as server:
        assert isinstance(one(server), NoAnswer)

    assert len(server.mails) == 1


@pytest.mark.parametrize("early", ["DATA", "RCPT", "MAIL"])
def test_what_was_said_before_a_mail_is_no_answer_to_it(early):
    usual = {"DATA": b"354 go on"}.get(early, b"250 fine")
    answers = {early: usual + b"\r\n250 and more", ".": None}
    with OtherSide(*WELL, answers=answers) as server:
        assert not isinstance(one(server), Reply)


def test_a_server_that_closes_after_a_mail_has_not_taken_it():
    with OtherSide(*WELL, answers={".": b"421 4.3.0 no more today"}) as server:
        assert isinstance(one(server), Trouble)


@pytest.mark.parametrize("banner", [b"554 go away", b"", None])
def test_who_is_not_greeted_sends_nothing(banner):
    with OtherSide(*WELL, answers={"banner": banner}) as server, pytest.raises(Trouble):
        one(server)

    assert b"MAIL" not in server.commands


def test_a_mail_over_a_connection_that_is_gone_is_unsent():
    async def run(server):
        async with connected(server) as session:
            session.abort()
            return session.is_open, await carried(session)

    with OtherSide(*WELL) as server:
        is_open, end = asyncio.run(run(server))

    assert not is_open
    assert isinstance(end, Trouble)


def test_breaking_off_tells_who_waits():
    async def run(server):
        async with connected(server, timeout=5) as session:
            waiting = asyncio.ensure_future(carried(session))
            await asyncio.sleep(0.2)
            session.abort()
            return await waiting

    with OtherSide(*WELL, answers={".": None}) as server:
        assert isinstance(asyncio.run(run(server)), NoAnswer)
