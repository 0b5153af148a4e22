"""An issue as partners take it: only released words, some items left out, none altered.

A copy cannot follow when a text changes. So what has changed since the issue was agreed is
left out of it, as out of its mail, with the way to the text as it is now.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from cms import rendering
from syndication import attribution, checked, receipts
from syndication.attribution import Attribution
from syndication.models import Release, permalink
from syndication.newsletters.frames import FROM_RIGHT_TO_LEFT
from syndication.newsletters.representation import LEFT_OUT
from syndication.publisher import publisher

from . import picks, pieces
from .picks import Length, Pick
from .pieces import Piece, Role, Run

CHANGED = "This has changed since the newsletter was agreed."
AS_IT_IS_NOW = "Read it as it is now"
BRIEF = 50
# Rather one too few: a small letter goes on with a sentence, and so does what follows
# what is often abbreviated.
SENTENCE_END = re.compile(
    r"(?<=[.!?…])"
    r"(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bSt\.)(?<!\bNo\.)"
    r"(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bapprox\.)"
    r"\s+(?![a-z])"
)


class State(StrEnum):
    """What became of an item since the issue was agreed."""

    CURRENT = "current"
    CHANGED = "changed"
    TAKEN_BACK = "taken_back"
    # Not an item: what the issue says of others that earlier issues had.
    NOTICE = "notice"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item of an issue, or what stands in its place. ``title`` may be empty."""

    content_id: str
    state: State
    title: str = ""
    url: str = ""
    summary: str = ""
    version: int | None = None
    fingerprint: str = ""
    words: tuple[Piece, ...] = ()

    @property
    def notices(self) -> list[Piece]:
        """What stays in every length: corrections, closures, who did not agree."""
        return [piece for piece in self.words if piece.is_notice]

    def pieces(self, length: Length) -> list[Piece]:
        """Return it in a length. What is no text of an item is always whole."""
        if self.state != State.CURRENT:
            if length == Length.HEADLINE:
                words = [piece for piece in self.words if piece.role != Role.HEADING]
                return [Piece(Role.ITEM, piece.runs) for piece in words]
            return list(self.words)
        if length == Length.HEADLINE:
            return [self._headline()]
        heading = pieces.said(Role.HEADING, self.title)
        if length == Length.FULL:
            return [heading, *self.words]
        return [
            heading,
            *self.notices,
            *([pieces.said(Role.PARAGRAPH, short)] if (short := self._brief()) else []),
            pieces.said(Role.PARAGRAPH, f"Read “{self.title}” in full", self.url),
        ]

    def _brief(self) -> str:
        return beginning(self.summary)

    def _headline(self) -> Piece:
        runs = [Run(self.title, self.url)]
        for notice in self.notices:
            runs += [Run(" "), *notice.runs]
        return Piece(Role.ITEM, tuple(runs))


@dataclass(frozen=True, kw_only=True)
class Copy:
    """What every format is made of. ``opening`` are words of the issue above its items."""

    content_id: str
    title: str
    language: str
    version: int
    fingerprint: str
    notices: tuple[Piece, ...]
    introduction: tuple[Piece, ...]
    every: tuple[Entry, ...]
    pick: Pick = field(default_factory=Pick)
    credit: Attribution
    receipt: Mapping[str, Any]
    published_at: str
    as_of: str
    # What purges it from caches.
    tags: tuple[str, ...]

    def picking(self, pick: Pick) -> Self:
        """Return what ``pick`` takes of it.

        Raises a ``Problem`` where that names what is not there, or leaves nothing.
        """
        picks.check(pick, [one.content_id for one in self.items])
        return replace(self, pick=pick)

    @property
    def items(self) -> list[Entry]:
        """What can be left out: all but what the issue says of earlier ones."""
        return [one for one in self.every if one.state != State.NOTICE]

    @property
    def entries(self) -> list[Entry]:
        """What was picked, in the order of the issue."""
        return [one for one in self.every if one.content_id not in self.pick.without]

    @property
    def url(self) -> str:
        return permalink(self.content_id)

    @property
    def direction(self) -> str:
        main = self.language.partition("-")[0]
        return "rtl" if main in FROM_RIGHT_TO_LEFT else "ltr"

    @property
    def picked(self) -> str:
        """“2 of the 5 items of this newsletter.”; empty where nothing was left out."""
        if not self.pick.without:
            return ""
        count = len(self.items)
        return (
            f"{count - len(self.pick.without)} of the {count} items of this newsletter."
        )

    @property
    def as_it_stood(self) -> str:
        return f"As it stood on {receipts.day(self.as_of)}."

    def pieces(self, length: Length | None = None) -> list[Piece]:
        """Return all of it in order: title, words, items, and the credit at the end."""
        length = length or self.pick.length or Length.FULL
        return [
            pieces.said(Role.TITLE, self.title),
            *self.notices,
            *(self.introduction if length == Length.FULL else ()),
            *(piece for entry in self.entries for piece in entry.pieces(length)),
            Piece(Role.RULE),
            *self._closing(),
        ]

    def _closing(self) -> list[Piece]:
        lines = [self.picked, self.as_it_stood]
        (credit,) = pieces.read(str(self.credit.html))
        return [
            Piece(Role.CREDIT, credit.runs, self.credit.text),
            pieces.said(Role.CREDIT, " ".join(filter(None, lines))),
        ]


@dataclass(frozen=True)
class Now:
    """What is public of an item at this moment."""

    version: int
    updated_at: datetime


def of(release: Release) -> Copy:
    """Return the whole of an issue that is public now. One query."""
    data = json.loads(bytes(release.payload))
    return make(data, release, _as_they_are_now(data["items"]))


def make(data: Mapping[str, Any], release: Release, now: Mapping[str, Now]) -> Copy:
    """The same of what a release says, and what is ``now`` public by content id."""
    every = tuple(_entries(data, now))
    own = data["content_id"]
    notices, _ = rendering.notices(data)
    changed = [
        now[one.content_id].updated_at for one in every if one.state == State.CHANGED
    ]
    return Copy(
        content_id=own,
        title=pieces.line(data["title"]),
        language=data["language"],
        version=release.version,
        fingerprint=release.fingerprint,
        notices=tuple(pieces.read("\n".join(notices))),
        introduction=tuple(pieces.read(rendering.paragraphs(data["introduction"]))),
        every=every,
        credit=attribution.of(
            data,
            release.receipt,
            publisher=publisher(release),
            days=checked.of(release),
        ),
        receipt=release.receipt,
        published_at=receipts.moment(release.released_at),
        as_of=receipts.moment(max([release.updated_at, *changed])),
        tags=(
            f"item-{own}",
            *(f"item-{one.content_id}" for one in every if one.content_id != own),
        ),
    )


def beginning(words: str, most: int = BRIEF) -> str:
    """Return as many whole sentences as fit: none where the first is longer.

    A sentence that is cut off may have lost its “unless”, and nobody signed it so.

    >>> beginning("One two. Three four five. Six.", most=5)
    'One two. Three four five.'
    >>> beginning("One two three four.", most=3)
    ''
    """
    whole = words.split()
    if len(whole) <= most:
        return " ".join(whole)
    taken: list[str] = []
    for sentence in SENTENCE_END.split(" ".join(whole)):
        if len(taken) + len(sentence.split()) > most:
            break
        taken += sentence.split()
    return " ".join(taken)


def _as_they_are_now(items: Iterable[Mapping[str, Any]]) -> dict[str, Now]:
    """The version of each item that is public, by its content id."""
    found = (
        Release.objects.current()
        .filter(item__content_id__in=[item["content_id"] for item in items])
        .values_list("item__content_id", "version", "updated_at")
    )
    return {str(one): Now(version, at) for one, version, at in found}


def _entries(data: Mapping[str, Any], now: Mapping[str, Now]) -> Iterable[Entry]:
    items = {item["content_id"]: item for item in data["items"]}
    for section in data["sections"]:
        content_id = section["content_id"]
        if content_id in items:
            yield _item(items[content_id], section["html"], now.get(content_id))
            continue
        is_item = content_id != data["content_id"]
        yield Entry(
            content_id=content_id,
            state=State.TAKEN_BACK if is_item else State.NOTICE,
            words=tuple(pieces.read(section["html"])),
        )


def _item(item: Mapping[str, Any], html: str, now: Now | None) -> Entry:
    content_id = item["content_id"]
    if now is None:
        # Taken back a moment ago: the issue is made without it next.
        return Entry(
            content_id=content_id,
            state=State.TAKEN_BACK,
            words=(pieces.said(Role.PARAGRAPH, LEFT_OUT),),
        )
    if now.version != item["version"]:
        return Entry(
            content_id=content_id,
            state=State.CHANGED,
            url=item["url"],
            words=(
                Piece(
                    Role.PARAGRAPH,
                    (Run(f"{CHANGED} "), Run(AS_IT_IS_NOW, item["url"])),
                ),
            ),
        )
    # The heading is the item's title.
    words = [piece for piece in pieces.read(html) if piece.role != Role.HEADING]
    return Entry(
        content_id=content_id,
        state=State.CURRENT,
        title=pieces.line(item["title"]),
        url=item["url"],
        summary=pieces.line(item["summary"]),
        version=item["version"],
        fingerprint=item["fingerprint"],
        words=tuple(words),
    )
