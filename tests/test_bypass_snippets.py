"""The same ways around a sign-off, tried on a snippet: an issue of the newsletter.

Snippets have no tree and no aliases; everything else that is known to work on a plain
Wagtail is here. What counts is what strangers can read, and what is mailed, afterwards.
"""

import datetime as dt

import pytest
from django.core import serializers
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision, TaskState, WorkflowTask

from cms.errors import StaleProof
from cms.models import ForumSignOffTask, Proof
from cms.workflow import sign_off_workflow
from syndication.models import Release
from syndication.newsletters import sweep
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.models import Delivery, Issue

from .public import everything
from .test_bypass import MARKER, admin_client, try_it
from .test_newsletter import form_of_issue


@pytest.fixture
def issue(world, write, release):
    """A draft of an issue with unsigned words in it, and somebody who would get it."""
    from site_settings.models import NewsletterSettings
    from syndication.newsletters import subscriptions

    subscription = subscriptions.request(
        email="parent@example.org",
        areas=(),
        wording=NewsletterSettings.load().consent_wording,
        source="test",
    )
    subscriptions.confirm(key=subscription.key)
    subscription.deliveries.all().delete()
    release(write())
    issue = compile_digest(by=world.editor, submit=False)
    issue.title = MARKER
    issue.introduction = MARKER
    issue.save()
    issue.save_revision(user=world.editor)
    return issue


def submit(world, issue):
    issue.get_workflow().start(issue, world.editor)
    return Proof.objects.open().get(content_id=issue.content_id)


def edit_url(issue):
    return reverse(Issue.snippet_viewset.get_url_name("edit"), args=[issue.pk])


def publish_revision(world, issue):
    issue.latest_revision.publish()


def publish_revision_as_superuser(world, issue):
    issue.latest_revision.publish(user=world.admin)


def publish_without_permission_checks(world, issue):
    issue.latest_revision.publish(user=world.admin, skip_permission_checks=True)


def publish_in_the_edit_view(world, issue):
    admin_client(world).post(
        edit_url(issue), form_of_issue(issue, **{"action-publish": "Publish"})
    )


def publish_in_the_create_view(world, issue):
    admin_client(world).post(
        reverse(Issue.snippet_viewset.get_url_name("add")),
        form_of_issue(
            issue,
            **{
                "action-publish": "Publish",
                "items-INITIAL_FORMS": "0",
                "items-0-id": "",
            },
        ),
    )


def publish_through_api_v3(world, issue):
    for prefix in ("/api/v3", "/api/v3-preview", "/api"):
        answer = admin_client(world).post(
            f"{prefix}/snippets/newsletters.issue/{issue.pk}/actions/publish/",
            content_type="application/json",
        )
        assert answer.status_code in (404, 405)


def publish_on_schedule(world, issue):
    draft = issue.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() - dt.timedelta(hours=1)
    draft.save_revision(approved_go_live_at=draft.go_live_at)
    call_command("publish_scheduled")


def schedule_then_submit(world, issue):
    draft = issue.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() + dt.timedelta(hours=1)
    draft.save_revision()
    submit(world, issue)


def revert_to_an_older_revision(world, issue):
    older = issue.latest_revision
    issue.save_revision(user=world.editor)
    older.as_object().save_revision(previous_revision=older).publish()


def create_as_live(world, issue):
    Issue(title=MARKER, live=True).save()


def create_in_bulk(world, issue):
    Issue.objects.bulk_create([Issue(title=MARKER, live=True)])


def save_as_live(world, issue):
    issue.live = True
    issue.save()


def save_the_live_field_only(world, issue):
    issue.live = True
    issue.save(update_fields=["live"])


def update_in_the_database(world, issue):
    Issue.objects.filter(pk=issue.pk).update(live=True)


def load_a_fixture(world, issue):
    issue.live = True
    data = serializers.serialize("json", [issue])
    for thing in serializers.deserialize("json", data):
        thing.save()


def copy_in_the_admin(world, issue):
    admin_client(world).post(
        f"/admin/snippets/newsletters/issue/copy/{issue.pk}/",
        form_of_issue(issue, **{"action-publish": "Publish"}),
    )


def approve_the_task_state(world, issue):
    submit(world, issue)
    TaskState.objects.get(revision=issue.latest_revision).approve(user=world.admin)


def finish_the_workflow_state(world, issue):
    submit(world, issue)
    issue.current_workflow_state.finish(user=world.admin)


def act_in_the_workflow_view(world, issue):
    submit(world, issue)
    state = issue.current_workflow_state.current_task_state
    admin_client(world).post(
        f"/admin/snippets/newsletters/issue/workflow/action/{issue.pk}/approve/"
        f"{state.pk}/",
        {"comment": ""},
    )


def edit_and_approve_in_one_request(world, issue):
    submit(world, issue)
    admin_client(world).post(
        edit_url(issue),
        form_of_issue(
            issue,
            **{"action-workflow-action": "1", "workflow-action-name": "approve"},
        ),
    )


def deactivate_the_task(world, issue):
    submit(world, issue)
    ForumSignOffTask.objects.get().deactivate(user=world.admin)


def take_the_task_out_of_the_workflow(world, issue):
    proof = submit(world, issue)
    WorkflowTask.objects.all().delete()
    proof.workflow_state.current_task_state.approve(user=world.admin)


def start_a_workflow_without_tasks(world, issue):
    workflow = sign_off_workflow()
    WorkflowTask.objects.all().delete()
    workflow.start(issue, world.admin)


def mark_the_proof_signed(world, issue):
    proof = submit(world, issue)
    Proof.objects.filter(pk=proof.pk).update(outcome="signed", closed_at=timezone.now())
    proof.workflow_state.finish(user=world.admin)


def make_its_areas_forget_their_forums(world, issue):
    world.shropshire.forums.clear()
    world.telford.forums.clear()
    submit(world, issue)


NEVER_SIGNED = [
    publish_revision,
    publish_revision_as_superuser,
    publish_without_permission_checks,
    publish_in_the_edit_view,
    publish_in_the_create_view,
    publish_through_api_v3,
    publish_on_schedule,
    schedule_then_submit,
    revert_to_an_older_revision,
    create_as_live,
    create_in_bulk,
    save_as_live,
    save_the_live_field_only,
    update_in_the_database,
    load_a_fixture,
    copy_in_the_admin,
    approve_the_task_state,
    finish_the_workflow_state,
    act_in_the_workflow_view,
    edit_and_approve_in_one_request,
    deactivate_the_task,
    take_the_task_out_of_the_workflow,
    start_a_workflow_without_tasks,
    mark_the_proof_signed,
    make_its_areas_forget_their_forums,
]


@pytest.mark.parametrize("attempt", NEVER_SIGNED, ids=lambda one: one.__name__)
def test_an_issue_that_no_forum_signed_never_goes_out(world, issue, attempt):
    try_it(attempt, world, issue)
    sweep.sweep()

    assert MARKER.encode() not in everything(Issue.objects.all())
    assert not Release.objects.of_kind("issues").exists()
    assert not Delivery.objects.exists()


# After every forum signed: what is public and mailed stays what they signed.


def drift(issue):
    issue.introduction = "Drifted words 4712"
    issue.save()


def drift_in_the_database(issue):
    Issue.objects.filter(pk=issue.pk).update(introduction="Drifted words 4712")


def overwrite_the_signed_revision(issue):
    revision = issue.latest_revision
    draft = revision.as_object()
    draft.introduction = "Drifted words 4712"
    draft.save_revision(user=revision.user, overwrite_revision=revision)
    revision.refresh_from_db()
    revision.publish()


def rewrite_the_signed_revision(issue):
    revision = issue.latest_revision
    content = revision.content | {"introduction": "Drifted words 4712"}
    Revision.objects.filter(pk=revision.pk).update(content=content)
    revision.refresh_from_db()
    revision.publish()


def publish_a_later_draft(issue):
    draft = issue.get_latest_revision_as_object()
    draft.introduction = "Drifted words 4712"
    draft.save_revision().publish()


AFTER_SIGNING = [
    drift,
    drift_in_the_database,
    overwrite_the_signed_revision,
    rewrite_the_signed_revision,
    publish_a_later_draft,
]


@pytest.mark.parametrize("attempt", AFTER_SIGNING, ids=lambda one: one.__name__)
def test_an_issue_stays_as_it_was_signed(world, issue, sign, attempt):
    proof = submit(world, issue)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    issue.refresh_from_db()

    try_it(attempt, issue)
    sweep.sweep()

    assert b"4712" not in everything([issue])
    signed = Release.objects.current().get(kind="issues")
    assert bytes(signed.payload) == bytes(proof.payload)


@pytest.mark.parametrize(
    "attempt",
    [overwrite_the_signed_revision, rewrite_the_signed_revision],
    ids=lambda one: one.__name__,
)
def test_an_edit_between_two_signatures_sends_nothing(world, issue, sign, attempt):
    proof = submit(world, issue)
    sign(proof, world.pods, world.pip)
    try_it(attempt, issue)

    with pytest.raises(StaleProof):
        sign(proof, world.pacc, world.pat)
    sweep.sweep()

    assert not Delivery.objects.exists()
    assert not Release.objects.of_kind("issues").exists()
