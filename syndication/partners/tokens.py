"""What a partner's key looks like, and what is stored of it.

After ``wagtail.models.api.APIToken``: a prefix by which scanners for secrets know it, a
random part, and a checksum, so that what was cut off or mistyped is told apart without
asking the database. Stored is a keyed hash alone.
"""

import math
import secrets
import zlib

from django.conf import settings
from django.utils.crypto import salted_hmac

PREFIX = "countersign_"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SECRET_BYTES = 20
SECRET_LENGTH = math.ceil(SECRET_BYTES * 8 * math.log(2) / math.log(len(ALPHABET)))
CHECKSUM_LENGTH = math.ceil(32 * math.log(2) / math.log(len(ALPHABET)))
LENGTH = len(PREFIX) + SECRET_LENGTH + CHECKSUM_LENGTH
# The prefix and four characters more: enough to tell two keys apart, useless to sign in.
SHOWN = len(PREFIX) + 4
SALT = "countersign.partners.key"


def generate() -> str:
    """Return a new key: ``countersign_<27 random characters><checksum of 6>``.

    >>> is_well_formed(generate())
    True
    """
    number = int.from_bytes(secrets.token_bytes(SECRET_BYTES))
    secret = _base62(number, SECRET_LENGTH)
    return f"{PREFIX}{secret}{_checksum(secret)}"


def is_well_formed(token: str) -> bool:
    """Whether ``token`` can be a key at all. Says nothing of whether there is one.

    >>> is_well_formed("countersign_" + "0" * 33)
    False
    """
    body = token.removeprefix(PREFIX)
    if len(token) != LENGTH or body == token or not set(ALPHABET).issuperset(body):
        return False
    secret, checksum = body[:SECRET_LENGTH], body[SECRET_LENGTH:]
    return secrets.compare_digest(checksum, _checksum(secret))


def digest(token: str, *, secret_key: str | bytes | None = None) -> str:
    """Return what is stored of a key: HMAC-SHA-256 with ``SECRET_KEY``, in hex."""
    return salted_hmac(SALT, token, secret=secret_key, algorithm="sha256").hexdigest()


def digests(token: str) -> list[str]:
    """Return what may be stored of a key: by the secret key, and by earlier ones."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [digest(token, secret_key=key) for key in keys]


def _checksum(secret: str) -> str:
    return _base62(zlib.crc32(f"{PREFIX}{secret}".encode()), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
