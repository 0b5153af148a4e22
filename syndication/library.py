"""The files of the libraries: who may open what is not public, and what they are."""

from django.http import HttpRequest

from cms import attachments
from cms.permissions import may_see_file


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
