"""Closing what is over in items that stay public."""

from functools import partial

from django.utils import timezone

from . import releases, surveys
from .models import Release


def close_due() -> int:
    """Close every public survey whose last day has passed. Returns in how many items.

    Not in a correction that no forum has reviewed: its next version is looked at.
    """
    today = timezone.localdate()
    due = Release.objects.current().filter(
        survey_closes_on__lt=today, before_review=False
    )
    made = [
        releases.take_out(release=release, change=partial(surveys.closed, today=today))
        for release in due.select_related("item", "proof").order_by("pk")
    ]
    return sum(one is not None for one in made)
