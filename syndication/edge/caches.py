"""The shared caches in front of us, each in the words that it understands.

``EDGE_CACHES`` names them by addresses, separated by commas::

    varnish+http://cache.internal:6081        tags by xkey (docs/varnish.vcl)
    purge+http://cache.internal:8080          HTTP PURGE of single addresses
    fastly://SERVICE_ID:TOKEN@api.fastly.com
    cloudflare://ZONE_ID:TOKEN@api.cloudflare.com
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar
from urllib.parse import unquote, urlsplit

import requests
from django.conf import settings

# Seconds for connecting, and for each part of an answer.
TIMEOUT = (3.0, 5.0)


class PurgeFailed(Exception):
    """A cache did not confirm. The words are for whoever runs it."""


class NoAnswer(PurgeFailed):
    """A cache said nothing at all, perhaps after a long wait."""


@dataclass(frozen=True)
class Cache(ABC):
    """One shared cache. ``name`` says which, without its secrets."""

    name: str
    origin: str
    account: str = ""
    token: str = ""
    # How many tags or addresses one request may name.
    at_once: ClassVar[int] = 250

    @abstractmethod
    def purge(
        self, *, tags: Sequence[str], paths: Sequence[str], is_hard: bool
    ) -> None:
        """Ask the cache to forget. Raises ``PurgeFailed`` unless it confirmed."""


class Varnish(Cache):
    """Varnish with the xkey module, set up as in docs/varnish.vcl."""

    def purge(
        self, *, tags: Sequence[str], paths: Sequence[str], is_hard: bool
    ) -> None:
        header = "xkey-purge" if is_hard else "xkey-softpurge"
        for some in _pieces(tags, self.at_once):
            _ask("PURGE", f"{self.origin}/", headers={header: " ".join(some)})


class PlainPurge(Cache):
    """A cache that forgets single addresses: nginx with a purge module, Squid, others.

    It knows no tags, so lists with filters are forgotten when their time is over.
    """

    def purge(
        self, *, tags: Sequence[str], paths: Sequence[str], is_hard: bool
    ) -> None:
        host = urlsplit(settings.PUBLIC_ORIGIN).netloc
        for path in paths:
            # What it did not hold is forgotten as well.
            _ask("PURGE", f"{self.origin}{path}", headers={"Host": host}, also=(404,))


class Fastly(Cache):
    """https://www.fastly.com/documentation/reference/api/purging/"""

    def purge(
        self, *, tags: Sequence[str], paths: Sequence[str], is_hard: bool
    ) -> None:
        headers = {"Fastly-Key": self.token, "Accept": "application/json"}
        if not is_hard:
            headers["Fastly-Soft-Purge"] = "1"
        for some in _pieces(tags, self.at_once):
            _ask(
                "POST",
                f"{self.origin}/service/{self.account}/purge",
                headers=headers | {"Surrogate-Key": " ".join(some)},
            )


class Cloudflare(Cache):
    """https://developers.cloudflare.com/cache/how-to/purge-cache/purge-by-tags/

    It knows no soft purge: everything is forgotten at once.
    """

    at_once = 30

    def purge(
        self, *, tags: Sequence[str], paths: Sequence[str], is_hard: bool
    ) -> None:
        for some in _pieces(tags, self.at_once):
            answer = _ask(
                "POST",
                f"{self.origin}/client/v4/zones/{self.account}/purge_cache",
                headers={"Authorization": f"Bearer {self.token}"},
                json={"tags": list(some)},
            )
            if not _says_success(answer):
                raise PurgeFailed("Cloudflare did not say that it was done")


KINDS: dict[str, tuple[type[Cache], str]] = {
    "varnish+http": (Varnish, "http"),
    "varnish+https": (Varnish, "https"),
    "purge+http": (PlainPurge, "http"),
    "purge+https": (PlainPurge, "https"),
    "fastly": (Fastly, "https"),
    "cloudflare": (Cloudflare, "https"),
}


def configured() -> list[Cache]:
    """The caches that the settings name. Raises ``ValueError`` with what is wrong."""
    return _read(tuple(settings.EDGE_CACHES))


@cache
def _read(addresses: tuple[str, ...]) -> list[Cache]:
    found = [_cache(address) for address in addresses]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise ValueError("EDGE_CACHES names a cache twice")
    return found


def _cache(address: str) -> Cache:
    try:
        parts = urlsplit(address)
        known = KINDS.get(parts.scheme)
        host, port = parts.hostname, parts.port
    except ValueError:
        known, host, port = None, None, None
    if known is None or not host or parts.path.strip("/") or parts.query:
        # Not the address itself: it may hold a token.
        raise ValueError(
            "EDGE_CACHES has an address that is none of "
            f"{', '.join(f'{kind}://HOST' for kind in KINDS)}"
        )
    kind, scheme = known
    needs_account = kind in (Fastly, Cloudflare)
    if needs_account and not (parts.username and parts.password):
        raise ValueError(f"EDGE_CACHES: {parts.scheme} needs ACCOUNT:TOKEN@ in front")
    where = f"{host}:{port}" if port else host
    return kind(
        name=f"{parts.scheme}://{where}"
        + (f"/{unquote(parts.username or '')}" if needs_account else ""),
        origin=f"{scheme}://{where}",
        account=unquote(parts.username or ""),
        token=unquote(parts.password or ""),
    )


def _ask(
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    json: Any = None,
    also: tuple[int, ...] = (),
) -> requests.Response:
    """Send a request without what the environment would add. Raises ``PurgeFailed``."""
    with requests.Session() as session:
        # No proxy and no password of the environment's.
        session.trust_env = False
        try:
            answer = session.request(
                method,
                url,
                headers=headers,
                json=json,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Its own words can hold the address, and that a token.
            raise NoAnswer(f"no answer ({type(error).__name__})") from None
    if not (200 <= answer.status_code < 300 or answer.status_code in also):
        raise PurgeFailed(f"answered {answer.status_code}")
    return answer


def _says_success(answer: requests.Response) -> bool:
    try:
        said = answer.json()
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("success") is True


def _pieces(tags: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(tags), size):
        yield tags[start : start + size]
