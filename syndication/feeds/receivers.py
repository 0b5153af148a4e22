"""What changes feeds, and whom to tell of it. Decides nothing but to call."""

from collections.abc import Collection
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from syndication.models import Change
from syndication.signals import change_recorded, documents_rebuilt
from syndication.websub import pings

from . import documents, selections


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


@receiver(documents_rebuilt)
def receipts_were_made_again(**kwargs: Any) -> None:
    documents.start_edition()


def word_was_changed(**kwargs: Any) -> None:
    """An area or topic has another name, or another slug, or is new, or gone."""
    documents.start_edition()


def connect() -> None:
    # By name: no channel sees content models.
    for sender in ("cms.Area", "cms.Topic"):
        for signal in (post_save, post_delete):
            signal.connect(
                word_was_changed, sender=sender, dispatch_uid=f"feeds {sender}"
            )
