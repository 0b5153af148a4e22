"""Where providers tell what became of a mail."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from . import providers
from .errors import StillSending


@csrf_exempt
@never_cache
def webhook(request: HttpRequest, provider: str) -> HttpResponse:
    """Read what a provider tells, if it proves that it is the one we send by."""
    view = providers.webhook(provider)
    if view is None:
        raise Http404
    try:
        return view(request)
    except StillSending:
        answer = HttpResponse(status=503)
        answer["Retry-After"] = "60"
        return answer
