"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .askings import Asking
from .deliveries import Delivery
from .issues import CompileTurn, Issue, IssueItem, TakenBack
from .runs import DigestRun, Hold
from .subscribers import Choice, Frequency, Subscriber, Subscription, Wording
from .suppressions import Suppression

__all__ = [
    "Asking",
    "Choice",
    "CompileTurn",
    "Delivery",
    "DigestRun",
    "Frequency",
    "Hold",
    "Issue",
    "IssueItem",
    "Subscriber",
    "Subscription",
    "Suppression",
    "TakenBack",
    "Wording",
]
