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
