"""What mail servers and providers tell of a mail after they accepted it.

Whoever tells must know a delivery's Message-ID, which nobody can guess (``message_ids``)
and only its mail carries. The recipient is ours, never the one that is told.
"""

import email
import re
from collections.abc import Iterator
from email.message import Message
from enum import Enum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cms.ledger import printable

from . import mailings, message_ids, subscriptions, suppressions
from .errors import StillSending
from .messages import DELIVERY
from .models import Delivery, Subscriber, Subscription, Suppression
from .models.deliveries import HELD

State = Delivery.State
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# From which states each news may lead on. None leads back: providers repeat
# themselves, and tell in any order.
FROM = {
    State.DELIVERED: (State.ACCEPTED, State.UNCERTAIN),
    State.FAILED: (State.ACCEPTED, State.UNCERTAIN),
    State.BOUNCED: (State.ACCEPTED, State.UNCERTAIN, State.DELIVERED),
    State.COMPLAINED: (
        State.ACCEPTED,
        State.UNCERTAIN,
        State.DELIVERED,
        State.BOUNCED,
    ),
}


class News(Enum):
    """What can be told of a mail."""

    DELIVERED = "delivered"
    # For good, and for this mail only.
    BOUNCED = "bounced"
    SOFT_BOUNCE = "soft bounce"
    COMPLAINT = "complaint"
    REFUSED = "refused"
    UNSUBSCRIBED = "unsubscribed"


def find(*, message_id: str = "", provider_id: str = "") -> Delivery | None:
    """The delivery that a Message-ID, or a provider's own name for it, belongs to."""
    known = Delivery.objects.select_related("subscriber")
    if found := UUIDS.search(message_id):
        ours = message_ids.cipher().delivery_id(UUID(found[0]))
        if ours and (delivery := known.filter(pk=ours).first()):
            return delivery
    if provider_id:
        return known.filter(provider_id=provider_id[:200]).first()
    return None


@transaction.atomic
def note(*, delivery: Delivery, news: News, provider: str, words: str = "") -> None:
    """Mark what became of a delivery, and write to that address no more if need be.

    Safe to repeat. Raises ``StillSending`` when the mail server's own answer is still
    to be marked: whoever tells should tell again.
    """
    # The person first, as every verb about people does.
    people = Subscriber.objects.select_for_update(of=("self",))
    person = people.filter(deliveries=delivery, email__isnull=False).first()
    delivery = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if delivery.state in HELD:
        raise StillSending("This mail is being sent. Tell again in a minute.")
    state = {
        News.DELIVERED: State.DELIVERED,
        News.BOUNCED: State.BOUNCED,
        News.SOFT_BOUNCE: State.BOUNCED,
        News.COMPLAINT: State.COMPLAINED,
        News.REFUSED: State.FAILED,
    }.get(news)
    is_new = state is not None and delivery.state in FROM[state]
    if state is not None and is_new:
        delivery.state, delivery.settled_at = state, timezone.now()
        delivery.reason = printable(words) if person else ""
        delivery.save(update_fields=["state", "settled_at", "reason"])
        mailings.count_again(mailing_id=delivery.mailing_id)
    # Nothing goes any more to somebody who was forgotten meanwhile.
    if person is not None:
        _act(person, news, provider, is_new=is_new)


def _act(person: Subscriber, news: News, provider: str, *, is_new: bool) -> None:
    address = person.email or ""
    if news is News.DELIVERED:
        suppressions.forget_soft_bounces(email=address)
    elif news is News.BOUNCED:
        reason = Suppression.Reason.BOUNCED
        suppressions.suppress(email=address, reason=reason, provider=provider)
    elif news is News.COMPLAINT:
        reason = Suppression.Reason.COMPLAINED
        suppressions.suppress(email=address, reason=reason, provider=provider)
        _end(person, Subscription.EndedReason.COMPLAINED)
    elif news is News.SOFT_BOUNCE and is_new:
        suppressions.count_soft_bounce(email=address, provider=provider)
    elif news is News.UNSUBSCRIBED:
        _end(person, Subscription.EndedReason.ONE_CLICK)


def _end(person: Subscriber, reason: str) -> None:
    for active in person.subscriptions.active():
        subscriptions.end(key=active.key, reason=reason)


def read(source: bytes) -> list[tuple[Delivery, News, str]]:
    """What a mail that came back tells: RFC 3464 for bounces, RFC 5965 for complaints.

    An empty list for any other mail, such as the answer of somebody who is away.
    """
    mail = email.message_from_bytes(source)
    if mail.get_content_type() != "multipart/report":
        return []
    delivery = _original(mail)
    if delivery is None:
        return []
    kind = str(mail.get_param("report-type", "")).lower()
    if kind == "feedback-report":
        return [(delivery, News.COMPLAINT, "reported as unwanted")]
    told = [_told(fields) for fields in _recipients(mail)]
    return [(delivery, news, words) for news, words in told if news is not None]


def _told(fields: Message) -> tuple[News | None, str]:
    action = str(fields.get("Action", "")).strip().lower()
    status = str(fields.get("Status", "")).strip()
    words = f"{status} {fields.get('Diagnostic-Code', '')}".strip()
    if action == "delivered":
        return News.DELIVERED, words
    if action != "failed":
        # Delayed: the mail server goes on trying.
        return None, words
    # RFC 3463: 5.1.x is about the address, 5.2.1 about a mailbox that is closed. Other
    # failures may be over with the next mail: a full mailbox, a filter.
    is_gone = status.startswith("5.1.") or status == "5.2.1"
    return (News.BOUNCED if is_gone else News.SOFT_BOUNCE), words


def _recipients(mail: Message) -> Iterator[Message]:
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            # The first block is of the mail, the others of a recipient each.
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (one for one in blocks if isinstance(one, Message))


def _original(mail: Message) -> Delivery | None:
    for part in mail.walk():
        kind = part.get_content_type()
        if kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers"):
            payload = part.get_payload()
            if isinstance(payload, list):
                headers = payload[0]
            else:
                headers = email.message_from_string(str(payload))
            if isinstance(headers, Message):
                for name in (DELIVERY, "Message-ID"):
                    if found := find(message_id=str(headers.get(name, ""))):
                        return found
    return None
