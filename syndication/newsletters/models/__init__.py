"""Who gets the newsletter, what an issue holds, and what was sent to whom."""

from .deliveries import Confirmation, Delivery
from .issues import CompileTurn, Issue, IssueItem
from .mailings import Claim, Mailing, Route
from .subscribers import Choice, Frequency, Subscriber, Subscription, Wording
from .suppressions import Suppression

__all__ = [
    "Choice",
    "Claim",
    "CompileTurn",
    "Confirmation",
    "Delivery",
    "Frequency",
    "Issue",
    "IssueItem",
    "Mailing",
    "Route",
    "Subscriber",
    "Subscription",
    "Suppression",
    "Wording",
]
