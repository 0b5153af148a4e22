"""What every keyed address does alike: who asks, may they, and how often."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control

from syndication import limits
from syndication.limits import Standing
from syndication.partners import keys, tokens, usage
from syndication.partners.models import ApiKey
from syndication.rest.problems import TooManyRequests
from syndication.rest.views import ProgramView, encode

from .problems import (
    EXPLAINED_AT,
    KeyExpired,
    KeyInAddress,
    KeyMissing,
    KeyRevoked,
    KeyUnknown,
    ScopeMissing,
    Unencrypted,
)


class PrivateView(ProgramView):
    """An address whose answers no cache keeps and no other site's script reads.

    It says nothing to browsers that ask with OPTIONS: keys do not belong in them.
    """

    explained_at: ClassVar[str] = EXPLAINED_AT
    standings: list[Standing | None]

    def dispatch(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        self.standings = []
        answer = super().dispatch(request, *args, **kwargs)
        limits.say(answer, *self.standings)
        patch_cache_control(answer, no_store=True, private=True)
        answer["X-Robots-Tag"] = "noindex"
        return answer

    def count(self, standing: Standing | None) -> None:
        """Keep where somebody stands, to be told; raise ``TooManyRequests`` if over."""
        self.standings.append(standing)
        if standing and standing.is_over:
            raise TooManyRequests


class KeyedView(PrivateView):
    """An address for whoever sends a key that works and may do this.

    The network is counted before the key is looked at, so that trying keys is limited
    too; then the key. Subclasses name the scope that each method needs, empty for any key.
    """

    scopes: ClassVar[dict[str, str]] = {"GET": "", "HEAD": ""}
    key: ApiKey

    def admit(self, request: HttpRequest) -> None:
        _refuse_what_leaks(request)
        self.count(limits.of_network(request, limits.policy("network")))
        if request.method not in self.scopes:
            # Refused by its method later; nobody needs a key to learn that.
            return
        self.key = _key(request)
        keys.note_use(self.key)
        limit = limits.of_holder(str(self.key.pk), limits.policy("key"))
        usage.count(self.key.partner, refused=bool(limit and limit.is_over))
        self.count(limit)
        scope = self.scopes[request.method]
        if scope and scope not in self.key.scopes:
            raise ScopeMissing(scope=scope)

    def respond(self, data: Any, *, status: int = 200) -> HttpResponse:
        """Answer ``data`` as JSON."""
        return HttpResponse(
            encode(data), status=status, content_type="application/json"
        )


def _refuse_what_leaks(request: HttpRequest) -> None:
    """Raise where a key was sent in a way in which others can read it."""
    # Not a redirect: a program would follow it and never learn that its key went out.
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        raise Unencrypted
    for values in request.GET.lists():
        for value in [values[0], *values[1]]:
            if tokens.PREFIX in value:
                keys.note_leak(value[value.index(tokens.PREFIX) :][: tokens.LENGTH])
                raise KeyInAddress


def _key(request: HttpRequest) -> ApiKey:
    """Return the key of a request, live. Raises what is wrong with it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise KeyMissing
    key = keys.find(token)
    if key is None:
        raise KeyUnknown
    if key.revoked_at:
        raise KeyRevoked
    if key.expires_at <= timezone.now():
        raise KeyExpired
    return key
