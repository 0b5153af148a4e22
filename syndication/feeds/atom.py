"""Atom, RFC 4287."""

from django.conf import settings

from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed
from .markup import COUNTERSIGN, Markup

CONTENT_TYPE = "application/atom+xml"


def write(feed: Feed, *, address: str) -> bytes:
    """Return ``feed`` as the Atom document that stands at ``address``."""
    xml = Markup()
    with xml.inside(
        "feed",
        {
            "xmlns": "http://www.w3.org/2005/Atom",
            "xmlns:cs": COUNTERSIGN,
            "xml:lang": settings.LANGUAGE_CODE,
        },
    ):
        xml.add("id", address)
        xml.add("title", feed.title, {"type": "text"})
        xml.add("subtitle", feed.description, {"type": "text"})
        xml.add("updated", moment(feed.updated))
        with xml.inside("author"):
            xml.add("name", feed.publisher)
        _add_link(xml, "self", address, CONTENT_TYPE)
        for hub in hubs.configured():
            xml.add("link", attributes={"rel": "hub", "href": hub})
        _add_link(xml, "alternate", feed.home, "text/html")
        xml.add("link", attributes={"rel": "license", "href": feed.licence_url})
        xml.add("rights", feed.licence_name, {"type": "text"})
        for entry in feed.entries:
            with xml.inside("entry", {"xml:lang": entry.language}):
                _write_entry(xml, entry)
    return xml.finish()


def _write_entry(xml: Markup, entry: Entry) -> None:
    xml.add("id", entry.urn)
    xml.add("title", entry.title, {"type": "text"})
    xml.add("updated", moment(entry.updated))
    xml.add("published", moment(entry.published))
    for name in entry.authors:
        with xml.inside("author"):
            xml.add("name", name)
    _add_link(xml, "alternate", entry.url, "text/html")
    # RFC 8288's registered relation for what tells more about this entry.
    _add_link(xml, "describedby", entry.receipt["url"], "text/html")
    for category in entry.categories:
        xml.add(
            "category",
            attributes={
                "term": category.slug,
                "scheme": f"{settings.PUBLIC_ORIGIN}/api/v1/{category.scheme}",
                "label": category.name,
            },
        )
    xml.add("summary", entry.summary, {"type": "text"})
    xml.add("content", entry.content_html, {"type": "html"})
    xml.add_receipt(entry.receipt)


def _add_link(xml: Markup, rel: str, href: str, media_type: str) -> None:
    xml.add("link", attributes={"rel": rel, "href": href, "type": media_type})
