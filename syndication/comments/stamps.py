"""The stamp in a form: for which text it was shown, and when.

It stands in for a cookie. A page that anyone can cache must not set one, and a form
needs no secret of the visitor: it is anonymous, so a forged one gains nothing. The
stamp tells programs that fill in forms at once, and a form that is sent twice.
"""

import uuid
from uuid import UUID

from django.core import signing
from django.utils import timezone

from syndication.errors import SyndicationError

SALT = "comments.stamp"
# Nobody reads and writes faster than this.
SECONDS = 3
HOURS = 24


class StampWrong(SyndicationError):
    """The stamp is damaged, of another text, too old or too new."""


class TooQuick(StampWrong):
    """Sent faster than anybody writes."""


def make(content_id: UUID) -> str:
    """Return a stamp for a form about this text, made now."""
    return signing.dumps(
        {
            "for": str(content_id),
            "key": str(uuid.uuid4()),
            "at": timezone.now().timestamp(),
        },
        salt=SALT,
    )


def read(stamp: str, *, content_id: UUID) -> UUID:
    """Return the key of a form that comes back. Raises ``StampWrong``, ``TooQuick``."""
    try:
        said = signing.loads(stamp, salt=SALT)
    except signing.BadSignature as error:
        raise StampWrong("damaged") from error
    age = timezone.now().timestamp() - said["at"]
    if said["for"] != str(content_id) or age > HOURS * 3600:
        raise StampWrong("of another text, or too old")
    if age < SECONDS:
        raise TooQuick("too quick")
    return UUID(said["key"])
