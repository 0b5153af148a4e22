"""What can go wrong between a signature and the public."""


class SyndicationError(Exception):
    """Base of everything the syndication module raises by itself."""


class CopyTooLong(SyndicationError):
    """A copy has more characters than are compared."""


class NotAReduction(SyndicationError):
    """What should only have been taken away from was altered or added to."""


class NotOnlyFollowing(SyndicationError):
    """More than a shared block would change where a host only follows its block."""


class ProofNotSigned(SyndicationError):
    """Somebody asked for a release of a proof that lacks a forum's signature."""
