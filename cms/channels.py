"""The channels in which the public meets a text, and what each of them gets of it.

What the partner API serves is the payload that forums sign. Where another channel gets
something else, because somebody agreed to be heard on the site and not in feeds, that
channel has a form of its own. Its fingerprint stands in the payload under ``forms``, so
that one signature covers them all (docs/adr/0015).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.crypto import salted_hmac

from . import canonical, embedding, formats, representation
from .representation import whole

if TYPE_CHECKING:
    from .models.consent import Consent
    from .models.pages import CoProducedPage

API, SITE, FEEDS, EMAIL, PRINT = "api", "site", "feeds", "email", "print"
CHANNELS = (SITE, API, FEEDS, EMAIL, PRINT)
NAMES = {
    SITE: "our own site",
    API: "partners’ sites (API)",
    FEEDS: "feeds",
    EMAIL: "email",
    PRINT: "print",
}
# Those that can have bytes of their own. Print is made of the site's.
OTHERS = (SITE, FEEDS, EMAIL)
LEFT_OUT = {"type": "left_out"}
# Typed facts that are worth reading without the text.
STILL_OF_USE = ("contact", "events", "places", "surveys", "ways_in")
# What a form has beside the text itself.
SEALS = ("channel", "nonce", "forms")

Data = dict[str, Any]
Path = tuple[int, ...]


@dataclass(frozen=True)
class Voice:
    """A voice in a body, with the consent that it stands on.

    ``at_most`` limits the channels further, for what repeats signed words.
    """

    path: Path
    consent: "Consent"
    kind: str
    attribution: str
    at_most: frozenset[str] = frozenset(CHANNELS)

    @property
    def channels(self) -> frozenset[str]:
        """The channels in which it may be heard now."""
        return self.at_most & self.consent.allows(
            kind=self.kind, attribution=self.attribution
        )


@dataclass(frozen=True)
class Draft:
    """Everything an item says, all voices in it, before it is known who gets what.

    Not for the public: ``split`` says what is.
    """

    data: Data
    voices: tuple[Voice, ...] = ()
    # Says the register of formats of what the API serves. The same for every channel.
    formats: Callable[[Data], list[Data]] | None = None

    def with_dissent(self, dissents: Sequence[representation.Dissent]) -> "Draft":
        return replace(self, data=representation.with_dissent(self.data, dissents))

    def with_shared_blocks_as_public(self) -> "Draft":
        """The same with every shared block as the item shows it in public now."""
        return replace(self, data=whole(embedding.as_public(self.data)))

    def with_consents(self, consents: Mapping[int, "Consent"]) -> "Draft":
        """The same, judged by these rows, which the caller has locked."""
        return replace(
            self,
            voices=tuple(
                replace(one, consent=consents[one.consent.pk]) for one in self.voices
            ),
        )

    def limited_to(self, allowed: Mapping[Path, Iterable[str]]) -> "Draft":
        """The same with no voice anywhere but where ``allowed`` has it."""
        return replace(
            self,
            voices=tuple(
                replace(one, at_most=one.at_most & frozenset(allowed.get(one.path, ())))
                for one in self.voices
            ),
        )


@dataclass(frozen=True)
class Forms:
    """What goes out: the API's payload, and the forms that differ from it, by channel."""

    payload: Data
    others: Mapping[str, Data]

    def of(self, channel: str) -> Data:
        """What one channel gets, without seals."""
        return bare(self.others.get(channel, self.payload))


_noted: ContextVar[list[tuple[Data, Voice]] | None] = ContextVar("noted", default=None)


@contextmanager
def noting() -> Iterator[list[tuple[Data, Voice]]]:
    """Collect the voices of everything that says itself in public inside.

    Whoever does so has to ``split`` what they get. Without, a voice is left out.
    """
    noted: list[tuple[Data, Voice]] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(block: Data, voice: Voice) -> Data:
    """Return a block that is a voice, when somebody is noting; a notice otherwise."""
    noted = _noted.get()
    if noted is None:
        return dict(LEFT_OUT)
    noted.append((block, voice))
    return block


def of_page(page: "CoProducedPage") -> Draft:
    """Return everything a page says now, with its voices and where they stand."""
    with noting() as noted:
        data = representation.of_page(page)
    # By identity: two voices may say the same.
    found = {id(block): voice for block, voice in noted}
    return Draft(
        data,
        tuple(
            replace(found[id(block)], path=path)
            for path, block in places(data["body"])
            if id(block) in found
        ),
        partial(formats.of, page),
    )


def places(
    body: Sequence[Mapping[str, Any]], outer: Path = ()
) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield every block of a body with its place, also those inside others."""
    for number, block in enumerate(body):
        path = (*outer, number)
        yield path, block
        yield from places(block.get("body", ()), path)


def split(draft: Draft) -> Forms:
    """Return what each channel gets of a draft as consent stands now."""
    lacking = {
        channel: [one.path for one in draft.voices if channel not in one.channels]
        for channel in CHANNELS
    }
    forms = {API: draft.data}
    if draft.voices:
        forms = {one: without(draft.data, lacking, one) for one in (API, *OTHERS)}
    if draft.formats and (entries := draft.formats(forms[API])):
        forms = {one: {**form, "formats": entries} for one, form in forms.items()}
    return seal(forms)


def without(data: Data, lacking: Mapping[str, Iterable[Path]], channel: str) -> Data:
    """Return a form with a notice in the place of what its channel may not show.

    What only print may not show stays, marked so that a printer leaves it out.
    """
    body = data["body"]
    for path in lacking.get(channel, ()):
        body = _put(body, path, _left_out)
    if channel == SITE:
        for path in lacking.get(PRINT, ()):
            body = _put(body, path, _not_in_print)
    return whole({**data, "body": body})


def seal(forms: Mapping[str, Data]) -> Forms:
    """Bind the forms of all channels into the API's payload by their fingerprints.

    A fingerprint is public. So that nobody finds hidden words by trying, each other
    form has a number in it that only the holder of ``SECRET_KEY`` could compute.
    """
    payload = bare(forms[API])
    others = {
        channel: _sealed(bare(form), channel)
        for channel, form in forms.items()
        if channel != API and bare(form) != payload
    }
    if others:
        payload["forms"] = {
            channel: canonical.fingerprint(canonical.encode(form))
            for channel, form in others.items()
        }
    return Forms(payload, others)


def bare(form: Mapping[str, Any]) -> Data:
    """Return a form without its seals: what readers of its channel get."""
    return {key: value for key, value in form.items() if key not in SEALS}


def fits(payload: Mapping[str, Any], others: Mapping[str, bytes]) -> bool:
    """Whether these are the bytes of the forms whose fingerprints a payload names."""
    named: Data = payload.get("forms", {})
    return named == {
        channel: canonical.fingerprint(form) for channel, form in others.items()
    }


def nothing_left(forms: Iterable[Mapping[str, Any]]) -> bool:
    """Whether no channel says anything any more but headings over notices.

    What families can do is something: a service to ask for, an event, a survey.
    """
    return all(
        "body" in form
        and not any(form.get(key) for key in STILL_OF_USE)
        and all(
            block["type"] in ("left_out", "heading") or "body" in block
            for _, block in places(form["body"])
        )
        for form in forms
    )


def fullest(
    forms: Mapping[str, Mapping[str, Any]], shown: Mapping[Path, Sequence[str]]
) -> Data:
    """Return one text with every voice in it, each saying in which channels it is.

    ``shown`` are the channels of the voice at each place. For people who have to know
    all of what they sign; never for the public.
    """
    data = bare(forms[API])
    for path, having in shown.items():
        source = next((one for one in having if one != PRINT), None)
        if source is None:
            continue
        voice = _in_print(_at(forms[source]["body"], path))
        voice["shown in"] = [NAMES[one] for one in CHANNELS if one in having]
        data["body"] = _put(data["body"], path, partial(_instead, voice))
    return whole(data) if shown else data


def without_print(form: Mapping[str, Any]) -> Data:
    """Return the site's form without its marks for print: what a screen shows."""
    if "body" not in form:
        return bare(form)
    body = list(form["body"])
    for path, block in places(form["body"]):
        if "print" in block:
            body = _put(body, path, _in_print)
    return whole({**bare(form), "body": body})


def _in_print(block: Data) -> Data:
    return {key: value for key, value in block.items() if key != "print"}


def _at(body: Sequence[Data], path: Path) -> Data:
    first, *rest = path
    return _at(body[first]["body"], tuple(rest)) if rest else body[first]


def _put(
    body: Sequence[Data], path: Path, change: Callable[[Data], Data]
) -> list[Data]:
    """Return ``body`` with the block at ``path`` changed. Nothing is changed in place.

    What stands in a block that was taken out is out already.
    """
    first, *rest = path
    changed = list(body)
    block = changed[first]
    if not rest:
        changed[first] = change(block)
    elif block != LEFT_OUT:
        changed[first] = {**block, "body": _put(block["body"], tuple(rest), change)}
    return changed


def _instead(other: Data, block: Data) -> Data:
    return other


def _left_out(block: Data) -> Data:
    return dict(LEFT_OUT)


def _not_in_print(block: Data) -> Data:
    return block if block == LEFT_OUT else {**block, "print": False}


def _sealed(form: Data, channel: str) -> Data:
    form = {**form, "channel": channel}
    words = canonical.encode(form)
    nonce = salted_hmac("countersign.channels", words, algorithm="sha256").hexdigest()
    return {**form, "nonce": nonce}
