"""Which websites may show some views of ours in a frame, as their answers tell browsers.

Everything else that we serve stays out of frames: ``X-Frame-Options: DENY``.
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse

from syndication.partners.models import Partner

ANYBODY, PARTNERS = "*", "partners"
# A host as browsers know it: no character that could end a source or a directive.
ORIGIN = re.compile(
    r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?"
)
# One script and one style sheet of ours, our pictures, and nothing from anywhere else.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action {forms}; frame-ancestors {ancestors}"
)


def allow(response: HttpResponse, *, forms: bool = False) -> None:
    """Let the websites of ``EMBED_FRAME_ANCESTORS`` show ``response`` in a frame.

    Asks the database only where those are the websites of partners. With ``forms``, a
    form in it may be sent to us, and to nobody else.
    """
    response["Content-Security-Policy"] = POLICY.format(
        forms="'self'" if forms else "'none'", ancestors=" ".join(_ancestors())
    )
    response.xframe_options_exempt = True


def origin(address: str) -> str:
    """Return the origin of a web address in ASCII; empty where it has none.

    >>> origin("https://School.example:8443/news?x=1")
    'https://school.example:8443'
    >>> origin("https://school.example; script-src *")
    ''
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    found = f"{parts.scheme}://{host}{port}"
    return found if ORIGIN.fullmatch(found) else ""


def wrong(sources: Iterable[str]) -> list[str]:
    """Return what ``EMBED_FRAME_ANCESTORS`` may not say."""
    return [
        one
        for one in sources
        if one not in (ANYBODY, PARTNERS) and not ORIGIN.fullmatch(one)
    ]


def _ancestors() -> list[str]:
    """Our own site is always one: it shows what an embed looks like."""
    named = [one for one in settings.EMBED_FRAME_ANCESTORS if one != PARTNERS]
    if ANYBODY in named:
        return [ANYBODY]
    if PARTNERS in settings.EMBED_FRAME_ANCESTORS:
        websites = Partner.objects.active().values_list("website", flat=True)
        named += filter(None, map(origin, websites))
    return ["'self'", *sorted(set(named))]
