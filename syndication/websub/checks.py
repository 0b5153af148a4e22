"""Noticing at the start what is wrong with the settings."""

from typing import Any

from django.core.checks import CheckMessage, Error, register

from . import hubs


@register
def websub_hubs(**kwargs: Any) -> list[CheckMessage]:
    """Say what is wrong with ``WEBSUB_HUBS``."""
    try:
        hubs.configured()
    except ValueError as error:
        return [Error(str(error), id="countersign.E011")]
    return []
