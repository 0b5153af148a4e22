"""What subscribers agreed to, and why people left, in the admin. Names nobody."""

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse

from cms.permissions import sees_everything

from . import wordings
from .models import Subscription, Wording

NAME = "countersign_wordings"


def report(request: HttpRequest) -> TemplateResponse:
    """Every wording with how many agreed to it, for editors and administrators."""
    if not sees_everything(request.user):
        raise PermissionDenied
    confirmed = Q(subscriptions__confirmed_at__isnull=False)
    rows = Wording.objects.annotate(
        agreed=Count("subscriptions", filter=confirmed),
        active=Count(
            "subscriptions", filter=confirmed & Q(subscriptions__ended_at=None)
        ),
    ).order_by("-first_shown_at", "-pk")
    said = dict(
        Subscription.objects.exclude(left_because="")
        .values_list("left_because")
        .annotate(Count("pk"))
    )
    left = Subscription.objects.filter(
        ended_reason__in=[
            Subscription.EndedReason.UNSUBSCRIBED,
            Subscription.EndedReason.ONE_CLICK,
        ]
    ).count()
    return TemplateResponse(
        request,
        "newsletters/wordings_report.html",
        {
            "shown_now": wordings.current(),
            "rows": rows,
            "left": left,
            "reasons": [
                (label, said.get(value, 0)) for value, label in Subscription.Why.choices
            ],
            "silent": left - sum(said.values()),
        },
    )
