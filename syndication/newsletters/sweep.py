"""What a worker looks for by itself, in case nobody woke it."""

from syndication import limits

from . import digests, sending, subscriptions


def sweep() -> bool:
    """Make issues that are due, send a piece of what is, forget what has run out.

    Returns whether more is due. Any number of workers may do this at once.
    """
    digests.compile_due()
    subscriptions.purge_unconfirmed()
    limits.purge()
    return sending.send_due().more
