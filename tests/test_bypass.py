"""Every way around a sign-off that is known to work on a plain Wagtail: 0 public.

Each attempt may be refused with an exception, a redirect or a 404; what counts is what
strangers can read afterwards.
"""

import datetime as dt
import json

import pytest
from django.core import serializers
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Page, Revision, TaskState, WorkflowTask
from wagtail.test.utils.form_data import nested_form_data, streamfield

from cms import tree
from cms.errors import NoForumConcerned
from cms.models import (
    ForumSignOffTask,
    LocalOfferIndexPage,
    LocalOfferPage,
    Proof,
    SignOff,
)
from cms.workflow import sign_off_workflow
from syndication.models import Release
from tests.public import everything

MARKER = "Unsigned words 4711"


def admin_client(world):
    client = Client()
    client.force_login(world.admin)
    return client


# Lists of typed facts, of both kinds of page.
FACTS = ("places", "hours", "languages", "ways_in", "events", "surveys", "reports_on")


def form_of(client, page):
    """The edit form of a page, as a browser would send it back."""
    from bs4 import BeautifulSoup

    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content
    fields = fields_of(BeautifulSoup(html, "html.parser").find(id="page-edit-form"))
    # The browser draws the blocks of a body itself.
    return fields | nested_form_data(
        {
            "body": streamfield([("heading", "Who to ring")]),
            "co_production": streamfield([]),
            **dict.fromkeys(FACTS, streamfield([])),
            "formats": streamfield([]),
        }
    )


def try_it(attempt, *args):
    """Whatever was written before a refusal stays, as it would outside a test.

    Only what the database itself refused is rolled back: PostgreSQL insists.
    """
    before = transaction.savepoint()
    try:
        attempt(*args)
    except (PermissionDenied, ValidationError):
        pass
    except IntegrityError:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)


def draft_of(page):
    return type(page).objects.get(pk=page.pk).get_latest_revision_as_object()


def fields_of(form):
    data = {}
    for field in form.find_all(["input", "textarea", "select"]):
        name = field.get("name")
        if not name or field.get("type") in ("submit", "file"):
            continue
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.find_all("option", selected=True)
            data[name] = [option["value"] for option in chosen]
        elif field.name == "textarea":
            data[name] = field.text.removeprefix("\n")
        else:
            data.setdefault(name, []).append(field.get("value", ""))
    return data


def publish_revision(world, page, submit):
    page.get_latest_revision().publish()


def publish_revision_as_superuser(world, page, submit):
    page.get_latest_revision().publish(user=world.admin)


def publish_without_permission_checks(world, page, submit):
    page.get_latest_revision().publish(user=world.admin, skip_permission_checks=True)


def publish_in_the_edit_view(world, page, submit):
    client = admin_client(world)
    data = form_of(client, page) | {"action-publish": "1", "title": f"{MARKER} again"}
    answer = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert answer.status_code == 302, answer.context["form"].errors
    assert MARKER in draft_of(page).title


def publish_in_the_create_view(world, page, submit):
    client = admin_client(world)
    data = form_of(client, page) | {
        "action-publish": "1",
        "slug": "another",
        "title": f"{MARKER} created",
    }
    client.post(
        reverse(
            "wagtailadmin_pages:add",
            args=["cms", "localofferpage", tree.folder(LocalOfferIndexPage).pk],
        ),
        data,
    )
    assert LocalOfferPage.objects.filter(title__contains="created").exists()


def publish_in_bulk(world, page, submit):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    admin_client(world).post(
        f"{url}?id={page.pk}&next=/admin/", {"include_descendants": "on"}
    )


def publish_its_folder_in_bulk(world, page, submit):
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    folder = tree.folder(LocalOfferIndexPage)
    admin_client(world).post(
        f"{url}?id={folder.pk}&next=/admin/", {"include_descendants": "on"}
    )


def publish_through_the_admin_api(world, page, submit):
    admin_client(world).post(
        f"/admin/api/main/pages/{page.pk}/action/publish/",
        "{}",
        content_type="application/json",
    )


def publish_through_api_v3(world, page, submit):
    for prefix in ("/api/v3", "/api/v3-preview", "/api"):
        answer = admin_client(world).post(
            f"{prefix}/pages/{page.pk}/actions/publish/",
            content_type="application/json",
        )
        assert answer.status_code in (404, 405)


def create_through_api_v3(world, page, submit):
    for prefix in ("/api/v3", "/api/v3-preview", "/api"):
        answer = admin_client(world).post(
            f"{prefix}/pages/",
            json.dumps({"title": MARKER, "meta": {"action": "publish"}}),
            content_type="application/json",
        )
        assert answer.status_code in (404, 405)


def publish_on_schedule(world, page, submit):
    draft = page.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() - dt.timedelta(hours=1)
    draft.save_revision(approved_go_live_at=draft.go_live_at)
    call_command("publish_scheduled")


def schedule_then_submit(world, page, submit):
    draft = page.get_latest_revision_as_object()
    draft.go_live_at = timezone.now() + dt.timedelta(hours=1)
    draft.save_revision()
    submit(page)


def revert_to_an_older_revision(world, page, submit):
    older = page.get_latest_revision()
    page.save_revision(user=world.editor)
    older.as_object().save_revision(previous_revision=older).publish()


def add_as_live(world, page, submit):
    tree.folder(LocalOfferIndexPage).add_child(
        instance=LocalOfferPage(title=MARKER, live=True, slug="live")
    )


def save_as_live(world, page, submit):
    page.live = True
    page.save()


def save_the_live_field_only(world, page, submit):
    page.live = True
    page.save(update_fields=["live"])


def update_in_the_database(world, page, submit):
    LocalOfferPage.objects.filter(pk=page.pk).update(live=True)


def load_a_fixture(world, page, submit):
    page.live = True
    for thing in serializers.deserialize("json", serializers.serialize("json", [page])):
        thing.save()


def copy_and_keep_live(world, page, submit):
    Page.objects.filter(pk=page.pk).update(live=True)
    page.refresh_from_db()
    page.copy(keep_live=True, update_attrs={"slug": "copied"})


def copy_in_the_admin(world, page, submit):
    admin_client(world).post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {
            "new_title": f"{MARKER} copy",
            "new_slug": "copy",
            "new_parent_page": tree.folder(LocalOfferIndexPage).pk,
            "publish_copies": "on",
        },
    )
    assert LocalOfferPage.objects.filter(title__contains="copy").exists()


def make_an_alias(world, page, submit):
    Page.objects.filter(pk=page.pk).update(live=True)
    page.refresh_from_db()
    page.create_alias(update_slug="alias")


def make_an_alias_in_the_admin(world, page, submit):
    admin_client(world).post(
        reverse("wagtailadmin_pages:copy", args=[page.pk]),
        {
            "new_title": MARKER,
            "new_slug": "alias",
            "new_parent_page": tree.folder(LocalOfferIndexPage).pk,
            "alias": "on",
        },
    )
    assert not Page.objects.filter(slug="alias").exists()


def move_it(world, page, submit):
    home = tree.folder(LocalOfferIndexPage).get_parent()
    other = home.add_child(
        instance=LocalOfferIndexPage(title="Other", slug="other", live=True)
    )
    page.move(other, pos="last-child")


def approve_the_task_state(world, page, submit):
    submit(page)
    TaskState.objects.get().approve(user=world.admin)


def finish_the_workflow_state(world, page, submit):
    submit(page)
    page.current_workflow_state.finish(user=world.admin)


def act_on_the_task_as_superuser(world, page, submit):
    submit(page)
    state = TaskState.objects.get()
    state.task.specific.on_action(state, world.admin, "approve")


def act_in_the_workflow_view(world, page, submit):
    submit(page)
    admin_client(world).post(
        reverse(
            "wagtailadmin_pages:workflow_action",
            args=[page.pk, "approve", TaskState.objects.get().pk],
        ),
        {"comment": ""},
    )


def edit_and_approve_in_one_request(world, page, submit):
    submit(page)
    client = admin_client(world)
    data = form_of(client, page) | {
        "action-workflow-action": "1",
        "workflow-action-name": "approve",
    }
    client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)


def deactivate_the_task(world, page, submit):
    submit(page)
    ForumSignOffTask.objects.get().deactivate(user=world.admin)


def deactivate_the_task_in_the_admin(world, page, submit):
    submit(page)
    task = ForumSignOffTask.objects.get()
    admin_client(world).post(
        reverse("wagtailadmin_workflows:disable_task", args=[task.pk])
    )
    task.refresh_from_db()
    assert task.active


def take_the_task_out_of_the_workflow(world, page, submit):
    proof = submit(page)
    WorkflowTask.objects.all().delete()
    proof.workflow_state.current_task_state.approve(user=world.admin)


def start_a_workflow_without_tasks(world, page, submit):
    workflow = sign_off_workflow()
    WorkflowTask.objects.all().delete()
    workflow.start(page, world.admin)


def deactivate_the_workflow(world, page, submit):
    submit(page)
    sign_off_workflow().deactivate(user=world.admin)
    page.get_latest_revision().publish(user=world.admin)


def mark_the_proof_signed(world, page, submit):
    proof = submit(page)
    Proof.objects.update(outcome="signed", closed_at=timezone.now())
    proof.workflow_state.finish(user=world.admin)


def make_its_area_forget_its_forum(world, page, submit):
    world.shropshire.forums.clear()
    world.telford.forums.clear()
    submit(page)


NEVER_SIGNED = [
    publish_revision,
    publish_revision_as_superuser,
    publish_without_permission_checks,
    publish_in_the_edit_view,
    publish_in_the_create_view,
    publish_in_bulk,
    publish_its_folder_in_bulk,
    publish_through_the_admin_api,
    publish_through_api_v3,
    create_through_api_v3,
    publish_on_schedule,
    schedule_then_submit,
    revert_to_an_older_revision,
    add_as_live,
    save_as_live,
    save_the_live_field_only,
    update_in_the_database,
    load_a_fixture,
    copy_and_keep_live,
    copy_in_the_admin,
    make_an_alias,
    make_an_alias_in_the_admin,
    move_it,
    approve_the_task_state,
    finish_the_workflow_state,
    act_on_the_task_as_superuser,
    act_in_the_workflow_view,
    edit_and_approve_in_one_request,
    deactivate_the_task,
    deactivate_the_task_in_the_admin,
    take_the_task_out_of_the_workflow,
    start_a_workflow_without_tasks,
    deactivate_the_workflow,
    mark_the_proof_signed,
    make_its_area_forget_its_forum,
]


@pytest.mark.parametrize("attempt", NEVER_SIGNED, ids=lambda one: one.__name__)
def test_what_no_forum_signed_never_becomes_public(world, write, submit, attempt):
    page = write(title=MARKER, slug="attempt")

    try_it(attempt, world, page, submit)

    assert MARKER.encode() not in everything(LocalOfferPage.objects.all())
    assert not Release.objects.exists()


def drift(world, page, submit):
    page.title = MARKER
    page.save()


def drift_in_one_field(world, page, submit):
    page.title = MARKER
    page.save(update_fields=["title"])


def drift_in_the_database(world, page, submit):
    LocalOfferPage.objects.filter(pk=page.pk).update(title=MARKER, summary=MARKER)


def overwrite_the_signed_revision(world, page, submit):
    revision = page.get_latest_revision()
    draft = revision.as_object()
    draft.title = MARKER
    draft.save_revision(user=revision.user, overwrite_revision=revision)
    revision.refresh_from_db()
    revision.publish()


def rewrite_the_signed_revision(world, page, submit):
    revision = page.get_latest_revision()
    content = revision.content | {"title": MARKER}
    Revision.objects.filter(pk=revision.pk).update(content=content)
    revision.refresh_from_db()
    revision.publish()


def publish_a_later_draft(world, page, submit):
    draft = page.get_latest_revision_as_object()
    draft.title = MARKER
    draft.save_revision(user=world.editor).publish(user=world.admin)


def publish_a_later_draft_in_the_edit_view(world, page, submit):
    client = admin_client(world)
    data = form_of(client, page) | {"title": MARKER, "action-publish": "1"}
    answer = client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), data)
    assert answer.status_code == 302
    assert MARKER in draft_of(page).title


def convert_an_alias(world, page, submit):
    alias = page.create_alias(update_slug="alias")
    alias.title = MARKER
    alias.alias_of = None
    alias.save_revision().publish()


def write_into_the_proof(world, page, submit):
    payload = bytes(Proof.objects.get().payload).replace(
        b"Getting help", MARKER.encode()
    )
    Proof.objects.update(payload=payload)
    page.get_latest_revision().publish()


AFTER_SIGNING = [
    drift,
    drift_in_one_field,
    drift_in_the_database,
    overwrite_the_signed_revision,
    rewrite_the_signed_revision,
    publish_a_later_draft,
    publish_a_later_draft_in_the_edit_view,
    convert_an_alias,
    write_into_the_proof,
]


@pytest.mark.parametrize("attempt", AFTER_SIGNING, ids=lambda one: one.__name__)
def test_what_was_signed_stays_as_it_was_signed(world, write, submit, release, attempt):
    page = write()
    signed = bytes(release(page).payload)
    page.refresh_from_db()

    try_it(attempt, world, page, submit)

    assert MARKER.encode() not in everything(LocalOfferPage.objects.all())
    assert bytes(Release.objects.get().payload) == signed


def overwrite_between_signatures(page, proof):
    revision = page.get_latest_revision()
    draft = revision.as_object()
    draft.title = MARKER
    draft.save_revision(user=revision.user, overwrite_revision=revision)


def rewrite_between_signatures(page, proof):
    revision = page.get_latest_revision()
    Revision.objects.filter(pk=revision.pk).update(
        content=revision.content | {"title": MARKER}
    )


@pytest.mark.parametrize(
    "attempt",
    [overwrite_between_signatures, rewrite_between_signatures],
    ids=lambda one: one.__name__,
)
def test_an_edit_between_two_signatures_releases_nothing(
    world, write, submit, sign, attempt
):
    from cms.errors import StaleProof

    page = write()
    proof = submit(page)
    sign(proof, world.pods, world.pip)
    attempt(page, proof)

    with pytest.raises(StaleProof):
        sign(proof, world.pacc, world.pat)

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert not Release.objects.exists()


def test_a_forum_taken_off_after_submission_is_still_waited_for(
    world, write, submit, sign
):
    proof = submit(write())
    world.telford.forums.set([world.pacc])

    sign(proof, world.pacc, world.pat)

    assert not Release.objects.exists()


def test_an_area_that_lost_its_forum_stops_everything(world, write, submit, sign):
    proof = submit(write())
    world.telford.forums.clear()

    with pytest.raises(NoForumConcerned, match="Nobody signs for Telford"):
        sign(proof, world.pacc, world.pat)

    assert not SignOff.objects.exists()
    assert not Release.objects.exists()
