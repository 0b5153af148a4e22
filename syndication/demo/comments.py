"""What somebody said of a demonstration page, the answer to it, and what waits to be read."""

from uuid import UUID

from cms import comments
from cms.models import Comment, CoProducedPage
from syndication.comments.models import YouSaidWeDid
from syndication.models import Release

from . import states

# The same each time, as the browser of whoever sends it would make one.
FIRST = UUID("7a1f0c52-4f0e-4d0c-9a53-0d9f6f2f4e01")
SECOND = UUID("7a1f0c52-4f0e-4d0c-9a53-0d9f6f2f4e02")


def make(page: CoProducedPage, people: states.People) -> None:
    """Comment on the first version of ``page`` and answer with what came of it."""
    first, newest = Release.objects.filter(
        item__content_id=page.content_id, version__in=[1, 2]
    ).order_by("version")
    said = comments.receive(
        key=FIRST,
        proof=first.proof,
        version=first.version,
        topic=Comment.Topic.ACCESSIBILITY,
        is_gap=False,
        words="I could not find the telephone number: it stood below everything else. "
        "(Demonstration: nobody sent this.)",
    )
    comments.publish(comment=said, by=people["editor"], words=said.words)
    answer = YouSaidWeDid.objects.get(comment=said)
    draft = answer.get_latest_revision_as_object()
    draft.title = "You said: the telephone number is hard to find"
    draft.response = (
        "You are right, and others told their forum the same. Demonstration text: the "
        "sign-offs shown are made up."
    )
    draft.action = (
        "Together with the therapists we moved the advice line to the top, and took "
        "half of the words out."
    )
    draft.result = newest
    draft.save_revision(user=people["editor"])
    states.release(answer, people)
    comments.receive(
        key=SECOND,
        proof=newest.proof,
        version=newest.version,
        topic=Comment.Topic.CONTENT,
        is_gap=True,
        words="What can we do in the holidays, when the line is closed? "
        "(Demonstration: nobody sent this.)",
    )
