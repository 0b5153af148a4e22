"""What can go wrong on the way to a signature, one class for each.

The message is shown to the person, so it says what happened and what to do next.
"""

from django.core.exceptions import PermissionDenied


class SignOffError(Exception):
    """Base of everything that stops a sign-off."""


class NotSignedOff(SignOffError, PermissionDenied):
    """Content was about to become public without the signatures it needs.

    Also a ``PermissionDenied``, because that is how the Wagtail admin is told no.
    """


class NoForumConcerned(SignOffError, PermissionDenied):
    """No forum could be found that would have to sign, so nobody may release."""


class MayNotSign(SignOffError):
    """This person cannot sign this proof for this forum."""


class MayNotWithdraw(SignOffError):
    """This person neither signed for a forum nor administers the service."""


class ProofClosed(SignOffError):
    """The proof was signed, refused or voided before this answer arrived."""


class StaleProof(SignOffError):
    """The content was edited after the proof was made; the proof is void."""


class CommentMissing(SignOffError):
    """An answer that is not plain agreement needs a sentence that says why."""


class MayNotModerate(SignOffError):
    """This person does not decide what becomes of this comment."""


class CommentDecided(SignOffError):
    """Somebody has decided about the comment already."""


class DecisionIncomplete(SignOffError):
    """A decision about a comment lacks its words, its reason or what it joins."""


class ReasonMissing(SignOffError):
    """Words that a program doubted stay only with a reason that others can read."""


class WithdrawalIncomplete(SignOffError):
    """A way to take an item back needs something that was not given, or not right."""


class DissentNotPossible(SignOffError):
    """Policy or what happened since does not let this go out with a dissent."""


class MayNotCorrect(SignOffError):
    """This person, or policy, does not allow the correction."""


class NothingToCorrect(SignOffError):
    """The item is not public, or the values given are those it has."""


class NotSubmittedAgain(SignOffError):
    """A text cannot be sent to its forums anew because somebody is at it."""


class CorrectionInvalid(SignOffError):
    """A corrected value is no good. ``errors`` says what is wrong, by field name."""

    def __init__(self, errors: dict[str, str]) -> None:
        self.errors = errors
        super().__init__(" ".join(errors.values()))


class MayNotAssure(SignOffError):
    """This person neither edits the item nor belongs to a forum that signed it."""


class NothingToAssure(SignOffError):
    """The item is not public, or nobody has to check it, or its forums have to answer."""


class ConsentEnded(SignOffError, PermissionDenied):
    """A voice lacks the consent that what was asked for needs."""


class ConsentChanged(SignOffError):
    """Somebody else changed this consent after the form was opened."""


class CannotSetUp(Exception):
    """What was asked for contradicts what is there, or does not make sense."""


class NotAPicture(Exception):
    """A file is no picture, or not one that may be stored. Says so in a sentence."""


class NotAnAttachment(Exception):
    """A file may not be handed to families as it is. Says why in a sentence."""
