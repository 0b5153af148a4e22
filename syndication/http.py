"""What every public answer says to caches, whichever channel gives it."""

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags

# Seconds for which any cache may answer by itself. Nobody can purge a browser or a
# stranger's cache, so this bounds how long a text that was taken back can live on in
# one, and there are no stale allowances.
MAX_AGE = 60
# Apache's mod_deflate and mod_brotli put these inside the quotes of an ETag on the
# way out and do not take them off again on the way in.
PROXY_SUFFIXES = ("-gzip", "-br")


def known_etags(request: HttpRequest) -> frozenset[str]:
    """Return the tags of ``If-None-Match``, unquoted; ``{"*"}`` for "any".

    Compared weakly, as RFC 9110 (13.1.2) asks: ``W/"x"`` and ``"x"`` are the same.
    Only printable ASCII is kept, so that each may go into a query as it is.
    """
    sent = parse_etags(request.headers.get("If-None-Match", ""))
    if sent == ["*"]:
        return frozenset(sent)
    bare = {_bare(tag) for tag in sent} - {"*"}
    return frozenset(tag for tag in bare if tag.isascii() and tag.isprintable())


def etag_matches(request: HttpRequest, etag: str) -> bool:
    """Whether the reader already holds the answer with this quoted ``etag``."""
    known = known_etags(request)
    return "*" in known or _bare(etag) in known


def set_public_cache(response: HttpResponseBase, *, tags: Sequence[str]) -> None:
    """Let everyone keep ``response`` for ``MAX_AGE``, and name what purges it.

    Tags go out as ``Cache-Tag`` (Cloudflare, with commas), as ``Surrogate-Key``
    (Fastly, with spaces) and as ``xkey`` (Varnish). Where a cache in front of us can be
    made to forget, it may keep an answer for longer than anybody else.
    """
    patch_cache_control(response, public=True, max_age=MAX_AGE, **_at_the_edge())
    response["Cache-Tag"] = ",".join(tags)
    response["Surrogate-Key"] = response["xkey"] = " ".join(tags)


def _at_the_edge() -> dict[str, int]:
    return {"s_maxage": settings.EDGE_MAX_AGE} if settings.EDGE_CACHES else {}


def not_modified(etag: str, tags: Sequence[str]) -> HttpResponse:
    """Return the 304 for a quoted ``etag``, cached as the full answer would be."""
    response = HttpResponseNotModified(headers={"ETag": etag})
    set_public_cache(response, tags=tags)
    return response


def _bare(etag: str) -> str:
    """Take the quotes, the weakness and a proxy's suffix off.

    >>> _bare('W/"abc-gzip"')
    'abc'
    """
    bare = etag.removeprefix("W/").strip('"')
    for suffix in PROXY_SUFFIXES:
        bare = bare.removesuffix(suffix)
    return bare
