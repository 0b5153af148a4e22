"""A mail signed as its provider signs it, and the key that its readers look up."""

import base64
import re
import subprocess
from dataclasses import dataclass

import dkim

DOMAIN, SELECTOR = "localoffer.example", "s1"
# RFC 8058 wants both headers to unsubscribe with among what is signed.
SIGNED = [
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version"),
    *("content-type", "list-id", "list-unsubscribe", "list-unsubscribe-post"),
    *("feedback-id", "auto-submitted"),
]


@dataclass(frozen=True)
class Key:
    """A key made for one run."""

    private: bytes
    record: str


def make_key(openssl: str) -> Key:
    private = _run(openssl, "genrsa", "2048")
    public = _run(openssl, "rsa", "-pubout", "-outform", "DER", given=private)
    return Key(
        private=private,
        record=f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}",
    )


def sign(source: bytes, key: Key) -> bytes:
    """Return the mail with the signature above it, relaxed as providers make it."""
    signature = dkim.sign(
        source,
        SELECTOR.encode(),
        DOMAIN.encode(),
        key.private,
        canonicalize=(b"relaxed", b"relaxed"),
        include_headers=[name.encode() for name in SIGNED],
    )
    return bytes(signature) + source


def holds(source: bytes, key: Key) -> bool:
    """Whether dkimpy finds the signature right."""
    return bool(
        dkim.verify(source, dnsfunc=lambda name, timeout=5: key.record.encode())
    )


def covered(source: bytes) -> set[str]:
    """The names of the headers that the signature covers."""
    found = re.search(rb"\bh=([^;]+);", source)
    assert found
    return {name.strip().lower() for name in found[1].decode().split(":")}


def _run(program: str, *arguments: str, given: bytes = b"") -> bytes:
    return subprocess.run(  # noqa: S603 - found on PATH
        [program, *arguments], input=given, check=True, capture_output=True
    ).stdout
