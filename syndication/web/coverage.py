"""The public page that says what of the Local Offer is told where."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from syndication import coverage
from syndication.publisher import publisher

from .views import show


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show, area by area, what is told, what was not checked in time, what is not."""
    today = timezone.localdate()
    return show(
        request,
        "web/coverage.html",
        {
            "publisher": publisher(),
            "areas": coverage.of_areas(today=today),
            "today": today,
        },
        tags=["coverage"],
    )
