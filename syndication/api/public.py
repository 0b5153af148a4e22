"""What every address of the partner API does alike."""

from typing import Any, ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request

from syndication import limits
from syndication.limits import Standing
from syndication.rest import views
from syndication.rest.problems import TooManyRequests

from .problems import EXPLAINED_AT


class PublicView(views.PublicView):
    """An anonymous, cacheable address of the partner API."""

    explained_at: ClassVar[str] = EXPLAINED_AT
    headers_exposed = (
        f"{views.PublicView.headers_exposed}, RateLimit, RateLimit-Policy, Retry-After"
    )
    # The limit of networks here, where an answer costs more than others.
    limit: ClassVar[str] = ""
    standing: Standing | None = None

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        answer = super().dispatch(request, *args, **kwargs)
        if "no-store" in answer["Cache-Control"]:
            # What is left is one network's: a cache would tell it to others.
            limits.say(answer, self.standing)
        return answer

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        if name := self.limit_name():
            self.standing = limits.of_network(request._request, limits.policy(name))
            if self.standing and self.standing.is_over:
                raise TooManyRequests

    def limit_name(self) -> str:
        """Return which limit this request counts against; empty for none."""
        return self.limit

    def cache_tags(self) -> tuple[str, ...]:
        return ("api", *self.tags)


def address(name: str, *parts: object, **given: str | None) -> str:
    """Return an absolute address of the API; parameters that are None are left out.

    Never made from the request's Host header, which a stranger chooses.
    """
    query = {key: value for key, value in given.items() if value is not None}
    path = reverse(f"api:{name}", args=parts)
    return f"{settings.PUBLIC_ORIGIN}{path}" + (f"?{urlencode(query)}" if query else "")
