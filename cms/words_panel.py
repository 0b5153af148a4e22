"""What a program noticed about the words, on the screen on which they are written."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.panels import Panel


class WordsPanel(Panel):
    """Hints about the draft on the screen. Stops nothing, and holds no field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"heading": "Words check", **kwargs})

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/words_panel.html"

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            # Items name this panel, and the hints are about items.
            from . import wordings

            return {
                **super().get_context_data(parent_context),
                "item": self.instance,
                "hints": wordings.of_draft(self.instance) if self.instance.pk else [],
            }
