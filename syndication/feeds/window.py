"""What stands in a feed now: the items that changed last, each as it is today.

Read along the change log, newest first, until enough items are found. An item that is
not public any more, or not in this selection, keeps its place: words of ours stand there.
So a feed never gets shorter when something is taken back, and nothing old slides in,
which readers would take for news. See docs/adr/0023.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import (
    BinaryField,
    Case,
    Exists,
    F,
    Max,
    OuterRef,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from syndication import checked, directory
from syndication.directory import AREA, TOPIC, Word
from syndication.models import Change, ChangeSelection, Release
from syndication.publisher import Publisher

from . import entries, mailable
from .entries import ANNOUNCED, Archive, Ending, Entry, Feed, Removal
from .mailable import Picture
from .selections import ALL, ISSUES, KINDS, REPEATING, WITHDRAWALS, Selection

# Items in a feed, rows of the change log in an archive document, and read at once.
NEWEST = 50
ARCHIVED = 100
AT_ONCE = 400
# What a feed that never had an entry says was its last change.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
AGREED = "Below each text stands which parent carer forums agreed to it, word for word."

Type = Change.Type
REMOVALS = (Type.WITHDRAWN, Type.REDIRECTED, Type.EXPIRED)
VANISH, OVER = "vanish", "over"


@dataclass
class Story:
    """What the change log says of one item in one selection: the last of it."""

    content_id: UUID
    number: int
    type: str
    at: datetime
    # The last row that is worth a notice of its own, if it is still near.
    announced: Mapping[str, Any] | None = None


def current(selection: Selection, publisher: Publisher) -> Feed:
    """Return the feed of a selection as it is now. Costs four queries.

    Six where it is one of the newsletter, which has pictures from elsewhere.
    """
    stories, older = _newest(selection)
    return _feed(
        selection,
        publisher,
        *_say(selection, stories, publisher),
        previous=_archive(selection, stories[-1].number) if older else "",
    )


def archived(selection: Selection, number: int, publisher: Publisher) -> Feed | None:
    """Return one of the archive documents of a selection; None where there is none.

    It holds what changed last between two places in the change log, and nothing that
    changed again since: that stands in a newer one.
    """
    low, high = number * ARCHIVED, (number + 1) * ARCHIVED
    rows = _rows(selection)
    within = rows.filter(number__gt=low, number__lte=high)
    found = {one["content_id"]: one for one in within.order_by("number")}
    if not found:
        return None
    later = rows.filter(number__gt=high)
    again = set(later.filter(content_id__in=found).values_list("content_id", flat=True))
    before = rows.filter(number__lte=low).aggregate(last=Max("number"))["last"]
    after = later.order_by("number").values_list("number", flat=True).first()
    stories = [
        Story(one["content_id"], one["number"], one["type"], one["at"])
        for one in found.values()
        if one["content_id"] not in again
    ]
    return _feed(
        selection,
        publisher,
        *_say(selection, stories, publisher),
        archive=Archive(
            current=selection.address("atom"),
            previous=_archive(selection, before) if before else "",
            following=_archive(selection, after) if after else "",
        ),
    )


def find(kind: str, area: str, topic: str) -> Selection | None:
    """Return the selection with these slugs, which may be former ones; None for none.

    An area or topic that no longer exists goes on being answered while the change log
    knows it: readers keep addresses for years.
    """
    if kind not in KINDS:
        return None
    words = {AREA: area, TOPIC: topic}
    found = {
        scheme: directory.find(scheme, slug) or _known(scheme, slug)
        for scheme, slug in words.items()
        if slug
    }
    if not all(found.values()):
        return None
    return Selection(kind, found.get(AREA), found.get(TOPIC))


def _known(scheme: str, slug: str) -> Word | None:
    """An area or topic that is in the log alone, by the name that was signed last."""
    if not ChangeSelection.objects.filter(scheme=scheme, slug=slug).exists():
        return None
    public = Release.objects.current().newest_first()
    found = public.for_area(slug) if scheme == AREA else public.about(TOPIC, slug)
    payload = found.values_list("payload", flat=True).first()
    data = json.loads(bytes(payload)) if payload else {}
    names = {one["slug"]: one["name"] for one in data.get(f"{scheme}s", ())}
    return Word(slug, names.get(slug, slug))


def _rows(selection: Selection) -> QuerySet[Change, Any]:
    """The log of everything that is, or ever was, in this selection."""
    rows = Change.objects.exclude(type=Type.ASSURED)
    if selection.kind == WITHDRAWALS:
        rows = rows.filter(type__in=REMOVALS)
    if selection.kind in (ALL, WITHDRAWALS):
        rows = rows.exclude(kind__in=REPEATING)
    else:
        rows = rows.filter(kind=selection.kind)
    # The topic first: it is the rarer. Then the place in the log is read off the index.
    words = {TOPIC: selection.topic, AREA: selection.area}
    chosen = [(scheme, word.slugs) for scheme, word in words.items() if word]
    for number, (scheme, slugs) in enumerate(chosen):
        if number == 0:
            rows = rows.filter(selections__scheme=scheme, selections__slug__in=slugs)
        else:
            told = ChangeSelection.objects.filter(
                change=OuterRef("pk"), scheme=scheme, slug__in=slugs
            )
            rows = rows.filter(Exists(told))
    return rows.values("number", "type", "content_id", "version", "at")


def _newest(selection: Selection) -> tuple[list[Story], bool]:
    """Return the items that changed last, and whether there are older ones."""
    rows = _rows(selection).order_by("-number")
    announced = ANNOUNCED.keys() - (
        set() if selection.kind == ISSUES else {Type.UPDATED}
    )
    found: dict[UUID, Story] = {}
    some = list(rows[:AT_ONCE])
    while some:
        for row in some:
            story = found.get(row["content_id"])
            if story is None:
                if len(found) == NEWEST:
                    return list(found.values()), True
                story = found[row["content_id"]] = Story(
                    row["content_id"], row["number"], row["type"], row["at"]
                )
            if story.announced is None and row["type"] in announced:
                story.announced = row
        some = list(rows.filter(number__lt=some[-1]["number"])[:AT_ONCE])
    return list(found.values()), False


def _say(
    selection: Selection, stories: Iterable[Story], publisher: Publisher
) -> tuple[list[Entry], list[Removal]]:
    """Return what is said of each item now, the newest first."""
    stories = list(stories)
    states = _states([one.content_id for one in stories])
    is_mailed_on = selection.kind == ISSUES
    pictures = _pictures(states) if is_mailed_on else {}
    said: list[tuple[int, Entry]] = []
    removals = []
    for story in stories:
        # None where only the log knows it: it was never released.
        if (versions := states.get(story.content_id)) is None:
            continue
        newest = versions[-1]
        ending = _ending(newest)
        if selection.kind == WITHDRAWALS:
            if ending:
                said.append(
                    (story.number, entries.of_withdrawal(ending, number=story.number))
                )
                urn = entries.identity(story.content_id)
                removals.append(Removal(urn=urn, at=ending.at, note=ending.note))
            continue
        said += [
            (story.number, entry)
            for entry in _entries(
                selection, story, versions, ending, publisher, pictures
            )
        ]
    said.sort(key=lambda one: (_place(one[1]), one[0]), reverse=True)
    ordered = [entry for _, entry in said]
    return list(map(mailable.dressed, ordered)) if is_mailed_on else ordered, removals


def _pictures(states: Mapping[UUID, list[Any]]) -> Mapping[str, Picture]:
    """The picture of each issue that is public."""
    newest = (versions[-1] for versions in states.values())
    return mailable.pictures(
        (json.loads(bytes(one["words"])), one["receipt"])
        for one in newest
        if one["words"]
    )


def _place(entry: Entry) -> datetime:
    """By when an entry is ordered. What is over does not come up once more."""
    return entry.published if entry.state.get("state") == OVER else entry.updated


def _entries(
    selection: Selection,
    story: Story,
    versions: list[dict[str, Any]],
    ending: Ending | None,
    publisher: Publisher,
    pictures: Mapping[str, Picture],
) -> list[Entry]:
    """What a feed says of one item: what it is now and, at times, what happened."""
    newest = versions[-1]
    content_id = story.content_id
    if newest["withdrawn_kind"] == VANISH:
        return [entries.of_vanished(content_id, at=newest["withdrawn_at"])]
    if ending:
        entry = entries.in_place_of(ending, published=newest["published_at"])
        # What is over was to be so from the beginning: no news.
        if ending.is_over or story.type not in REMOVALS:
            return [entry]
        return [entries.of_withdrawal(ending, number=story.number), entry]
    data = json.loads(bytes(newest["words"]))
    if not _is_in(selection, data):
        return [entries.of_moved(content_id, at=story.at)]
    picture = pictures.get(data["content_id"])
    entry = entries.of_release(
        data,
        receipt=newest["receipt"],
        published=newest["published_at"],
        updated=newest["updated_at"],
        checked=checked.days_of(
            newest["receipt"], newest["assured_at"], newest["review_by"]
        ),
        publisher=publisher,
        below=picture.html if picture else "",
        media=[picture.medium] if picture else [],
    )
    return [*_announcements(story, versions, data["title"]), entry]


def _announcements(
    story: Story, versions: list[dict[str, Any]], title: str
) -> list[Entry]:
    """The notices of what happened last to a public text, if it needs any."""
    happened = []
    if story.announced:
        happened.append((story.announced["type"], story.announced))
    if versions[-1]["again"] and story.type == Type.UPDATED:
        # A correction that its forums did not agree to: the fact is again as it was.
        happened.append((Type.CORRECTED, {"number": story.number, "at": story.at}))
    vanished = max(
        (one["withdrawn_at"] for one in versions if one["withdrawn_kind"] == VANISH),
        default=None,
    )
    return [
        entries.of_announcement(
            change,
            content_id=story.content_id,
            number=row["number"],
            at=row["at"],
            title=title,
        )
        for change, row in happened
        # Of what vanished nothing is told, not even that it did.
        if vanished is None or (change != Type.RESTORED and row["at"] > vanished)
    ]


def _states(content_ids: list[UUID]) -> dict[UUID, list[Any]]:
    """Return the newest release of each item, after those of it that were taken back.

    One query, so that an item that changes meanwhile is seen as it was, or as it is. The
    words of what is not public any more stay in the database.
    """
    first = Release.objects.filter(item=OuterRef("item"), version=1)
    replacement = Release.objects.current().filter(
        item__content_id=OuterRef("withdrawn_to")
    )
    rows = (
        Release.objects.filter(item__content_id__in=content_ids, superseded_at=None)
        .with_form("feeds")
        .annotate(
            words=Case(
                When(withdrawn_at=None, then=Coalesce("form", "payload")),
                output_field=BinaryField(),
            ),
            published_at=Subquery(first.values("released_at")[:1]),
            replaced=Exists(replacement),
            content_id=F("item__content_id"),
        )
        .order_by("version")
        .values(
            "content_id",
            "kind",
            "words",
            "receipt",
            "published_at",
            "updated_at",
            "assured_at",
            "review_by",
            "expires_on",
            "again",
            "withdrawn_at",
            "withdrawn_kind",
            "withdrawn_note",
            "withdrawn_class",
            "withdrawn_to",
            "replaced",
        )
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["content_id"], []).append(row)
    return found


def _ending(newest: Mapping[str, Any]) -> Ending | None:
    """What may be told of an item that is not public; None of others, and of vanished."""
    if newest["withdrawn_at"] is None or newest["withdrawn_kind"] == VANISH:
        return None
    return Ending(
        content_id=newest["content_id"],
        kind=newest["kind"],
        way=newest["withdrawn_kind"],
        at=newest["withdrawn_at"],
        note=newest["withdrawn_note"],
        reason=newest["withdrawn_class"],
        to=newest["withdrawn_to"] if newest["replaced"] else None,
        expires_on=newest["expires_on"],
    )


def _is_in(selection: Selection, data: Mapping[str, Any]) -> bool:
    words = {"areas": selection.area, "topics": selection.topic}
    return all(
        not {one["slug"] for one in data.get(key, ())}.isdisjoint(word.slugs)
        for key, word in words.items()
        if word
    )


def _archive(selection: Selection, number: int) -> str:
    """The address of the archive document that a place in the log is in."""
    return selection.archive((number - 1) // ARCHIVED)


def _feed(
    selection: Selection,
    publisher: Publisher,
    said: list[Entry],
    removals: list[Removal],
    **history: Any,
) -> Feed:
    agreed = "" if selection.kind == WITHDRAWALS else f" {AGREED}"
    return Feed(
        title=f"{publisher['name']}: {selection.name}",
        description=f"{selection.description}{agreed}",
        home=f"{settings.PUBLIC_ORIGIN}/",
        publisher=publisher["name"],
        licence_name=publisher["licence_name"],
        licence_url=publisher["licence_url"],
        updated=max((one.updated for one in said), default=EPOCH),
        entries=said,
        removals=removals,
        **history,
    )
