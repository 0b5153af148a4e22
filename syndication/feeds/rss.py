"""RSS 2.0 after the RSS Advisory Board's Best Practices Profile."""

from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from django.conf import settings

from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed
from .markup import COUNTERSIGN, Markup

CONTENT_TYPE = "application/rss+xml"
DESCRIPTION_LENGTH = 300
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
        for entry in feed.entries:
            with xml.inside("item"):
                _write_item(xml, entry)
    return xml.finish()


def _write_item(xml: Markup, entry: Entry) -> None:
    xml.add("title", entry.title)
    xml.add("link", entry.url)
    # Readers take a description for HTML. Before content:encoded, as the profile asks:
    # some keep whichever comes last.
    xml.add("description", escape(shorten(entry.summary), quote=False))
    xml.add("content:encoded", entry.content_html)
    for name in entry.authors:
        xml.add("dc:creator", name)
    for category in entry.categories:
        xml.add(
            "category",
            category.name,
            {"domain": f"{settings.PUBLIC_ORIGIN}/api/v1/{category.scheme}"},
        )
    xml.add("guid", entry.urn, {"isPermaLink": "false"})
    xml.add("pubDate", _date(entry.published))
    xml.add("atom:updated", moment(entry.updated))
    xml.add_receipt(entry.receipt)


def shorten(text: str) -> str:
    """Return at most ``DESCRIPTION_LENGTH`` characters, cut between words.

    >>> shorten("Short enough.")
    'Short enough.'
    >>> len(shorten("word " * 100)) <= DESCRIPTION_LENGTH
    True
    """
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    cut = text[: DESCRIPTION_LENGTH - 1]
    return (cut.rpartition(" ")[0] or cut) + "…"


def _date(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
