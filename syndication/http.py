"""What every public answer says to caches, whichever channel gives it."""

import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag

from . import encodings

# Seconds for which any cache may answer by itself. Nobody can purge a browser or a
# stranger's cache, so this bounds how long a text that was taken back can live on in
# one, and there are no stale allowances.
MAX_AGE = 60
# What we put inside the quotes of an ETag for a content coding. Apache's mod_deflate and
# mod_brotli do the same on the way out and do not take them off again on the way in.
PROXY_SUFFIXES = ("-gzip", "-br")
# Bytes from which on it is worth it to compress an answer.
LONG = 500


def known_etags(request: HttpRequest) -> frozenset[str]:
    """Return the tags of ``If-None-Match``, unquoted; ``{"*"}`` for "any".

    Compared weakly, as RFC 9110 (13.1.2) asks: ``W/"x"`` and ``"x"`` are the same.
    Only printable ASCII is kept, so that each may go into a query as it is.
    """
    header = request.META.get("HTTP_IF_NONE_MATCH")
    return _bare_tags(header) if header else frozenset()


@lru_cache(maxsize=256)
def _bare_tags(header: str) -> frozenset[str]:
    sent = parse_etags(header)
    if sent == ["*"]:
        return frozenset(sent)
    bare = {_bare(tag) for tag in sent} - {"*"}
    return frozenset(tag for tag in bare if tag.isascii() and tag.isprintable())


def etag_matches(request: HttpRequest, etag: str) -> bool:
    """Whether the reader already holds the answer with this quoted ``etag``."""
    known = known_etags(request)
    return "*" in known or _bare(etag) in known


def etag_in(coding: str, etag: str) -> str:
    """Return the quoted tag of the same in a content coding: other bytes, another tag.

    >>> etag_in("gzip", '"abc"')
    '"abc-gzip"'
    """
    return f'{etag[:-1]}-{coding}"' if coding else etag


def max_age(longest: int = MAX_AGE) -> int:
    """For how many seconds an answer given now may be kept; 1 to ``longest``.

    Never past midnight: that is when what has a last day ends, when surveys close, when
    a consent ends and when a text becomes overdue for its check. Before the moment of
    an embargo nothing is shorter: that would tell strangers when something will come.
    """
    now = time.time()
    return max(1, min(longest, int(_midnight(int(now // 60)) - now)))


@lru_cache(maxsize=1)
def _midnight(minute: int) -> float:
    """Return when the day ends that a minute of the clock is in. Asked at every answer."""
    now = timezone.localtime(datetime.fromtimestamp(minute * 60, UTC))
    day = datetime.combine(now.date() + timedelta(days=1), datetime.min.time())
    return timezone.make_aware(day).timestamp()


def public_cache(tags: Sequence[str]) -> dict[str, str]:
    """Return the headers that let everyone keep an answer for ``max_age``.

    ``tags`` name what purges it: as ``Cache-Tag`` (Cloudflare, with commas), as
    ``Surrogate-Key`` (Fastly, with spaces) and as ``xkey`` (Varnish). Where a cache in
    front of us can be made to forget, it may keep an answer for longer than anybody else.
    """
    kept = f"public, max-age={max_age()}"
    if settings.EDGE_CACHES:
        kept += f", s-maxage={max_age(settings.EDGE_MAX_AGE)}"
    spaced = " ".join(tags)
    return {
        "Cache-Control": kept,
        "Cache-Tag": ",".join(tags),
        "Surrogate-Key": spaced,
        "xkey": spaced,
    }


def set_public_cache(response: HttpResponseBase, *, tags: Sequence[str]) -> None:
    """Let everyone keep ``response``, as ``public_cache`` has it."""
    for name, value in public_cache(tags).items():
        response[name] = value


def respond(
    request: HttpRequest,
    words: str | bytes,
    *,
    tags: Sequence[str],
    status: int = 200,
    content_type: str = "text/html; charset=utf-8",
) -> HttpResponse:
    """Answer ``words`` to anybody, or 304 to a reader who has them.

    Compressed for readers who take that: nothing in it is secret, so its length tells
    nobody anything.

    Nobody's cookies count: a session that cannot be read would else be taken back by a
    cookie, in an answer that caches keep for everybody.
    """
    request.COOKIES.clear()
    body = words.encode() if isinstance(words, str) else words
    coding = encodings.chosen(request) if len(body) >= LONG else ""
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    response: HttpResponse
    # RFC 9110, 13.2.1: only a success can be answered "not modified".
    if status == 200 and etag_matches(request, etag):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(
            _encoded(body, coding), status=status, content_type=content_type
        )
        if coding:
            response["Content-Encoding"] = coding
    if status == 200:
        response["ETag"] = etag_in(coding, etag)
    patch_vary_headers(response, ["Accept-Encoding"])
    set_public_cache(response, tags=tags)
    return response


@lru_cache(maxsize=128)
def _encoded(body: bytes, coding: str) -> bytes:
    """Return ``body`` in a coding. Most answers are those of a moment ago."""
    return encodings.encode(body, coding)


def _bare(etag: str) -> str:
    """Take the quotes, the weakness and the suffix of a coding off.

    >>> _bare('W/"abc-gzip"')
    'abc'
    """
    bare = etag.removeprefix("W/").strip('"')
    for suffix in PROXY_SUFFIXES:
        bare = bare.removesuffix(suffix)
    return bare
