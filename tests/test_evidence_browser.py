"""The register and the dashboard in Chromium, as wide as a telephone and as a desk."""

import pytest
from django.utils import timezone

from cms import sign_off as verbs
from cms.models import NoReply, Proof

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft

pytestmark = in_chromium


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    for title in ("Short breaks", "Getting help with talking and understanding"):
        submit_draft(world, write_draft(world, title=title))
    waiting, signed = Proof.objects.order_by("-pk")
    for forum, by, comment in (
        (world.pacc, world.pat, "Clear and kind. Please keep the number at the top."),
        (world.pods, world.pip, ""),
    ):
        verbs.sign(
            proof=signed,
            forum=forum,
            by=by,
            fingerprint=signed.fingerprint,
            comment=comment,
        )
    NoReply.objects.create(
        proof=waiting,
        forum=world.pods,
        due_on=waiting.due_on,
        recorded_at=timezone.now(),
    )
    return world


def test_a_member_looks_up_what_their_forum_said(live_server, page, world):
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/sign-off/register/")
    check(page, "register")

    page.get_by_text("Choose what to show").click()
    check(page, "register-choices")
    page.get_by_label("Signatory").select_option(label="PACC")
    page.get_by_role("button", name="Show", exact=True).click()

    page.get_by_role("heading", name="1 answer").wait_for()
    assert page.get_by_text("Please keep the number at the top.").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.endswith(".csv")


def test_an_editor_sees_how_co_production_goes(live_server, page, world):
    sign_in(page, live_server, world.editor)
    page.goto(f"{live_server.url}/admin/co-production/")
    check(page, "co-production")

    summary = page.get_by_text("The numbers of “Waiting for an answer now” as a table")
    assert summary.bounding_box()["height"] >= 44
    summary.click()

    assert page.get_by_role("cell", name="1", exact=True).first.is_visible()
    for summary in page.locator(".charts summary").all():
        if summary.locator("..").get_attribute("open") is None:
            summary.click()
    check(page, "co-production-tables")
