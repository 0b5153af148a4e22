"""Pieces of content that are written and signed once and stand in many texts."""

import json
from collections.abc import Iterator
from typing import Any

from csp.decorators import csp_replace
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.cache import patch_cache_control
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel
from wagtail.blocks import StreamBlockValidationError
from wagtail.fields import StreamField

from cms import channels, embedding, missing, representation, submission
from cms.blocks import BodyBlock
from cms.uses_panel import UsesPanel

from .items import CoProducedSnippet
from .vocabulary import Area

IN_ITSELF = "A shared block cannot hold itself. Take this one out."
HOLDS_ANOTHER = (
    "This shared block holds another one, so it cannot stand inside a shared block. "
    "Choose one that holds none, or write the words here."
)
STANDS_IN_ANOTHER = (
    "The block you are writing stands in another shared block already, so it can hold "
    "none itself. Take this one out."
)


class SharedBlockForm(WagtailAdminModelForm):
    """Says, beside the field, what cannot stand where, and why nobody could sign."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing.say_what_to_do(self)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        areas = cleaned.get("areas") or ()
        if not self.is_deferred_validation and (why := submission.unsigned(areas)):
            self.add_error("areas", why)
        # In a draft as well: once two blocks hold each other, neither can be mended.
        if cleaned.get("body") and (wrong := self._misplaced(cleaned["body"])):
            self.add_error("body", StreamBlockValidationError(block_errors=wrong))
        return cleaned

    def _misplaced(self, body: Any) -> dict[int, ValidationError]:
        chosen = {
            at: child.value
            for at, child in enumerate(body)
            if child.block_type == embedding.TYPE and child.value
        }
        found = {
            at: ValidationError(embedding.VOICE_INSIDE)
            for at, child in enumerate(body)
            if child.block_type == embedding.VOICE
        }
        if not chosen:
            return found
        held = held_by()
        stands_in_another = any(self.instance.pk in inner for inner in held.values())
        for at, block in chosen.items():
            if block.pk == self.instance.pk:
                found[at] = ValidationError(IN_ITSELF)
            elif held.get(block.pk):
                found[at] = ValidationError(HOLDS_ANOTHER)
            elif stands_in_another:
                found[at] = ValidationError(STANDS_IN_ANOTHER)
        return found


class SharedBlock(CoProducedSnippet, ClusterableModel):
    """An item that stands in others: they show what is public of it, and follow it.

    What is public of it is a release like any other, with its own signatures.
    """

    base_form_class = SharedBlockForm

    kind = embedding.KIND

    title = models.CharField(
        max_length=150,
        help_text="What it is called in lists. Texts that hold it show only the words below.",
    )
    areas = ParentalManyToManyField(
        Area,
        help_text=(
            "Whose forums sign it. A page follows a change by itself when the forums "
            "it needs are among them."
        ),
    )
    body = StreamField(
        BodyBlock(),
        help_text="What each text that holds this shows in its place.",
    )

    panels = [
        UsesPanel(heading="Where this stands"),
        FieldPanel("title"),
        FieldPanel(
            "areas", widget=forms.CheckboxSelectMultiple, required_on_save=False
        ),
        FieldPanel("body"),
        FieldPanel("release_at"),
        *CoProducedSnippet.co_production_panels,
    ]

    class Meta:
        verbose_name = "shared block"
        ordering = ["title", "pk"]

    def __str__(self) -> str:
        return self.title

    def topics_covered(self) -> set[int]:
        """None: each text that it stands in says what that text is about."""
        return set()

    def representation(self) -> dict[str, Any]:
        return representation.of_shared_block(self)

    def draft(self) -> channels.Draft:
        """The same. A voice in it, which no form lets in, is seen and refused."""
        with channels.noting():
            return channels.Draft(self.representation())

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The block as forums will read it, inside the editor's preview panel."""
        item = self.representation()

        @csp_replace({"frame-ancestors": ["'self'"]})
        def show(request: HttpRequest) -> HttpResponse:
            return TemplateResponse(request, "cms/preview.html", {"item": item})

        response: HttpResponse = show(request)  # type: ignore[assignment]
        patch_cache_control(response, no_store=True, private=True)
        return response


def held_by() -> dict[int, set[int]]:
    """Which shared blocks each shared block holds, in its draft or as it stands.

    By primary key, those that hold none left out. One query.
    """
    found: dict[int, set[int]] = {}
    for block in SharedBlock.objects.select_related("latest_revision"):
        bodies = [block.body.raw_data]
        if block.latest_revision:
            drafted = block.latest_revision.content["body"]
            bodies.append(
                block.body.stream_block.to_python(json.loads(drafted)).raw_data
            )
        if inner := {pk for body in bodies for pk in _chosen_in(body)}:
            found[block.pk] = inner
    return found


def _chosen_in(raw_data: Any) -> Iterator[int]:
    for child in raw_data:
        if child["type"] == embedding.TYPE and child["value"]:
            yield int(child["value"])
