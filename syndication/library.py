"""The files of the libraries: who may open what is not public, and what they are."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.core.files.storage import default_storage
from django.http import HttpRequest

from cms import attachments
from cms.permissions import may_see_file
from cms.representation import every_block

FROZEN = "frozen/"


def may_open(request: HttpRequest, path: str) -> bool:
    """Whether the person may see this file: somebody of the admin, and allowed to.

    ``path`` is relative to the media folder.
    """
    if not request.user.has_perm("wagtailadmin.access_admin"):
        return False
    return may_see_file(request.user, path)


def media_type(name: str) -> str:
    """Return as what an attachment is sent, by the end of its name."""
    return attachments.KINDS[attachments.suffix_of(name)].media_type


def blocks(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the blocks of a released text, also those inside others."""
    return every_block(data.get("body", ()))


def pictures(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the pictures of a released text that may also be seen beside it.

    Not the photographs of families: those agreed to be seen in the text (cms.voices). Not
    what is there for its looks alone either: it says nothing.
    """
    return (
        block
        for block in blocks(data)
        if block["type"] in ("image", "diagram") and not block.get("decorative")
    )


def size(name: str) -> int | None:
    """How many bytes a public picture or file has; None where it is not there any more."""
    try:
        return default_storage.size(FROZEN + name)
    except OSError:
        return None
