"""What can go wrong with partners and their keys."""

from syndication.errors import SyndicationError


class TwoKeysAlready(SyndicationError):
    """A partner has as many live keys as it may have."""


class PartnerEnded(SyndicationError):
    """Something was asked for a partner that is one no longer."""


class NotARemoval(SyndicationError):
    """A partner acknowledged something that is no removal, or none of its areas."""
