"""What a partner chooses of all that is public: the filters of a list, read strictly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from syndication import narrowing
from syndication.models import TOPIC
from syndication.narrowing import Narrowing, adapted
from syndication.rest.parameters import choice, whole

from . import parameters
from .schema import KIND_CHOICES

KINDS = tuple(kind for kind, _ in KIND_CHOICES)
# The filters that the change log and the export know as well: whoever keeps a copy of
# a selection is told what leaves it.
FOLLOWED = ("kind", "area", "topic")
FILTERS = (*FOLLOWED, "stage", "tier", "age", "updated_since", "reviewed_since")
OLDEST_AGE = 25
NEWEST, UPDATED, RELEVANCE = "newest", "updated", "relevance"
ORDERS = (NEWEST, UPDATED, RELEVANCE)
FULL, SUMMARY = "full", "summary"
VIEWS = (FULL, SUMMARY)
MOST_VERSIONS = 99_999
MOST_WORDS = 12


@dataclass(frozen=True)
class Selection:
    """The filters of one request, understood."""

    kind: str | None = None
    area: str | None = None
    topic: str | None = None
    stage: str | None = None
    tier: str | None = None
    age: int | None = None
    updated_since: datetime | None = None
    reviewed_since: date | None = None
    # As they were sent: for addresses, and for the cursors that go with them.
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def bound(self) -> list[str | None]:
        """What a cursor is bound to."""
        return [f"{name}={self.given[name]}" for name in sorted(self.given)]

    @property
    def tags(self) -> tuple[str, ...]:
        """What purges an answer besides the tag of its list."""
        named = {"kind": self.kind, "area": self.area, "topic": self.topic}
        return tuple(f"{name}-{slug}" for name, slug in named.items() if slug)

    def releases(self) -> Narrowing:
        """Choose from everything that is public."""
        found = narrowing.releases()
        if self.kind:
            found.where("release.kind = %s", self.kind)
        if self.area:
            found.join("syndication_releasearea", "{0}.slug = %s", self.area)
        for scheme, code in (
            (TOPIC, self.topic),
            ("stage", self.stage),
            ("tier", self.tier),
        ):
            if code:
                found.join(
                    "syndication_releaseterm",
                    "{0}.scheme = %s AND {0}.code = %s",
                    scheme,
                    code,
                )
        if self.age is not None:
            # Those that name no age are for everybody.
            for condition in (
                "age_from IS NULL OR release.age_from <=",
                "age_to IS NULL OR release.age_to >=",
            ):
                found.where(f"(release.{condition} %s)", self.age)
        if self.updated_since:
            found.where("release.updated_at >= %s", adapted(self.updated_since))
        if self.reviewed_since:
            found.where("release.reviewed_on >= %s", self.reviewed_since.isoformat())
        return found

    def changes(self) -> Narrowing:
        """Choose what followers of this selection are told of the change log."""
        found = narrowing.changes()
        if self.kind:
            found.where("change.kind = %s", self.kind)
        for scheme, slug in (("area", self.area), (TOPIC, self.topic)):
            if slug:
                found.join(
                    "syndication_changeselection",
                    "{0}.scheme = %s AND {0}.slug = %s",
                    scheme,
                    slug,
                )
            elif self.area or self.topic:
                # Who does not choose by topic is not told that an item left one: for
                # them it stays.
                found.where(f"change.{scheme} = ''")
        return found


def read(values: Mapping[str, str], known: tuple[str, ...] = FILTERS) -> Selection:
    """Return the filters among ``values``. Raises ``InvalidParameter``."""
    return Selection(
        kind=choice(values, "kind", KINDS),
        area=parameters.slug(values, "area"),
        topic=parameters.slug(values, "topic"),
        stage=parameters.slug(values, "stage"),
        tier=parameters.slug(values, "tier"),
        age=whole(values, "age", least=0, most=OLDEST_AGE),
        updated_since=parameters.moment(values, "updated_since"),
        reviewed_since=parameters.day(values, "reviewed_since"),
        given={name: values[name] for name in known if name in values},
    )
