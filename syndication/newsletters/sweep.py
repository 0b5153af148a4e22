"""What a worker looks for by itself, in case nobody woke it."""

from syndication import limits

from . import sending, subscriptions


def sweep() -> bool:
    """Send a piece of what is due and forget what has run out.

    Returns whether more is due. Any number of workers may do this at once.
    """
    subscriptions.purge_unconfirmed()
    limits.purge()
    return sending.send_due().more
