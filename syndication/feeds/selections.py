"""Which feeds there are: every kind of text, of an area, about a topic, or of both."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from django.conf import settings

from syndication import directory
from syndication.directory import AREA, TOPIC, Word
from syndication.models import Change

ALL, ISSUES, WITHDRAWALS = "all", "issues", "withdrawals"
# What says again, or stands in, what the other entries say.
REPEATING = (ISSUES, "shared-block")
FORMATS = ("rss", "atom", "json")
# Changes that alter what the feed of withdrawals says.
ENDS_AND_RETURNS = {
    Change.Type.WITHDRAWN,
    Change.Type.REDIRECTED,
    Change.Type.EXPIRED,
    Change.Type.RESTORED,
}


@dataclass(frozen=True)
class Kind:
    """What one kind of feed is called, and holds."""

    name: str
    description: str


KINDS: Mapping[str, Kind] = {
    ALL: Kind("everything new", "Local offer pages, news and answers to comments."),
    "local-offer": Kind(
        "Local Offer",
        "Pages about services for children and young people with special educational "
        "needs and disabilities.",
    ),
    "news": Kind("news", "News for families."),
    "you-said-we-did": Kind(
        "you said, we did",
        "What families said about these texts, what is answered and what is done.",
    ),
    ISSUES: Kind("newsletter", "Every issue of the newsletter."),
    WITHDRAWALS: Kind(
        "withdrawals",
        "What was taken back, or is over. Whoever has a copy is to take it down.",
    ),
}


@dataclass(frozen=True)
class Selection:
    """One feed, in whichever format: a kind, perhaps of an area, about a topic."""

    kind: str
    area: Word | None = None
    topic: Word | None = None

    @property
    def name(self) -> str:
        """What it is called, without the publisher: ``news for Shropshire: health``."""
        where = f" for {self.area.name}" if self.area else ""
        about = f": {self.topic.name}" if self.topic else ""
        return f"{KINDS[self.kind].name}{where}{about}"

    @property
    def description(self) -> str:
        return KINDS[self.kind].description

    @property
    def path(self) -> str:
        """What stands in its addresses: ``news``, ``news/shropshire/health`` …"""
        parts = [self.kind]
        if self.area:
            parts.append(self.area.slug)
        elif self.topic:
            parts.append(TOPIC)
        if self.topic:
            parts.append(self.topic.slug)
        return "/".join(parts)

    def address(self, form: str) -> str:
        """The one address of a format, whatever host name a request came in by."""
        return f"{settings.PUBLIC_ORIGIN}/feeds/{self.path}.{form}"

    def archive(self, number: int) -> str:
        """The address of one of its archive documents, which are Atom."""
        return f"{settings.PUBLIC_ORIGIN}/feeds/archive/{number}/{self.path}.atom"

    @property
    def addresses(self) -> dict[str, str]:
        """Its address in every format, by format."""
        return {form: self.address(form) for form in FORMATS}


def every(*, both: bool = False) -> list[Selection]:
    """Return every feed: by kind and, of one, the whole, about each topic, for each area.

    With ``both`` also those of an area about a topic, which are many. Six queries at most,
    however many feeds there are.
    """
    areas: list[Word | None] = [None, *directory.words(AREA)]
    topics: list[Word | None] = [None, *directory.words(TOPIC)]
    return [
        Selection(kind, area, topic)
        for kind, area, topic in product(KINDS, areas, topics)
        if both or not (area and topic)
    ]


def touched(change: Change, within: Iterable[tuple[str, str]]) -> list[Selection]:
    """Return every feed that a change altered, by the selections it was recorded for."""
    found = list(within)
    areas: list[Word | None] = [None]
    areas += [Word(slug, slug) for scheme, slug in found if scheme == AREA]
    topics: list[Word | None] = [None]
    topics += [Word(slug, slug) for scheme, slug in found if scheme == TOPIC]
    kinds = {change.kind} & KINDS.keys()
    if change.kind not in REPEATING:
        kinds.add(ALL)
        if change.type in ENDS_AND_RETURNS:
            kinds.add(WITHDRAWALS)
    return [
        Selection(kind, area, topic)
        for kind, area, topic in product(sorted(kinds), areas, topics)
    ]
