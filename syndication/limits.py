"""How often one network may send a public form."""

from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import NetworkCount

# A school or a hospital is one network too.
REQUESTS_PER_DAY = 50
PREFIX = {4: 24, 6: 48}


def may_ask(
    remote_address: str, *, what: str = "newsletter", most: int | None = None
) -> bool:
    """Count a request for ``what`` and return whether its network may make it today.

    ``most`` is how many it may make, ``REQUESTS_PER_DAY`` when left out.

    Takes the address of the connection (``REMOTE_ADDR``), never of a header that
    anybody can write. A private address belongs to a proxy of ours and says nothing
    about who asks, so it is not counted. Kept is a keyed hash that differs every day.
    """
    address = _address(remote_address)
    if address is None or address.is_private:
        return True
    today = timezone.localdate()
    network = ip_network(f"{address}/{PREFIX[address.version]}", strict=False)
    digest = salted_hmac(
        f"{what}.network", f"{today} {network}", algorithm="sha256"
    ).hexdigest()
    row, _ = NetworkCount.objects.get_or_create(day=today, network=digest)
    NetworkCount.objects.filter(pk=row.pk).update(requests=F("requests") + 1)
    row.refresh_from_db()
    return row.requests <= (REQUESTS_PER_DAY if most is None else most)


def purge() -> int:
    """Forget the counts of days gone by. Returns how many."""
    yesterday = timezone.localdate() - timedelta(days=1)
    count, _ = NetworkCount.objects.filter(day__lt=yesterday).delete()
    return count


def _address(value: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(value)
    except ValueError:
        return None
