"""A mail made once for everybody: its bytes, with blanks for what is personal.

Rendering and encoding cost a thousand times what filling in four blanks costs, so
they are done once for each issue. A blank that got lost on the way would send one
person's link to everybody, or nobody's: such a mould is never made.
"""

import re
import secrets
import string
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.quoprimime import body_encode
from email.utils import format_datetime
from functools import cached_property
from hashlib import sha256

from django.core.mail import EmailMultiAlternatives

from . import smtp
from .errors import NotForAMail, PlaceholderLost

# How often each personal link stands in a mail: counted, so that none gets lost.
IN_HTML = {"unsubscribe": 2, "preferences": 1}
IN_TEXT = {"unsubscribe": 1, "preferences": 1}
IN_HEADERS = {"to": 1, "message_id": 1, "delivery": 1, "unsubscribe": 1}
NAMES = ("to", "message_id", "delivery", "unsubscribe", "preferences")

# What is filled in goes into headers, HTML and quoted-printable as it is, so it may hold
# nothing that means something in any of them.
PLAIN = (string.ascii_letters + string.digits).encode()
IN_A_LINK = PLAIN + b"._~:/[]-"
SCHEMES = (b"https://", b"http://")
IN_A_MESSAGE_ID = PLAIN + b"<@.->"
IN_AN_ADDRESS = PLAIN + b"@.!#$%&'*+/=?^_`{|}~-"
# A line of quoted-printable has 76 signs with the "=" that joins it to the next.
CHUNK = 75
# Of all values together. A line of a mail may have 998 signs.
LONGEST = 900
UNFIT = (
    "An address, Message-ID or link of this mail holds a sign that could mean "
    "something else in a mail. It is not sent."
)


@dataclass(frozen=True)
class Blanks:
    """What stands in a mould where a mail has its recipient's.

    Random, so that no text can hold one by chance or by design; without a sign that
    HTML, URLs or quoted-printable would write in another way; and all of one width.
    """

    to: str
    message_id: str
    delivery: str
    unsubscribe: str
    preferences: str

    @classmethod
    def new(cls) -> "Blanks":
        token = secrets.token_hex(12)
        return cls(
            to=f"t@{token}.invalid",
            message_id=f"<m@{token}.invalid>",
            delivery=f"d.{token}.invalid",
            unsubscribe=f"https://{token}.invalid/u",
            preferences=f"https://{token}.invalid/p",
        )

    def pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(re.escape(getattr(self, name)) for name in NAMES))

    def name(self, blank: str) -> str:
        return next(name for name in NAMES if getattr(self, name) == blank)

    def count(self, words: str) -> Counter[str]:
        return Counter(self.name(blank) for blank in self.pattern().findall(words))


@dataclass(frozen=True)
class Mould:
    """A mail without its recipient. ``join`` gives the bytes for one person.

    ``fingerprint`` is the SHA-256 of the bytes with their blanks: the same for the same
    release, the same settings and the same items left out, on every machine.
    """

    fingerprint: str
    subject: str
    sender: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    blanks: Blanks = field(repr=False)
    pieces: tuple[bytes, ...] = field(repr=False)
    # Which value belongs after each piece but the last: into ``_values``.
    order: tuple[int, ...] = field(repr=False)

    @property
    def size_of_html(self) -> int:
        """Bytes of the HTML part. Gmail shows about 100,000 of them and cuts the rest."""
        return len(self.html.encode())

    @property
    def size(self) -> int:
        """About how many bytes of memory it takes."""
        # The pieces are kept a second time, closed, and the words may have wide letters.
        return 2 * (sum(map(len, self.pieces)) + len(self.html) + len(self.text))

    def join(
        self, *, to: str, message_id: str, unsubscribe: str, preferences: str
    ) -> bytes:
        """Return the mail to one person, lines ended by CRLF.

        Raises ``NotForAMail`` for a value that could become more than one.
        """
        values = _values(to, message_id, unsubscribe, preferences)
        return self._join(self.pieces, values)

    def closed(
        self, *, to: str, message_id: str, unsubscribe: str, preferences: str
    ) -> bytes:
        """The same as ``smtp.closed`` makes it, without a look at each byte of it."""
        values = _values(to, message_id, unsubscribe, preferences)
        leave, choose = values[-2:]
        soft = smtp.doubled(leave), smtp.doubled(choose)
        return self._join(self._closed_pieces, (*values[:-2], *soft))

    @cached_property
    def _closed_pieces(self) -> tuple[bytes, ...]:
        # Of the values only those in bodies have lines of their own.
        *pieces, last = self.pieces
        return (*map(smtp.doubled, pieces), smtp.closed(last))

    def _join(self, pieces: tuple[bytes, ...], values: tuple[bytes, ...]) -> bytes:
        parts = [b""] * (2 * len(self.pieces) - 1)
        parts[0::2] = pieces
        parts[1::2] = [values[which] for which in self.order]
        return b"".join(parts)

    def letter(
        self, *, to: str, message_id: str, unsubscribe: str, preferences: str
    ) -> EmailMultiAlternatives:
        """Return the same mail for backends that take no bytes, such as providers'."""
        _values(to, message_id, unsubscribe, preferences)
        filled = {
            self.blanks.to: to,
            self.blanks.message_id: message_id,
            self.blanks.delivery: _delivery(message_id),
            self.blanks.unsubscribe: unsubscribe,
            self.blanks.preferences: preferences,
        }
        pattern = self.blanks.pattern()

        def fill(words: str) -> str:
            return pattern.sub(lambda found: filled[found[0]], words)

        headers = {name: fill(value) for name, value in self.headers}
        letter = EmailMultiAlternatives(
            subject=self.subject,
            body=fill(self.text),
            from_email=self.sender,
            to=[to],
            reply_to=[headers.pop("Reply-To")] if "Reply-To" in headers else None,
            headers=headers,
        )
        letter.attach_alternative(fill(self.html), "text/html")
        return letter


def is_address(words: str) -> bool:
    """Whether ``words`` are one address and nothing besides, as a header may hold it."""
    local, at, host = words.partition("@")
    return bool(
        words.isascii()
        and local
        and at
        and host
        and "@" not in host
        and not words.encode().translate(None, IN_AN_ADDRESS)
    )


def cast(
    *,
    subject: str,
    sender: Address,
    date: datetime,
    headers: Mapping[str, str],
    html: str,
    text: str,
    blanks: Blanks,
) -> Mould:
    """Return the mould of a mail whose parts hold ``blanks``.

    ``headers`` come besides the usual ones; no value may have a line end. Raises
    ``PlaceholderLost``.
    """
    _check("the HTML", blanks.count(html), IN_HTML)
    _check("the text", blanks.count(text), IN_TEXT)
    all_headers = {
        "Date": format_datetime(date),
        "Message-ID": blanks.message_id,
        **headers,
    }
    parts = EmailMessage(policy=SMTP)
    parts["Content-Type"] = (
        f'multipart/alternative; boundary="{_boundary(html, text, blanks)}"'
    )
    parts.attach(_part("text/plain; charset=utf-8; format=flowed", text, blanks))
    parts.attach(_part("text/html; charset=utf-8", html, blanks))
    pieces, found, in_head = _split(
        head(subject, sender, all_headers, blanks) + parts.as_bytes(), blanks
    )
    _check("the headers", Counter(found[:in_head]), IN_HEADERS)
    expected = Counter(IN_HTML) + Counter(IN_TEXT)
    _check("the encoded mail", Counter(found[in_head:]), expected)
    return Mould(
        fingerprint=_fingerprint(pieces, found),
        subject=subject,
        sender=str(sender),
        html=html,
        text=text,
        headers=tuple(all_headers.items()),
        blanks=blanks,
        pieces=pieces,
        order=tuple(
            NAMES.index(name) if at < in_head else len(NAMES) + NAMES.index(name)
            for at, name in enumerate(found)
        ),
    )


def head(
    subject: str, sender: Address, headers: Mapping[str, str], blanks: Blanks
) -> bytes:
    """Return the headers of a mail, but for those of its body.

    No word of ``subject`` or of the sender's name can become a header or a recipient.
    """
    lines = {
        "From": _mailbox(sender),
        "To": blanks.to,
        "Subject": _words(subject, "Subject"),
        **headers,
        "MIME-Version": "1.0",
    }
    return b"".join(
        f"{name}: {value}\r\n".encode("ascii") for name, value in lines.items()
    )


def _check(where: str, found: Counter[str], wanted: Mapping[str, int]) -> None:
    if found != Counter(wanted):
        raise PlaceholderLost(
            f"A personal link got lost in {where} of this mail: there are "
            f"{dict(found)}, and {dict(wanted)} belong there. It is not sent."
        )


def _mailbox(sender: Address) -> str:
    """One address under a name, as a header says it.

    By hand: what the standard library makes of some names when it folds them, such as
    long ones with quotes and commas, reads as other addresses.
    """
    name = sender.display_name
    if not name:
        return sender.addr_spec
    if not name.isascii():
        return f"{_words(name, 'From')} <{sender.addr_spec}>"
    escaped = name.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}" <{sender.addr_spec}>'


def _words(words: str, header: str) -> str:
    """Words as a header says them: folded, and encoded where they are not ASCII."""
    charset = "us-ascii" if words.isascii() else "utf-8"
    found = Header(words, charset, maxlinelen=CHUNK, header_name=header)
    return found.encode(linesep="\r\n")


def _part(kind: str, words: str, blanks: Blanks) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = kind
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(_quoted(words, blanks))
    return part


def _quoted(words: str, blanks: Blanks) -> str:
    """Return quoted-printable with each blank on a line of its own.

    Encoded as a whole, about every third blank would be cut by a soft line break; so
    the text is cut at its blanks first.
    """
    pieces = blanks.pattern().split(words)
    found = blanks.pattern().findall(words)
    quoted = [_body(pieces[0])]
    for blank, piece in zip(found, pieces[1:], strict=True):
        quoted += (f"=\n{blank}=\n", _body(piece))
    return "".join(quoted)


def _body(words: str) -> str:
    # As the standard library does it, which takes a string of bytes.
    return body_encode(words.encode().decode("latin-1"), maxlinelen=CHUNK + 1)


def _split(source: bytes, blanks: Blanks) -> tuple[tuple[bytes, ...], list[str], int]:
    """Cut the bytes at their blanks: pieces, names, and how many are in the head."""
    pattern = re.compile(blanks.pattern().pattern.encode())
    head_ends = source.index(b"\r\n\r\n")
    matches = list(pattern.finditer(source))
    found = [blanks.name(match[0].decode()) for match in matches]
    in_head = sum(match.start() < head_ends for match in matches)
    starts = [0, *(match.end() for match in matches)]
    ends = [*(match.start() for match in matches), len(source)]
    pieces = tuple(source[start:end] for start, end in zip(starts, ends, strict=True))
    return pieces, found, in_head


def _fingerprint(pieces: Iterable[bytes], found: list[str]) -> str:
    first, *rest = pieces
    digest = sha256(first)
    for name, piece in zip(found, rest, strict=True):
        digest.update(b"{%s}" % name.encode() + piece)
    return digest.hexdigest()


def _boundary(html: str, text: str, blanks: Blanks) -> str:
    # From the words, so that every machine makes the same bytes of them. "=_" stands
    # in no quoted-printable.
    words = blanks.pattern().sub("", f"{text}\n{html}")
    return f"=_{sha256(words.encode()).hexdigest()[:32]}"


def _values(
    to: str, message_id: str, unsubscribe: str, preferences: str
) -> tuple[bytes, ...]:
    """The values in the order of ``NAMES``, for headers and then for bodies."""
    try:
        address = to.encode("ascii")
        id_ = message_id.encode("ascii")
        leave = unsubscribe.encode("ascii")
        choose = preferences.encode("ascii")
    except UnicodeEncodeError as error:
        raise NotForAMail(UNFIT) from error
    # Called for every mail: ``translate`` takes a tenth of what a pattern takes.
    if (
        address.translate(None, IN_AN_ADDRESS)
        or id_.translate(None, IN_A_MESSAGE_ID)
        or (leave + choose).translate(None, IN_A_LINK)
        or address.count(b"@") != 1
        or id_.count(b"<") != 1
        or id_.find(b">") != len(id_) - 1
        or not id_.startswith(b"<")
        or not leave.startswith(SCHEMES)
        or not choose.startswith(SCHEMES)
        or len(address) + len(id_) + len(leave) + len(choose) > LONGEST
    ):
        raise NotForAMail(UNFIT)
    delivery = id_[1:].partition(b"@")[0]
    none = b""
    return (
        *(address, id_, delivery, leave, choose),
        *(none, none, none, _soft(leave), _soft(choose)),
    )


def _delivery(message_id: str) -> str:
    """What names one mail to one person when a provider writes its own Message-ID."""
    return message_id[1:].partition("@")[0]


def _soft(value: bytes) -> bytes:
    """A long value as quoted-printable, which allows 76 signs to a line."""
    lines = value[:CHUNK]
    for at in range(CHUNK, len(value), CHUNK):
        lines += b"=\r\n" + value[at : at + CHUNK]
    return lines
