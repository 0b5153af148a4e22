"""The WebSub hubs that pass on what is new in a feed (https://www.w3.org/TR/websub/).

``WEBSUB_HUBS`` names them by addresses, separated by commas. Each is told to everyone who
reads a feed, and is asked by the worker: whoever sets it is trusted to name a hub, so
nothing here keeps it from being a machine of one's own network.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from urllib.parse import urlsplit

import requests
from django.conf import settings

# Seconds for connecting, and for each part of an answer.
TIMEOUT = (3.0, 5.0)
# What a hub says that has no time for anybody just now.
BUSY = (429, 502, 503, 504)
LONGEST = 200
# The parameter in which a hub takes several feeds at once, for those whose operators say
# that they do. A hub that does not would take one of them and say that all is well.
SEVERAL = {"pubsubhubbub.appspot.com": "hub.url", "superfeedr.com": "hub.url[]"}
MOST = 50
# Where plain HTTP goes over no network.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class PingRefused(Exception):
    """A hub did not take what it was told. The words are for whoever runs this site."""


class HubUnreachable(Exception):
    """A hub takes nothing at present. The words are for whoever runs this site."""


class Hub:
    """One hub, for as long as it is told something: the connection is kept."""

    def __init__(self, address: str, session: requests.Session) -> None:
        self._address = address
        self._session = session
        self._parameter = _parameter_for_several(address)

    @property
    def most(self) -> int:
        """How many feeds it takes in one ping."""
        return MOST if self._parameter else 1

    def ping(self, topics: Sequence[str]) -> None:
        """Say that the feeds at ``topics`` changed: at least one, at most ``most``.

        Raises ``PingRefused`` unless it was taken, ``HubUnreachable`` where it makes no
        sense to ask for another one. Redirects are not followed.
        """
        parameter = self._parameter if len(topics) > 1 else "hub.url"
        try:
            answer = self._session.post(
                self._address,
                data={"hub.mode": "publish", parameter: topics},
                timeout=TIMEOUT,
                allow_redirects=False,
                # Nothing that it says is read, however long or slow it is.
                stream=True,
            )
        except requests.RequestException as error:
            raise HubUnreachable(f"no answer ({type(error).__name__})") from None
        with answer:
            status = answer.status_code
            if answer.headers.get("Content-Length") == "0" or status == 204:
                # Read to its end, so that the connection can be used again.
                answer.raw.read()
        if status in BUSY:
            raise HubUnreachable(f"answered {status}")
        if not 200 <= status < 300:
            raise PingRefused(f"answered {status}")


@contextmanager
def connected(address: str) -> Iterator[Hub]:
    """Give a hub to tell things to, without what the environment would add."""
    with requests.Session() as session:
        # No proxy and no password of the environment's.
        session.trust_env = False
        yield Hub(address, session)


def configured() -> tuple[str, ...]:
    """The hubs that the settings name. Raises ``ValueError`` with what is wrong."""
    return _read(tuple(settings.WEBSUB_HUBS))


def link_header(topic: str) -> str:
    """Return what the header ``Link`` of a feed says; empty where no hub is named."""
    addresses = configured()
    if not addresses:
        return ""
    links = [f'<{address}>; rel="hub"' for address in addresses]
    return ", ".join([*links, f'<{topic}>; rel="self"'])


def _parameter_for_several(address: str) -> str:
    """Empty for a hub that is told of one feed at a time."""
    host = f".{urlsplit(address).hostname}"
    found = (SEVERAL[name] for name in SEVERAL if host.endswith(f".{name}"))
    return next(found, "")


@cache
def _read(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        _require_hub(address)
    if len(set(addresses)) < len(addresses):
        raise ValueError("WEBSUB_HUBS names a hub twice")
    return addresses


def _require_hub(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    is_usual = address.isascii() and not set(address) & set('<>" \t')
    if (
        not (host and is_usual)
        or parts.scheme not in ("https", "http")
        or parts.fragment
    ):
        raise ValueError(
            f"WEBSUB_HUBS: {address!r} is no address such as https://hub.example/"
        )
    if parts.username is not None:
        # Not the address itself: it holds a secret, which every feed would tell.
        raise ValueError("WEBSUB_HUBS: an address has a name or password in it")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise ValueError(f"WEBSUB_HUBS: {address!r} has to begin with https://")
    if len(address) > LONGEST:
        raise ValueError(
            f"WEBSUB_HUBS: {address!r} is longer than {LONGEST} characters"
        )
