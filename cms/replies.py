"""What became of a mail that could not be handed over, read from the error.

Of mail servers (smtplib) and of providers (Anymail). A mail counts as not sent only
where that is certain: whatever else happened, somebody may have it.
"""

import smtplib
from collections.abc import Iterator
from enum import Enum
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailError

# What handing a mail over may raise. An error of Anymail's may be an OSError too.
ERRORS = (OSError, AnymailError)

# Answers of a provider that are about us, and not about the mail: who we are, what we
# paid, how fast we are, or that it is closed.
ABOUT_US = (401, 402, 403, 407, 408, 429, 503)
# Errors after which nothing of a mail has left, by name: those of requests, urllib3 and
# botocore are not all installed.
NOT_CONNECTED = {
    "ConnectionRefusedError",
    "gaierror",
    "SSLCertVerificationError",
    "ConnectTimeout",
    "ConnectTimeoutError",
    "NewConnectionError",
    "ProxyError",
    "EndpointConnectionError",
    "NoCredentialsError",
}


class Fate(Enum):
    ACCEPTED = "accepted"
    # Of this mail: for now, or for good.
    DEFERRED = "deferred"
    REFUSED = "refused"
    # Of the way out: nobody has seen this mail, or nobody knows.
    UNSENT = "unsent"
    UNKNOWN = "unknown"


def fate(error: OSError | AnymailError) -> Fate:
    """What an error means for the mail that was to be handed over."""
    # First, since some are an OSError besides.
    if isinstance(error, AnymailError):
        return _fate_at_provider(error)
    if isinstance(error, smtplib.SMTPSenderRefused):
        # Our own address is refused: this would fail every mail of its kind.
        return Fate.UNSENT
    if code := _code(error):
        return Fate.REFUSED if 500 <= code < 600 else Fate.DEFERRED
    return Fate.UNSENT if _never_connected(error) else Fate.UNKNOWN


def words(error: OSError | AnymailError) -> str:
    """What was answered, or what happened before there was an answer."""
    if isinstance(error, AnymailError):
        return f"{type(error).__name__}: {_status(error) or error}"[:200]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{code} {_decoded(said)}" for code, said in error.recipients.values()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_decoded(error.smtp_error)}"
    return str(error) or type(error).__name__


def _fate_at_provider(error: AnymailError) -> Fate:
    if not isinstance(error, AnymailAPIError):
        # Every recipient was refused, or the mail is none that this provider can send.
        return Fate.REFUSED
    status = _status(error)
    if status is None:
        return Fate.UNSENT if _never_connected(error) else Fate.UNKNOWN
    if status in ABOUT_US:
        return Fate.UNSENT
    if 400 <= status < 500:
        return Fate.REFUSED
    # It broke while it had the mail, or its answer cannot be read.
    return Fate.UNKNOWN


def _status(error: AnymailError) -> int | None:
    """The HTTP status of a provider's answer, if there was one."""
    status: int | None = error.status_code
    response: Any = error.response
    if isinstance(response, dict):  # botocore's
        status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status


def _never_connected(error: BaseException) -> bool:
    return any(
        cause.__name__ in NOT_CONNECTED
        for one in _causes(error)
        for cause in type(one).__mro__
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those that it was made of, as requests and urllib3 wrap them."""
    yield error
    for one in (error.__cause__, getattr(error, "reason", None), *error.args):
        if isinstance(one, BaseException):
            yield from _causes(one)


def _code(error: OSError) -> int:
    """The reply code of the mail server, 0 when it did not come to a reply."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return int(error.smtp_code)
    return 0


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
