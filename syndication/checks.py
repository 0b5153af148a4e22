"""Noticing at the start what in the settings cannot work as it seems to."""

from typing import Any

from django.conf import settings
from django.core.checks import WARNING, CheckMessage, register


@register
def behind_a_proxy(**kwargs: Any) -> list[CheckMessage]:
    """Warn where a proxy is believed about TLS, and not about who asks.

    All readers would come from the proxy's address, so nothing is limited by network.
    """
    if settings.SECURE_PROXY_SSL_HEADER is None or settings.TRUSTED_PROXIES:
        return []
    return [
        CheckMessage(
            WARNING,
            "A proxy stands in front (BEHIND_TLS_PROXY), but TRUSTED_PROXIES is 0: "
            "everybody seems to come from the proxy, so no limit of networks holds.",
            hint="Set TRUSTED_PROXIES to how many proxies of yours a request passes, "
            "and let each add to X-Forwarded-For.",
            id="countersign.W011",
        )
    ]
