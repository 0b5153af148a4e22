"""What the core tells us of releases. Decides nothing but what to call."""

from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver

from syndication.models import EXPIRED, Release
from syndication.signals import item_released, item_withdrawn

from . import archive, holds, mailings, meanwhile, providers
from .models import Issue


@receiver(item_released)
def item_was_released(release: Release, **kwargs: Any) -> None:
    if release.kind != Issue.kind:
        mailings.begin(release=release)
        meanwhile.tell_of_item(content_id=release.item.content_id)
        return
    # Inside the transaction of the last signature: no issue without its mailing.
    if holds.is_too_late(release):
        holds.hold(release=release)
    else:
        mailings.begin(release=release)
    # Something it carries may have been taken back while forums read it.
    meanwhile.tell_of_issue(release=release)
    archive.leave_out_what_is_gone(release=release)


@receiver(item_withdrawn)
def item_was_taken_back(release: Release, **kwargs: Any) -> None:
    mailings.withdraw(release=release)
    if release.kind == Issue.kind:
        return
    meanwhile.tell_of_item(content_id=release.item.content_id)
    if release.withdrawn_kind != EXPIRED:
        # An old issue may go on naming old news. A mail leaves out what is over.
        archive.leave_out(content_id=release.item.content_id)


@receiver(tracking)
def provider_told(event: AnymailTrackingEvent, esp_name: str, **kwargs: Any) -> None:
    providers.note(event, esp_name)
