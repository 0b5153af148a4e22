"""What the core tells us of releases. Decides nothing but what to call."""

from typing import Any

from django.dispatch import receiver

from syndication.models import Release
from syndication.signals import item_withdrawn, release_written

from . import documents


@receiver(release_written)
def describe_service(release: Release, **kwargs: Any) -> None:
    # Inside the transaction of the last signature: no service without its documents.
    if release.is_current:
        documents.write(release=release)


@receiver(item_withdrawn)
def remove_service(release: Release, **kwargs: Any) -> None:
    documents.remove(content_id=release.item.content_id)
