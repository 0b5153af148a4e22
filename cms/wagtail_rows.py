"""What Wagtail asks the database before it writes a row of its own about a sign-off.

It validates the state of a workflow, and each line of a history, as if somebody had typed
them into a form: one query for every row that they name. Nobody types them, and each of
those rows was read a moment ago in the same transaction. That there is only one workflow
at work on an item, and only one state of each, is a constraint of the database, and
``WorkflowState.clean`` still says so in words.
"""

from functools import partialmethod
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from wagtail.models import ModelLogEntry, PageLogEntry, WorkflowState


def connect() -> None:
    """Let Wagtail check what these rows say, and not the rows that they name."""
    rows: tuple[Any, ...] = (WorkflowState, PageLogEntry, ModelLogEntry)
    for model in rows:
        if "full_clean" in vars(model):
            raise ImproperlyConfigured(
                f"Wagtail checks {model.__name__} in a way of its own by now. Read it, "
                "then mend cms.wagtail_rows."
            )
        named = {
            field.name for field in model._meta.concrete_fields if field.is_relation
        }
        model.full_clean = partialmethod(Model.full_clean, exclude=named)
