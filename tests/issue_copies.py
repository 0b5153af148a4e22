"""Issues as partners take them, made without a database."""

import datetime as dt

from syndication.models import Release
from syndication.newsletters import representation
from syndication.newsletters.takeaway import copies
from syndication.newsletters.takeaway.copies import Now

from .mail import sample

FIRST, SECOND, GONE, FOURTH = (
    f"{sample.ISSUE[:-1]}{number}" for number in (2, 3, 4, 5)
)
AT = dt.datetime(2026, 12, 3, 9, tzinfo=dt.UTC)


def copy(*, now=None, **more):
    """The copy of an issue with everything in it, made without a database."""
    data = sample.issue(**more)
    titles = {FIRST: "Short breaks this winter", SECOND: f"{sample.ARABIC} & ((name))"}
    data["items"] = [
        {
            "content_id": one["content_id"],
            "version": 1,
            "fingerprint": "4" * 64,
            "kind": "news",
            "title": titles.get(one["content_id"], one["text"].partition("\n")[0]),
            "summary": "What has changed. For whom it matters.",
            "url": f"https://localoffer.example/items/{one['content_id']}",
        }
        for one in data["sections"]
    ]
    release = Release(
        version=1,
        fingerprint="5" * 64,
        receipt={"version": 1, **sample.receipt(sample.PACC, sample.PODS)},
        released_at=AT,
        updated_at=AT,
    )
    publisher = {
        "name": "Shropshire Local Offer",
        "contact_email": "offer@example.org",
        "other_ways": "",
        "licence_name": "Open Government Licence v3.0",
        "licence_url": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    }
    # As the query of the page brings it along.
    setattr(release, "publisher", publisher)  # noqa: B010
    public = {
        one["content_id"]: Now(1, AT)
        for one in data["sections"]
        if one["content_id"] != GONE
    }
    return copies.make(data, release, public if now is None else now)


def many(count):
    """A copy of an issue with as many items, each as long as they get."""
    words = "Ask the school first, then ring the advice line on weekdays. " * 8
    found = [
        sample.item(2, f"Item {number} " + "and more " * 10, summary=words.strip())
        | {"content_id": f"{number:032x}"}
        for number in range(count)
    ]
    sections = [
        representation.section(one, sample.receipt(sample.PACC)) for one in found
    ]
    data = sample.issue(sections=sections)
    made = copy(sections=sections, now={one["content_id"]: Now(1, AT) for one in found})
    assert len(data["sections"]) == len(made.items) == count
    return made
