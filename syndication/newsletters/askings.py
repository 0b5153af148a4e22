"""What people send with our forms: noted by the page, taken up by a worker.

Only the worker looks whom an address belongs to. Whoever sends a form learns nothing
of that, not by the answer and not by how long it took.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from . import notes, subscriptions, tasks
from .models import Asking, Subscriber, Subscription, Wording

# One that no worker could take up by then never will be.
GIVEN_UP_AFTER = timedelta(days=1)


def ask_for_newsletter(
    *,
    email: str,
    wording: Wording,
    source: str,
    frequency: str,
    choices: Mapping[str, Collection[str]],
) -> None:
    """Note that somebody would like the newsletter at a normalised address."""
    _note(
        Asking.Sort.SUBSCRIBE,
        email,
        wording=wording.pk,
        source=source,
        frequency=frequency,
        choices={sort: list(values) for sort, values in choices.items()},
    )


def ask_for_link(*, email: str) -> None:
    """Note that somebody would like the link to their own choices."""
    _note(Asking.Sort.LINK, email)


def ask_to_move(*, email: str, key: UUID) -> None:
    """Note that the subscription known by ``key`` shall go to another address."""
    _note(Asking.Sort.MOVE, email, key=key.hex)


def take_up() -> int:
    """Do what was asked for. Returns how much. Several workers may do so at once."""
    waiting = Asking.objects.order_by("pk").values_list("pk", flat=True)
    return sum(_take(pk) for pk in list(waiting))


def purge() -> int:
    """Forget what no worker could take up. Returns how many."""
    old = Asking.objects.filter(asked_at__lt=timezone.now() - GIVEN_UP_AFTER)
    count, _ = old.delete()
    return count


@transaction.atomic
def _note(sort: str, email: str, **details: object) -> None:
    Asking.objects.create(
        sort=sort, email=email, asked_at=timezone.now(), details=details
    )
    transaction.on_commit(tasks.wake_up_for_askings)


@transaction.atomic
def _take(pk: int) -> bool:
    asking = Asking.objects.filter(pk=pk).first()
    # Deleted first: whoever comes second waits for that, and then finds nothing.
    if asking is None or not Asking.objects.filter(pk=pk).delete()[0]:
        return False
    if asking.sort == Asking.Sort.SUBSCRIBE:
        wording = Wording.objects.get(pk=asking.details["wording"])
        subscriptions.request(
            email=asking.email,
            wording=wording.text,
            source=asking.details["source"],
            frequency=asking.details["frequency"],
            choices=asking.details["choices"],
        )
    elif asking.sort == Asking.Sort.MOVE:
        subscriptions.request_move(key=UUID(asking.details["key"]), email=asking.email)
    else:
        _send_link(asking.email)
    return True


def _send_link(email: str) -> None:
    """Send the link, or the request to confirm once more. Strangers get nothing."""
    person = Subscriber.objects.select_for_update().filter(email=email).first()
    if person is None:
        return
    active: Subscription | None = person.subscriptions.active().first()
    if active:
        notes.queue_link(subscription=active)
        return
    pending: Subscription | None = person.subscriptions.pending().first()
    if pending:
        notes.queue_confirmation(subscription=pending)
