from django.urls import path, re_path
from django.views.generic import RedirectView

from . import elements, oembed, use, views

app_name = "embeds"

SELECTIONS = (
    "<slug:kind>",
    "<slug:kind>/<slug:area>",
    "<slug:kind>/topic/<slug:topic>",
    "<slug:kind>/<slug:area>/topic/<slug:topic>",
)

urlpatterns = [
    path("fragments/<uuid:content_id>.html", views.item_fragment, name="item_fragment"),
    *(
        path(f"fragments/{one}.html", views.list_fragment, name="list_fragment")
        for one in SELECTIONS
    ),
    re_path(r"^fragments(?:/.*)?$", views.unknown_fragment),
    path("embed/countersign.js", elements.evergreen_script, name="script"),
    re_path(
        r"^embed/countersign-(?P<version>[0-9a-f]{12})\.js$",
        elements.pinned_script,
        name="pinned_script",
    ),
    path("embed/<uuid:content_id>", views.item_page, name="item_page"),
    *(path(f"embed/{one}", views.list_page, name="list_page") for one in SELECTIONS),
    re_path(r"^embed(?:/.*)?$", views.unknown_page),
    path("oembed", oembed.endpoint, name="oembed"),
    path("items/<uuid:content_id>/use", use.item, name="use_item"),
    path("use/", use.index, name="use"),
    *(path(f"use/{one}", use.listing, name="use_list") for one in SELECTIONS),
    re_path(r"^use/.*$", use.unknown),
    # What people type.
    path("use", RedirectView.as_view(url="/use/", permanent=True)),
]
