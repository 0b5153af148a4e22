"""Whether somebody's copy is the text that the forums signed.

What counts of a text is said in ``words``. Nothing here asks the database or writes
anything.

The copy comes from a stranger. Finding is done by ``str.find``, whose work grows with
the sum of both lengths, and aligning is bounded (``cms.alignment``).
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import pairwise, product
from typing import Any

from django.utils.dateformat import format as format_date

from cms import alignment

from .errors import CopyTooLong
from .models import Release
from .words import Words, visible

# Characters of a copy that are looked at.
LONGEST = 100_000
# Words below which a match says nothing: "for more information" is in every text.
FEWEST = 8
# Versions of an item that are compared, the newest first.
VERSIONS = 20
# The share of words that two texts have in common, near each other, to be called the
# same text with changes. Two English texts about one subject share less than half.
NEAR = 0.6
# The share of the words in common that have to stand in one piece to be an excerpt.
MOST = 0.8
# Versions that a copy is held against when it is none of them, the public one first.
LIKELY = 4

# Words of a phrase by which a place is known.
PHRASE = 4
# Words beside a likely stretch that are looked at too.
MARGIN = 12
# The channels besides the API where anybody can copy a text from.
API, SITE, FEEDS = "api", "site", "feeds"
PUBLIC = (SITE, FEEDS)
# What a browser does not show, so nobody copies it.
ONLY_IN_PRINT = re.compile(r'<div class="only-in-print">.*?</div>')
# What is shown of differences.
PASSAGES = 20
PASSAGE_LENGTH = 40
CONTEXT = 3
# Fewer equal words than these between two differences: it reads as one.
TOGETHER = 2


class Verdict(StrEnum):
    SIGNED = "signed"
    BODY = "body"
    PART = "part"
    BEFORE_REVIEW = "before_review"
    OLDER = "older"
    WITHDRAWN = "withdrawn"
    ALTERED = "altered"
    OTHER = "other"
    TOO_SHORT = "too_short"


class Standing(StrEnum):
    PUBLIC = "public"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Form:
    """One of the ways in which a version can be copied.

    ``full`` is title, summary and body; ``page`` is that with the facts between, as
    our own page shows it.
    """

    body: Words
    full: Words
    page: Words

    @property
    def texts(self) -> tuple[Words, Words, Words]:
        return self.full, self.page, self.body


@dataclass(frozen=True, kw_only=True)
class Version:
    """A release, as a copy is compared with it."""

    number: int
    title: str
    summary: str
    html: str
    text: str
    # What our page shows before and after the body, label and value.
    facts: tuple[str, ...]
    facts_below: tuple[str, ...]
    standing: Standing
    # Of a correction that forums have not reviewed: when it was made, and of what.
    changed_at: datetime | None
    corrected: tuple[str, ...] = ()
    # Whether it is what our own site shows. What is shown of differences is read there,
    # so another channel's words may not be: a voice was agreed to per channel.
    is_of_the_site: bool = True

    @property
    def is_public(self) -> bool:
        return self.standing == Standing.PUBLIC

    @cached_property
    def head(self) -> dict[str, Words]:
        """The title and the summary, where they have words."""
        head = {"title": Words(self.title), "summary": Words(self.summary)}
        return {name: words for name, words in head.items() if words.keys}

    @cached_property
    def forms(self) -> list[Form]:
        """As a browser copies it, with or without what it adds; and as plain text."""
        bodies = [
            *(visible(self.html, numbers=numbers, descriptions=descriptions)
              for numbers, descriptions in product((False, True), repeat=2)),
            self.text,
        ]  # fmt: skip
        return [self._form(body) for body in dict.fromkeys(bodies)]

    def _form(self, body: str) -> Form:
        head = (self.title, self.summary)
        return Form(
            body=Words(body),
            full=Words("\n".join([*head, body])),
            page=Words("\n".join([*head, *self.facts, body, *self.facts_below])),
        )


@dataclass(frozen=True, kw_only=True)
class Passage:
    """Words that differ, with what stands around them in the signed text.

    ``signed`` is empty where words were added, ``copy`` where some were left out.
    """

    before: str
    signed: str
    copy: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What became of a copy.

    ``version`` is the one it was recognised as, of which it ``is_part`` or whole;
    ``close`` says that it is like that version and not the same. ``missing`` names of
    title and summary what was not found. ``around`` are words of the copy that are not
    part of the signed text. ``passages`` are only ever of a version that is public, in
    the form that our own site shows.
    """

    verdict: Verdict
    version: Version | None = None
    public: Version | None = None
    is_part: bool = False
    close: bool = False
    missing: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    more_passages: int = 0


@dataclass(frozen=True, kw_only=True)
class Match:
    """How much of a version a copy holds, or how much of it the version holds."""

    # 3: title, summary and body. 2: the body. 1: the copy is a part of the version.
    level: int
    version: Version
    missing: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    # Words of the copy that are not accounted for.
    left_over: int = 0
    passages: tuple[Passage, ...] = ()

    @property
    def rank(self) -> tuple[int, int]:
        return self.level, -self.left_over


def of_release(release: Release) -> list[Version]:
    """Return what is public of a release as versions to compare with.

    One, or several where the site and feeds get another text than partners do.
    """
    own = {
        one.channel: bytes(one.payload)
        for one in release.forms.all()
        if one.channel in PUBLIC
    }
    texts = {API: bytes(release.payload), **own}
    shown = SITE if SITE in own else API
    return [
        _of_text(release, json.loads(text), is_of_the_site=channel == shown)
        for channel, text in texts.items()
    ]


def _of_text(
    release: Release, data: dict[str, Any], *, is_of_the_site: bool
) -> Version:
    correction = release.receipt.get("before_review")
    return Version(
        number=release.version,
        title=data["title"],
        summary=data.get("summary", ""),
        html=ONLY_IN_PRINT.sub("", data["html"]),
        text=data["text"],
        facts=tuple(_facts(data)),
        facts_below=tuple(_facts_below(data)),
        standing=_standing(release),
        changed_at=correction and datetime.fromisoformat(correction["changed_at"]),
        corrected=tuple(correction["fields"]) if correction else (),
        is_of_the_site=is_of_the_site,
    )


def compare(text: str, versions: Iterable[Version]) -> Comparison:
    """Say what a copy is of an item with these versions, newest first.

    The version that says most about the copy decides: which stands in it most wholly
    and leaves the fewest words over. Of two that say as much it is the one that is
    public, then the newer one. Raises ``CopyTooLong``.
    """
    if len(text) > LONGEST:
        raise CopyTooLong(f"{len(text)} characters are more than {LONGEST}")
    copy = Words(text)
    versions = sorted(versions, key=lambda version: not version.is_public)
    public = next((version for version in versions if version.is_public), None)
    best: Match | None = None
    for version in versions:
        match = _match(copy, version)
        if match and (best is None or match.rank > best.rank):
            best = match
    if best:
        return _recognised(best, public)
    if len(copy) < FEWEST:
        return Comparison(verdict=Verdict.TOO_SHORT, public=public)
    return _compare_unlike(copy, versions, public)


def holding(text: str, titles: Sequence[str]) -> list[int]:
    """Return which of ``titles`` stand in a copy, by their numbers, the longest first.

    Of a title with one word only that would be chance, so those are left out.
    """
    copy = Words(text)
    words = [Words(title) for title in titles]
    found = [
        number
        for number, title in enumerate(words)
        if len(title) > 1 and copy.find(title) >= 0
    ]
    return sorted(found, key=lambda number: len(words[number]), reverse=True)


def _recognised(match: Match, public: Version | None) -> Comparison:
    version = match.version
    if version.is_public and match.passages:
        return _altered(version, match.passages, match.around)
    return Comparison(
        verdict=_verdict(match, public),
        version=version,
        public=public,
        is_part=match.level == 1,
        missing=match.missing,
        around=match.around,
    )


def _verdict(match: Match, public: Version | None) -> Verdict:
    version = match.version
    # Where nothing of the item is public any more, an old version is not either.
    if version.standing == Standing.WITHDRAWN or public is None:
        return Verdict.WITHDRAWN
    if version.standing == Standing.SUPERSEDED:
        return Verdict.OLDER
    if version.changed_at:
        return Verdict.BEFORE_REVIEW
    return {3: Verdict.SIGNED, 2: Verdict.BODY, 1: Verdict.PART}[match.level]


def _altered(
    version: Version, passages: Sequence[Passage], around: tuple[str, ...]
) -> Comparison:
    return Comparison(
        verdict=Verdict.ALTERED,
        version=version,
        public=version,
        close=True,
        around=around,
        passages=tuple(passages[:PASSAGES]),
        more_passages=max(0, len(passages) - PASSAGES),
    )


def _compare_unlike(
    copy: Words, versions: Sequence[Version], public: Version | None
) -> Comparison:
    """Say what a copy is that holds no version and that no version holds."""
    for version in _nearest_first(copy, versions)[:LIKELY]:
        forms = [
            [(_share(copy, words), words) for words in form.texts]
            for form in version.forms
        ]
        form = max(forms, key=lambda texts: max(share for share, _ in texts))
        likely = [(share, words) for share, words in form if share >= NEAR]
        if not likely:
            continue
        if version.is_public:
            return _compare_like(copy, version, likely)
        return Comparison(
            verdict=_verdict(Match(level=1, version=version), public),
            version=version,
            public=public,
            close=True,
        )
    return Comparison(verdict=Verdict.OTHER, public=public)


def _nearest_first(copy: Words, versions: Sequence[Version]) -> Sequence[Version]:
    """Put what one channel gets first where a copy is more like it than like others."""
    public = [version for version in versions if version.is_public]
    if len(public) < 2:
        return versions
    public.sort(
        key=lambda version: max(
            _share(copy, words) for form in version.forms for words in form.texts
        ),
        reverse=True,
    )
    return [*public, *(version for version in versions if not version.is_public)]


def _compare_like(
    copy: Words, version: Version, likely: Iterable[tuple[float, Words]]
) -> Comparison:
    """Say where a copy differs from the public version that it is like.

    ``likely`` are texts of that version, each with the share of words in common.
    """
    found = [
        (_differences(words, copy, _window(words, copy)), words, share)
        for share, words in likely
    ]
    differences, signed, share = min(found, key=lambda one: one[0].size)
    passages, (start, end) = differences.passages, differences.within
    shared = share * min(len(signed), len(copy))
    if not passages and end - start < MOST * shared:
        # The text is there in another order.
        passages = (_everything(signed, copy, (start, end)),)
    around = _Rest(copy, [(0, start), (end, len(copy))]).shown()
    if passages:
        shown = passages if version.is_of_the_site else ()
        return _altered(version, shown, around)
    # At one end the text goes on, at the other the copy.
    return _recognised(Match(level=1, version=version, around=around), version)


def _match(copy: Words, version: Version) -> Match | None:
    """Find a version in a copy, or else the copy in the version."""
    for form in version.forms:
        found = form.full if copy.find(form.full) >= 0 else form.body
        start = copy.find(found)
        if start < 0:
            continue
        head = {} if found is form.full else version.head
        match = _match_around(copy, version, head, start, start + len(found))
        enough = form.full if match.level == 3 else form.body
        # A handful of words may stand in any text by chance.
        if len(enough) >= FEWEST or not match.around:
            return match
    if len(copy) >= FEWEST and any(
        words.find(copy) >= 0 for form in version.forms for words in (form.full, form.page)
    ):  # fmt: skip
        return Match(level=1, version=version)
    return None


def _match_around(
    copy: Words, version: Version, head: Mapping[str, Words], start: int, end: int
) -> Match:
    """Look for title, summary (``head``) and facts around the body, which was found."""
    rest = _Rest(copy, [(0, start), (end, len(copy))])
    facts = [Words(fact) for fact in (*version.facts, *version.facts_below)]
    # The longest first: a short title may also be a word of another.
    wanted = sorted([*head.values(), *facts], key=len, reverse=True)
    found = {id(words) for words in wanted if rest.take(words)}
    missing = [name for name, words in head.items() if id(words) not in found]
    passages = [passage for name in missing for passage in rest.take_like(head[name])]
    return Match(
        level=2 if missing else 3,
        version=version,
        missing=tuple(missing),
        around=rest.shown(),
        left_over=len(rest),
        passages=tuple(passages),
    )


class _Rest:
    """Stretches of a copy that were not accounted for yet."""

    def __init__(self, copy: Words, stretches: list[tuple[int, int]]) -> None:
        self._copy = copy
        self._stretches = [(start, end) for start, end in stretches if start < end]

    def __len__(self) -> int:
        return sum(end - start for start, end in self._stretches)

    def take(self, words: Words) -> bool:
        """Account for the first place where ``words`` stand. False if nowhere."""
        for stretch in self._stretches:
            at = self._copy.find(words, *stretch)
            if at >= 0:
                self._remove(stretch, at, at + len(words))
                return True
        return False

    def take_like(self, words: Words) -> Sequence[Passage]:
        """Account for the place that is most like ``words``: how does it differ?"""
        for stretch in self._stretches:
            start, end = stretch
            at, shared = _closest(words.keys, self._copy.keys[start:end])
            if shared >= NEAR * len(words):
                near = _widened(start + at, start + at + len(words), start, end)
                differences = _differences(words, self._copy, near)
                self._remove(stretch, *differences.within)
                return differences.passages
        return ()

    def shown(self) -> tuple[str, ...]:
        return tuple(clipped(self._copy, *stretch) for stretch in self._stretches)

    def _remove(self, stretch: tuple[int, int], start: int, end: int) -> None:
        left = [(stretch[0], start), (end, stretch[1])]
        place = self._stretches.index(stretch)
        self._stretches[place : place + 1] = [
            part for part in left if part[0] < part[1]
        ]


def _share(copy: Words, signed: Words) -> float:
    """The share of the shorter text's words that the other has, near each other."""
    shorter, longer = sorted((copy.keys, signed.keys), key=len)
    if len(shorter) < FEWEST:
        return 0
    return _closest(shorter, longer)[1] / len(shorter)


def _closest(shorter: Sequence[str], longer: Sequence[str]) -> tuple[int, int]:
    """Find where ``longer`` is most like ``shorter``, in whatever order its words are.

    Returns the start of that stretch, which is as long as ``shorter``, and how many
    words they share.
    """
    wanted = Counter(shorter)
    shared = 0
    best = (0, 0)
    for end, word in enumerate(longer, 1):
        if word in wanted:
            shared += wanted[word] > 0
            wanted[word] -= 1
        start = end - len(shorter)
        if start > 0 and (left := longer[start - 1]) in wanted:
            wanted[left] += 1
            shared -= wanted[left] > 0
        if shared > best[1]:
            best = (max(0, start), shared)
    return best


def _window(signed: Words, copy: Words) -> tuple[int, int]:
    """Find the stretch of a longer copy in which the signed text stands, changed."""
    if len(copy) <= len(signed):
        return 0, len(copy)
    # What was put in may be long: phrases that are unique tell where the ends are.
    anchors = alignment.anchors(_phrases(signed), _phrases(copy))
    if anchors:
        (first, start), (last, end) = anchors[0], anchors[-1]
        return _widened(start - first, end + len(signed) - last, 0, len(copy))
    start, _ = _closest(signed.keys, copy.keys)
    return _widened(start, start + len(signed), 0, len(copy))


def _phrases(words: Words) -> list[tuple[str, ...]]:
    return list(zip(*(words.keys[start:] for start in range(PHRASE)), strict=False))


def _widened(start: int, end: int, low: int, high: int) -> tuple[int, int]:
    return max(low, start - MARGIN), min(high, end + MARGIN)


@dataclass(frozen=True, kw_only=True)
class Differences:
    """``size`` in words of both sides; ``within`` which stretch of the copy."""

    passages: tuple[Passage, ...]
    size: int
    within: tuple[int, int]


def _differences(signed: Words, copy: Words, window: tuple[int, int]) -> Differences:
    """Return what differs between the signed words and a window of the copy.

    At either end, words that only one side has are no difference: the copy is a part,
    or stands among others. Where both have some, as many of each as the shorter has
    are one.
    """
    offset, limit = window
    runs = [
        (start, other + offset, length)
        for start, other, length in align(signed.keys, copy.keys[offset:limit])
    ]
    if not runs:
        return Differences(
            passages=(_everything(signed, copy, window),),
            size=len(signed) + limit - offset,
            within=window,
        )
    runs = _without_echo(runs, copy)
    first, last = runs[0], runs[-1]
    before = min(first[0], first[1] - offset)
    ends = last[0] + last[2], last[1] + last[2]
    after = min(len(signed) - ends[0], limit - ends[1])
    edges = [
        (first[0] - before, first[1] - before, 0),
        *runs,
        (ends[0] + after, ends[1] + after, 0),
    ]
    gaps: list[tuple[int, int, int, int]] = []
    for (start, other, length), (next_start, next_other, _) in pairwise(edges):
        gap = (start + length, next_start, other + length, next_other)
        if gap[0] == gap[1] and gap[2] == gap[3]:
            continue
        if gaps and gap[0] - gaps[-1][1] < TOGETHER:
            previous = gaps.pop()
            gap = (previous[0], gap[1], previous[2], gap[3])
        gaps.append(gap)
    passages = tuple(
        Passage(
            before=signed.shown(max(0, start - CONTEXT), start),
            signed=clipped(signed, start, end),
            copy=clipped(copy, other, other_end),
            after=signed.shown(end, min(len(signed), end + CONTEXT)),
        )
        for start, end, other, other_end in gaps
    )
    return Differences(
        passages=passages,
        size=sum(
            end - start + other_end - other for start, end, other, other_end in gaps
        ),
        within=(edges[0][1], edges[-1][1]),
    )


def _everything(signed: Words, copy: Words, window: tuple[int, int]) -> Passage:
    return Passage(
        before="",
        signed=clipped(signed, 0, len(signed)),
        copy=clipped(copy, *window),
        after="",
    )


def _without_echo(
    runs: list[tuple[int, int, int]], copy: Words
) -> list[tuple[int, int, int]]:
    """Let the text begin where it goes on, not where a menu has its first words too."""
    while len(runs) > 1:
        (start, other, length), (next_start, next_other, next_length) = runs[:2]
        here = copy.keys[other : other + length]
        if start + length != next_start or (
            copy.keys[next_other - length : next_other] != here
        ):
            break
        runs = [(start, next_other - length, length + next_length), *runs[2:]]
    return runs


def align(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return the runs of words that both have in the same order.

    Each is ``(start in left, start in right, length)``.

    >>> align("ring us on Monday".split(), "ring us every Monday".split())
    [(0, 0, 2), (3, 3, 1)]
    """
    return _runs(alignment.matches(left, right, alignment.Effort()))


def _runs(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for one, two in pairs:
        if runs and (one, two) == (
            runs[-1][0] + runs[-1][2],
            runs[-1][1] + runs[-1][2],
        ):
            start, other, length = runs.pop()
            runs.append((start, other, length + 1))
        else:
            runs.append((one, two, 1))
    return runs


def clipped(words: Words, start: int, end: int) -> str:
    """Return some words as they were written, without the middle if they are many."""
    if end - start <= PASSAGE_LENGTH:
        return words.shown(start, end)
    half = PASSAGE_LENGTH // 2
    return f"{words.shown(start, start + half)} … {words.shown(end - half, end)}"


def _standing(release: Release) -> Standing:
    if release.withdrawn_at:
        return Standing.WITHDRAWN
    return Standing.SUPERSEDED if release.superseded_at else Standing.PUBLIC


def _facts(data: dict[str, Any]) -> Iterator[str]:
    """What ``cms/item_article.html`` shows above the body."""
    if data["areas"] and data["kind"] != "local-offer":
        yield f"Area {', '.join(area['name'] for area in data['areas'])}"


def _facts_below(data: dict[str, Any]) -> Iterator[str]:
    if data["topics"]:
        yield f"About {', '.join(topic['name'] for topic in data['topics'])}"
    if data.get("review_by"):
        day = date.fromisoformat(data["review_by"])
        yield f"Will be checked by {format_date(day, 'j F Y')}"
