"""The issues that were ever public, for reading up: by words, year, area and how often.

One that was taken back keeps its place, as a notice without its title; one that vanished
is not there. What is told of either is what its own page tells.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BinaryField, Case, Exists, OuterRef, Q, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import get_text_list

from cms.models import Withdrawal
from syndication import receipts, search
from syndication.directory import Word
from syndication.models import Release, ReleaseArea, ReleaseQuerySet

from .models import Frequency, Issue
from .representation import LEFT_OUT

# The scheme of the terms that say how often an issue comes.
OFTEN = "frequency"
SITE = "site"
# Of what is in an issue, so many titles are told in a list of issues.
TOLD = 6


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which issues somebody looks for. Words find only what is public now."""

    words: Sequence[str] = ()
    year: int | None = None
    area: Word | None = None
    frequency: str = ""

    @property
    def is_for_all(self) -> bool:
        return not (self.words or self.year or self.area or self.frequency)


@dataclass(frozen=True)
class PastIssue:
    """One line of the list."""

    path: str
    released_at: datetime
    title: str
    areas: str
    often: str
    who: str
    label: str
    # What is in it, in its order: as far as it is told here, and how many more.
    items: Sequence[str]
    more: int
    # What stands in the place of what was taken out of it since; empty without.
    left_out: str


@dataclass(frozen=True)
class TakenBack:
    """The line in the place of an issue that is not public any more."""

    path: str
    released_at: datetime
    withdrawn_at: datetime
    note: str
    # Whether its address leads to what replaces it.
    is_replaced: bool


def matching(wish: Wish) -> ReleaseQuerySet:
    """Return the newest release of each issue that is wished for, the newest first."""
    newer = Release.objects.filter(
        item=OuterRef("item"), version__gt=OuterRef("version")
    )
    found = (
        Release.objects.of_kind(Issue.kind)
        .filter(~Exists(newer))
        .exclude(withdrawn_kind=Withdrawal.VANISH)
        .newest_first()
    )
    if wish.words:
        found = found.current().filter(pk__in=search.containing(wish.words))
    if wish.year:
        found = found.filter(released_at__year=wish.year)
    if wish.area:
        slugs = ReleaseArea.objects.filter(slug__in=wish.area.slugs)
        found = found.filter(pk__in=slugs.values("release"))
    if wish.frequency:
        found = found.about(OFTEN, wish.frequency)
    return found


def read(found: ReleaseQuerySet) -> Iterator[PastIssue | TakenBack]:
    """Yield a line for each of a few releases. One query.

    The words of what is not public any more stay in the database.
    """
    public = Release.objects.current()
    replacement = public.filter(item__content_id=OuterRef("withdrawn_to"))
    rows = (
        found.with_form(SITE)
        .annotate(
            words_said=Case(
                When(
                    Q(withdrawn_at=None, superseded_at=None),
                    then=Coalesce("form", "payload"),
                ),
                output_field=BinaryField(),
            ),
            is_replaced=Exists(replacement),
        )
        .values(
            "item__content_id",
            "released_at",
            "receipt",
            "withdrawn_at",
            "withdrawn_note",
            "is_replaced",
            "words_said",
        )
    )
    for row in rows:
        content_id = row["item__content_id"]
        if gone_at := row["withdrawn_at"]:
            yield TakenBack(
                # Which leads on to what replaces it.
                f"/items/{content_id}",
                row["released_at"],
                gone_at,
                row["withdrawn_note"],
                row["is_replaced"],
            )
        else:
            path = reverse("newsletters:issue", args=[content_id])
            yield _line(path, row, json.loads(bytes(row["words_said"])))


def years() -> list[int]:
    """Return the years of which there are issues, the newest first."""
    first_days = matching(Wish()).datetimes("released_at", "year", order="DESC")
    return [timezone.localtime(day).year for day in first_days]


def _line(path: str, row: Mapping[str, Any], said: Mapping[str, Any]) -> PastIssue:
    titles = {item["content_id"]: item["title"] for item in said["items"]}
    # What was taken back earlier has a section too, under the issue's own identity.
    places = [one["content_id"] for one in said["sections"]]
    places = [one for one in places if one != said["content_id"]]
    public = [titles[one] for one in places if one in titles]
    often = [str(Frequency(one).label) for one in said["recipients"]["frequencies"]]
    return PastIssue(
        path=path,
        released_at=row["released_at"],
        title=said["title"],
        areas=", ".join(area["name"] for area in said["areas"]),
        often=get_text_list(often, "and"),
        who=receipts.who(row["receipt"]),
        label=row["receipt"]["label"]["name"],
        items=public[:TOLD],
        more=len(public[TOLD:]),
        left_out=LEFT_OUT if len(public) < len(places) else "",
    )
