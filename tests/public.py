"""Everything that anybody outside can read, fetched as a stranger."""

from django.conf import settings
from django.core import mail
from django.test import Client

from cms import comments
from cms.models import CoProducedMixin
from syndication.models import Item, Release
from syndication.newsletters.takeaway import forms

FIXED = (
    "/",
    "/api/v1/items",
    "/api/v1/items?kind=local-offer",
    "/api/v1/items?kind=news",
    "/api/v1/items?kind=issues",
    "/api/v1/items?kind=you-said-we-did",
    "/you-said-we-did/",
    "/api/v1/items?kind=shared-block",
    "/api/v1/changes",
    "/api/v1/areas",
    "/api/v1/forums",
    "/api/v1/terms",
    "/coverage/",
    "/receipts/",
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/oruk/v3/services?per_page=100",
    "/oruk/v3/service_at_locations?per_page=100",
    "/oruk/v3/taxonomies",
    "/oruk/v3/taxonomy_terms",
    "/feeds/",
    "/use/",
    "/use/all",
    "/feeds/feeds.opml",
    "/newsletter/",
    "/newsletter/form",
    "/newsletter/link/",
    "/newsletter/use",
    "/newsletter/issues/",
    "/robots.txt",
    "/sitemap.xml",
    "/preview/",
    "/news/",
    "/local-offer/",
)
KINDS = ("all", "local-offer", "news", "issues", "you-said-we-did", "withdrawals")
FORMATS = ("rss", "atom", "json")


def everything(objects=()):
    """Return all public answers, and all mails sent, as one piece of bytes.

    ``objects`` are pages or snippets whose own addresses are tried besides.
    """
    client = Client()
    ids = {str(item.content_id) for item in Item.objects.all()}
    addresses = list(FIXED)
    addresses += [f"/feeds/{kind}.{form}" for kind in KINDS for form in FORMATS]
    addresses += [f"/fragments/{kind}.html" for kind in KINDS]
    addresses += [f"/embed/{kind}" for kind in KINDS]
    addresses += [f"/feeds/{kind}/" for kind in KINDS]
    addresses += [f"/feeds/archive/{number}/all.atom" for number in range(3)]
    for thing in objects:
        assert isinstance(thing, CoProducedMixin)
        ids.add(str(thing.content_id))
        slug = getattr(thing, "slug", "")
        addresses += [f"/{slug}/", f"/news/{slug}/", f"/local-offer/{slug}/"]
    for content_id in ids:
        addresses += [
            f"/items/{content_id}",
            f"/items/{content_id}.txt",
            f"/items/{content_id}/use",
            f"/fragments/{content_id}.html",
            f"/embed/{content_id}",
            f"/oembed?url={settings.PUBLIC_ORIGIN}/items/{content_id}",
            f"/api/v1/items/{content_id}",
            f"/oruk/v3/services/{content_id}",
            f"/newsletter/issues/{content_id}",
            f"/newsletter/issues/{content_id}/use",
            *(f"/newsletter/issues/{content_id}.{suffix}" for suffix in forms.FORMS),
            f"/comments/{content_id}",
        ]
    # Of every version, also of those that nobody may read any more.
    for fingerprint in set(Release.objects.values_list("fingerprint", flat=True)):
        addresses += [f"/receipts/{fingerprint}", f"/api/v1/receipts/{fingerprint}"]
    addresses += [f"/you-said-we-did/{year}" for year in comments.years()]
    answers = [client.get(address) for address in addresses]
    assert all(answer.status_code < 500 for answer in answers)
    mails = [message.message().as_bytes() for message in mail.outbox]
    return b"\n".join([*(_body(answer) for answer in answers), *mails])


def _body(answer):
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
