"""Mail caught instead of sent, one ``.eml`` file each, for looking at."""

import email
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default as policy
from pathlib import Path

NAME_FORMAT = "%Y%m%dT%H%M%S.%f"


@dataclass(frozen=True)
class CaughtMail:
    name: str
    source: bytes

    @property
    def received(self) -> datetime:
        stamp, _, _ = self.name.rpartition("-")
        return datetime.strptime(stamp, NAME_FORMAT).replace(tzinfo=UTC)

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.source, policy=policy)

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def text(self) -> str | None:
        return self._body("plain")

    @property
    def html(self) -> str | None:
        return self._body("html")

    def _body(self, kind: str) -> str | None:
        part = self.message.get_body(preferencelist=(kind,))
        if part is None:
            return None
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)  # noqa: S101 - get_body never gives a container
        try:
            return raw.decode(part.get_content_charset("utf-8"), "replace")
        except LookupError:  # a charset nobody knows
            return raw.decode("utf-8", "replace")


class Mailbox:
    """A folder of caught mail; what one run caught, the next still shows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, source: bytes, *, sender: str, recipients: Sequence[str]) -> str:
        """Keep a mail and return its name.

        The envelope is written on top, as a receiving server does: a blind copy
        can be told from its ``Delivered-To`` alone.
        """
        stamp = datetime.now(UTC).strftime(NAME_FORMAT)
        name = f"{stamp}-{secrets.token_hex(4)}"
        envelope = [f"Return-Path: <{sender}>"]
        envelope += [f"Delivered-To: {recipient}" for recipient in recipients]
        self.folder.mkdir(parents=True, exist_ok=True)
        # Written aside first: a reader never sees half a mail.
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes("".join(f"{h}\r\n" for h in envelope).encode() + source)
        unfinished.rename(self.folder / f"{name}.eml")
        return name

    def newest(self, count: int) -> list[CaughtMail]:
        names = sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)
        return [
            CaughtMail(name, self._path(name).read_bytes()) for name in names[:count]
        ]

    def get(self, name: str) -> CaughtMail | None:
        if (
            not re.fullmatch(r"[0-9T.]+-[0-9a-f]+", name)
            or not self._path(name).exists()
        ):
            return None
        return CaughtMail(name, self._path(name).read_bytes())

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.eml"
