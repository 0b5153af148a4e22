"""All addresses. Wagtail's page tree and its own APIs are not among them."""

from django.urls import include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls

from cms.views.preview import preview
from syndication.rest.views import Nothing

handler400 = "syndication.rest.views.refuse_request"

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    path("preview/", preview, name="preview"),
    path("api/v1/", include("syndication.api.urls")),
    path("api/partner/v1/", include("syndication.partner_api.urls")),
    # With a slash behind it or without: a check of the standard follows no redirect.
    path("oruk/v3", include("syndication.oruk.urls")),
    path("feeds/", include("syndication.feeds.urls")),
    path("newsletter/", include("syndication.newsletters.urls")),
    # Whatever else a program tries is a problem that it can read, not a web page.
    re_path(r"^(?:api|oruk)(?:/|$)", Nothing.as_view()),
    path("", include("syndication.comments.urls")),
    path("", include("syndication.embeds.urls")),
    path("", include("syndication.web.urls")),
]
