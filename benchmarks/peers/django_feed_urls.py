"""The addresses of ``django_feed``."""

import json

from django.contrib.syndication.views import Feed
from django.urls import path
from django.utils.feedgenerator import Atom1Feed

from syndication.models import Release


class Newest(Feed[Release, Release]):
    """The fifty newest texts, whole."""

    feed_type = Atom1Feed
    title = "Countersign: everything new"
    link = "/"
    subtitle = "Local offer pages, news and answers to comments."

    def items(self):
        return Release.objects.current().newest_first().select_related("item")[:50]

    def item_title(self, item):
        return item.title

    def item_description(self, item):
        return json.loads(bytes(item.payload))["html"]

    def item_link(self, item):
        return f"/items/{item.item.content_id}"

    def item_guid(self, item):
        return f"urn:uuid:{item.item.content_id}"

    def item_pubdate(self, item):
        return item.released_at

    def item_updateddate(self, item):
        return item.updated_at


urlpatterns = [path("stock/feed.atom", Newest())]
