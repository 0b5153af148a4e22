from django.urls import path, re_path
from django.views.generic import RedirectView

from . import coverage, files, health, search_engines, views

app_name = "web"

urlpatterns = [
    path("", views.home, name="home"),
    path("items/<uuid:content_id>", views.item, name="item"),
    path("items/<uuid:content_id>.txt", views.item_as_text, name="item_as_text"),
    path("coverage/", coverage.page, name="coverage"),
    path("receipts/", views.check, name="check"),
    path("receipts/<str:fingerprint>", views.receipt, name="receipt"),
    re_path(r"^images/(?P<name>[\w-]{1,60}\.(?:jpg|png))$", files.image, name="image"),
    re_path(
        r"^attachments/(?P<name>[\w-]{1,60}\.(?:pdf|docx|xlsx|pptx|odt|ods|odp))$",
        files.attachment,
        name="attachment",
    ),
    path("media/<path:path>", files.media, name="media"),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", search_engines.robots, name="robots"),
    path("sitemap.xml", search_engines.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", search_engines.sitemap_part, name="sitemap_part"),
    # What people type.
    path("feeds", RedirectView.as_view(url="/feeds/", permanent=True)),
    path("coverage", RedirectView.as_view(url="/coverage/", permanent=True)),
    path("receipts", RedirectView.as_view(url="/receipts/", permanent=True)),
    path("newsletter", RedirectView.as_view(url="/newsletter/", permanent=True)),
    path(
        "newsletter/issues",
        RedirectView.as_view(url="/newsletter/issues/", permanent=True),
    ),
]
