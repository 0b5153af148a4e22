"""“With whom does it lie?” as an editor sees it, on a telephone and on a desk."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from cms import notices, sign_off, sweep
from cms.models import Notice, Proof

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft

pytestmark = in_chromium


@pytest.fixture
def world(transactional_db):
    world = make_world()
    late, half, back, dated = (
        submitted(world, title, **fields)
        for title, fields in (
            ("Short breaks this winter", {}),
            ("Getting help with talking and understanding", {}),
            ("Travel to school and college", {}),
            ("New opening hours", {"release_at": timezone.now() + timedelta(days=3)}),
        )
    )
    for proof in (half, dated):
        sign(proof, world.pods, world.pip)
    sign(dated, world.pacc, world.pat)
    sign_off.ask_for_changes(
        proof=back,
        forum=world.pacc,
        by=world.pat,
        fingerprint=back.fingerprint,
        comment="Say EHC in full.",
    )
    Proof.objects.filter(pk=late.pk).update(due_on=timezone.localdate())
    Notice.objects.filter(purpose="waits").update(
        created_at=timezone.now() - timedelta(days=8)
    )
    sweep.chase()
    notices.send_due()
    Proof.objects.filter(pk=late.pk).update(
        due_on=timezone.localdate() - timedelta(days=1)
    )
    sweep.chase()
    return world


def submitted(world, title, **fields):
    return submit_draft(world, write_draft(world, title=title, **fields))


def sign(proof, forum, by):
    sign_off.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)


def test_an_editor_finds_with_whom_everything_lies(live_server, page, world):
    sign_in(page, live_server, world.editor)
    page.goto(f"{live_server.url}/admin/")
    check(page, "dashboard-editor")
    page.get_by_role("link", name="See all of it").click()

    page.get_by_role("heading", name="With whom does it lie?").wait_for()
    check(page, "with-whom")
    assert page.get_by_role("table").get_by_role("row").count() == 5
    page.get_by_label("Show what lies with").select_option(label="editors")
    button = page.get_by_role("button", name="Show", exact=True)
    assert button.bounding_box()["height"] >= 44
    button.click()
    page.get_by_role("link", name="Travel to school and college").wait_for()
    assert page.get_by_role("table").get_by_role("row").count() == 2


def test_a_member_sees_on_the_dashboard_what_is_overdue(live_server, page, world):
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/")

    page.get_by_text("Overdue").wait_for()
    check(page, "dashboard-member")


def test_the_list_needs_no_script(live_server, browser, world):
    context = browser.new_context(java_script_enabled=False)
    with context.new_page() as plain:
        sign_in(plain, live_server, world.editor)
        plain.goto(live_server.url + reverse("countersign_sign_off:waiting"))
        plain.get_by_label("Show what lies with").select_option(label="editors")
        plain.get_by_role("button", name="Show", exact=True).click()
        assert plain.get_by_role("table").get_by_role("row").count() == 2
    context.close()
