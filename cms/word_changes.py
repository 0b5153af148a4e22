"""What changed between two texts, word by word.

Words that occur once in both texts anchor the comparison (patience diff); what lies
between two anchors goes through ``difflib`` where it is small enough. Work is counted
and capped: what would take too long is shown as replaced whole, never left out.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from string import punctuation
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["same", "removed", "added"]
Pair: TypeAlias = tuple[int, int]

# Stands before or after a word and is not part of it.
MARKS = punctuation + "“”‘’«»…–—•·"  # noqa: RUF001 - these very characters
SPACE = re.compile(r"(\s+)")
# A text of which less than this share stayed reads better as replaced whole: of the
# longer of the two, and of the shorter.
KEPT_AT_LEAST = 0.25, 0.5


@dataclass(frozen=True)
class Segment:
    """Some words in a row, with the space around them, that share a fate."""

    kind: Kind
    words: str

    @property
    def shown(self) -> str:
        """The words, or signs for them where they are nothing but space."""
        if not self.words.isspace():
            return self.words
        return self.words.replace(" ", "␣").replace("\n", "↵\n")


class Effort:
    """How much work one comparison may still do, in steps of roughly 0.1 µs."""

    def __init__(self, left: int = 3_000_000) -> None:
        self.left = left

    def spend(self, steps: int) -> bool:
        """Return whether there was enough left for ``steps``, and take it if so."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


def compare_words(
    before: str, after: str, effort: Effort | None = None
) -> tuple[Segment, ...]:
    """Return how ``before`` became ``after``.

    The words of what is same or removed, joined, are ``before``; those of what is
    same or added are ``after``. Of two neighbours that differ, the removed one comes
    first.

    >>> [(one.kind, one.words) for one in compare_words("Ring us", "Ring them")]
    [('same', 'Ring '), ('removed', 'us'), ('added', 'them')]
    """
    old, new = _tokens(before), _tokens(after)
    return compare_parts(old, new, effort or Effort())


def compare_parts(
    before: Sequence[str], after: Sequence[str], effort: Effort
) -> tuple[Segment, ...]:
    """The same for texts that were taken apart already, for example into names."""
    old_words = [at for at, token in enumerate(before) if not token.isspace()]
    new_words = [at for at, token in enumerate(after) if not token.isspace()]
    found = matches(
        [before[at] for at in old_words], [after[at] for at in new_words], effort
    )
    anchors = [(old_words[i], new_words[j]) for i, j in found]
    runs = _fold(_runs(before, after, anchors))
    kept = sum(_count(run.same) for run in runs)
    sizes = sorted([_count(before), _count(after)], reverse=True)
    shares = zip(sizes, KEPT_AT_LEAST, strict=True)
    if all(kept < size * share for size, share in shares):
        return replaced("".join(before), "".join(after))
    return tuple(segment for run in runs for segment in run.segments())


def replaced(before: str, after: str) -> tuple[Segment, ...]:
    """Return ``before`` as removed and ``after`` as added whole; one if they agree."""
    if before == after:
        return (Segment("same", before),) if before else ()
    both: tuple[Segment, ...] = (Segment("removed", before), Segment("added", after))
    return tuple(segment for segment in both if segment.words)


def matches(
    before: Sequence[Hashable], after: Sequence[Hashable], effort: Effort
) -> list[Pair]:
    """Return which parts stayed, as pairs of positions that increase together."""
    found: list[Pair] = []
    open_ranges = [(0, len(before), 0, len(after))]
    while open_ranges:
        i, i_end, j, j_end = open_ranges.pop()
        while i < i_end and j < j_end and before[i] == after[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        while i < i_end and j < j_end and before[i_end - 1] == after[j_end - 1]:
            i_end, j_end = i_end - 1, j_end - 1
            found.append((i_end, j_end))
        if i == i_end or j == j_end or not effort.spend(i_end - i + j_end - j):
            continue
        old, new = before[i:i_end], after[j:j_end]
        if anchors := in_order(_unique_in_both(old, new)):
            edges = [(-1, -1), *anchors, (len(old), len(new))]
            found += [(i + p, j + q) for p, q in anchors]
            open_ranges += [
                (i + p + 1, i + p_next, j + q + 1, j + q_next)
                for (p, q), (p_next, q_next) in pairwise(edges)
            ]
        elif effort.spend(_cost(old, new)):
            matcher = SequenceMatcher(None, old, new, autojunk=False)
            found += [
                (i + block.a + step, j + block.b + step)
                for block in matcher.get_matching_blocks()
                for step in range(block.size)
            ]
    return sorted(found)


def in_order(pairs: Iterable[Pair]) -> list[Pair]:
    """Return the longest choice of ``pairs`` in which both positions increase.

    >>> in_order([(0, 2), (1, 0), (2, 1)])
    [(1, 0), (2, 1)]
    """
    lowest: list[int] = []
    chains: list[tuple[Pair, int | None]] = []
    ends: list[int] = []
    for pair in sorted(pairs):
        at = bisect_left(lowest, pair[1])
        chains.append((pair, ends[at - 1] if at else None))
        lowest[at : at + 1] = [pair[1]]
        ends[at : at + 1] = [len(chains) - 1]
    chosen: list[Pair] = []
    link = ends[-1] if ends else None
    while link is not None:
        pair, link = chains[link]
        chosen.append(pair)
    return chosen[::-1]


@dataclass
class _Run:
    """Words that stayed, after words that did not."""

    removed: list[str]
    added: list[str]
    same: list[str]

    @property
    def size(self) -> int:
        return max(_count(self.removed), _count(self.added))

    def segments(self) -> list[Segment]:
        parts: list[tuple[Kind, list[str]]] = [
            ("removed", self.removed),
            ("added", self.added),
            ("same", self.same),
        ]
        return [Segment(kind, "".join(words)) for kind, words in parts if words]


def _tokens(text: str) -> list[str]:
    """Return ``text`` in pieces: space, words, and the marks before and after them."""
    pieces: list[str] = []
    for chunk in SPACE.split(text):
        word = chunk.strip(MARKS)
        if not word or chunk.isspace():
            pieces.append(chunk)
            continue
        start = chunk.index(word)
        pieces += [chunk[:start], word, chunk[start + len(word) :]]
    return [piece for piece in pieces if piece]


def _runs(
    before: Sequence[str], after: Sequence[str], anchors: Iterable[Pair]
) -> list[_Run]:
    runs = [_Run([], [], [])]
    i = j = 0
    for p, q in [*anchors, (len(before), len(after))]:
        old, new = list(before[i:p]), list(after[j:q])
        head = _shared(old, new)
        tail = _shared(old[head:][::-1], new[head:][::-1])
        runs[-1].same += old[:head]
        if len(old) > head + tail or len(new) > head + tail:
            old_end, new_end = len(old) - tail, len(new) - tail
            runs.append(_Run(old[head:old_end], new[head:new_end], []))
        runs[-1].same += old[len(old) - tail :] if tail else []
        runs[-1].same += before[p : p + 1]
        i, j = p + 1, q + 1
    return runs


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many parts the two have in common at their start."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _fold(runs: list[_Run]) -> list[_Run]:
    """Take a stray word or two that stayed between changes into the changes.

    “Sent ~by~ **to** the ~council~ **forum**” reads worse than what is replaced whole.
    """
    folded: list[_Run] = []
    for run in runs:
        last = folded[-1] if folded else None
        stayed = _count(last.same) if last else 0
        if (
            last
            and (last.removed or last.added)
            and (run.removed or run.added)
            and (stayed == 0 or (stayed < 3 and stayed * 2 < min(last.size, run.size)))
        ):
            last.removed += last.same + run.removed
            last.added += last.same + run.added
            last.same = run.same
        else:
            folded.append(run)
    return folded


def _count(tokens: Iterable[str]) -> int:
    return sum(any(map(str.isalnum, token)) for token in tokens)


def _unique_in_both(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[Pair]:
    places = {token: at for at, token in enumerate(old)}
    in_old, in_new = Counter(old), Counter(new)
    return [
        (places[token], at)
        for at, token in enumerate(new)
        if in_new[token] == 1 and in_old[token] == 1
    ]


def _cost(old: Sequence[Hashable], new: Sequence[Hashable]) -> int:
    """The most steps that ``SequenceMatcher`` would take for these."""
    in_old = Counter(old)
    equal = sum(in_old[token] * count for token, count in Counter(new).items())
    return (len(old) + equal) * min(len(old), len(new))
