"""Adding partners, changing what is known of them, and ending it."""

from collections.abc import Collection, Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from cms import audit
from cms.models import Area

from .models import Contact, Partner


@transaction.atomic
def save(
    *,
    partner: Partner,
    areas: Collection[Area],
    mailboxes: Mapping[str, str],
    by: User | None,
) -> Partner:
    """Store a partner, new or changed. ``mailboxes`` are addresses by role."""
    is_new = partner.pk is None
    partner.save()
    partner.areas.set(areas)
    for role, email in mailboxes.items():
        if email:
            Contact.objects.update_or_create(
                partner=partner, role=role, defaults={"email": email}
            )
        else:
            partner.contacts.filter(role=role).delete()
    audit.record(
        action="partners.add" if is_new else "partners.change",
        by=by,
        partner=partner.name,
    )
    return partner


@transaction.atomic
def end(*, partner: Partner, by: User | None) -> Partner:
    """End work with a partner: its keys open nothing from now on.

    What it confirmed stays on record. Doing it twice changes nothing.
    """
    locked = Partner.objects.select_for_update().get(pk=partner.pk)
    if locked.ended_at is None:
        now = timezone.now()
        locked.ended_at = now
        locked.save(update_fields=["ended_at"])
        locked.keys.filter(revoked_at=None).update(revoked_at=now)
        audit.record(action="partners.end", by=by, partner=locked.name)
    return locked
