"""Reading what partners send, strictly: what is not understood is refused."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from syndication.rest import bodies
from syndication.rest.problems import InvalidBody

MOST_COPIES = 10_000
# Bytes: room for that many pairs with a lot of white space.
LONGEST = 2_000_000
IDENTITY = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def copies(request: HttpRequest) -> dict[UUID, int]:
    """Return the copies that a partner says it holds: versions by ``content_id``.

    ``{"items": [{"content_id": …, "version": …}, …]}``. Raises ``InvalidBody``,
    and what ``rest.bodies.read`` does.
    """
    said = bodies.read(request, most=LONGEST)
    if not isinstance(said, dict) or set(said) != {"items"}:
        raise InvalidBody("Send an object with nothing but “items” in it.")
    if not isinstance(said["items"], list) or len(said["items"]) > MOST_COPIES:
        raise InvalidBody(f"“items” must be a list of at most {MOST_COPIES:,}.")
    found: dict[UUID, int] = {}
    for place, one in enumerate(said["items"]):
        content_id, version = _copy(one, place)
        if content_id in found:
            raise InvalidBody(f"Give {content_id} only once.", place=place)
        found[content_id] = version
    return found


def _copy(said: Any, place: int) -> tuple[UUID, int]:
    if not isinstance(said, dict) or set(said) != {"content_id", "version"}:
        raise InvalidBody(
            "Each of “items” has “content_id” and “version”, and nothing else.",
            place=place,
        )
    content_id, version = said["content_id"], said["version"]
    if not isinstance(content_id, str) or not IDENTITY.fullmatch(content_id):
        raise InvalidBody(
            "“content_id” is a UUID in lower case, as the API gives it.", place=place
        )
    # To JSON Schema 1.0 is a whole number as well.
    if isinstance(version, float) and version.is_integer():
        version = int(version)
    # True is a number to Python, and to nobody else.
    if type(version) is not int or not 1 <= version < 2**31:
        raise InvalidBody("“version” is a whole number from 1.", place=place)
    return UUID(content_id), version
