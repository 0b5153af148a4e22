"""What changes feeds besides the change log. Decides nothing but to call."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from syndication.signals import documents_rebuilt

from . import documents


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
