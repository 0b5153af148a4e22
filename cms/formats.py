"""The register of formats: Easy Read, BSL, large print, audio, translations.

What it holds is signed with the text. Whether a format is older than the text is no
claim of anybody's: it follows from comparing the text that the format was made for with
the text that is public (docs/adr/0016).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils import timezone
from wagtail import blocks

from . import canonical
from .models.proofs import Proof

if TYPE_CHECKING:
    from .models.items import CoProducedMixin

AVAILABLE, BEING_MADE, ON_REQUEST = "available", "being_made", "on_request"
TRANSLATION, PLAIN_TEXT = "translation", "plain_text"
NAMES = {
    "easy_read": "Easy Read",
    "bsl": "British Sign Language video",
    "large_print": "Large print",
    "audio": "Audio",
    TRANSLATION: "Translation",
    # Every text has it by itself, so nobody can choose it.
    PLAIN_TEXT: "Plain text",
}
STATES = [
    (AVAILABLE, "available now"),
    (BEING_MADE, "being made"),
    (ON_REQUEST, "made on request"),
]
# BCP 47, by the English name. Another language is one more line.
LANGUAGES = {
    "sq": "Albanian",
    "am": "Amharic",
    "ar": "Arabic",
    "bn": "Bengali",
    "bg": "Bulgarian",
    "yue": "Cantonese",
    "zh": "Chinese",
    "prs": "Dari",
    "fr": "French",
    "de": "German",
    "gu": "Gujarati",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ku": "Kurdish",
    "lv": "Latvian",
    "lt": "Lithuanian",
    "ml": "Malayalam",
    "ne": "Nepali",
    "ps": "Pashto",
    "fa": "Persian",
    "pl": "Polish",
    "pt": "Portuguese",
    "pa": "Punjabi",
    "rom": "Romani",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "so": "Somali",
    "es": "Spanish",
    "sw": "Swahili",
    "ta": "Tamil",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "cy": "Welsh",
}
# What a copy in another format does not repeat, and what follows from the rest.
ASIDE = frozenset(
    {
        "schema", "formats", "forms", "topics", "review_by", "release_at",
        "co_production", "dissent", "html", "text",
    }
)  # fmt: skip


class FormatBlock(blocks.StructBlock):
    """One format of a text: whether there is one, where, and of which version."""

    format = blocks.ChoiceBlock(
        choices=[(key, name) for key, name in NAMES.items() if key != PLAIN_TEXT]
    )
    language = blocks.ChoiceBlock(
        choices=list(LANGUAGES.items()),
        required=False,
        help_text="Only for a translation.",
    )
    state = blocks.ChoiceBlock(choices=STATES, default=AVAILABLE)
    url = blocks.URLBlock(
        required=False,
        label="Where it is",
        help_text="Needed when it is available: the full address, starting with "
        "https://",
    )
    checked_on = blocks.DateBlock(
        required=False,
        label="Compared with the text on",
        help_text="Needed when it is available: the day on which somebody made sure "
        "that it says what this text says. Change it only when somebody has done so "
        "again: it then counts as made for the text that you send for sign-off next.",
    )
    version = blocks.IntegerBlock(
        required=False,
        min_value=1,
        label="Made for an earlier version",
        help_text="Leave empty when it was made for the text as it is now. Otherwise "
        "the number of the version that it was made for: the public page shows it.",
    )
    days = blocks.IntegerBlock(
        required=False,
        min_value=1,
        max_value=365,
        label="Days until people get it",
        help_text="Needed when it is made on request.",
    )

    class Meta:
        icon = "view"
        label = "Format"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if self.is_deferred_validation:
            return cleaned
        errors = dict(_missing(cleaned))
        if errors:
            raise blocks.StructBlockValidationError(
                block_errors={
                    name: ValidationError(words) for name, words in errors.items()
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        """Return ``format`` and ``state``, and of the rest what belongs to them."""
        data: dict[str, Any] = {"format": value["format"], "state": value["state"]}
        # A draft may lack any of it, and is previewed all the same.
        if value["format"] == TRANSLATION:
            data["language"] = value["language"] or ""
        if value["state"] == AVAILABLE:
            data["url"] = value["url"] or ""
            if value["checked_on"]:
                data["checked_on"] = value["checked_on"].isoformat()
            if value["version"]:
                data["version"] = value["version"]
        if value["state"] == ON_REQUEST:
            data["days"] = value["days"]
        return data


class FormatsBlock(blocks.StreamBlock):
    """Every format of a text."""

    format = FormatBlock()

    def public(self, value: Any) -> list[dict[str, Any]]:
        return [child.block.public(child.value) for child in value]


def _missing(value: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    if value["format"] == TRANSLATION and not value["language"]:
        yield "language", "Choose the language of the translation."
    if value["state"] == AVAILABLE:
        if not value["url"]:
            yield "url", "Give the address where people find it."
        elif urlsplit(value["url"]).scheme != "https":
            yield "url", "Give an address that starts with https://"
        if not value["checked_on"]:
            yield (
                "checked_on",
                "Give the day on which somebody compared it with the text.",
            )
        elif value["checked_on"] > timezone.localdate():
            yield (
                "checked_on",
                "This day has not come yet. Give today or an earlier day.",
            )
    if value["state"] == ON_REQUEST and not value["days"]:
        yield "days", "Say within how many days people get it."


def text_fingerprint(representation: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the text alone, which a copy in another format repeats.

    The register itself, dates of review and release, and how the text was made are
    left out: adding a format makes no other format older.
    """
    text = {key: value for key, value in representation.items() if key not in ASIDE}
    return canonical.fingerprint(canonical.encode(_without_addresses(text)))


def of(item: "CoProducedMixin", data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the formats of an item whose text is what ``data`` says, if it has any.

    Each that is available says what it was made for: ``made_for`` is the fingerprint
    of a text. That of a format which was signed before stays as it was signed, until
    its address or the day on which it was compared changes.

    ``data`` is what the API serves. A fingerprint of more would tell of hidden words.
    """
    entries: list[dict[str, Any]] = item.formats.stream_block.public(item.formats)
    if not entries:
        return []
    text = text_fingerprint(data)
    signed = _signed_before(item) if any(map(_says_for_which, entries)) else {}
    for entry in entries:
        if _says_for_which(entry):
            entry["made_for"] = signed.get(_identity(entry), text)
    return entries


def with_formats(item: "CoProducedMixin", data: dict[str, Any]) -> dict[str, Any]:
    """Return a representation that is the same in every channel with its formats."""
    entries = of(item, data)
    return {**data, "formats": entries} if entries else data


def register(
    representation: Mapping[str, Any], versions: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Return the formats as readers get them, with ``name`` and, if available, ``older``.

    ``versions`` has the fingerprint of the text of every version. A format for a
    version that nobody knows is older: it was not compared with what is public.
    """
    text = text_fingerprint(representation)
    found: list[dict[str, Any]] = []
    for entry in representation.get("formats", ()):
        shown = {"name": name(entry)} | {
            key: value for key, value in entry.items() if key != "made_for"
        }
        if entry["state"] == AVAILABLE:
            made_for = entry.get("made_for") or versions.get(entry["version"])
            known = [number for number, one in versions.items() if one == made_for]
            if known and "version" not in entry:
                shown["version"] = min(known)
            shown["older"] = made_for != text
        found.append(shown)
    return found


def name(entry: Mapping[str, Any]) -> str:
    """Return what readers call a format: “Easy Read”, or the language.

    >>> name({"format": "translation", "language": "pl"})
    'Polish translation'
    """
    if entry["format"] == TRANSLATION:
        return f"{LANGUAGES.get(entry['language'], entry['language'])} translation"
    return NAMES.get(entry["format"], str(entry["format"]))


def lines(entries: Iterable[Mapping[str, Any]]) -> str:
    """Say the signed register in words, a format to a line."""
    return "\n".join(_line(entry) for entry in entries)


def _line(entry: Mapping[str, Any]) -> str:
    match entry["state"]:
        case "available":
            version = entry.get("version")
            for_which = f", made for version {version}" if version else ""
            compared = entry.get("checked_on", "no day yet")
            return f"{name(entry)}: {entry['url']}, compared on {compared}{for_which}"
        case "on_request":
            return f"{name(entry)}: made on request, within {entry['days']} days"
        case _:
            return f"{name(entry)}: being made"


def _says_for_which(entry: Mapping[str, Any]) -> bool:
    """Whether it was made for the text with which it was first signed."""
    return entry["state"] == AVAILABLE and "version" not in entry


def _identity(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(entry.get(key) for key in ("format", "language", "url", "checked_on"))


def _signed_before(item: "CoProducedMixin") -> dict[tuple[Any, ...], str]:
    """What each format was made for, as the forums signed it last."""
    newest = Proof.objects.filter(
        content_id=item.content_id,
        outcome__in=[Proof.Outcome.SIGNED, Proof.Outcome.WITHDRAWN],
    ).first()
    entries = newest.representation.get("formats", []) if newest else []
    return {
        _identity(entry): entry["made_for"] for entry in entries if "made_for" in entry
    }


def _without_addresses(value: Any) -> Any:
    """Leave out where a frozen picture is kept: its own fingerprint tells which it is."""
    if isinstance(value, dict):
        gone = {"url"} if "sha256" in value else set()
        return {
            key: _without_addresses(one)
            for key, one in value.items()
            if key not in gone
        }
    if isinstance(value, list):
        return [_without_addresses(one) for one in value]
    return value
