"""What moving pages about the tree means for those who sign.

A forum signs what stands in its section. So a public page must not come to stand in
the section of a forum that has not signed it.
"""

from uuid import UUID

from wagtail.models import Page

from .errors import NotSignedOff
from .models import Forum, LocalOfferPage, NewsItemPage, Proof
from .models.pages import sections_of


def content_ids_below(page: Page) -> list[UUID]:
    """The identities of the items that ``page`` is or holds."""
    return [
        content_id
        for model in (LocalOfferPage, NewsItemPage)
        for content_id in model.objects.descendant_of(page, inclusive=True).values_list(
            "content_id", flat=True
        )
    ]


def check_move(*, page: Page, to: Page) -> None:
    """Raise ``NotSignedOff`` where a public page would need another signature there."""
    if why := why_not_move(page=page, to=to):
        raise NotSignedOff(why)


def why_not_move(*, page: Page, to: Page) -> str:
    """Why ``page`` cannot be moved below ``to``; empty when it can."""
    sections = sections_of(Page.objects.ancestor_of(to, inclusive=True))
    if not sections:
        return ""
    for content_id in content_ids_below(page):
        # As policy sees it: the forums of the newest proof that is public.
        standing = Proof.objects.standing().filter(content_id=content_id).first()
        if standing is None:
            continue
        signed = {
            answer.forum_id for answer in standing.sign_offs.all() if answer.counts
        }
        new = [forum for forum in sections if forum.pk not in signed]
        if new:
            return _refusal(standing, new)
    return ""


def _refusal(standing: Proof, new: list[Forum]) -> str:
    names = " and ".join(str(forum) for forum in new)
    return (
        f"“{standing.title}” is public, and {names}, whose section this is, has not "
        f"signed it. Nothing was moved. Let {names} sign it first (choose its area and "
        "submit), or take it back from the public, then move it."
    )
