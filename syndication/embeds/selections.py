"""Which lists other websites can show: of a kind, for an area, about a topic."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from syndication.models import TOPIC, ReleaseQuerySet

ALL = "all"
# What says again, or stands in, what the other texts say.
REPEATING = ("issues", "shared-block")
KINDS: Mapping[str, str] = {
    ALL: "What is new",
    "local-offer": "Local Offer",
    "news": "News",
    "you-said-we-did": "You said, we did",
    "issues": "Newsletter",
}
# What one text of a kind is called.
ONE: Mapping[str, str] = {
    "local-offer": "Local Offer page",
    "news": "News item",
    "you-said-we-did": "Answer to comments",
    "issues": "Newsletter",
    "shared-block": "Part of several pages",
}


@dataclass(frozen=True)
class Selection:
    """What a list holds. The names are those of the area and the topic, once known."""

    kind: str
    area: str = ""
    topic: str = ""
    area_name: str = ""
    topic_name: str = ""
    # What these were called before: what was released then goes on saying so.
    area_former: tuple[str, ...] = ()
    topic_former: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """What stands in its addresses: ``news``, ``news/shropshire``, …"""
        parts = [self.kind]
        if self.area:
            parts.append(self.area)
        if self.topic:
            parts += [TOPIC, self.topic]
        return "/".join(parts)

    @property
    def feed_path(self) -> str:
        """The same in the addresses of feeds."""
        parts = [self.kind, *([self.area] if self.area else [])]
        if self.topic:
            parts += [self.topic] if self.area else [TOPIC, self.topic]
        return "/".join(parts)

    @property
    def page(self) -> str:
        """Where people read it on our own site, and take it as a feed."""
        return f"{settings.PUBLIC_ORIGIN}/feeds/{self.feed_path}/"

    @property
    def title(self) -> str:
        """``News for Shropshire about Health``."""
        where = f" for {self.area_name}" if self.area else ""
        about = f" about {self.topic_name}" if self.topic else ""
        return f"{KINDS[self.kind]}{where}{about}"

    @property
    def tags(self) -> list[str]:
        """What purges an answer that is made of it."""
        named = {"area": self.area, "topic": self.topic}
        kind = [] if self.kind == ALL else [f"kind-{self.kind}"]
        narrower = [f"{name}-{slug}" for name, slug in named.items() if slug]
        return ["list-items", *kind, *narrower]

    def of(self, releases: ReleaseQuerySet) -> ReleaseQuerySet:
        """Return those of ``releases`` that it holds."""
        if self.kind == ALL:
            releases = releases.exclude(kind__in=REPEATING)
        else:
            releases = releases.of_kind(self.kind)
        if self.area:
            slugs = (self.area, *self.area_former)
            releases = releases.filter(areas__slug__in=slugs)
        if self.topic:
            codes = (self.topic, *self.topic_former)
            releases = releases.filter(terms__scheme=TOPIC, terms__code__in=codes)
        return releases
