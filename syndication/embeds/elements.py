"""The script of the custom elements, at an address that moves on and at ones that stay.

A website that pins a version (Subresource Integrity) has to get those bytes for ever, so
every version that was ever given out is kept as a file: see ``keep_element``.
"""

import base64
import hashlib
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from syndication import encodings
from syndication.http import etag_in, etag_matches

SCRIPTS = Path(__file__).parent / "scripts"
SOURCE = SCRIPTS / "countersign.js"
VERSIONS = SCRIPTS / "versions"
CONTENT_TYPE = "text/javascript; charset=utf-8"
# Seconds. It is no text that somebody could take back, and a mistake in it is mended for
# everybody within the hour.
EVERGREEN_MAX_AGE = 3600
PINNED_MAX_AGE = 31_536_000
UNKNOWN = (
    "// There is no such version of the Countersign elements.\n"
    "// Copy the code anew from “Use this on your website”, or take {evergreen}\n"
)


@dataclass(frozen=True)
class Script:
    """Where websites get the elements from."""

    # Never has other bytes than those of ``integrity``.
    address: str
    integrity: str
    # Always has the newest.
    evergreen: str
    # What a Content-Security-Policy has to name.
    origin: str


@dataclass(frozen=True)
class Version:
    """The bytes of one version."""

    body: bytes

    @cached_property
    def name(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def integrity(self) -> str:
        digest = hashlib.sha384(self.body).digest()
        return f"sha384-{base64.b64encode(digest).decode()}"

    @cached_property
    def encoded(self) -> dict[str, bytes]:
        """The body in each content coding, made once."""
        codings = ("", encodings.GZIP, encodings.BROTLI)
        return {
            one: encodings.encode(self.body, one, encodings.ONCE) for one in codings
        }


def script() -> Script:
    """The addresses of the newest version, with what pins it."""
    version = newest()
    pinned = reverse("embeds:pinned_script", args=[version.name])
    return Script(
        address=f"{settings.PUBLIC_ORIGIN}{pinned}",
        integrity=version.integrity,
        evergreen=f"{settings.PUBLIC_ORIGIN}{reverse('embeds:script')}",
        origin=settings.PUBLIC_ORIGIN,
    )


@cache
def newest() -> Version:
    """What this installation gives to whoever does not pin."""
    return Version(SOURCE.read_bytes())


@cache
def kept() -> dict[str, Version]:
    """Every version that websites may have pinned, by name, and the newest."""
    files = sorted(VERSIONS.glob("countersign-*.js"))
    versions = [newest(), *(Version(file.read_bytes()) for file in files)]
    return {version.name: version for version in versions}


def keep() -> Path:
    """Write the script as it is among the versions that are kept, for good."""
    version = Version(SOURCE.read_bytes())
    path = VERSIONS / f"countersign-{version.name}.js"
    VERSIONS.mkdir(exist_ok=True)
    path.write_bytes(version.body)
    return path


@require_safe
def evergreen_script(request: HttpRequest) -> HttpResponse:
    """The newest version, which websites get without doing anything.

    Parameters make no difference: content management systems add their own.
    """
    return _give(request, newest(), max_age=EVERGREEN_MAX_AGE)


@require_safe
def pinned_script(request: HttpRequest, version: str) -> HttpResponse:
    """One version, the same for ever."""
    found = kept().get(version)
    if found is None:
        words = UNKNOWN.format(evergreen=script().evergreen)
        answer = HttpResponse(words, status=404, content_type=CONTENT_TYPE)
        # A new version may be asked of an old process while a new one is being started.
        patch_cache_control(answer, no_store=True)
        return _open(answer)
    return _give(request, found, max_age=PINNED_MAX_AGE, immutable=True)


def _give(
    request: HttpRequest, version: Version, *, max_age: int, immutable: bool = False
) -> HttpResponse:
    coding = encodings.chosen(request)
    etag = etag_in(coding, f'"{version.name}"')
    answer: HttpResponse
    if etag_matches(request, etag):
        answer = HttpResponseNotModified()
    else:
        answer = HttpResponse(version.encoded[coding], content_type=CONTENT_TYPE)
        if coding:
            answer["Content-Encoding"] = coding
    answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=max_age)
    if immutable:
        patch_cache_control(answer, immutable=True)
    patch_vary_headers(answer, ["Accept-Encoding"])
    answer["Cache-Tag"] = answer["Surrogate-Key"] = answer["xkey"] = "embed-script"
    return _open(answer)


def _open(answer: HttpResponse) -> HttpResponse:
    """Let pages of other websites run it, also those that isolate themselves."""
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer
