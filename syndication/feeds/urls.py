from django.urls import path, re_path

from . import pages, views

app_name = "feeds"

FORMAT = r"(?P<form>rss|atom|json)$"
KIND, AREA, TOPIC = r"^(?P<kind>[a-z-]+)", r"(?P<area>[-\w]+)", r"(?P<topic>[-\w]+)"

urlpatterns = [
    path("", pages.index, name="index"),
    path("feeds.opml", pages.opml, name="opml"),
    re_path(rf"^(?P<kind>[a-z-]+)\.{FORMAT}", views.feed, name="feed"),
    re_path(
        rf"^(?P<kind>[a-z-]+)/(?P<area>[-\w]+)\.{FORMAT}", views.feed, name="area_feed"
    ),
    # The same addresses without a format are pages for people.
    re_path(rf"{KIND}/?$", pages.page),
    re_path(rf"{KIND}/topic/{TOPIC}/?$", pages.page),
    re_path(rf"{KIND}/{AREA}/?$", pages.page),
    re_path(rf"{KIND}/{AREA}/{TOPIC}/?$", pages.page),
    re_path(r"^.+$", pages.unknown),
]
