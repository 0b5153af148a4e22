"""What the editor of a page shows of the voices in it."""

from collections.abc import Collection
from typing import Any

from django.utils.functional import cached_property
from wagtail.admin.panels import Panel

from . import channels, identifiability
from .models import frozen
from .voices import beginning


def _names(heard: Collection[str]) -> list[str]:
    return [channels.NAMES[one] for one in channels.CHANNELS if one in heard]


class VoicesPanel(Panel):
    """Beside a text with voices: where each is shown, and what could tell who it is.

    As the draft was saved last. Says nothing of who consented.
    """

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/voices_panel.html"

        @cached_property
        def draft(self) -> channels.Draft:
            with frozen.looking():
                return channels.of_page(self.instance)

        def is_shown(self) -> bool:
            return bool(self.instance.pk and self.draft.voices)

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            blocks = dict(channels.places(self.draft.data["body"]))
            voices = [
                {
                    "name": one.attribution or "No name",
                    "begins": beginning(blocks[one.path]),
                    "status": one.consent.status,
                    "shown": _names(one.channels),
                    "not_shown": _names(set(channels.CHANNELS) - one.channels),
                }
                for one in self.draft.voices
            ]
            hint = identifiability.hint(
                self.draft.data, [blocks[one.path] for one in self.draft.voices]
            )
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"voices": voices, "hint": hint}
