"""What a worker looks for by itself."""

from datetime import timedelta

from django.utils import timezone

from syndication.models import Change

from .models import FeedDocument

UNASKED = timedelta(days=1)


def sweep() -> bool:
    """Empty documents that nobody has asked for since a change that is a day old.

    They count no more, and may hold words that were taken back since. The row stays: what
    a feed said last of its date must not go back. Returns whether more is due: never.
    """
    old = Change.objects.filter(at__lt=timezone.now() - UNASKED).order_by("-number")
    number = old.values_list("number", flat=True).first()
    if number is not None:
        stale = FeedDocument.objects.filter(change__lt=number).exclude(etag="")
        stale.update(body=b"", compressed=b"", etag="")
    return False
