"""Atom, RFC 4287, with archives (RFC 5005) and deleted entries (RFC 6721)."""

from django.conf import settings

from syndication.receipts import moment
from syndication.websub import hubs

from .entries import Entry, Feed
from .markup import COUNTERSIGN, Markup

CONTENT_TYPE = "application/atom+xml"
NAMESPACES = {
    "xmlns": "http://www.w3.org/2005/Atom",
    "xmlns:at": "http://purl.org/atompub/tombstones/1.0",
    "xmlns:fh": "http://purl.org/syndication/history/1.0",
    "xmlns:cs": COUNTERSIGN,
}


def write(feed: Feed, *, address: str) -> bytes:
    """Return ``feed`` as the Atom document that stands at ``address``."""
    xml = Markup()
    with xml.inside("feed", {**NAMESPACES, "xml:lang": settings.LANGUAGE_CODE}):
        # Of an archive too: documents of one feed have one identity.
        xml.add("id", feed.archive.current if feed.archive else address)
        xml.add("title", feed.title, {"type": "text"})
        xml.add("subtitle", feed.description, {"type": "text"})
        xml.add("updated", moment(feed.updated))
        with xml.inside("author"):
            xml.add("name", feed.publisher)
        _add_link(xml, "self", address, CONTENT_TYPE)
        # Of an archive no hub is told: what is new is never in it.
        for hub in () if feed.archive else hubs.configured():
            xml.add("link", attributes={"rel": "hub", "href": hub})
        _add_link(xml, "alternate", feed.home, "text/html")
        xml.add("link", attributes={"rel": "license", "href": feed.licence_url})
        _add_history(xml, feed)
        xml.add("rights", feed.licence_name, {"type": "text"})
        for removal in feed.removals:
            attributes = {"ref": removal.urn, "when": moment(removal.at)}
            with xml.inside("at:deleted-entry", attributes):
                if removal.note:
                    xml.add("at:comment", removal.note, {"type": "text"})
        for entry in feed.entries:
            with xml.inside("entry", {"xml:lang": entry.language}):
                _write_entry(xml, entry)
    return xml.finish()


def _add_history(xml: Markup, feed: Feed) -> None:
    previous = feed.previous
    if feed.archive:
        xml.add("fh:archive")
        _add_link(xml, "current", feed.archive.current, CONTENT_TYPE)
        previous = feed.archive.previous
        if feed.archive.following:
            _add_link(xml, "next-archive", feed.archive.following, CONTENT_TYPE)
    if previous:
        _add_link(xml, "prev-archive", previous, CONTENT_TYPE)


def _write_entry(xml: Markup, entry: Entry) -> None:
    xml.add("id", entry.urn)
    xml.add("title", entry.title, {"type": "text"})
    xml.add("updated", moment(entry.updated))
    xml.add("published", moment(entry.published))
    for name in entry.authors:
        with xml.inside("author"):
            xml.add("name", name)
    if entry.url:
        _add_link(xml, "alternate", entry.url, "text/html")
    if entry.credit:
        xml.add("link", attributes={"rel": "license", "href": entry.credit.licence_url})
    if entry.receipt:
        # RFC 8288's registered relation for what tells more about this entry.
        _add_link(xml, "describedby", entry.receipt["url"], "text/html")
    for medium in entry.media:
        attributes = {
            "rel": "enclosure",
            "href": medium.url,
            "type": medium.media_type,
            "length": "" if medium.size is None else str(medium.size),
            "title": medium.title or medium.description,
        }
        told = {name: value for name, value in attributes.items() if value}
        xml.add("link", attributes=told)
    for category in entry.categories:
        xml.add(
            "category",
            attributes={
                "term": category.slug,
                "scheme": category.address,
                "label": category.name,
            },
        )
    if entry.credit:
        xml.add("rights", entry.credit.text, {"type": "text"})
    xml.add("summary", entry.excerpt, {"type": "text"})
    xml.add("content", entry.content_html, {"type": "html"})
    if entry.receipt:
        xml.add_receipt(entry.receipt)
    if entry.state:
        xml.add("cs:entry", attributes=entry.state)


def _add_link(xml: Markup, rel: str, href: str, media_type: str) -> None:
    xml.add("link", attributes={"rel": rel, "href": href, "type": media_type})
