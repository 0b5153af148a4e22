"""Noticing at the start what is wrong with the settings."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from . import caches


@register
def edge_caches(**kwargs: Any) -> list[CheckMessage]:
    """Say what is wrong with ``EDGE_CACHES``."""
    try:
        caches.configured()
    except ValueError as error:
        return [Error(str(error), id="countersign.E010")]
    return []
