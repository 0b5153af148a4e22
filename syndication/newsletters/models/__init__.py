"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .deliveries import Delivery
from .issues import CompileTurn, Issue, IssueItem
from .subscribers import Subscriber, Subscription, SubscriptionArea

__all__ = [
    "CompileTurn",
    "Delivery",
    "Issue",
    "IssueItem",
    "Subscriber",
    "Subscription",
    "SubscriptionArea",
]
