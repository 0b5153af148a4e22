"""The typed facts of a release in the words in which families read them."""

from collections.abc import Mapping
from typing import Any

from cms import facts


def said(payload: Mapping[str, Any], key: str) -> str:
    """Return what a payload says under ``key``, as in its ``text``; empty without it.

    Lines are kept, as in ``You can ask yourself:\\n1. Ring us.\\n2. Tell us your needs.``
    """
    value = payload.get(key)
    return facts.say(key)(value) if value else ""
