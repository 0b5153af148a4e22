"""The same ways around a sign-off, tried on an answer to a comment."""

from uuid import uuid4

import pytest
from django.urls import reverse

from cms import comments
from cms.models import Comment
from syndication.comments import editors
from syndication.comments.models import YouSaidWeDid
from syndication.models import Release

from . import test_bypass_snippets as snippets
from .public import everything
from .test_bypass import MARKER, admin_client, try_it

FIELDS = {"response": MARKER, "co_production-count": "0", "formats-count": "0"}


@pytest.fixture
def answer(world, write, release):
    """A draft of an answer with unsigned words in it."""
    made = release(write(areas=[world.shropshire]))
    comment = comments.receive(
        key=uuid4(),
        proof=made.proof,
        version=1,
        topic="content",
        is_gap=False,
        words=MARKER,
    )
    comments.publish(comment=comment, by=world.editor, words=MARKER)
    answer = YouSaidWeDid.objects.get()
    answer.title = answer.response = MARKER
    answer.save()
    answer.save_revision(user=world.editor)
    return answer


def edit_address(answer):
    return reverse("wagtailsnippets_comments_yousaidwedid:edit", args=[answer.pk])


def publish_in_the_edit_view(world, answer):
    admin_client(world).post(
        edit_address(answer),
        FIELDS | {"title": MARKER, "action-publish": "Publish"},
    )


def publish_in_the_create_view(world, answer):
    admin_client(world).post(
        reverse("wagtailsnippets_comments_yousaidwedid:add"),
        FIELDS | {"title": MARKER, "action-publish": "Publish"},
    )


def copy_in_the_admin(world, answer):
    admin_client(world).post(
        f"/admin/snippets/comments/yousaidwedid/copy/{answer.pk}/",
        FIELDS | {"title": MARKER, "action-publish": "Publish"},
    )


def create_as_live(world, answer):
    YouSaidWeDid(title=MARKER, comment=answer.comment, said=MARKER, live=True).save()


def update_in_the_database(world, answer):
    YouSaidWeDid.objects.filter(pk=answer.pk).update(live=True)


ATTEMPTS = [
    publish_in_the_edit_view,
    publish_in_the_create_view,
    copy_in_the_admin,
    create_as_live,
    update_in_the_database,
    snippets.publish_revision,
    snippets.publish_revision_as_superuser,
    snippets.publish_without_permission_checks,
    snippets.publish_on_schedule,
    snippets.schedule_then_submit,
    snippets.revert_to_an_older_revision,
    snippets.save_as_live,
    snippets.save_the_live_field_only,
    snippets.load_a_fixture,
    snippets.approve_the_task_state,
    snippets.finish_the_workflow_state,
    snippets.deactivate_the_task,
    snippets.take_the_task_out_of_the_workflow,
    snippets.start_a_workflow_without_tasks,
    snippets.mark_the_proof_signed,
    snippets.make_its_areas_forget_their_forums,
]


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda one: one.__name__)
def test_an_answer_that_no_forum_signed_is_never_public(world, answer, attempt):
    try_it(attempt, world, answer)

    assert MARKER.encode() not in everything(YouSaidWeDid.objects.all())
    assert not Release.objects.of_kind("you-said-we-did").exists()


def drift(answer):
    answer.response = "Drifted words 4712"
    answer.save()


def drift_in_the_database(answer):
    YouSaidWeDid.objects.filter(pk=answer.pk).update(response="Drifted words 4712")


def somebody_decides_about_the_words_again(answer):
    Comment.objects.update(published_words="Drifted words 4712")
    YouSaidWeDid.objects.filter(pk=answer.pk).update(said="Drifted words 4712")


def publish_a_later_draft(answer):
    draft = answer.get_latest_revision_as_object()
    draft.response = "Drifted words 4712"
    draft.save_revision().publish()


@pytest.mark.parametrize(
    "attempt",
    [
        drift,
        drift_in_the_database,
        somebody_decides_about_the_words_again,
        publish_a_later_draft,
    ],
    ids=lambda one: one.__name__,
)
def test_an_answer_stays_as_it_was_signed(world, answer, sign, attempt):
    proof = snippets.submit(world, answer)
    sign(proof, world.pacc, world.pat)
    answer.refresh_from_db()
    try_it(lambda world, answer: attempt(answer), world, answer)

    assert b"Drifted words 4712" not in everything(YouSaidWeDid.objects.all())
    assert MARKER.encode() in everything(YouSaidWeDid.objects.all())


@pytest.mark.parametrize("who", ["editor", "admin"])
def test_no_screen_offers_to_publish_an_answer(world, answer, client_of, who):
    from django.contrib.auth.models import Group

    from cms import tree

    editors.let_in(Group.objects.get(name=tree.EDITORS))
    client = client_of(getattr(world, who))
    draft = client.get(edit_address(answer)).content.decode()
    snippets.submit(world, answer)
    waiting = client.get(edit_address(answer)).content.decode()

    assert "action-submit" in draft
    for shown in (draft, waiting):
        assert "action-publish" not in shown
