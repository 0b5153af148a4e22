"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .deliveries import Delivery
from .issues import CompileTurn, Issue, IssueItem, TakenBack
from .runs import DigestRun, Hold
from .subscribers import Choice, Frequency, Subscriber, Subscription, Wording

__all__ = [
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
    "TakenBack",
    "Wording",
]
