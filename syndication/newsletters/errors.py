"""What can go wrong with the newsletter."""

from syndication.errors import SyndicationError


class NewsletterError(SyndicationError):
    """Base of everything the newsletter raises by itself."""


class NotAnAddress(NewsletterError):
    """What was typed is no email address. The message says why, to the person."""


class LinkDamaged(NewsletterError):
    """A mailed link was cut off, altered or made up."""


class LinkTooOld(NewsletterError):
    """A mailed link was right once and has run out."""


class NotAsSigned(NewsletterError):
    """What would be mailed differs from what the forums signed. Nothing is sent."""


class NotForAMail(NewsletterError):
    """What is to be filled into a mail could become more than one value of it."""


class PlaceholderLost(NewsletterError):
    """A mail has more or fewer places for personal links than it should."""


class TooLongForMail(NewsletterError):
    """A mail of which mail programs would show only the beginning."""


class NoLongerStoodBy(NewsletterError):
    """What would be sent again was taken back or replaced. The message says which."""


class StillSending(NewsletterError):
    """Something is told of a mail whose acceptance is not marked yet."""


class TestNotSent(NewsletterError):
    """A test mail did not go out. The message says why, to the person."""

    __test__ = False
