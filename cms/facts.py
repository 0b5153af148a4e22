"""Typed facts in words: under headings, in the order in which a parent asks.

Works on what is (or will be) in a proof, as ``cms.rendering`` does, so that whoever
shows only ``html`` or only ``text`` shows them too, and so that a forum reads of a
changed fact what families will read of it.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from . import passages

Payload: TypeAlias = Mapping[str, Any]

SCHEMES = {
    "need": "Areas of need",
    "stage": "Stage",
    "tier": "Tier of support",
    "outcome": "Helps with adult life",
    "statutory": "What the law asks the Local Offer to tell",
}
DAYS = {
    "MO": "Mondays",
    "TU": "Tuesdays",
    "WE": "Wednesdays",
    "TH": "Thursdays",
    "FR": "Fridays",
    "SA": "Saturdays",
    "SU": "Sundays",
}
COSTS = {
    "free": "Free for families.",
    "paid": "There is a charge.",
    "varies": "Some of it costs something.",
}
WAYS_IN = {
    "open": "Nobody has to ask: you can just come or ring.",
    "self": "You can ask yourself.",
    "school": "School, college or nursery can ask.",
    "professional": "A professional can ask, such as a GP or a health visitor.",
    "plan": "Through an education, health and care plan.",
}
MOMENT = "l j F Y, H:i"
DESCRIBES = {
    "service": "A service that families can use",
    "information": "Information",
}


@dataclass(frozen=True)
class Line:
    """Some words, and where they lead if they lead anywhere."""

    words: str
    href: str = ""

    @property
    def text(self) -> str:
        shown = self.href.removeprefix("tel:").removeprefix("mailto:")
        plain = self.words.replace(" ", "")
        return f"{self.words} ({shown})" if shown not in ("", plain) else self.words


@dataclass(frozen=True)
class Fact:
    """What one thing is called, and what is said of it."""

    name: str
    lines: tuple[Line, ...]
    # Sentences, rather than a list of short things.
    is_prose: bool = False
    # Steps, one after the other.
    is_ordered: bool = False


@dataclass(frozen=True)
class Section:
    """Facts that answer one question."""

    heading: str
    facts: tuple[Fact, ...]


def sections(data: Payload) -> list[Section]:
    """Return the facts of a representation under the question that each answers.

    Empty for what has no typed facts, as a newsletter issue.
    """
    questions = QUESTIONS.get(data.get("kind", ""), [])
    found = [
        Section(heading, tuple(fact for tell in tells for fact in tell(data)))
        for heading, tells in questions
    ]
    return [section for section in found if section.facts]


def html(data: Payload) -> str:
    """Return all facts as HTML; the caller sanitises it with the rest."""
    return "\n".join(_section_html(section) for section in sections(data))


def text(data: Payload) -> str:
    """Return all facts as plain text."""
    return "\n\n".join(
        "\n\n".join([section.heading.upper(), *map(_fact_text, section.facts)])
        for section in sections(data)
    )


def say(key: str) -> Callable[[Any], str]:
    """Return how to say what stands under ``key``, with nothing left out.

    A value of another shape than this module knows is said as it is.
    """
    tell = TELLS[key]

    def words(value: Any) -> str:
        if not _is_known(key, value):
            return passages.say(value)
        try:
            return "\n".join(map(_fact_text, tell({key: value})))
        except (AttributeError, KeyError, TypeError, ValueError):
            return passages.say(value)

    return words


def _section_html(section: Section) -> str:
    facts = map(_fact_html, section.facts)
    return "\n".join([format_html("<h2>{}</h2>", section.heading), *facts])


def _fact_html(fact: Fact) -> str:
    lines = [_line_html(line) for line in fact.lines]
    if not fact.name:
        return "\n".join(format_html("<p>{}</p>", line) for line in lines)
    if len(lines) == 1 and not fact.is_prose:
        return format_html("<p><strong>{}:</strong> {}</p>", fact.name, lines[0])
    heading = format_html("<h3>{}</h3>", fact.name)
    if fact.is_prose:
        body = format_html_join("\n", "<p>{}</p>", ((line,) for line in lines))
    else:
        points = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
        form = "<ol>{}</ol>" if fact.is_ordered else "<ul>{}</ul>"
        body = format_html(form, points)
    return f"{heading}\n{body}"


def _line_html(line: Line) -> SafeString:
    if line.href:
        return format_html('<a href="{}">{}</a>', line.href, line.words)
    return format_html("{}", line.words)


def _fact_text(fact: Fact) -> str:
    lines = [line.text for line in fact.lines]
    if not fact.name:
        return "\n\n".join(lines)
    if len(lines) == 1 and not fact.is_prose:
        return f"{fact.name}: {lines[0]}"
    if fact.is_prose:
        return "\n".join([f"{fact.name}:", *lines])
    marks = (f"{place}." if fact.is_ordered else "-" for place in range(1, 1000))
    points = (f"{mark} {line}" for mark, line in zip(marks, lines, strict=False))
    return "\n".join([f"{fact.name}:", *points])


def _lines(words: str) -> tuple[Line, ...]:
    return tuple(Line(line.strip()) for line in words.splitlines() if line.strip())


def _prose(key: str, name: str) -> "Tell":
    def tell(data: Payload) -> Iterator[Fact]:
        if data.get(key):
            yield Fact(name, _lines(data[key]), is_prose=True)

    return tell


def _row(key: str, name: str, words: Callable[[Any], str]) -> "Tell":
    def tell(data: Payload) -> Iterator[Fact]:
        if data.get(key):
            yield Fact(name, (Line(words(data[key])),))

    return tell


def _names(terms: Iterable[Mapping[str, str]]) -> str:
    return ", ".join(term["name"] for term in terms)


def _audience(data: Payload) -> Iterator[Fact]:
    if data.get("audience"):
        yield Fact("", _lines(data["audience"]))


def _ages(data: Payload) -> Iterator[Fact]:
    if data.get("age_to") is not None and data.get("age_from") is not None:
        yield Fact("Ages", (Line(f"{data['age_from']} to {data['age_to']}"),))


def _terms(*schemes: str) -> "Tell":
    def tell(data: Payload) -> Iterator[Fact]:
        for scheme in schemes:
            found = [one for one in data.get("terms", ()) if one["scheme"] == scheme]
            if found:
                yield Fact(SCHEMES[scheme], tuple(map(_term, found)))

    return tell


def _term(term: Mapping[str, str]) -> Line:
    coded = f"{term['name']} ({term['code']})"
    return Line(coded if term["scheme"] == "statutory" else term["name"])


def _every_term(data: Payload) -> Iterator[Fact]:
    """Terms with everything that programs get of them, for a forum to compare."""
    for term in data["terms"]:
        line = f"{term['name']} ({term['code']})"
        at = f", {term['term_uri']}" if term.get("term_uri") else ""
        yield Fact(SCHEMES.get(term["scheme"], term["scheme"]), (Line(line + at),))


def _places(data: Payload) -> Iterator[Fact]:
    for place in data.get("places", ()):
        yield Fact(place.get("name") or "Place", tuple(_place(place)))


def _place(place: Mapping[str, Any]) -> Iterator[Line]:
    if place.get("withheld"):
        where = f"In {place['area']}. " if place.get("area") else ""
        yield Line(f"{where}The address is not published.")
        return
    address = [place.get(name) for name in ("street", "town", "county", "postcode")]
    if any(address):
        yield Line(", ".join(filter(None, address)))
    if "latitude" in place:
        at = f"{place['latitude']}, {place['longitude']}"
        query = f"mlat={place['latitude']}&mlon={place['longitude']}#map=17"
        where = f"{place['latitude']}/{place['longitude']}"
        yield Line(f"Map point {at}", f"https://www.openstreetmap.org/?{query}/{where}")
    if place.get("access"):
        yield Line(f"Getting in and around: {_one_line(place['access'])}")


def _hours(data: Payload) -> Iterator[Fact]:
    if data.get("hours"):
        yield Fact("Opening times", tuple(map(_time, data["hours"])))


def _time(entry: Mapping[str, Any]) -> Line:
    if entry["type"] == "weekly":
        when = _listed([DAYS[day] for day in entry["days"]])
    else:
        ends = [_date(entry[name]) for name in ("first", "last") if name in entry]
        when = " to ".join(dict.fromkeys(ends))
    clock = [entry[name] for name in ("opens", "closes") if name in entry]
    times = " to ".join(clock)
    if entry.get("closed"):
        times = "closed"
    return Line(": ".join(filter(None, [when, _noted(times, entry.get("note", ""))])))


def _noted(words: str, note: str) -> str:
    return f"{words} ({note})" if words and note else words or note


def _languages(data: Payload) -> Iterator[Fact]:
    if data.get("languages"):
        yield Fact("Languages", (Line(", ".join(data["languages"])),))


def _cost(data: Payload) -> Iterator[Fact]:
    cost = data.get("cost", {})
    lines = [
        *([Line(COSTS[cost["kind"]])] if "kind" in cost else []),
        *_lines(cost.get("details", "")),
    ]
    if lines:
        yield Fact("", tuple(lines))
    if cost.get("help"):
        yield Fact("Help with the cost", _lines(cost["help"]), is_prose=True)


def _ways_in(data: Payload) -> Iterator[Fact]:
    for way in data.get("ways_in", ()):
        steps = _lines(way.get("how", ""))
        name = WAYS_IN.get(way["by"], way["by"])
        if steps:
            yield Fact(name.removesuffix("."), steps, is_ordered=len(steps) > 1)
        elif name:
            yield Fact("", (Line(name),))


def _waiting(data: Payload) -> Iterator[Fact]:
    waiting = data.get("waiting")
    if waiting:
        as_at = f" (as at {_date(waiting['as_at'])})" if "as_at" in waiting else ""
        yield Fact("Waiting time", (Line(waiting.get("time", "") + as_at),))


def _provider(data: Payload) -> Iterator[Fact]:
    provider = data.get("provider")
    if provider:
        name = provider.get("name") or provider["website"]
        yield Fact("Provided by", (Line(name, provider.get("website", "")),))


def _contact(data: Payload) -> Iterator[Fact]:
    contact = data.get("contact")
    if not contact:
        return
    lines = []
    if phone := contact.get("phone"):
        lines.append(Line(phone, f"tel:{phone.replace(' ', '')}"))
    if email := contact.get("email"):
        lines.append(Line(email, f"mailto:{email}"))
    if website := contact.get("website"):
        lines.append(Line(website, website))
    if hours := contact.get("hours"):
        lines.append(Line(hours))
    if team := contact.get("team"):
        yield Fact(team, tuple(lines) or (Line(team),))
    else:
        yield Fact("Contact", tuple(lines))


def _events(data: Payload) -> Iterator[Fact]:
    for event in data.get("events", ()):
        yield Fact(event.get("name") or "Event", tuple(_event(event)))


def _event(event: Mapping[str, Any]) -> Iterator[Line]:
    times = [_local(event[name]) for name in ("starts", "ends") if name in event]
    if times:
        days = {time.date() for time in times}
        said = [formats.date_format(times[0], MOMENT)] + [
            formats.date_format(time, "H:i" if len(days) == 1 else MOMENT)
            for time in times[1:]
        ]
        yield Line(" to ".join(said))
    place = event.get("place", {})
    if place.get("name"):
        yield Line(place["name"])
    yield from _place(place)
    if "online" in event:
        yield Line("Take part online", event["online"])
    if "access" in event:
        yield Line(_one_line(event["access"]))


def _surveys(data: Payload) -> Iterator[Fact]:
    for survey in data.get("surveys", ()):
        last = _date(survey["closes"]) if "closes" in survey else ""
        lines = []
        if "url" in survey:
            lines.append(Line("Answer the survey", survey["url"]))
        if last:
            closed = survey.get("closed")
            said = f"This survey closed on {last}." if closed else f"Open until {last}."
            lines.append(Line(said))
        yield Fact(survey.get("name") or "Survey", tuple(lines))


def _reports_on(data: Payload) -> Iterator[Fact]:
    for item in data.get("reports_on", ()):
        yield Fact("", (Line(item["title"], item["url"]),))


def _date(value: str) -> str:
    return formats.date_format(dt.date.fromisoformat(value), "j F Y")


def _local(value: str) -> dt.datetime:
    return timezone.localtime(dt.datetime.fromisoformat(value))


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _listed(words: Sequence[str]) -> str:
    """
    >>> _listed(["Mondays", "Tuesdays", "Fridays"])
    'Mondays, Tuesdays and Fridays'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


Tell: TypeAlias = Callable[[Payload], Iterator[Fact]]
# For each kind the questions of a parent, in order. The text itself says what it is.
QUESTIONS: dict[str, list[tuple[str, list[Tell]]]] = {
    "local-offer": [
        (
            "Who it is for",
            [
                _audience,
                _ages,
                _row("areas", "Area", _names),
                _terms("need", "stage", "tier", "outcome"),
                _prose("eligibility", "Who can have it"),
            ],
        ),
        (
            "Where and when",
            [
                _places,
                _hours,
                _languages,
                _prose("communication", "Help to understand and to be understood"),
            ],
        ),
        ("What it costs", [_cost]),
        (
            "How to get it, and what happens next",
            [_ways_in, _prose("what_next", "What happens next"), _waiting],
        ),
        (
            "Who decides, and what if you disagree",
            [
                _prose("decisions", "How decisions are made"),
                _prose("complaints", "If you disagree or want to complain"),
            ],
        ),
        ("Whom to contact", [_provider, _contact]),
        (
            "About this page",
            [_row("law_as_at", "Law as at", _date), _terms("statutory")],
        ),
    ],
    "news": [
        ("When and where", [_events]),
        ("Tell us what you think", [_surveys]),
        ("What this is about", [_reports_on]),
        ("About this news", [_row("expires_on", "Shown until", _date)]),
    ],
}


def _described(data: Payload) -> Iterator[Fact]:
    yield Fact("", (Line(DESCRIBES[data["describes"]]),))


def _place_in_full(data: Payload) -> Iterator[Fact]:
    for place in data["places"]:
        if place.get("withheld") and place.keys() != {"withheld", "area"}:
            raise ValueError("more of a place than its area")
        yield from _places({"places": [place]})


def _reports_in_full(data: Payload) -> Iterator[Fact]:
    for item in data["reports_on"]:
        if item["content_id"] not in item["url"]:
            raise ValueError("the address of another item")
        yield from _reports_on({"reports_on": [item]})


# How each key is told when it is compared: everything that programs get of it too.
TELLS: dict[str, Tell] = {
    "describes": _described,
    "terms": _every_term,
    "eligibility": _prose("eligibility", ""),
    "places": _place_in_full,
    "hours": _hours,
    "languages": _languages,
    "communication": _prose("communication", ""),
    "cost": _cost,
    "ways_in": _ways_in,
    "what_next": _prose("what_next", ""),
    "waiting": _waiting,
    "decisions": _prose("decisions", ""),
    "complaints": _prose("complaints", ""),
    "provider": _provider,
    "contact": _contact,
    "law_as_at": _row("law_as_at", "", _date),
    "events": _events,
    "surveys": _surveys,
    "reports_on": _reports_in_full,
    "expires_on": _row("expires_on", "", _date),
}
# What a reader calls each, in the order of the questions.
LABELS = {
    "describes": "What this page describes",
    "terms": "Need, stage and the law",
    "eligibility": "Who can have it",
    "places": "Places",
    "hours": "Opening times",
    "languages": "Languages",
    "communication": "Help to understand and to be understood",
    "cost": "What it costs",
    "ways_in": "How to get it",
    "what_next": "What happens next",
    "waiting": "Waiting time",
    "decisions": "How decisions are made",
    "complaints": "If you disagree or want to complain",
    "provider": "Provided by",
    "contact": "Whom to contact",
    "law_as_at": "Law as at",
    "events": "When and where",
    "surveys": "Surveys",
    "reports_on": "What this is about",
    "expires_on": "Shown until",
}
# Keys of the representation that the sections above put into ``html`` and ``text``.
TOLD_IN_TEXT = (*LABELS, "audience", "age_from", "age_to", "areas")
PLACE = {
    "name", "street", "town", "county", "postcode", "latitude", "longitude", "access",
    "withheld", "area",
}  # fmt: skip
# The keys that the sentences above know of each fact. Any other is said as it is.
KNOWN: dict[str, set[str]] = {
    "terms": {"scheme", "code", "name", "term_uri"},
    "places": PLACE,
    "hours": {"type", "days", "first", "last", "opens", "closes", "closed", "note"},
    "cost": {"kind", "details", "help"},
    "ways_in": {"by", "how"},
    "waiting": {"time", "as_at"},
    "provider": {"name", "website"},
    "contact": {"team", "phone", "email", "hours", "website"},
    "events": {"name", "starts", "ends", "place", "online", "access"},
    "surveys": {"name", "url", "closes", "closed"},
    "reports_on": {"content_id", "title", "url"},
}


def _is_known(key: str, value: Any) -> bool:
    parts = value if isinstance(value, list | tuple) else [value]
    known = KNOWN.get(key, set())
    return all(
        not isinstance(part, Mapping)
        or (part.keys() <= known and _is_known("places", part.get("place", [])))
        for part in parts
    )
