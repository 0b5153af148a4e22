from django.urls import path, re_path

from . import pages, views

app_name = "feeds"

KIND = r"(?P<kind>[a-z-]+)"
AREA = r"(?P<area>[-\w]+)"
TOPIC = r"(?P<topic>[-\w]+)"
FORMAT = r"\.(?P<form>rss|atom|json)$"
ARCHIVE = r"archive/(?P<number>0|[1-9][0-9]{0,9})"

# Every selection, the narrower ones of a shape before the wider.
SELECTIONS = {
    "feed": KIND,
    "topic_feed": f"{KIND}/topic/{TOPIC}",
    "area_feed": f"{KIND}/{AREA}",
    "area_topic_feed": f"{KIND}/{AREA}/{TOPIC}",
}

urlpatterns = [
    path("", pages.index, name="index"),
    path("feeds.opml", pages.opml, name="opml"),
    *(
        re_path(
            rf"^{ARCHIVE}/{selection}\.atom$", views.archive, name=f"{name}_archive"
        )
        for name, selection in SELECTIONS.items()
    ),
    *(
        re_path(f"^{selection}{FORMAT}", views.feed, name=name)
        for name, selection in SELECTIONS.items()
    ),
    # The same addresses without a format are pages for people.
    *(
        re_path(f"^{selection}/?$", pages.page, name="page")
        for selection in SELECTIONS.values()
    ),
    re_path(r"^.+$", pages.unknown),
]
