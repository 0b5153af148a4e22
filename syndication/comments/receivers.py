"""What the drafting room tells us of comments. Decides nothing but what to call."""

from typing import Any

from django.contrib.auth.models import User
from django.dispatch import receiver

from cms.comments import Answer
from cms.models import Comment
from cms.signals import answers_asked, comment_published

from . import answers


@receiver(comment_published)
def comment_was_accepted(
    comment: Comment, by: User, altered: bool, **kwargs: Any
) -> None:
    # Inside the transaction of the decision: no accepted comment without its draft.
    answers.begin(comment=comment, by=by if altered else None)


@receiver(answers_asked)
def name_answers(comments: list[Comment], **kwargs: Any) -> dict[int, Answer]:
    return answers.of(comments)
