"""Beginning answers to comments, saying how they stand, and taking them back."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse

from cms import withdrawals
from cms.comments import Answer
from cms.models import Comment, Proof, Withdrawal
from cms.words import start
from syndication.models import Release

from .models import YouSaidWeDid

PUBLIC = "The answer is public"
WAITING = "The answer waits for sign-off"
DRAFT = "The answer is a draft"


@transaction.atomic
def begin(*, comment: Comment, by: User | None) -> YouSaidWeDid:
    """Make the draft of the answer to a comment that was accepted.

    ``by`` is whoever changed the words for it, and so wrote some of them: they cannot
    sign. None where the words are as they were sent.
    """
    words = comment.published_words
    answer = YouSaidWeDid(
        comment=comment, said=words, title=f"You said: “{start(words)}”"[:150]
    )
    answer.save()
    # A draft, so it may lack what it is begun for.
    answer.save_revision(user=by, clean=False)
    return answer


def of(comments: Iterable[Comment]) -> dict[int, Answer]:
    """How the answers to these comments stand, by the comments' keys. Three queries."""
    found = list(YouSaidWeDid.objects.filter(comment__in=[one.pk for one in comments]))
    if not found:
        return {}
    ids = [one.content_id for one in found]
    public = set(
        Release.objects.current()
        .filter(item__content_id__in=ids)
        .values_list("item__content_id", flat=True)
    )
    waiting = set(
        Proof.objects.pending()
        .filter(content_id__in=ids)
        .values_list("content_id", flat=True)
    )
    edit = YouSaidWeDid.snippet_viewset.get_url_name("edit")
    return {
        one.comment_id: Answer(
            title=one.title,
            address=reverse(edit, args=[one.pk]),
            standing=WAITING
            if one.content_id in waiting
            else PUBLIC
            if one.content_id in public
            else DRAFT,
        )
        for one in found
    }


def take_back_what_vanished() -> int:
    """Take back answers about a text that vanished for somebody's safety.

    They may tell what nobody is to know. Returns of how many.
    """
    vanished = Release.objects.filter(withdrawn_kind=Withdrawal.VANISH)
    public = Release.objects.current().values("item__content_id")
    about = YouSaidWeDid.objects.filter(
        comment__content_id__in=vanished.values("item__content_id")
    ).exclude(comment__content_id__in=public)
    standing = (
        Proof.objects.filter(content_id__in=about.values("content_id"))
        .filter(outcome__in=["open", "embargoed", "signed"])
        .values_list("content_id", flat=True)
        .order_by("content_id")
        .distinct()
    )
    done = 0
    for content_id in list(standing):
        withdrawals.withdraw(
            content_id=content_id,
            by=None,
            reason="the text that it is about vanished",
            kind=Withdrawal.VANISH,
        )
        done += 1
    return done
