from django.urls import path, re_path

from . import views

app_name = "feeds"

FORMAT = r"(?P<form>rss|atom|json)$"

urlpatterns = [
    path("", views.index, name="index"),
    re_path(rf"^(?P<kind>[a-z-]+)\.{FORMAT}", views.feed, name="feed"),
    re_path(
        rf"^(?P<kind>[a-z-]+)/(?P<area>[-\w]+)\.{FORMAT}", views.feed, name="area_feed"
    ),
    re_path(r"^.+$", views.unknown),
]
