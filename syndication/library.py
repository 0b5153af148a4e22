"""Who may open a file of the image library that is not public."""

from django.http import HttpRequest

from cms.permissions import may_see_file


def may_open(request: HttpRequest, path: str) -> bool:
    """Whether the person may see this file: somebody of the admin, and allowed to.

    ``path`` is relative to the media folder.
    """
    if not request.user.has_perm("wagtailadmin.access_admin"):
        return False
    return may_see_file(request.user, path)
