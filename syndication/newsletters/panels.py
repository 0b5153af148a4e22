"""What stands around the fields on the screen on which an issue is edited."""

from collections.abc import Mapping
from typing import Any

from wagtail.admin.panels import InlinePanel, Panel
from wagtail.admin.panels.base import get_form_for_model


class RowsPanel(InlinePanel):
    """Rows of an issue, each with a form of ours."""

    def form_class(self) -> Any:
        raise NotImplementedError

    def get_form_options(self) -> dict[str, Any]:
        options: dict[str, Any] = super().get_form_options()
        rows = options["formsets"][self.relation_name]
        own = self.child_edit_handler.get_form_options()
        rows["form"] = get_form_for_model(
            self.db_field.related_model,
            form_class=self.form_class(),
            fields=rows["fields"],
            defer_required_on_fields=own.get("defer_required_on_fields", []),
        )
        return options


class ItemsPanel(RowsPanel):
    """The items of an issue. Their rows share what can be chosen."""

    def form_class(self) -> Any:
        # Not above: the models name this panel.
        from .models.issues import IssueItemForm

        return IssueItemForm


class TakenBackPanel(RowsPanel):
    """What was taken back. Rows are only moved or left out."""

    def form_class(self) -> Any:
        from .models.issues import TakenBackForm

        return TakenBackForm

    class BoundPanel(InlinePanel.BoundPanel):
        template_name = "newsletters/taken_back_panel.html"


class IssuePanel(Panel):
    """Who gets an issue, who signs it, until when, and what it leaves out."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "newsletters/issue_panel.html"

        def is_shown(self) -> bool:
            return bool(super().is_shown() and self.instance.pk)

        def get_context_data(
            self, parent_context: Mapping[str, Any] | None = None
        ) -> dict[str, Any]:
            from . import prospects

            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"prospect": prospects.of(self.instance)}
