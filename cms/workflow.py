"""The workflow that every item goes through. There is one, and it has one step."""

from django.db import transaction
from django.db.models import Subquery
from wagtail.models import Workflow, WorkflowTask

NAME = "Forum sign-off"


def sign_off_workflow() -> Workflow:
    """Return the sign-off workflow, made or repaired where it is missing.

    Items ask for it themselves, so it can neither be unassigned in the page tree nor
    replaced by one without our step.
    """
    from .models import ForumSignOffTask

    first = ForumSignOffTask.objects.order_by("pk").values("pk")[:1]
    whole = Workflow.objects.filter(
        active=True,
        workflow_tasks__task=Subquery(first),
        workflow_tasks__task__active=True,
    )
    return whole.order_by("pk").first() or _repaired()


@transaction.atomic
def _repaired() -> Workflow:
    from .models import ForumSignOffTask

    task = ForumSignOffTask.objects.order_by("pk").first()
    if task is None:
        task = ForumSignOffTask.objects.create(name=NAME)
    elif not task.active:
        task.active = True
        task.save(update_fields=["active"])
    workflow = (
        Workflow.objects.filter(active=True, workflow_tasks__task=task)
        .order_by("pk")
        .first()
    )
    if workflow is None:
        workflow = Workflow.objects.create(name=NAME)
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    return workflow
