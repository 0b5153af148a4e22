"""Making, finding and revoking partners' keys.

A key is looked up in the database at each request, by every process: whatever is
revoked here opens nothing from the next request on.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from cms import audit

from . import tokens
from .errors import PartnerEnded, TwoKeysAlready
from .models import ApiKey, Partner

# One in use, and the one that takes its place.
MOST_LIVE = 2
LIFETIME = timedelta(days=365)
LONGEST_LIFETIME = timedelta(days=2 * 365)
NOTED_EVERY = timedelta(minutes=1)


@sensitive_variables("token")
@transaction.atomic
def make(
    *,
    partner: Partner,
    name: str,
    scopes: Collection[str],
    expires_at: datetime,
    by: User | None,
) -> tuple[ApiKey, str]:
    """Return a new row and the key itself, which nobody can be shown again.

    Raises ``TwoKeysAlready`` and ``PartnerEnded``.
    """
    locked = Partner.objects.select_for_update().get(pk=partner.pk)
    if locked.ended_at:
        raise PartnerEnded(f"{locked.name} is no partner any more.")
    if locked.keys.live().count() >= MOST_LIVE:
        raise TwoKeysAlready(
            f"{locked.name} has two keys that work. Revoke one of them first."
        )
    token = tokens.generate()
    key = ApiKey.objects.create(
        partner=locked,
        name=name,
        digest=tokens.digest(token),
        prefix=token[: tokens.SHOWN],
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    audit.record(
        action="partners.make_key",
        by=by,
        partner=locked.name,
        key=key.prefix,
        scopes=list(key.scopes),
    )
    return key, token


@transaction.atomic
def revoke(*, key: ApiKey, by: User | None) -> ApiKey:
    """End a key at once, for good. Doing it twice changes nothing."""
    locked = ApiKey.objects.select_for_update().select_related("partner").get(pk=key.pk)
    if locked.revoked_at is None:
        locked.revoked_at = timezone.now()
        locked.save(update_fields=["revoked_at"])
        audit.record(
            action="partners.revoke_key",
            by=by,
            partner=locked.partner.name,
            key=locked.prefix,
        )
    return locked


@sensitive_variables("token")
def find(token: str) -> ApiKey | None:
    """Return the row of a key, with its partner, in whatever state it is.

    None where there is no such key; what cannot be one is not looked for. One query, and
    another when ``SECRET_KEY`` has changed: a key that is used while the earlier one is
    still among the fallbacks is carried over, so that these can be dropped.
    """
    if not tokens.is_well_formed(token):
        return None
    now, *earlier = tokens.digests(token)
    key = (
        ApiKey.objects.select_related("partner")
        .filter(digest__in=[now, *earlier])
        .first()
    )
    if key and key.digest != now:
        ApiKey.objects.filter(pk=key.pk).update(digest=now)
    return key


def note_use(key: ApiKey) -> None:
    """Note that a key was used, at most once a minute."""
    now = timezone.now()
    before = now - NOTED_EVERY
    if key.last_used_at and key.last_used_at > before:
        return
    ApiKey.objects.filter(pk=key.pk).filter(
        models.Q(last_used_at=None) | models.Q(last_used_at__lte=before)
    ).update(last_used_at=now)


@sensitive_variables("token")
def note_leak(token: str) -> None:
    """Note that a key came in an address, where logs and histories keep it."""
    if tokens.is_well_formed(token):
        ApiKey.objects.filter(digest__in=tokens.digests(token), leaked_at=None).update(
            leaked_at=timezone.now()
        )
