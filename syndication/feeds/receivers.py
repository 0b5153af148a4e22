"""What the core tells of changes. Decides nothing but what to call."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from syndication.models import Change
from syndication.signals import change_recorded
from syndication.websub import pings

from . import selections


@receiver(change_recorded)
def change_was_recorded(
    change: Change, within: Collection[tuple[str, str]], **kwargs: Any
) -> None:
    pings.queue(
        change=change.number,
        topics=[
            address
            for selection in selections.touched(change, within)
            for address in selection.addresses.values()
        ],
    )
