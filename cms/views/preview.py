"""The built-in page on which a draft is previewed."""

from csp.decorators import csp_replace
from django.apps import apps
from django.conf import settings
from django.core.signing import BadSignature, SignatureExpired
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.clickjacking import xframe_options_sameorigin
from wagtail_headless_preview.models import PagePreview

from cms import channels
from cms.models import CoProducedPage


# The editor shows this page in a frame of its own.
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": ["'self'"]})
def preview(request: HttpRequest) -> HttpResponse:
    """Show the draft that a preview token stands for, to people of the admin.

    The token alone never suffices (a forwarded link shows nothing to anyone outside),
    and it works for ``PREVIEW_MAX_AGE`` seconds: the package itself checks no age.
    """
    if not request.user.has_perm("wagtailadmin.access_admin"):
        return _refuse(request, "Please sign in to the admin to see drafts.", 403)
    token = request.GET.get("token", "")
    model = _model(request.GET.get("content_type", ""))
    if model is None:
        return _refuse(request, "There is no such kind of page to preview.", 404)
    try:
        model.get_preview_signer().unsign(token, max_age=settings.PREVIEW_MAX_AGE)
    except SignatureExpired:
        return _refuse(
            request, "This preview is too old. Open it again from the editor.", 410
        )
    except BadSignature:
        return _refuse(request, "This preview link is damaged or made up.", 404)
    row = PagePreview.objects.filter(
        token=token,
        content_type__app_label="cms",
        content_type__model=model._meta.model_name,
    ).first()
    if row is None:
        return _refuse(request, "This preview no longer exists.", 404)
    return _private(
        TemplateResponse(
            request,
            "cms/preview.html",
            # As families will read it on our own site.
            {"item": channels.split(row.as_page().draft()).of(channels.SITE)},
        )
    )


def _model(name: str) -> type[CoProducedPage] | None:
    try:
        model = apps.get_model(name)
    except (LookupError, ValueError):
        return None
    return model if issubclass(model, CoProducedPage) else None


def _refuse(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return _private(
        TemplateResponse(
            request, "cms/preview_refused.html", {"message": message}, status=status
        )
    )


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, no_store=True, private=True)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
