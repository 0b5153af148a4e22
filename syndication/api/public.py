"""What every address of the partner API does alike."""

from typing import ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from syndication.rest import views

from .problems import EXPLAINED_AT


class PublicView(views.PublicView):
    """An anonymous, cacheable address of the partner API."""

    explained_at: ClassVar[str] = EXPLAINED_AT

    def cache_tags(self) -> tuple[str, ...]:
        return ("api", *self.tags)


def address(name: str, *parts: object, **given: str | None) -> str:
    """Return an absolute address of the API; parameters that are None are left out.

    Never made from the request's Host header, which a stranger chooses.
    """
    query = {key: value for key, value in given.items() if value is not None}
    path = reverse(f"api:{name}", args=parts)
    return f"{settings.PUBLIC_ORIGIN}{path}" + (f"?{urlencode(query)}" if query else "")
