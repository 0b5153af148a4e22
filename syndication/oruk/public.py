"""What every address of this channel does alike."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse

from syndication.rest import views

from .pages import Page


class PublicView(views.PublicView):
    """An anonymous, cacheable address of the standard."""

    # The standard has a description of its own.
    schema = None

    def cache_tags(self) -> tuple[str, ...]:
        return ("oruk", *self.tags)

    def respond_page(
        self, request: Any, page: Page[Any], form: Callable[[Any], bytes], **more: Any
    ) -> HttpResponse:
        """Answer a page of a list, each entry as ``form`` makes it, with its links."""
        answer = self.respond_json(request, page.envelope(form, **more))
        answer["Link"] = page.links(request.path, self.given)
        return answer
