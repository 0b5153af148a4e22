"""Whether a voice could be known by its school, condition, age and place together.

A hint, never a gate: each is harmless alone, and four together can name a child in a
small town. The lists are short and will miss things; people know better.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

CLUES = {
    "a school": re.compile(
        r"\b(?:school|academy|college|nursery|sixth form|preschool|pre-school|"
        r"playgroup|unit|headteacher|SENCO)\b",
        re.IGNORECASE,
    ),
    "a condition": re.compile(
        r"\b(?:autis\w+|ADHD|ADD|Down['’]?s? syndrome|cerebral palsy|epilep\w+|"
        r"dyslexi\w+|dyspraxi\w+|DLD|deaf\w*|blind\w*|stammer\w*|stutter\w*|"
        r"Tourette\w*|diabet\w+|wheelchair|hearing aids?|selective mutism|"
        r"anxiety|diagnos\w+)\b",
        re.IGNORECASE,
    ),
    "an age": re.compile(
        r"\b(?:aged? (?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)|"
        r"\d{1,2}[- ]year[- ]olds?|\d{1,2} years old|(?:I['’]m|I am) \d{1,2}|"
        r"year (?:\d{1,2}|one|two|three|four|five|six|seven)|reception class)\b",
        re.IGNORECASE,
    ),
    # Towns of the first two areas, and the words that come before any other place.
    "a place": re.compile(
        r"\b(?:Shrewsbury|Telford|Oswestry|Bridgnorth|Ludlow|Whitchurch|Wem|"
        r"Market Drayton|Newport|Wellington|Madeley|Ironbridge|Dawley|Oakengates|"
        r"Ellesmere|Church Stretton|Shifnal|Albrighton|Broseley|Much Wenlock|"
        r"Craven Arms|Cleobury Mortimer|our village|our street|our estate)\b",
        re.IGNORECASE,
    ),
}


def clues(text: str) -> dict[str, str]:
    """Return which clues a text gives, each with the words that give it.

    >>> clues("Sam, aged 7, goes to school in Wem.")
    {'a school': 'school', 'an age': 'aged 7', 'a place': 'Wem'}
    """
    found = {}
    for name, pattern in CLUES.items():
        if match := pattern.search(text):
            found[name] = match[0]
    return found


def hint(item: Mapping[str, Any], voices: Iterable[Mapping[str, Any]]) -> str:
    """Return a sentence where a voice and its page give all four clues; else nothing.

    At least one has to be in the voice itself: a page about a school in a town, for
    children of an age with a condition, tells of nobody.
    """
    for voice in voices:
        said = " ".join(
            str(voice.get(key) or "")
            for key in ("words", "alt", "film_title", "transcript", "attribution")
        )
        of_voice = clues(said)
        page = " ".join(
            str(item.get(key) or "") for key in ("title", "summary", "audience", "text")
        )
        together = clues(page) | of_voice
        if of_voice and len(together) == len(CLUES):
            words = ", ".join(f"“{one}”" for one in together.values())
            return (
                f"A voice and its page name a school, a condition, an age and a place "
                f"together ({words}). Somebody may know whose voice it is. Could one of "
                "them be left out?"
            )
    return ""
