"""Which parts of two sequences stayed, in bounded time.

Parts that occur once in both anchor the comparison (patience diff); what lies between
two anchors goes through ``difflib`` where it is small enough. Work is counted and
capped: what would take too long is left unmatched.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]

STEPS = 3_000_000


class Effort:
    """How much work one comparison may still do, in steps of roughly 0.1 µs."""

    def __init__(self, left: int = STEPS) -> None:
        self.left = left

    def spend(self, steps: int) -> bool:
        """Return whether there was enough left for ``steps``, and take it if so."""
        if steps > self.left:
            return False
        self.left -= steps
        return True


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
        if fixed := anchors(old, new):
            edges = [(-1, -1), *fixed, (len(old), len(new))]
            found += [(i + p, j + q) for p, q in fixed]
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


def anchors(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Pair]:
    """Return the parts that occur once in both, as many as keep their order."""
    return in_order(_unique_in_both(before, after))


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
