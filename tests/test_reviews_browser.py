"""Reviews and formats in Chromium, as wide as a telephone and as a desk."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cms import reviews
from cms import sign_off as verbs
from cms.models import Assurance
from site_settings.models import PublisherSettings

from .browsing import check, in_chromium, sign_in
from .conftest import BODY, make_world, submit_draft, write_draft
from .test_formats import BSL, EASY_READ, POLISH, entries

pytestmark = in_chromium


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    publisher = PublisherSettings.load()
    publisher.contact_email = "ask@example.org"
    publisher.save()
    yesterday = timezone.localdate() - timedelta(days=1)
    day = f"{yesterday}"
    register = entries(EASY_READ | {"checked_on": day}, BSL, POLISH)
    page = write_draft(world, formats=register, review_by=f"{yesterday}")
    sign(world, submit_draft(world, page))
    page.refresh_from_db()
    page = page.get_latest_revision_as_object()
    page.body = [{"type": "paragraph", "value": "<p>Ring at any time.</p>"}, *BODY]
    page.save_revision(user=world.editor)
    world.proof = submit_draft(world, page)
    world.page = page
    return world


def sign(world, proof):
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)


def test_families_see_formats_and_that_a_page_is_overdue(live_server, page, world):
    sign(world, world.proof)

    page.goto(f"{live_server.url}/items/{world.page.content_id}")

    check(page, "item-with-formats")
    assert page.get_by_text("This page was due to be checked by").is_visible()
    assert page.get_by_text("Older than this page").is_visible()
    page.goto(f"{live_server.url}/items/{world.page.content_id}.txt")
    assert page.get_by_text("Other ways to get this", exact=False).first.is_visible()


def test_a_forum_reads_formats_before_it_signs(live_server, page, world):
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/sign-off/{world.proof.pk}/")

    check(page, "proof-with-formats")
    assert page.get_by_text("Made for an earlier text:").is_visible()


@pytest.mark.journey
def test_a_parent_says_that_it_is_still_correct(live_server, page, world):
    sign(world, world.proof)
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/")
    check(page, "dashboard-due-for-review")
    page.get_by_role("link", name="See what is due").click()
    page.get_by_role("heading", name="Due for review").wait_for()
    check(page, "due-for-review")
    page.get_by_role("link", name=world.proof.title).click()
    check(page, "still-correct")
    button = page.get_by_role("button", name="I have read it: it is still correct")
    assert button.bounding_box()["height"] >= 44

    button.focus()
    page.keyboard.press("Enter")

    page.get_by_text("is still correct today").wait_for()
    check(page, "due-for-review-done")
    assert Assurance.objects.get().by == world.pat
    assert not reviews.overdue().exists()
    page.goto(f"{live_server.url}/items/{world.page.content_id}")
    check(page, "item-assured")


def test_an_editor_sees_on_the_form_that_it_is_due(live_server, page, world):
    sign(world, world.proof)
    sign_in(page, live_server, world.editor)
    page.goto(f"{live_server.url}/admin/pages/{world.page.pk}/edit/")

    page.get_by_role("link", name="Read it and say so").wait_for()
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.get_by_role("heading", name="Other formats").is_visible()
