"""The newest release of an issue, read for its page and its formats: one query."""

from uuid import UUID

from syndication.models import Release
from syndication.newsletters.models import Issue
from syndication.publisher import PUBLISHER

# Not looked at here, and long.
UNREAD = ("document", "brief", "document_piece", "document_brotli")


def newest(content_id: UUID) -> Release | None:
    """Return it with its publisher; None for what never was, and for what vanished.

    It may have been withdrawn: ask ``withdrawn_at``.
    """
    found: Release | None = (
        Release.objects.known()
        .of_kind(Issue.kind)
        .filter(item__content_id=content_id)
        .order_by("-version")
        .select_related("item")
        .annotate(publisher=PUBLISHER)
        .defer(*UNREAD)
        .first()
    )
    return found
