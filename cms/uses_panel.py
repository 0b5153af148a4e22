"""Where a shared block stands, shown to whoever is about to edit it."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.panels import Panel


class UsesPanel(Panel):
    """“Used in 12 pages”, with links, at the top of the form of a shared block."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/shared/uses_panel.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.pk)

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            # Not above: the models import this module.
            from . import uses

            context: dict[str, Any] = super().get_context_data(parent_context)
            content_id = self.instance.content_id
            return context | {"uses": uses.of(content_id), "content_id": content_id}
