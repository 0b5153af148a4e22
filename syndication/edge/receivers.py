"""What the core tells of changes. Decides nothing but what to call."""

from collections.abc import Collection
from typing import Any

from django.dispatch import receiver

from syndication.models import Change
from syndication.signals import change_recorded

from . import caches, purges


@receiver(change_recorded)
def change_was_recorded(
    change: Change, within: Collection[tuple[str, str]], **kwargs: Any
) -> None:
    if caches.configured():
        purges.queue(change, within)
