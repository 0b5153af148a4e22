"""What a worker looks for by itself, in case nobody woke it."""

from syndication import limits

from . import askings, digests, people, sending, subscriptions


def sweep() -> bool:
    """Make issues that are due, send a piece of what is, forget what has run out.

    Returns whether more is due. Any number of workers may do this at once.
    """
    askings.purge()
    askings.take_up()
    digests.compile_due()
    subscriptions.purge_unconfirmed()
    people.forget_who_left()
    limits.purge()
    return sending.send_due().more
