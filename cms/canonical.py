"""The one way in which content becomes bytes that can be signed.

Canonical JSON after RFC 8785 (JCS), restricted to what a proof may hold: no
floating point numbers, no other types. Two representations are the same content
exactly when their bytes are the same.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = str | int | bool | Sequence["Json"] | Mapping[str, "Json"] | None

# Stored with every proof, so that a later algorithm never reinterprets old bytes.
ALGORITHM = "jcs-sha256"


def encode(value: Json) -> bytes:
    """Return ``value`` as canonical UTF-8 JSON (RFC 8785).

    >>> encode({"b": 1, "a": ["é", None, True]})
    b'{"a":["\\xc3\\xa9",null,true],"b":1}'

    Raises ``TypeError`` for a float or any type JSON lacks, and ``ValueError`` for
    text that is no Unicode (a lone surrogate) or an integer that a JavaScript
    reader could not hold (RFC 7493, section 2.2).
    """
    return json.dumps(
        _checked(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode("utf-8")


def fingerprint(data: bytes) -> str:
    """Return the SHA-256 of ``data`` as 64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def _checked(value: Json) -> Json:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) > 2**53 - 1:
            raise ValueError(f"{value} is too large to be exact in JSON")
        return value
    if isinstance(value, Mapping):
        # JCS orders keys by UTF-16 code units, not by code points.
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _checked(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_checked(item) for item in value]
    raise TypeError(f"a proof cannot hold {type(value).__name__}: {value!r}")
