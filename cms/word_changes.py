"""What changed between two texts, word by word.

What would take too long to compare is shown as replaced whole, never left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import punctuation
from typing import Literal, TypeAlias

from .alignment import Effort, Pair, matches

Kind: TypeAlias = Literal["same", "removed", "added"]

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
