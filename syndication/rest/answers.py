"""Answers to programs whose header fields are put in as they are.

Django looks at each field by itself, on the way in and on the way out, and an answer of
ours has sixteen: that took longer than reading what was asked for.
"""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.http.response import BadHeaderError, ResponseHeaders

# Nothing that a program gets is to be shown, or to run, in a browser.
GUARDS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
}


class Fields(ResponseHeaders):
    """Header fields that can be read and changed as those of any answer."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        """Take fields. Raises ``BadHeaderError`` if one is not printable ASCII."""
        values = "".join(fields.values())
        if not (values.isascii() and values.isprintable()):
            raise BadHeaderError("A header field is not printable ASCII.")
        self._store = {name.lower(): (name, value) for name, value in fields.items()}

    def items(self) -> Any:
        return self._store.values()


class Answer(HttpResponse):
    """Bytes with all header fields; those of their length and type come by themselves."""

    def __init__(
        self, body: bytes, *, status: int, content_type: str, fields: Mapping[str, str]
    ) -> None:
        super().__init__(body, status=status, content_type=content_type)
        told = dict(fields)
        if status != 304:
            # RFC 9110, 15.4.5: of what is not sent nothing is told.
            told |= {"Content-Type": content_type, "Content-Length": str(len(body))}
        self.headers = Fields(told)
