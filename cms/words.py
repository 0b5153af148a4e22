"""How hard a text is to read, and which letters in it nobody has explained.

Pure functions over the texts that people wrote. They give hints and never a verdict:
the NHS itself doubts what a reading age says, so nothing depends on one.

Syllables are counted with Pyphen's British hyphenation, which knows where a word may
be broken and so misses some syllables, and with a rule about vowels, which misses
others: the larger of the two is right for about 95 of 100 words. Libraries that
measure readability themselves fetch a dictionary from the network when they first
run, which a server must not.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from pyphen import Pyphen

# GOV.UK style: a sentence of more than 25 words is hard to follow.
WORDS_IN_A_SENTENCE = 25
# What the NHS and GOV.UK aim for.
YOUNGEST, OLDEST = 9, 11
# Above this a number would look exact that is not.
GROWN_UP = 18
# On fewer words a reading age says nothing, on more this would make a screen slow.
FEWEST_WORDS = 100
MOST_WORDS = 20_000
# A longer “word” is an address or a slip of the keyboard.
LONGEST_WORD = 30
LONG_WORD_SYLLABLES = 4
NAMED = 3
ACRONYMS_NAMED = 5
# Letters that every family knows.
EVERYDAY = {"A&E", "BBC", "GP", "ID", "NHS", "OK", "PDF", "SEND", "TV", "UK"}

SENTENCE_END = re.compile(r"(?<=[.!?…])[”’)]*\s+|\n+")
WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
ACRONYM = re.compile(r"\b[A-Z][A-Z&]*[A-Z](?=s?\b)")
SHOUTED = re.compile(r"\b[A-Z]{2,}\b(?:[ ,–-]+\b[A-Z]{2,}\b){2,}")  # noqa: RUF001 - a dash
VOWELS = re.compile(r"[aeiouyéè]+")
# Two vowels that are spoken apart: “idea”, “social” excepted.
APART = re.compile(r"(?<![tcsg])i[aou]|eo|[iu]ou")


@dataclass(frozen=True)
class Hint:
    """Something about the words. ``code`` says what kind, for ``KINDS``."""

    code: str
    message: str


KINDS = {
    "reading_age": "Reading age",
    "sentences": "Long sentences",
    "acronyms": "Letters that are not explained",
}


@dataclass(frozen=True)
class Acronym:
    """Letters as the register has them. ``use`` is one of ``explain known avoid``."""

    short: str
    long: str
    use: str = "explain"


Register = Mapping[str, Acronym]


@dataclass(frozen=True)
class Measures:
    """What was counted of a text. ``reading_age`` is None where it would say nothing."""

    words: int
    reading_age: int | None
    hardest: str = ""
    long_words: Sequence[str] = field(default=())
    is_whole: bool = True


def hints(
    texts: Iterable[str],
    *,
    known: Collection[str] = (),
    register: Register | None = None,
) -> list[Hint]:
    """Return what is worth a second look in ``texts``, a paragraph or label each.

    ``known`` are letters that need no explanation here, such as a forum's name.
    """
    texts = list(texts)
    return [
        *_reading_age(measure(texts)),
        *_sentences(texts),
        *_acronyms(texts, known={*EVERYDAY, *known}, register=register or {}),
    ]


def measure(texts: Iterable[str]) -> Measures:
    """Return the reading age of ``texts``: the Flesch-Kincaid grade and five years.

    Looks at the first ``MOST_WORDS`` words; headings and labels do not count.
    """
    counted: list[_Sentence] = []
    total = 0
    is_whole = True
    for one in _sentences_of(texts):
        if total >= MOST_WORDS:
            is_whole = False
            break
        sentence = _Sentence.of(one)
        # Shorter ones are headings, names and labels.
        if len(sentence.words) >= 4:
            counted.append(sentence)
            total += len(sentence.words)
    if total < FEWEST_WORDS:
        return Measures(words=total, reading_age=None)
    long_words = Counter(
        word.casefold()
        for sentence in counted
        for word in sentence.words
        if syllables(word.casefold()) >= LONG_WORD_SYLLABLES
    )
    hard = [one for one in counted if len(one.words) >= 8] or counted
    return Measures(
        words=total,
        reading_age=round(
            _grade(total, len(counted), sum(one.syllables for one in counted)) + 5
        ),
        hardest=max(hard, key=lambda one: one.grade).text,
        long_words=tuple(word for word, _ in long_words.most_common(NAMED)),
        is_whole=is_whole,
    )


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """Return about how many syllables a word in small letters has, at least one.

    >>> [syllables(word) for word in ("plan", "review", "assessment", "education")]
    [1, 2, 3, 4]
    """
    if len(word) > LONGEST_WORD:
        return 1
    return max(len(_hyphenation().positions(word)) + 1, _by_vowels(word))


def start(text: str) -> str:
    """Return the first words of a text, to find it by."""
    words = text.split()
    return " ".join(words[:6]) + (" …" if len(words) > 6 else "")


@dataclass(frozen=True)
class _Sentence:
    text: str
    words: list[str]
    syllables: int

    @classmethod
    def of(cls, text: str) -> "_Sentence":
        words = WORD.findall(text)
        return cls(text, words, sum(syllables(word.casefold()) for word in words))

    @property
    def grade(self) -> float:
        return _grade(len(self.words), 1, self.syllables)


def _grade(words: int, sentences: int, spoken: int) -> float:
    """The US school grade after Kincaid and others, 1975."""
    return 0.39 * words / sentences + 11.8 * spoken / words - 15.59


@cache
def _hyphenation() -> Pyphen:
    return Pyphen(lang="en_GB")


def _by_vowels(word: str) -> int:
    count = len(VOWELS.findall(word)) + len(APART.findall(word))
    silent = (word.endswith("e") and not word.endswith("le")) or bool(
        # “helped”, “homes”, but not “wanted”, “places”.
        re.search(r"[^aeiouytd]ed$|[^aeiouysxzcgh]es$", word)
    )
    return max(1, count - silent)


def _sentences_of(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from SENTENCE_END.split(text)


def _reading_age(found: Measures) -> Iterator[Hint]:
    if found.reading_age is None or found.reading_age <= OLDEST:
        return
    words = " and ".join(
        filter(None, [", ".join(found.long_words[:-1]), *found.long_words[-1:]])
    )
    age = (
        f"over {GROWN_UP}"
        if found.reading_age > GROWN_UP
        else f"about {found.reading_age}"
    )
    yield Hint(
        "reading_age",
        f"The reading age is {age}. That is a measure, not a "
        f"verdict. {YOUNGEST} to {OLDEST} is easier for most people. Try shorter "
        "sentences"
        + (f", and everyday words for {words}" if words else "")
        + f". The hardest sentence starts “{start(found.hardest)}”."
        + ("" if found.is_whole else " Only the first part of this text was measured."),
    )


def _sentences(texts: Iterable[str]) -> Iterator[Hint]:
    long = [
        one for one in _sentences_of(texts) if len(one.split()) > WORDS_IN_A_SENTENCE
    ]
    if long:
        longest = max(long, key=lambda one: len(one.split()))
        count = f"{len(long)} sentence{'' if len(long) == 1 else 's'}"
        yield Hint(
            "sentences",
            f"{count} of more than {WORDS_IN_A_SENTENCE} words. The longest has "
            f"{len(longest.split())} and starts “{start(longest)}”. Try two shorter "
            "ones.",
        )


def _acronyms(
    texts: Sequence[str], *, known: Collection[str], register: Register
) -> Iterator[Hint]:
    registered: list[str] = []
    strange: list[str] = []
    for short, explained in _first_uses(texts, register).items():
        entry = register.get(short)
        if entry and entry.use == "avoid":
            registered.append(f"Write “{entry.long}” for {short}.")
        elif explained or short in known or (entry and entry.use == "known"):
            continue
        elif entry:
            registered.append(
                f"{short} is used before it is explained: first use should read "
                f"“{entry.long} ({short})”."
            )
        else:
            strange.append(short)
    for message in registered[:ACRONYMS_NAMED]:
        yield Hint("acronyms", message)
    if len(registered) > ACRONYMS_NAMED:
        more = len(registered) - ACRONYMS_NAMED
        are, they = ("is", "it is") if more == 1 else ("are", "they are")
        yield Hint("acronyms", f"{more} more {are} used before {they} explained.")
    if strange:
        are = "is" if len(strange) == 1 else "are"
        yield Hint(
            "acronyms",
            f"{', '.join(strange)} {are} not explained on first use. Write the "
            "words in full, then the letters in brackets.",
        )


def _first_uses(texts: Iterable[str], register: Register) -> dict[str, bool]:
    """Whether the first use of each acronym explains it, in the order of first uses."""
    others = sorted(
        (re.escape(one) for one in register if not ACRONYM.fullmatch(one)),
        key=len,
        reverse=True,
    )
    # Some are not all capitals, as “SpLD”.
    sought = (
        re.compile(rf"{ACRONYM.pattern}|\b(?:{'|'.join(others)})(?=s?\b)")
        if others
        else ACRONYM
    )
    seen: dict[str, bool] = {}
    for text in texts:
        if SHOUTED.search(text):
            continue
        for found in sought.finditer(text):
            rest = text[found.end() :].removeprefix("s")
            in_brackets = text[: found.start()].endswith("(")
            seen.setdefault(found[0], in_brackets or rest.startswith(" ("))
    return seen
