"""What a worker looks for by itself: what has come due, and mail nobody sent yet."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError

from . import comments, consent_register, expiry, notices, reviews, sign_off

logger = logging.getLogger(__name__)

T = TypeVar("T")


def sweep() -> bool:
    """End, release, remind, record and send what is due. Returns whether more is due.

    Any number of workers may do this at once. What fails is logged and holds up
    nothing else.
    """
    # Before anything is released: what it may show has to be settled.
    attempt("Ending what is over", expiry.end_due)
    attempt("Ending consent", end_consent)
    attempt("Releasing what waited for its date", sign_off.release_due)
    attempt("Chasing", chase)
    attempt("Reminding of reviews", remind_of_reviews)
    attempt("Telling of comments", notices.tell_comments_wait)
    attempt("Forgetting comments", comments.forget)
    batch = attempt("Sending notices", notices.send_due)
    return batch is not None and batch.more


def end_consent() -> None:
    """Take out what consent no longer covers; remind the register's keepers."""
    for consent in consent_register.over():
        attempt("Ending a consent", partial(consent_register.expire, consent=consent))
    for consent in consent_register.to_review():
        attempt("Reminding keepers", partial(consent_register.remind, consent=consent))


def chase() -> None:
    """Remind forums before the due date; after it, record who did not reply."""
    for proof, forum in notices.to_remind():
        attempt(f"Reminding {forum}", partial(notices.remind, proof=proof, forum=forum))
    for proof, forum in notices.without_reply():
        attempt(
            f"Recording that {forum} did not reply",
            partial(notices.record_no_reply, proof=proof, forum=forum),
        )
    for proof in notices.left_unreviewed():
        attempt(
            "Telling of a correction without review",
            partial(notices.tell_unreviewed, proof=proof),
        )


def remind_of_reviews() -> None:
    """Remind whoever looks after what is public before it is to be checked, and then."""
    for proof, purpose in reviews.to_remind():
        attempt(
            "Reminding of a review",
            partial(notices.remind_of_review, proof=proof, purpose=purpose),
        )


def attempt(what: str, part: Callable[[], T]) -> T | None:
    """Return what ``part`` returns, or None after it failed and that was logged.

    Raises only when the database does not answer: then nothing else would work.
    """
    try:
        return part()
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("%s failed. Everything else goes on.", what)
        return None
