"""What the dashboard shows."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from wagtail.admin.ui.components import Component

from . import reviews, sign_off, waiting
from .models import Proof
from .permissions import sees_everything


class WaitingPanel(Component):
    """“Waiting for your sign-off”: open proofs that a forum of this person lacks.

    Editors see besides how much lies with whom.
    """

    name = "waiting_for_sign_off"
    template_name = "cms/sign_off/waiting_panel.html"
    order = 50

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        user = parent_context["request"].user
        forums = sign_off.forums_of(user)
        return {
            "is_member": forums.exists(),
            "proofs": Proof.objects.waiting_for(forums)
            .defer("payload")
            .order_by("due_on", "pk"),
            "today": timezone.localdate(),
            "counts": waiting.counts() if sees_everything(user) else None,
        }


class ReviewsPanel(Component):
    """“Due for review”: how much of what this person looks after is overdue or soon is."""

    name = "due_for_review"
    template_name = "cms/sign_off/reviews_panel.html"
    order = 60

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        return {"counts": reviews.counts(parent_context["request"].user)}
