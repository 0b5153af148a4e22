"""Images of what is released, and the library that stays indoors."""

import mimetypes

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from syndication import library
from syndication.http import etag_matches, set_public_cache
from syndication.models import Release, ReleaseAttachment


@require_safe
def image(request: HttpRequest, name: str) -> HttpResponse:
    """Give an image to everyone while a current release shows it.

    Before and after that, only to people of the admin, who see it in drafts. To
    anyone else it is unknown (404) or, once it was public, gone (410).
    """
    response: HttpResponse
    if Release.objects.current().filter(images__name=name).exists():
        # A name never gets other content: see cms.models.FrozenImage.
        etag = quote_etag(name)
        if etag_matches(request, etag):
            response = HttpResponseNotModified()
        else:
            response = _file(library.FROZEN + name)
        response["ETag"] = etag
        # Partners show released texts on pages of their own, images included.
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        _keep_a_minute(response, tags=["images", f"image-{name}"])
        return response
    if _is_of_the_admin(request):
        response = _file(library.FROZEN + name)
    elif Release.objects.known().filter(images__name=name).exists():
        response = HttpResponse(render_to_string("web/image_gone.html"), status=410)
    else:
        raise Http404
    return _private(response)


@require_safe
def attachment(request: HttpRequest, name: str) -> HttpResponse:
    """Give a file to everyone while a current release offers it; else as an image.

    Always to be saved, never shown in the place of a page of ours.
    """
    offered = ReleaseAttachment.objects.filter(name=name)
    title = (
        offered.filter(release__in=Release.objects.current())
        .values_list("title", flat=True)
        .first()
    )
    if title is None and not _is_of_the_admin(request):
        if offered.filter(release__in=Release.objects.known()).exists():
            return _private(
                HttpResponse(render_to_string("web/image_gone.html"), status=410)
            )
        raise Http404
    etag = quote_etag(name)
    if title is not None and etag_matches(request, etag):
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = _file(library.FROZEN + name)
        response["Content-Type"] = library.media_type(name)
        response["Content-Disposition"] = content_disposition_header(
            as_attachment=True, filename=_file_name(title or "draft", name)
        )
    if title is None:
        return _private(response)
    response["ETag"] = etag
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    _keep_a_minute(response, tags=["attachments", f"attachment-{name}"])
    return response


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponse:
    """Give a file of the library to those who may see it; to others it is unknown."""
    if not library.may_open(request, path):
        raise Http404
    return _private(_file(path))


def _file(path: str) -> HttpResponse:
    try:
        # The storage refuses a path that leads out of it (SuspiciousFileOperation).
        with default_storage.open(path) as opened:
            content = opened.read()
    except (OSError, ValueError, SuspiciousFileOperation) as reason:
        raise Http404 from reason
    guessed, _ = mimetypes.guess_type(path)
    return HttpResponse(content, content_type=guessed or "application/octet-stream")


def _file_name(title: str, name: str) -> str:
    """What a reader's computer calls the file: its title, with its real ending."""
    plain = "".join(sign if sign.isalnum() else " " for sign in title)
    return f"{' '.join(plain.split())[:80]}.{name.rpartition('.')[2]}"


def _is_of_the_admin(request: HttpRequest) -> bool:
    return request.user.has_perm("wagtailadmin.access_admin")


def _keep_a_minute(response: HttpResponse, *, tags: list[str]) -> None:
    # A photograph whose family takes its consent back must be gone as fast as a text.
    set_public_cache(response, tags=tags)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_store=True)
    return response
