"""Issues that were signed so late that a person decides whether they are mailed."""

import json
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log

from site_settings.models import NewsletterSettings
from syndication.models import Item, Release

from . import mailings
from .models import Hold, Issue


def intended(release: Release) -> datetime | None:
    """When the forums signed that this issue goes out; None for as soon as it may."""
    said = json.loads(bytes(release.payload)).get("release_at")
    return datetime.fromisoformat(said) if said else None


def is_too_late(release: Release) -> bool:
    """Whether an issue that became public now is too old to be mailed by itself."""
    time = intended(release)
    if time is None:
        return False
    limit = timedelta(days=NewsletterSettings.current().days_until_too_late)
    return release.released_at - time > limit


@transaction.atomic
def hold(*, release: Release) -> Hold:
    """Keep an issue from being mailed until ``settle``. It is public.

    No earlier version of it goes on.
    """
    mailings.stop_earlier(release=release)
    held, _ = Hold.objects.update_or_create(
        item=release.item,
        defaults={"since": timezone.now(), "settled_at": None, "settled_by": None},
    )
    return held


@transaction.atomic
def settle(*, issue: Issue, by: User, send: bool) -> bool:
    """Mail a held issue after all, or never. Returns whether it was still held.

    Pressed twice it is decided once.
    """
    item = Item.objects.select_for_update().filter(content_id=issue.content_id).first()
    held = Hold.objects.filter(item=item, settled_at=None).first() if item else None
    if held is None:
        return False
    held.settled_at, held.settled_by = timezone.now(), by
    held.save(update_fields=["settled_at", "settled_by"])
    current = Release.objects.current().filter(item=item).first()
    if send and current is not None:
        mailings.begin(release=current)
    log(
        instance=issue,
        action="countersign.newsletter_sent"
        if send
        else "countersign.newsletter_dropped",
        user=by,
    )
    return True
