"""Where a shared block stands, and which texts do not show its newest version yet."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from wagtail.permissions import policy_registry

from cms import corrections, embedding, sign_off, uses, withdrawals
from cms.models import Proof, SharedBlock
from cms.permissions import sees_everything

ON_A_PAGE = 50


def index(request: HttpRequest, content_id: UUID) -> HttpResponse:
    """Every text that holds the block, those first that wait for something.

    404 for people whom the block does not concern. Drafts are named only to people who
    may change shared blocks: their titles are nobody else's business.
    """
    newest = Proof.objects.filter(content_id=content_id, kind=embedding.KIND).first()
    block = SharedBlock.objects.filter(content_id=content_id).first()
    if (newest is None and block is None) or not _concerns(request.user, content_id):
        raise Http404
    found = uses.of(content_id)
    page = Paginator(found.behind_first, ON_A_PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request,
        "cms/shared/uses.html",
        {
            "title": newest.title if newest else str(block),
            "uses": found,
            "page": page,
            "may_change": _may_change(request.user),
            "may_correct": block is not None
            and block.live
            and corrections.may_correct(page=block, user=request.user),
            "may_withdraw": withdrawals.may_withdraw(
                content_id=content_id, user=request.user
            ),
            "content_id": content_id,
        },
    )


def _concerns(user: Any, content_id: UUID) -> bool:
    proofs = Proof.objects.filter(
        content_id=content_id, forums__in=sign_off.forums_of(user)
    )
    return _may_change(user) or sees_everything(user) or proofs.exists()


def _may_change(user: Any) -> bool:
    allowed: bool = policy_registry.get_by_type(SharedBlock).user_has_permission(
        user, "change"
    )
    return allowed
