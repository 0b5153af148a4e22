"""A signed issue and many subscribers, for measuring and for breaking things."""

import uuid
from datetime import timedelta
from typing import Any

PARAGRAPH = (
    "Ask the school first, then ring the advice line, which is open on weekday mornings "
    "and answers within two working days. Bring whatever letters you have. "
)


def signed_issue(*, items: int = 1) -> Any:
    """Sign an issue of that many items, as its forums would. Gives its release."""
    from cms.models import Proof
    from syndication.newsletters import digests
    from tests.conftest import make_world, submit_draft, write_draft
    from tests.shared_blocks import everyone_signs

    world = make_world()
    for number in range(items):
        page = write_draft(
            world, title=f"Short breaks {number}", summary=(PARAGRAPH * 3)[:480]
        )
        everyone_signs(world, submit_draft(world, page))
    issue = digests.compile_digest()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    return everyone_signs(world, proof)


def subscribe(first: int, count: int) -> None:
    """Add that many confirmed subscribers, all alike but for their addresses."""
    from django.utils import timezone

    from syndication.newsletters.models import Subscriber, Subscription, Wording

    now = timezone.now() - timedelta(days=1)
    wording, _ = Wording.objects.get_or_create(
        text="Yes.", defaults={"first_shown_at": now}
    )
    for start in range(first, first + count, 5000):
        numbers = range(start, min(start + 5000, first + count))
        people = Subscriber.objects.bulk_create(
            Subscriber(email=f"reader{number:07}@example.org", created_at=now)
            for number in numbers
        )
        Subscription.objects.bulk_create(
            Subscription(
                key=uuid.uuid4(),
                subscriber=person,
                wording=wording,
                source="benchmark",
                requested_at=now,
                confirmed_at=now,
            )
            for person in people
        )
