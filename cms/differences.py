"""What changed between two public representations, as a parent would be told.

Nothing that the public reads is left out: two representations that differ anywhere
give at least one field that shows it, also when a key is new here.
"""

import datetime as dt
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, cast

from django.utils import formats, timezone

from . import canonical, facts, made_together, passages
from . import formats as formats_of_text
from .alignment import Effort, Pair, in_order, matches
from .passages import Part, Passage
from .templatetags.representation import as_date
from .word_changes import Segment, compare_parts, compare_words, replaced

Payload: TypeAlias = Mapping[str, Any]
Say: TypeAlias = Callable[[Any], str]
Way: TypeAlias = Callable[[Payload, Payload, Effort], list["Field"]]
Direction: TypeAlias = Literal["", "up", "down"]

# Two passages with this share of their words in common are one that was edited,
ALIKE = 0.5
# and one that was edited and moved with this.
ALIKE_ELSEWHERE = 0.75
# In how many passages a word may occur and still help to find the one.
RARE = 10


@dataclass(frozen=True)
class Field:
    """One thing that readers see, before and after.

    The words of its segments that are same or removed, joined, are what stood there;
    those that are same or added are what stands there now.
    """

    label: str
    segments: tuple[Segment, ...]
    # It stands elsewhere now, which is a change even of the same words.
    moved: bool = False
    # The words are the addresses of pictures.
    is_picture: bool = False

    @property
    def changed(self) -> bool:
        return self.moved or any(one.kind != "same" for one in self.segments)

    @property
    def before(self) -> str:
        return "".join(one.words for one in self.segments if one.kind != "added")

    @property
    def after(self) -> str:
        return "".join(one.words for one in self.segments if one.kind != "removed")


@dataclass(frozen=True)
class Comparison:
    """Everything that readers see, in the order in which they read it."""

    fields: tuple[Field, ...]

    @property
    def changed(self) -> tuple[Field, ...]:
        """What is not as it was. Empty only if the two are the same in every byte."""
        return tuple(one for one in self.fields if one.changed)


def compare(*, before: Payload, after: Payload) -> Comparison:
    """Return what became of the representation ``before`` in ``after``.

    Takes about a quarter of a second for 10,000 words; what would take far longer is
    shown as replaced whole (see ``cms.word_changes``).
    """
    effort = Effort()
    keys = before.keys() | after.keys()
    fields: list[Field] = []
    for names, way in WAYS:
        if keys.intersection(names):
            fields += way(before, after, effort)
    for key in sorted(keys.difference(*(names for names, _ in WAYS))):
        fields += _value(key, passages.capital(passages.called(key)))(
            before, after, effort
        )
    return Comparison(tuple(fields))


def _value(
    key: str, label: str, *, say: Say = passages.say, whole: bool = False
) -> Way:
    """Compare what stands under one key."""

    def way(before: Payload, after: Payload, effort: Effort) -> list[Field]:
        old, new = (_said(data, key, say) for data in (before, after))
        if old == new and not _agree(before, after, key):
            old, new = (_said(data, key, _exactly) for data in (before, after))
        segments = replaced(old, new) if whole else compare_words(old, new, effort)
        return [Field(label, segments)] if segments else []

    return way


def _said(data: Payload, key: str, say: Say) -> str:
    return say(data[key]) if key in data else ""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else passages.say(value)


def _rule(value: Any) -> str:
    words: str = value["words"]
    return words


def _exactly(value: Any) -> str:
    return canonical.encode(value).decode()


def _date(value: Any) -> str:
    """A date or a moment as one says it; anything else as it is."""
    try:
        when = as_date(value)
    except (TypeError, ValueError):
        return _plain(value)
    if isinstance(when, dt.datetime):
        return formats.date_format(timezone.localtime(when), "j F Y, H:i")
    return formats.date_format(when, "j F Y")


def _dissents(value: Any) -> str:
    """Who does not agree, a forum to a line."""
    try:
        return "\n".join(
            f"{one['name']}: {one.get('comment', 'its reason is not shown')}"
            for one in value
        )
    except (AttributeError, KeyError, TypeError):
        return passages.say(value)


def _record(value: Any) -> str:
    """How a text was made together, a thing to a line."""
    try:
        return "\n".join(made_together.lines(value))
    except (AttributeError, TypeError, ValueError):
        return passages.say(value)


def _formats(value: Any) -> str:
    """Every format of the text, a line each."""
    try:
        return formats_of_text.lines(value)
    except (AttributeError, KeyError, TypeError):
        return passages.say(value)


def _agree(before: Payload, after: Payload, *keys: str) -> bool:
    """Whether the two have the same under all ``keys``, to the byte."""
    old, new = (
        canonical.encode({key: data[key] for key in keys if key in data})
        for data in (before, after)
    )
    return old == new


def _ages(before: Payload, after: Payload, effort: Effort) -> list[Field]:
    both = [_in_one(data) for data in (before, after)]
    if None in both:
        ways = [_value("age_from", "From age"), _value("age_to", "To age")]
        return [one for way in ways for one in way(before, after, effort)]
    return _value("ages", "Ages", say=_plain)(both[0] or {}, both[1] or {}, effort)


def _in_one(data: Payload) -> Payload | None:
    """“From” and “to” as one value; None when one of them is no number."""
    ages = [data[key] for key in ("age_from", "age_to") if key in data]
    if not ages:
        return {}
    if len(ages) == 2 and all(type(age) is int for age in ages):
        return {"ages": f"{ages[0]} to {ages[1]}"}
    return None


def _names(key: str, label: str) -> Way:
    """Compare areas or topics name by name."""
    every = _value(key, label)

    def way(before: Payload, after: Payload, effort: Effort) -> list[Field]:
        terms = [
            {term["name"]: term for term in data.get(key, ())}
            for data in (before, after)
        ]
        if any(
            terms[0][name] != terms[1][name]
            for name in terms[0].keys() & terms[1].keys()
        ):
            # The same name for another area: said with everything that is known of it.
            return every(before, after, effort)
        segments = compare_parts(_listed(terms[0]), _listed(terms[1]), effort)
        return [Field(label, segments)] if segments else every(before, after, effort)

    return way


def _listed(names: Iterable[str]) -> list[str]:
    return [part for name in names for part in (", ", name)][1:]


def _text(before: Payload, after: Payload, effort: Effort) -> list[Field]:
    """Compare the text itself, block by block or item by item.

    ``html`` and ``text`` follow from the rest, so they are told only where the rest
    tells nothing: a change in how the text is set still shows.
    """
    fields = [
        one
        for way in (
            _value("closure", "Notice of a closure", say=_plain),
            _value("dissent", "Forums that do not agree", say=_dissents),
            _value("introduction", "Introduction", say=_plain),
        )
        for one in way(before, after, effort)
    ]
    old, new = (passages.of_body(data.get("body", ())) for data in (before, after))
    fields += _of_passages(old, new, effort)
    fields += _of_items(before, after, effort)
    return fields + _untold(fields, before, after, effort)


def _untold(
    told: Iterable[Field],
    before: Payload,
    after: Payload,
    effort: Effort,
    prefix: str = "",
) -> list[Field]:
    """What differs in the text although no field of ``told`` shows it."""
    if any(one.changed for one in told) or _agree(before, after, *TEXT):
        return []
    if not _agree(before, after, *facts.TOLD_IN_TEXT):
        # The text says it too; it is told under its own name.
        return []
    html = [passages.of_html(data.get("html", ""), prefix) for data in (before, after)]
    lines = [
        passages.of_lines(data.get("text", ""), "Plain text", prefix)
        for data in (before, after)
    ]
    for old, new in (html, lines):
        fields = _of_passages(old, new, effort)
        if any(one.changed for one in fields):
            return fields
    kinds = [
        [
            passages.capital(passages.called(block["type"]))
            for block in data.get("body", ())
        ]
        for data in (before, after)
    ]
    if kinds[0] != kinds[1]:
        segments = compare_parts(_listed(kinds[0]), _listed(kinds[1]), effort)
        return [Field("How the text is divided", segments)]
    return [
        one
        for key in TEXT
        for one in _value(key, "How the text is put together", say=_exactly)(
            before, after, effort
        )
        if one.changed
    ][:1]


def _of_passages(
    old: Sequence[Passage], new: Sequence[Passage], effort: Effort
) -> list[Field]:
    fields: list[Field] = []
    for i, j, direction in _walk(len(old), len(new), _pairs(old, new, effort)):
        fields += _of_passage(
            None if i is None else old[i],
            None if j is None else new[j],
            direction,
            effort,
        )
    return fields


def _walk(
    old: int, new: int, pairs: Sequence[Pair]
) -> Iterator[tuple[int | None, int | None, Direction]]:
    """Yield positions in reading order: what went at its old place, the rest at its new.

    Says of each pair whether it stands higher or lower among those that stayed.
    """
    firm = in_order(pairs)
    before, after = [pair[0] for pair in firm], [pair[1] for pair in firm]
    came_from = {j: i for i, j in pairs}
    gone = set(range(old)) - set(came_from.values())
    i_next = 0
    for i_firm, j_firm, j_start in zip(
        [*before, old], [*after, new], [0, *(j + 1 for j in after)], strict=True
    ):
        for i in range(i_next, i_firm):
            if i in gone:
                yield i, None, ""
        for j in range(j_start, j_firm):
            origin = came_from.get(j)
            if origin is None:
                yield None, j, ""
            else:
                higher = bisect_left(after, j) < bisect_left(before, origin)
                yield origin, j, "up" if higher else "down"
        if j_firm < new:
            yield i_firm, j_firm, ""
        i_next = i_firm + 1


def _pairs(
    old: Sequence[Passage], new: Sequence[Passage], effort: Effort
) -> list[Pair]:
    """Which passage became which: the same ones, those edited, those moved."""
    old_keys, new_keys = (
        [(one.kind, one.source) for one in some] for some in (old, new)
    )
    pairs = matches(old_keys, new_keys, effort)
    gone, fresh = _unpaired(pairs, len(old), len(new))
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in reversed(gone):
        places[old_keys[i]].append(i)
    for j in fresh:
        if places[new_keys[j]]:
            pairs.append((places[new_keys[j]].pop(), j))
    gone, fresh = _unpaired(pairs, len(old), len(new))
    likeness = _edited({i: old[i] for i in gone}, {j: new[j] for j in fresh})
    firm = set(in_order([*pairs, *likeness]))
    pairs += [
        pair
        for pair, share in likeness.items()
        if share >= (ALIKE if pair in firm else ALIKE_ELSEWHERE)
    ]
    return pairs + _in_place_of(old, new, pairs)


def _unpaired(pairs: Iterable[Pair], old: int, new: int) -> tuple[list[int], list[int]]:
    taken = list(pairs)
    return (
        sorted(set(range(old)) - {i for i, _ in taken}),
        sorted(set(range(new)) - {j for _, j in taken}),
    )


def _edited(
    old: Mapping[int, Passage], new: Mapping[int, Passage]
) -> dict[Pair, float]:
    """Pair passages that share many of their words, the most alike first."""
    counts = {i: Counter(one.words.casefold().split()) for i, one in old.items()}
    holders: dict[str, list[int]] = defaultdict(list)
    for i, words in counts.items():
        for word in words:
            holders[word].append(i)
    found: list[tuple[float, int, int]] = []
    for j, passage in new.items():
        words = Counter(passage.words.casefold().split())
        votes = Counter(
            i
            for word in words
            if len(holders.get(word, ())) <= RARE
            for i in holders.get(word, ())
            if old[i].kind == passage.kind
        )
        for i, _ in votes.most_common(5):
            shared = 2 * (counts[i] & words).total()
            share = shared / (counts[i].total() + words.total())
            if share >= ALIKE:
                found.append((-share, j, i))
    pairs: dict[Pair, float] = {}
    taken: tuple[set[int], set[int]] = set(), set()
    for share, j, i in sorted(found):
        if i not in taken[0] and j not in taken[1]:
            pairs[i, j] = -share
            taken[0].add(i)
            taken[1].add(j)
    return pairs


def _in_place_of(
    old: Sequence[Passage], new: Sequence[Passage], pairs: Sequence[Pair]
) -> list[Pair]:
    """Pair what stands between the same neighbours and is of the same kinds."""
    gone, fresh = _unpaired(pairs, len(old), len(new))
    firm = in_order(pairs)
    before, after = [pair[0] for pair in firm], [pair[1] for pair in firm]
    gaps: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for i in gone:
        gaps[bisect_left(before, i)][0].append(i)
    for j in fresh:
        gaps[bisect_left(after, j)][1].append(j)
    return [
        pair
        for left, right in gaps.values()
        if [old[i].kind for i in left] == [new[j].kind for j in right]
        for pair in zip(left, right, strict=True)
    ]


def _of_passage(
    old: Passage | None, new: Passage | None, direction: Direction, effort: Effort
) -> list[Field]:
    here = cast(Passage, new or old)
    name = f"{here.name} (moved {direction})" if direction else here.name
    moved = bool(direction)
    if old and new and old.source == new.source:
        return [Field(name, (Segment("same", new.words),), moved)]
    if not (old and new) and here.kind != passages.PICTURE:
        return [
            Field(
                name,
                replaced(old.words if old else "", new.words if new else ""),
                moved,
            )
        ]
    old_parts, new_parts = (
        {part.name: part for part in one.parts} if one else {} for one in (old, new)
    )
    fields = [
        _of_part(name, old_parts.get(part), new_parts.get(part), moved, effort)
        for part in dict.fromkeys([*new_parts, *old_parts])
    ]
    if old and new and not any(_differs(one) for one in fields):
        # The words are the same and still something is not: a link, the bold type.
        segments = compare_words(old.source, new.source, effort)
        return [Field(f"{name}, set differently", segments, moved)]
    return fields


def _differs(field: Field) -> bool:
    return any(segment.kind != "same" for segment in field.segments)


def _of_part(
    name: str, old: Part | None, new: Part | None, moved: bool, effort: Effort
) -> Field:
    part = cast(Part, new or old)
    label = f"{name}: {part.name}" if part.name else name
    words = old.words if old else "", new.words if new else ""
    if part.whole:
        return Field(label, replaced(*words), moved, part.is_picture)
    marked = old.marked if old else "", new.marked if new else ""
    if marked != words:
        segments = compare_words(*marked, effort)
        if any(
            mark in segment.words
            for segment in segments
            if segment.kind != "same"
            for mark in passages.MARKS.values()
        ):
            return Field(f"{label}, *bold* and _italic_ marked", segments, moved)
    return Field(label, compare_words(*words, effort), moved)


def _of_items(before: Payload, after: Payload, effort: Effort) -> list[Field]:
    """Compare what a newsletter brings, item by item."""
    old, new = _by_item(before), _by_item(after)
    old_ids, new_ids = list(old), list(new)
    places = {content_id: at for at, content_id in enumerate(old_ids)}
    pairs = [
        (places[content_id], j)
        for j, content_id in enumerate(new_ids)
        if content_id in places
    ]
    fields: list[Field] = []
    for i, j, direction in _walk(len(old_ids), len(new_ids), pairs):
        was = old[old_ids[i]] if i is not None else _Item()
        now = new[new_ids[j]] if j is not None else _Item()
        fields += _of_item(was, now, direction, effort)
    return fields


@dataclass
class _Item:
    """One item of a newsletter: what is known of it, and how it reads in the mail."""

    facts: dict[str, Any] = field(default_factory=dict)
    section: dict[str, Any] = field(default_factory=dict)


def _by_item(data: Payload) -> dict[str, _Item]:
    found: dict[str, _Item] = defaultdict(_Item)
    for section in data.get("sections", ()):
        found[section["content_id"]].section = section
    for item in data.get("items", ()):
        facts = {key: value for key, value in item.items() if key not in EDITION}
        edition = {key: item[key] for key in EDITION if key in item}
        facts["version"] = passages.spell_out(edition)
        found[item["content_id"]].facts = facts
    return dict(found)


def _of_item(
    was: _Item, now: _Item, direction: Direction, effort: Effort
) -> list[Field]:
    title = (now.facts or was.facts).get("title", "")
    name = f"Item “{title}”" if title else "Item"
    fields: list[Field] = []
    if direction:
        fields = [Field(f"{name} (moved {direction})", (Segment("same", title),), True)]
    if was.section and now.section:
        old, new = (
            passages.of_html(one.section.get("html", ""), name) for one in (was, now)
        )
        told = _of_passages(old, new, effort)
        fields += told + _untold(told, was.section, now.section, effort, name)
    else:
        old_text, new_text = (one.section.get("text", "") for one in (was, now))
        if segments := replaced(old_text, new_text):
            fields.append(Field(name, segments))
    for whole, old_data, new_data in (
        (True, was.facts, now.facts),
        (False, was.section, now.section),
    ):
        for key in dict.fromkeys([*new_data, *old_data]):
            if key not in ("content_id", *TEXT):
                way = _value(key, f"{name}: {passages.called(key)}", whole=whole)
                fields += way(old_data, new_data, effort)
    return fields


# A new version of an item always has another fingerprint: told as one.
EDITION = ("version", "fingerprint")
TEXT = (
    "closure",
    "dissent",
    "introduction",
    "body",
    "items",
    "sections",
    "html",
    "text",
)
# In the order in which readers want to know. Keys that are not here come last.
WAYS: list[tuple[tuple[str, ...], Way]] = [
    (("title",), _value("title", "Title", say=_plain)),
    (("summary",), _value("summary", "Summary", say=_plain)),
    (("audience",), _value("audience", "Who it is for", say=_plain)),
    (("recipients",), _value("recipients", "Who gets it by email", say=_rule)),
    (("age_from", "age_to"), _ages),
    (("areas",), _names("areas", "Areas")),
    (("topics",), _names("topics", "Topics")),
    (TEXT, _text),
    *(
        ((key,), _value(key, label, say=facts.say(key)))
        for key, label in facts.LABELS.items()
    ),
    (
        ("co_production",),
        _value("co_production", "How this was made together", say=_record),
    ),
    (("formats",), _value("formats", "Other formats", say=_formats)),
    (("review_by",), _value("review_by", "Will be checked by", say=_date, whole=True)),
    (("release_at",), _value("release_at", "Public from", say=_date, whole=True)),
]
