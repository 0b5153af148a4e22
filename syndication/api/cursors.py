"""Opaque places in a list, which a partner hands back to go on from there."""

import json
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer

from .problems import BadCursor, CursorMismatch


def write(listing: str, *, bound: list[str | None], position: list[Any]) -> str:
    """Return the cursor for a ``position`` (plain JSON values) in a list.

    ``bound`` are the filters it goes with. The same place gives the same cursor for
    ever: it stands in answers, and a time in it would change their ETag each second.
    """
    return _signed(listing, json.dumps([bound, position]), settings.SECRET_KEY)


def read(cursor: str, listing: str, *, bound: list[str | None]) -> Any:
    """Return the position that ``write`` put in.

    Raises ``BadCursor`` when it was not written here for this list, and
    ``CursorMismatch`` when it was, but for other filters.
    """
    try:
        written_for, position = _signer(listing).unsign_object(cursor)
    except BadSignature:
        raise BadCursor(parameter="cursor") from None
    if written_for != bound:
        raise CursorMismatch(parameter="cursor")
    return position


@lru_cache(maxsize=1024)
def _signed(listing: str, place: str, key: str) -> str:
    """Remember the ends of the pages that are asked for most; ``key`` is only the key."""
    return _signer(listing).sign_object(json.loads(place))


def _signer(listing: str) -> Signer:
    # A salt for each list, so that a cursor of one is refused by another.
    return Signer(salt=f"syndication.api.cursors.{listing}", sep=".")
