"""The page of an issue under the newsletter's own address.

The permalink stays the one that search engines are told of.
"""

import json
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_safe

from site_settings.models import NewsletterSettings
from syndication import receipts
from syndication.http import respond
from syndication.models import permalink
from syndication.publisher import publisher

from . import issues
from .forms import FORMS


@require_safe
def issue(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Show an issue as it was agreed, and lead to its formats. 410 where withdrawn."""
    release = issues.newest(content_id)
    if release is None:
        raise Http404
    tags = [f"item-{content_id}", "newsletter"]
    context = {
        "publisher": publisher(release),
        "release": release,
        "permalink": permalink(content_id),
    }
    if release.withdrawn_at:
        page = render_to_string("newsletters/issue_withdrawn.html", context)
        return respond(request, page, tags=tags, status=410)
    newsletter = NewsletterSettings.objects.first() or NewsletterSettings()
    page = render_to_string(
        "newsletters/issue_page.html",
        {
            **context,
            "item": json.loads(bytes(release.payload)),
            "newsletter": newsletter,
            "who": receipts.sentence(release.receipt),
            "label": receipts.label(release.receipt),
            "receipt": release.receipt,
            "forms": FORMS.values(),
        },
    )
    return respond(request, page, tags=tags)
