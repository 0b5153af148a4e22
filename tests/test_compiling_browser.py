"""The screens on which issues are looked after, on a telephone and on a desk."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db.models import F
from django.urls import reverse

from cms import tree, withdrawals
from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import digests, editors, holds, subscriptions
from syndication.newsletters.models import DigestRun, Issue

from . import browsing
from .browsing import check, in_chromium, sign_in, wait_until
from .conftest import make_world, submit_draft, write_draft
from .shared_blocks import everyone_signs
from .test_forms_browser import look

pytestmark = in_chromium


def let_a_week_pass():
    """Move the last runs back, so that the next look finds a whole period."""
    DigestRun.objects.update(
        period_start=F("period_start") - timedelta(days=70),
        period_end=F("period_end") - timedelta(days=70),
    )


def release(world, **fields):
    everyone_signs(world, submit_draft(world, write_draft(world, **fields)))
    return Release.objects.latest("pk")


@pytest.fixture
def world(transactional_db):
    """An issue of Shropshire's with three items, one left out, after an earlier one."""
    world = make_world()
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    digests.compile_due()
    let_a_week_pass()
    old = release(world, title="Told last week, and gone since", slug="old")
    release(world, title="Told last week, and still good", slug="good")
    for run in digests.compile_due():
        # Not to wait for its time.
        draft = run.issue.get_latest_revision_as_object()
        draft.release_at = None
        draft.save_revision(user=world.editor)
        draft.get_workflow().start(draft, world.editor)
        everyone_signs(world, Proof.objects.open().get(content_id=draft.content_id))
    withdrawals.withdraw(
        content_id=old.item.content_id,
        by=None,
        reason="Wrong",
        public_note="The clinic has moved. Ring the council for its new address.",
    )
    for title in (
        "Short breaks this winter",
        "Travel to school and college",
        "Getting help with talking and understanding",
    ):
        release(world, title=title, slug=title.split()[0].lower())
    for number in range(3):
        asked = subscriptions.request(
            email=f"parent{number}@example.org",
            choices={"area": ["shropshire"]},
            wording="Yes.",
            source="test",
        )
        subscriptions.confirm(key=asked.key)
    let_a_week_pass()
    digests.compile_due()
    world.issue = Issue.objects.filter(area=world.shropshire, frequency="weekly")[0]
    draft = world.issue.get_latest_revision_as_object()
    draft.items.remove(draft.items.all()[1])
    draft.save_revision(user=world.editor)
    return world


def edit_screen(live_server, issue):
    name = Issue.snippet_viewset.get_url_name("edit")
    return live_server.url + reverse(name, args=[issue.pk])


def test_an_editor_puts_an_issue_in_order(live_server, page, world):
    sign_in(page, live_server, world.editor)

    page.goto(edit_screen(live_server, world.issue))

    page.get_by_text("3 people").wait_for()
    page.get_by_text("Travel to school and college", exact=True).wait_for()
    look(page, "issue-edit")
    # Without Wagtail's own list of headings, whose button is too small.
    browsing.checked.update(browsing.drawn)
    down = page.get_by_role("button", name="Move down").first
    down.click()
    page.locator("#id_items-0-introduction").fill("Many of you asked for this.")
    page.get_by_role("button", name="Save draft").click()
    wait_until(page, "document.querySelector('.messages') !== null")
    draft = Issue.objects.get(pk=world.issue.pk).get_latest_revision_as_object()
    assert [one.title for one in draft.releases()] == [
        "Getting help with talking and understanding",
        "Short breaks this winter",
    ]
    assert "Many of you asked for this." in draft.introductions().values()


def test_an_editor_sees_all_issues_and_decides_about_a_late_one(
    live_server, page, world
):
    late = Issue.objects.filter(area=world.shropshire, frequency="weekly")[1]
    release = Release.objects.current().get(item__content_id=late.content_id)
    holds.hold(release=release)
    sign_in(page, live_server, world.editor)

    page.goto(live_server.url + reverse("wagtailsnippets_newsletters_issue:list"))
    page.get_by_text("signed too late: waits for you").wait_for()
    check(page, "issue-list")
    page.goto(live_server.url + reverse("countersign_newsletter_issue", args=[late.pk]))
    check(page, "issue-late")
    page.get_by_role("button", name="now").click()
    page.get_by_text("is being mailed").wait_for()
    check(page, "issue-decided")


def test_the_schedule_is_set_in_plain_words(live_server, page, transactional_db):
    world = make_world()
    sign_in(page, live_server, world.admin)
    name = reverse("wagtailsettings:edit", args=["site_settings", "newslettersettings"])

    page.goto(live_server.url + name)

    page.get_by_text("days for forums to read it", exact=False).first.wait_for()
    look(page, "newsletter-settings")
