"""The same ways around a sign-off, tried on snippets: an issue and a shared block.

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
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from cms.errors import StaleProof
from cms.models import ForumSignOffTask, Proof
from cms.workflow import sign_off_workflow
from syndication import hosts
from syndication.models import Release
from syndication.newsletters import sweep
from syndication.newsletters.digests import compile_digest
from syndication.newsletters.models import Issue, Mailing

from .newsletter import form_of_issue
from .public import everything
from .shared_blocks import holding, paragraph, write_block
from .test_bypass import MARKER, admin_client, try_it


@pytest.fixture
def issue(world, write, release):
    """A draft of an issue with unsigned words in it, and somebody who would get it."""
    from site_settings.models import NewsletterSettings
    from syndication.newsletters import subscriptions

    subscription = subscriptions.request(
        email="parent@example.org",
        choices={},
        wording=NewsletterSettings.load().consent_wording,
        source="test",
    )
    subscriptions.confirm(key=subscription.key)
    subscription.notes.all().delete()
    release(write())
    issue = compile_digest(by=world.editor, submit=False)
    issue.title = MARKER
    issue.introduction = MARKER
    issue.save()
    issue.save_revision(user=world.editor)
    return issue


@pytest.fixture
def block(world, write, release):
    """A draft of a shared block with unsigned words, named by a draft of a page."""
    release(write())
    block = write_block(world, title=MARKER, words=MARKER)
    write(title="A page with it", body=holding(block))
    return block


@pytest.fixture(params=["issue", "block"])
def draft(request):
    """A snippet with unsigned words in it, of either kind."""
    return request.getfixturevalue(request.param)


def form_of(draft, **more):
    """The form of a draft, as a browser would send it back."""
    if isinstance(draft, Issue):
        return form_of_issue(draft, **more)
    areas = [str(area.pk) for area in draft.areas.all()]
    body = streamfield([("paragraph", rich_text(f"<p>{MARKER}</p>"))])
    return (
        nested_form_data(
            {
                "body": body,
                "co_production": streamfield([]),
                "formats": streamfield([]),
            }
        )
        | {"title": draft.title, "areas": areas}
        | more
    )


def drift_to(draft, words):
    """Put other words into an object or a draft of either kind."""
    if isinstance(draft, Issue):
        draft.introduction = words
    else:
        draft.body = paragraph(words)


def submit(world, issue):
    issue.get_workflow().start(issue, world.editor)
    return Proof.objects.open().get(content_id=issue.content_id)


def edit_url(issue):
    return reverse(type(issue).snippet_viewset.get_url_name("edit"), args=[issue.pk])


def publish_revision(world, issue):
    issue.latest_revision.publish()


def publish_revision_as_superuser(world, issue):
    issue.latest_revision.publish(user=world.admin)


def publish_without_permission_checks(world, issue):
    issue.latest_revision.publish(user=world.admin, skip_permission_checks=True)


def publish_in_the_edit_view(world, issue):
    admin_client(world).post(
        edit_url(issue), form_of(issue, **{"action-publish": "Publish"})
    )


def publish_in_the_create_view(world, issue):
    admin_client(world).post(
        reverse(type(issue).snippet_viewset.get_url_name("add")),
        form_of(
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
            f"{prefix}/snippets/{issue._meta.label_lower}/{issue.pk}/actions/publish/",
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
    type(issue)(title=MARKER, live=True).save()


def create_in_bulk(world, issue):
    type(issue).objects.bulk_create([type(issue)(title=MARKER, live=True)])


def save_as_live(world, issue):
    issue.live = True
    issue.save()


def save_the_live_field_only(world, issue):
    issue.live = True
    issue.save(update_fields=["live"])


def update_in_the_database(world, issue):
    type(issue).objects.filter(pk=issue.pk).update(live=True)


def load_a_fixture(world, issue):
    issue.live = True
    data = serializers.serialize("json", [issue])
    for thing in serializers.deserialize("json", data):
        thing.save()


def copy_in_the_admin(world, issue):
    admin_client(world).post(
        f"/admin/snippets/{issue._meta.label_lower.replace('.', '/')}/copy/{issue.pk}/",
        form_of(issue, **{"action-publish": "Publish"}),
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
        f"/admin/snippets/{issue._meta.label_lower.replace('.', '/')}/workflow/action/{issue.pk}/approve/"
        f"{state.pk}/",
        {"comment": ""},
    )


def edit_and_approve_in_one_request(world, issue):
    submit(world, issue)
    admin_client(world).post(
        edit_url(issue),
        form_of(
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
def test_what_no_forum_signed_never_goes_out(world, draft, attempt):
    try_it(attempt, world, draft)
    sweep.sweep()
    hosts.update_due()

    assert MARKER.encode() not in everything(type(draft).objects.all())
    assert not Release.objects.of_kind(draft.kind).exists()
    assert not Mailing.objects.exists()


# After every forum signed: what is public and mailed stays what they signed.


def drift(issue):
    drift_to(issue, "Drifted words 4712")
    issue.save()


def drift_in_the_database(issue):
    drift_to(issue, "Drifted words 4712")
    field = "introduction" if isinstance(issue, Issue) else "body"
    type(issue).objects.filter(pk=issue.pk).update(**{field: getattr(issue, field)})


def overwrite_the_signed_revision(issue):
    revision = issue.latest_revision
    draft = revision.as_object()
    drift_to(draft, "Drifted words 4712")
    draft.save_revision(user=revision.user, overwrite_revision=revision)
    revision.refresh_from_db()
    revision.publish()


def rewrite_the_signed_revision(issue):
    revision = issue.latest_revision
    drift_to(issue, "Drifted words 4712")
    content = revision.content | issue.serializable_data()
    Revision.objects.filter(pk=revision.pk).update(content=content)
    revision.refresh_from_db()
    revision.publish()


def publish_a_later_draft(issue):
    draft = issue.get_latest_revision_as_object()
    drift_to(draft, "Drifted words 4712")
    draft.save_revision().publish()


AFTER_SIGNING = [
    drift,
    drift_in_the_database,
    overwrite_the_signed_revision,
    rewrite_the_signed_revision,
    publish_a_later_draft,
]


@pytest.mark.parametrize("attempt", AFTER_SIGNING, ids=lambda one: one.__name__)
def test_a_snippet_stays_as_it_was_signed(world, draft, sign, attempt):
    proof = submit(world, draft)
    sign(proof, world.pacc, world.pat)
    sign(proof, world.pods, world.pip)
    draft.refresh_from_db()

    try_it(attempt, draft)
    sweep.sweep()
    hosts.update_due()

    assert b"Drifted words" not in everything([draft])
    signed = Release.objects.current().get(kind=draft.kind)
    assert bytes(signed.payload) == bytes(proof.payload)


@pytest.mark.parametrize(
    "attempt",
    [overwrite_the_signed_revision, rewrite_the_signed_revision],
    ids=lambda one: one.__name__,
)
def test_an_edit_between_two_signatures_sends_nothing(world, draft, sign, attempt):
    proof = submit(world, draft)
    sign(proof, world.pods, world.pip)
    try_it(attempt, draft)

    with pytest.raises(StaleProof):
        sign(proof, world.pacc, world.pat)
    sweep.sweep()

    assert not Mailing.objects.exists()
    assert not Release.objects.of_kind(draft.kind).exists()
