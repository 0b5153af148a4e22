"""Who publishes, and under which licence, as every channel says it."""

from typing import TypedDict, cast

from django.db.models import Subquery
from django.db.models.functions import JSONObject

from site_settings.models import PublisherSettings


class Publisher(TypedDict):
    name: str
    contact_email: str
    other_ways: str
    licence_name: str
    licence_url: str


# Rides along in a channel's own query, as ``publisher``.
PUBLISHER = Subquery(
    PublisherSettings.objects.order_by("pk").values(
        data=JSONObject(**{name: name for name in Publisher.__annotations__})
    )[:1]
)


def publisher(annotated: object = None) -> Publisher:
    """Return the publisher that came with ``annotated``, or else ask for it.

    Never ``PublisherSettings.load()``: that writes the missing row, and a GET must
    not write.
    """
    found: Publisher | None = getattr(annotated, "publisher", None)
    if found:
        return found
    row = PublisherSettings.objects.first() or PublisherSettings()
    values = {name: getattr(row, name) for name in Publisher.__annotations__}
    return cast(Publisher, values)
