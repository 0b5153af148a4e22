"""What of the Local Offer is told where: statutory items by area, from what is public.

A page counts for an area and an item when its current release names both. It is up to
date until the day by which somebody promised to check it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cms.models import Term

from . import directory
from .directory import TermEntry
from .models import Release, ReleaseTerm

STATUTORY = Term.Scheme.STATUTORY.value


class State(StrEnum):
    CURRENT = "current"
    STALE = "stale"
    NONE = "none"


SAID = {
    State.CURRENT: "Told",
    State.STALE: "Told, but not checked in time",
    State.NONE: "Not told yet",
}


@dataclass(frozen=True)
class Told:
    """One public page that tells an item."""

    title: str
    path: str
    review_by: date | None
    is_stale: bool


@dataclass(frozen=True)
class Cell:
    """One item in one area, with the pages that tell it, the current ones first."""

    item: TermEntry
    pages: Sequence[Told]

    @property
    def state(self) -> State:
        if not self.pages:
            return State.NONE
        return State.STALE if self.pages[0].is_stale else State.CURRENT

    @property
    def said(self) -> str:
        return SAID[self.state]


@dataclass(frozen=True)
class AreaCoverage:
    """All items in one area, in the order of the law."""

    slug: str
    name: str
    cells: Sequence[Cell]

    def count(self, state: State) -> int:
        return sum(cell.state == state for cell in self.cells)

    @property
    def told(self) -> int:
        return self.count(State.CURRENT)

    @property
    def stale(self) -> int:
        return self.count(State.STALE)

    @property
    def missing(self) -> int:
        return self.count(State.NONE)


def of_areas(*, today: date) -> list[AreaCoverage]:
    """Return the coverage of every area, by name. A handful of queries, however many
    pages there are.

    A page without a day of its next check counts as not checked in time: nobody
    promised anything.
    """
    items = directory.terms(STATUTORY)
    pages = _pages(today)
    return [
        AreaCoverage(
            area["slug"],
            area["name"],
            [Cell(item, pages.get((area["slug"], item["code"]), ())) for item in items],
        )
        for area in directory.areas()
    ]


def _pages(today: date) -> Mapping[tuple[str, str], list[Told]]:
    """The public pages that tell something, by area and statutory code."""
    rows = (
        ReleaseTerm.objects.filter(
            scheme=STATUTORY,
            release__in=Release.objects.current(),
            release__areas__slug__isnull=False,
        )
        .order_by("release__title", "release_id")
        .values_list(
            "release__areas__slug",
            "code",
            "release__title",
            "release__item__content_id",
            "release__review_by",
        )
    )
    found: dict[tuple[str, str], list[Told]] = defaultdict(list)
    for area, code, title, content_id, review_by in rows:
        stale = review_by is None or review_by < today
        told = Told(title, f"/items/{content_id}", review_by, stale)
        found[area, code].append(told)
    for pages in found.values():
        pages.sort(key=lambda told: told.is_stale)
    return found
