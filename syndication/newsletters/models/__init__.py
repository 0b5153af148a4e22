"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .askings import Asking
from .deliveries import Delivery, MessageKey
from .issues import CompileTurn, Issue, IssueItem, TakenBack
from .mailings import Claim, Mailing, Route
from .notes import Note
from .runs import DigestRun, Hold
from .subscribers import Choice, Frequency, Subscriber, Subscription, Wording
from .suppressions import Suppression

__all__ = [
    "Asking",
    "Choice",
    "Claim",
    "CompileTurn",
    "Delivery",
    "DigestRun",
    "Frequency",
    "Hold",
    "Issue",
    "IssueItem",
    "Mailing",
    "MessageKey",
    "Note",
    "Route",
    "Subscriber",
    "Subscription",
    "Suppression",
    "TakenBack",
    "Wording",
]
