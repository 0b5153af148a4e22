"""Reading JSON that programs send, strictly: what is not understood is refused."""

import json
import re
from typing import Any

from django.http import HttpRequest

from .problems import InvalidBody, LengthRequired, TooLarge, UnsupportedMediaType

LENGTH = re.compile("[0-9]{1,12}")


def read(request: HttpRequest, *, most: int) -> Any:
    """Return the JSON of a request, of at most ``most`` bytes.

    Raises the fitting problem for anything else. Of what is too long nothing is read.
    """
    if request.content_type != "application/json":
        raise UnsupportedMediaType
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the JSON as it is, not compressed.")
    length = request.headers.get("Content-Length", "")
    # Without it Django reads nothing at all, which would look like an empty body.
    if not LENGTH.fullmatch(length):
        raise LengthRequired
    if int(length) > most:
        raise TooLarge(f"Send at most {most:,} bytes at once.")
    try:
        # Some programs put a byte order mark in front.
        text = request.body.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise InvalidBody(
            "This is no JSON, or none that is encoded in UTF-8."
        ) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object none of whose names stands twice: which one would be meant?"""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InvalidBody("An object in it has the same name twice.")
    return found
