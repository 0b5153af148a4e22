"""Addresses that get nothing, kept without the address itself."""

from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Suppression

# Who asks anew and confirms from the mailbox gets mail again. Not who reported us:
# another mail, even one that only asks, would be one more unwanted mail.
FOR_GOOD = (Suppression.Reason.COMPLAINED,)


def mark_of(email: str) -> str:
    """Return the mark of a normalised address: the same each time, and no way back."""
    return salted_hmac("newsletters.suppression", email, algorithm="sha256").hexdigest()


def suppress(email: str, reason: str) -> None:
    """Send nothing more to an address. A reason that lasts is never weakened."""
    row, made = Suppression.objects.get_or_create(
        mark=mark_of(email), defaults={"reason": reason, "since": timezone.now()}
    )
    if not made and row.reason != reason and row.reason not in FOR_GOOD:
        row.reason, row.since = reason, timezone.now()
        row.save(update_fields=["reason", "since"])


def may_be_asked(email: str) -> bool:
    """Whether a mail that asks to confirm may go there."""
    return not Suppression.objects.filter(
        mark=mark_of(email), reason__in=FOR_GOOD
    ).exists()


def lift(email: str) -> None:
    """Let mail through again, after the mailbox itself confirmed."""
    Suppression.objects.filter(mark=mark_of(email)).exclude(
        reason__in=FOR_GOOD
    ).delete()
