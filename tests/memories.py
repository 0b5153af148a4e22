"""What the service remembers from one request to the next, in this process."""

from django.core.cache import cache

from syndication.api import kept
from syndication.feeds import documents as feeds
from syndication.newsletters import messages
from syndication.newsletters.takeaway import documents as issues


def forget() -> None:
    """Forget all of it: after a rollback the same numbers stand for other texts."""
    cache.clear()
    kept.pages.clear()
    feeds.remembered.clear()
    issues.remembered.clear()
    messages.remembered.clear()
