"""Noticing at the start what is wrong with the settings."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from syndication import framing


@register
def frame_ancestors(**kwargs: Any) -> list[CheckMessage]:
    """Say what is wrong with ``EMBED_FRAME_ANCESTORS``."""
    wrong = framing.wrong(settings.EMBED_FRAME_ANCESTORS)
    if not wrong:
        return []
    return [
        Error(
            f"EMBED_FRAME_ANCESTORS cannot name {', '.join(wrong)}.",
            hint="Write *, partners, or addresses without a path, such as "
            "https://school.example or https://*.council.example.",
            id="countersign.E020",
        )
    ]
