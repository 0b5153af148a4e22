"""How often somebody may ask: one way to count, and one way to find out who asks.

Counted in the database, in one statement, so that many processes count as one and two
requests at the same moment are two (docs/adr/0020).
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import NetworkCount

Address = IPv4Address | IPv6Address

# A school or a hospital is one network too.
REQUESTS_PER_DAY = 50
# Of forms that anybody may send: whoever floods them moves on to a neighbouring address.
PREFIX = {4: 24, 6: 48}
# Of programs: the neighbours of a rented server belong to strangers, and whoever has one
# address of IPv6 has the whole of a /64.
PREFIX_OF_PROGRAMS = {4: 32, 6: 64}


@dataclass(frozen=True)
class Policy:
    """So many requests in so many seconds; ``quota`` 0 for as many as anybody likes."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True)
class Standing:
    """Where somebody stands after a request: how many are left, and until when."""

    policy: Policy
    requests: int
    # Seconds until counting starts again, at least 1.
    again_in: int

    @property
    def is_over(self) -> bool:
        return self.requests > self.policy.quota

    @property
    def left(self) -> int:
        return max(0, self.policy.quota - self.requests)


def policy(name: str) -> Policy:
    """Return the limit called ``name`` as this installation has set it."""
    quota, seconds = settings.LIMITS[name]
    return Policy(name, quota, seconds)


def client_address(request: HttpRequest) -> str:
    """Return the address from which ``request`` came, as far as it can be trusted.

    That is the connection's, unless ``TRUSTED_PROXIES`` says how many proxies of ours
    stand before us. Each adds one entry at the end of ``X-Forwarded-For``; what stands
    before those entries anybody can have written, so it is never looked at. A request
    with fewer entries did not come through all of them: the connection's address counts.
    """
    connected: str = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        return connected
    passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(passed) < proxies:
        return connected
    said = passed[-proxies].strip()
    return said if _address(said) else connected


def may_ask(
    remote_address: str, *, what: str = "newsletter", most: int | None = None
) -> bool:
    """Count a request for ``what`` and return whether its network may make it today.

    ``most`` is how many it may make, ``REQUESTS_PER_DAY`` when left out.

    Takes the address that ``client_address`` found. A private address belongs to a
    proxy of ours and says nothing about who asks, so it is not counted. Kept is a keyed
    hash that differs every day.
    """
    network = _network(remote_address, PREFIX)
    if network is None:
        return True
    asked = _count(f"{what}.network", network, window=0)
    return asked <= (REQUESTS_PER_DAY if most is None else most)


def of_network(request: HttpRequest, policy: Policy) -> Standing | None:
    """Count a request of a program against the limit of its network.

    None where nothing is counted: no limit is set, or the address is private.
    """
    network = _network(client_address(request), PREFIX_OF_PROGRAMS)
    return _stand(policy, network) if network else None


def of_holder(holder: str, policy: Policy) -> Standing | None:
    """Count a request against the limit of whoever ``holder`` names. None: no limit."""
    return _stand(policy, holder)


def say(response: HttpResponseBase, *standings: Standing | None) -> None:
    """Tell in ``response`` what the limits are and what is left of them.

    Only for answers that no cache keeps: what is left is one client's, and a cache would
    tell it to others. By draft-ietf-httpapi-ratelimit-headers: ``"key";q=600;w=60`` is the policy and
    ``"key";r=599;t=42`` what is left of it, and in how many seconds it begins again.
    """
    known = [one for one in standings if one is not None]
    if not known:
        return
    response["RateLimit-Policy"] = ", ".join(
        f'"{one.policy.name}";q={one.policy.quota};w={one.policy.seconds}'
        for one in known
    )
    response["RateLimit"] = ", ".join(
        f'"{one.policy.name}";r={one.left};t={one.again_in}' for one in known
    )
    over = [one.again_in for one in known if one.is_over]
    if over:
        response["Retry-After"] = str(max(over))


def purge() -> int:
    """Forget the counts of days gone by. Returns how many."""
    yesterday = timezone.localdate() - timedelta(days=1)
    count, _ = NetworkCount.objects.filter(day__lt=yesterday).delete()
    return count


def _stand(policy: Policy, holder: str) -> Standing | None:
    if not policy.quota:
        return None
    now = int(time.time())
    window, passed = divmod(now, policy.seconds)
    return Standing(
        policy=policy,
        requests=_count(f"limit.{policy.name}", holder, window=window),
        again_in=policy.seconds - passed,
    )


def _count(salt: str, holder: str, *, window: int) -> int:
    """Add one, and return how many there are of it in this window of this day.

    One statement: nobody reads a number that somebody else is about to change. There
    is a row for each who asks and each limit, whose count begins again with a window.
    """
    today = timezone.localdate()
    digest = salted_hmac(salt, f"{today} {holder}", algorithm="sha256").hexdigest()
    table = connection.ops.quote_name(NetworkCount._meta.db_table)
    # "window" is a word of SQL's own, so it is always quoted. The row's own columns are
    # named with the table: "excluded" has columns of the same names.
    statement = (
        # Nothing in it but the name of a table of ours.
        f'INSERT INTO {table} ("day", "network", "window", "requests") '  # noqa: S608
        "VALUES (%s, %s, %s, 1) "
        'ON CONFLICT ("day", "network") DO UPDATE SET "requests" = CASE '
        f'WHEN {table}."window" = excluded."window" THEN {table}."requests" + 1 '
        'ELSE 1 END, "window" = excluded."window" RETURNING "requests"'
    )
    with connection.cursor() as cursor:
        cursor.execute(
            statement, [connection.ops.adapt_datefield_value(today), digest, window]
        )
        # To its end: SQLite commits a statement when its last row was read.
        rows = cursor.fetchall()
    return int(rows[0][0])


def _network(remote_address: str, prefix: dict[int, int]) -> str | None:
    address = _address(remote_address)
    if address is None or address.is_private:
        return None
    return str(ip_network(f"{address}/{prefix[address.version]}", strict=False))


def _address(value: str) -> Address | None:
    # Some proxies add the port: “192.0.2.1:4711”, “[2001:db8::1]:4711”.
    if value.startswith("["):
        value = value[1:].partition("]")[0]
    elif value.count(":") == 1:
        value = value.partition(":")[0]
    try:
        address = ip_address(value)
    except ValueError:
        return None
    # How a server that listens to both kinds writes an address of IPv4.
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address
