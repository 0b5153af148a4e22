"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .deliveries import Delivery
from .issues import CompileTurn, Issue, IssueItem
from .subscribers import Choice, Frequency, Subscriber, Subscription, Wording

__all__ = [
    "Choice",
    "CompileTurn",
    "Delivery",
    "Frequency",
    "Issue",
    "IssueItem",
    "Subscriber",
    "Subscription",
    "Wording",
]
