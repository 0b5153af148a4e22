"""The personal links in mails: signed, opaque, each for one purpose only.

A link made to confirm never works to unsubscribe, because each purpose has its own
salt. All are built on ``PUBLIC_ORIGIN``, never on a request's Host header.
"""

import hmac
from binascii import b2a_base64
from datetime import timedelta
from functools import cache, lru_cache
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired, Signer, TimestampSigner
from django.urls import reverse

from .errors import LinkDamaged, LinkTooOld

CONFIRM_WITHIN = timedelta(days=7)
UNSUBSCRIBE = "newsletters.unsubscribe"
PREFERENCES = "newsletters.preferences"
# RFC 4648 5.
URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Keyed(Protocol):
    """A subscription, or what goes out for one. Its links hold its key alone."""

    @property
    def key(self) -> UUID: ...


def to_confirm(subscription: Keyed) -> str:
    """The address of the page with the button that confirms; works for 7 days."""
    token = _confirm_signer().sign(subscription.key.hex)
    return _absolute("newsletters:confirm", token)


def to_unsubscribe(subscription: Keyed) -> str:
    """The address that ends a subscription, in every mail. Never runs out."""
    return _absolute("newsletters:unsubscribe", _signed(subscription, UNSUBSCRIBE))


def path_to_unsubscribe(subscription: Keyed) -> str:
    """The address of ``to_unsubscribe`` without our host, for a page of ours."""
    return _path("newsletters:unsubscribe", _signed(subscription, UNSUBSCRIBE))


def path_to_preferences(subscription: Keyed) -> str:
    """The address of ``to_preferences`` without our host, for a page of ours."""
    return _path("newsletters:preferences", _signed(subscription, PREFERENCES))


def to_preferences(subscription: Keyed) -> str:
    """The address of the page to change what one gets, in every mail. Never runs out.

    What it opens is what the mail's holder may do anyway: leave, be forgotten, choose.
    It shows no whole address, and moves the newsletter nowhere without that mailbox.
    """
    return _absolute("newsletters:preferences", _signed(subscription, PREFERENCES))


class Writer:
    """Writes the two links that every mail has. Keeps settings, so use it briefly."""

    def __init__(self) -> None:
        self._leave = _around("newsletters:unsubscribe", settings.PUBLIC_ORIGIN)
        self._leave_key = _key(UNSUBSCRIBE, settings.SECRET_KEY)
        self._choose = _around("newsletters:preferences", settings.PUBLIC_ORIGIN)
        self._choose_key = _key(PREFERENCES, settings.SECRET_KEY)

    def of(self, key: UUID) -> tuple[str, str]:
        """``to_unsubscribe`` and ``to_preferences`` of a subscription with this key."""
        value = key.hex
        leave, choose = _token(value, self._leave_key), _token(value, self._choose_key)
        return leave.join(self._leave), choose.join(self._choose)


def read_confirm(token: str) -> UUID:
    """Return the key of the subscription, or raise ``LinkTooOld``, ``LinkDamaged``."""
    try:
        return UUID(_confirm_signer().unsign(token, max_age=CONFIRM_WITHIN))
    except SignatureExpired as error:
        raise LinkTooOld("This link has run out.") from error
    except BadSignature as error:
        raise LinkDamaged("This link is damaged.") from error


def read_unsubscribe(token: str) -> UUID:
    """Return the key of the subscription, or raise ``LinkDamaged``."""
    return _read(token, UNSUBSCRIBE)


def read_preferences(token: str) -> UUID:
    """Return the key of the subscription, or raise ``LinkDamaged``."""
    return _read(token, PREFERENCES)


def _signed(subscription: Keyed, purpose: str) -> str:
    return _token(subscription.key.hex, _key(purpose, settings.SECRET_KEY))


def _token(value: str, key: bytes) -> str:
    """What ``Signer.sign`` gives, with a key that is derived once and not for each mail."""
    signature = b2a_base64(hmac.digest(key, value.encode(), "sha256"), newline=False)
    # 32 bytes are 43 signs and one that fills up.
    return f"{value}.{signature[:-1].translate(URL_SAFE).decode()}"


def _read(token: str, purpose: str) -> UUID:
    try:
        return UUID(Signer(salt=purpose, sep=".").unsign(token))
    except BadSignature as error:
        raise LinkDamaged("This link is damaged.") from error


def _confirm_signer() -> TimestampSigner:
    return TimestampSigner(salt="newsletters.confirm", sep=".")


@lru_cache(maxsize=4)
def _key(purpose: str, secret: str) -> bytes:
    # As ``salted_hmac`` derives it for a ``Signer``.
    return sha256(f"{purpose}signer{secret}".encode()).digest()


def _absolute(name: str, token: str) -> str:
    return token.join(_around(name, settings.PUBLIC_ORIGIN))


def _path(name: str, token: str) -> str:
    return token.join(_around(name))


@cache
def _around(name: str, origin: str = "") -> tuple[str, str]:
    """An address before and after its token. Looked up once: each mail has two.

    No sign of a token is written otherwise in an address.
    """
    before, after = reverse(name, args=["token-here"]).split("token-here")
    return f"{origin}{before}", after
