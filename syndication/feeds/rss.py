"""RSS 2.0 after the RSS Advisory Board's Best Practices Profile."""

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from django.conf import settings

from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed, Medium
from .markup import COUNTERSIGN, Markup

CONTENT_TYPE = "application/rss+xml"
# Minutes for which a reader may leave the feed alone.
TTL = 60


def write(feed: Feed, *, address: str) -> bytes:
    """Return ``feed`` as the RSS document that stands at ``address``."""
    xml = Markup()
    with (
        xml.inside(
            "rss",
            {
                "version": "2.0",
                "xmlns:atom": "http://www.w3.org/2005/Atom",
                "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
                "xmlns:dc": "http://purl.org/dc/elements/1.1/",
                "xmlns:media": "http://search.yahoo.com/mrss/",
                "xmlns:cs": COUNTERSIGN,
            },
        ),
        xml.inside("channel"),
    ):
        xml.add("title", feed.title)
        xml.add("link", feed.home)
        xml.add("description", escape(feed.description, quote=False))
        xml.add("language", settings.LANGUAGE_CODE)
        xml.add("copyright", f"{feed.publisher}. {feed.licence_name}.")
        xml.add("lastBuildDate", _date(feed.updated))
        xml.add("docs", "https://www.rssboard.org/rss-specification")
        xml.add("ttl", str(TTL))
        xml.add(
            "atom:link",
            attributes={"href": address, "rel": "self", "type": CONTENT_TYPE},
        )
        for hub in hubs.configured():
            xml.add("atom:link", attributes={"href": hub, "rel": "hub"})
        xml.add("atom:link", attributes={"href": feed.licence_url, "rel": "license"})
        for entry in feed.entries:
            with xml.inside("item"):
                _write_item(xml, entry)
    return xml.finish()


def _write_item(xml: Markup, entry: Entry) -> None:
    xml.add("title", entry.title)
    if entry.url:
        xml.add("link", entry.url)
    # Readers take a description for HTML. Before content:encoded, as the profile asks:
    # some keep whichever comes last.
    xml.add("description", escape(entry.excerpt, quote=False))
    xml.add("content:encoded", entry.content_html)
    for name in entry.authors:
        xml.add("dc:creator", name)
    xml.add("dc:language", entry.language)
    if entry.credit:
        xml.add("dc:rights", entry.credit.text)
        licence = {"href": entry.credit.licence_url, "rel": "license"}
        xml.add("atom:link", attributes=licence)
    for category in entry.categories:
        xml.add("category", category.name, {"domain": category.address})
    if (one := entry.enclosure) and one.size is not None:
        xml.add(
            "enclosure",
            attributes={
                "url": one.url,
                "length": str(one.size),
                "type": one.media_type,
            },
        )
    for medium in entry.media:
        _write_medium(xml, medium)
    xml.add("guid", entry.urn, {"isPermaLink": "false"})
    xml.add("pubDate", _date(entry.published))
    xml.add("atom:updated", moment(entry.updated))
    if entry.receipt:
        xml.add_receipt(entry.receipt)
    if entry.state:
        xml.add("cs:entry", attributes=entry.state)


def _write_medium(xml: Markup, medium: Medium) -> None:
    attributes = {
        "url": medium.url,
        "medium": medium.medium,
        "type": medium.media_type,
        "fileSize": medium.size,
        "width": medium.width,
        "height": medium.height,
    }
    known = {
        name: str(value) for name, value in attributes.items() if value is not None
    }
    with xml.inside("media:content", known):
        if medium.title:
            xml.add("media:title", medium.title, {"type": "plain"})
        if medium.description:
            xml.add("media:description", medium.description, {"type": "plain"})


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
