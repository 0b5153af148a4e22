"""Voices in a text: words, pictures and films of families, on their own consent.

What others say of a service is the publisher's to license; what a child says of its
life is not. So every voice names the consent that it stands on, and is licensed for the
channel in which it is met and for nothing else.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import Truncator
from wagtail import blocks
from wagtail.images.blocks import ImageBlock

from . import channels
from .models.consent import COVERED_BY, Consent
from .models.frozen import freeze_image

KINDS = [
    ("quote", "A few words"),
    ("story", "A story"),
    ("photo", "A photo"),
    ("film", "A film or a recording"),
]
# Not under the publisher's open licence: it covers no personal data.
LICENCE = "permission-this-channel-only"


class ConsentChooserBlock(blocks.ChooserBlock):
    """Offers the consents that the person may use (``cms.views.consent``)."""

    target_model = Consent

    @property
    def widget(self) -> Any:
        from .views.consent import chooser

        return chooser.widget_class()


class VoiceBlock(blocks.StructBlock):
    consent = ConsentChooserBlock(
        help_text="Ask whoever keeps the register. It decides where this is shown.",
    )
    kind = blocks.ChoiceBlock(choices=KINDS, label="What it is")
    words = blocks.TextBlock(
        required=False,
        max_length=5000,
        rows=3,
        help_text="Exactly as they were agreed to.",
    )
    photo = ImageBlock(required=False)
    film = blocks.URLBlock(
        required=False,
        label="Address of the film",
        help_text="With captions. Starting with https://",
    )
    film_title = blocks.CharBlock(
        required=False,
        max_length=120,
        label="Title of the film",
        help_text="What people will see, for example “Sam shows the new ramp”.",
    )
    transcript = blocks.TextBlock(
        required=False,
        max_length=20000,
        rows=3,
        label="The film in words",
        help_text="What is said, and what one has to see to follow it.",
    )

    class Meta:
        icon = "openquote"
        label = "Voice"

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if not self.is_deferred_validation and (errors := dict(_lacking(cleaned))):
            raise blocks.StructBlockValidationError(
                block_errors={
                    name: ValidationError(words) for name, words in errors.items()
                }
            )
        return cleaned

    def public(self, value: Any) -> dict[str, Any]:
        """Return the voice as data, or a notice where nobody knows the channel.

        ``{"type", "kind", "attribution", "licence"}``; attribution is null where
        readers are told no name. Besides: ``words``, the picture as an image block has
        it, or ``film`` with ``film_title`` and ``transcript``.
        """
        consent = value["consent"]
        if consent is None:
            return dict(channels.LEFT_OUT)
        kind, name = value["kind"], consent.public_name
        block: dict[str, Any] = {
            "type": "voice",
            "kind": kind,
            "attribution": name or None,
            "licence": LICENCE,
        }
        if words := value["words"].strip():
            block["words"] = words
        if kind == "photo" and value["photo"]:
            frozen = freeze_image(value["photo"])
            block |= {
                "url": frozen.url,
                "width": frozen.width,
                "height": frozen.height,
                "sha256": frozen.sha256,
                "alt": getattr(value["photo"], "contextual_alt_text", None) or "",
            }
        if kind == "film":
            block |= {
                "film": value["film"],
                "film_title": value["film_title"].strip(),
                "transcript": value["transcript"].strip(),
            }
        return channels.note(block, channels.Voice((), consent, kind, name))


def beginning(block: Mapping[str, Any]) -> str:
    """The first words of a voice as data, so that people know which one is meant."""
    words = block.get("words") or block.get("film_title") or block.get("alt") or ""
    return Truncator(words).words(12)


def _lacking(value: Any) -> Iterator[tuple[str, str]]:
    kind, consent = value["kind"], value["consent"]
    if consent and consent.kind not in COVERED_BY.get(kind, ()):
        covers = consent.get_kind_display()
        yield "consent", f"This consent is for {covers}. Choose another one."
    if kind in ("quote", "story") and not value["words"].strip():
        yield "words", "Write the words."
    if kind == "photo":
        if not value["photo"]:
            yield "photo", "Choose the photo."
        elif not getattr(value["photo"], "contextual_alt_text", None):
            yield "photo", "Say in words what the photo shows, without names."
    if kind == "film":
        for name, words in (
            ("film", "Give the address of the film."),
            ("film_title", "Give the film a title."),
            ("transcript", "Write what is said and shown, for those who cannot."),
        ):
            if not value[name].strip():
                yield name, words


def errors_in(
    body: Any,
    *,
    may_choose: Any,
    kept: Collection[int],
    submitting: bool,
) -> ValidationError | None:
    """Say beside each voice of a body what is wrong with its consent, or None.

    ``may_choose`` are the consents that the writer may use, besides those ``kept``
    from before. To be submitted, a voice needs live consent for a channel at least.
    """
    errors = {
        number: error
        for number, child in enumerate(body)
        if isinstance(child.block, VoiceBlock)
        and (error := _error(child.value, may_choose, kept, submitting=submitting))
    }
    if not errors:
        return None
    found: ValidationError = blocks.StreamBlockValidationError(
        block_errors={
            number: blocks.StructBlockValidationError(
                block_errors={"consent": ValidationError(words)}
            )
            for number, words in errors.items()
        }
    )
    return found


def _error(
    value: Any, may_choose: Any, kept: Collection[int], *, submitting: bool
) -> str:
    consent = value["consent"]
    if consent is None:
        return ""
    if consent.pk not in kept and not may_choose.filter(pk=consent.pk).exists():
        return "You may not use this consent. Choose another one."
    if submitting and not consent.allows(kind=value["kind"]):
        return (
            f"There is no live consent for this: it is {consent.status}. Take the voice "
            "out, or ask whoever keeps the register."
        )
    return ""
