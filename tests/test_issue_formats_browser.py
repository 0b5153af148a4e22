"""A partner finds an issue, chooses from it, and pastes it, in a real browser."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from cms import withdrawals
from cms.models import Proof
from syndication.models import Release
from syndication.newsletters.digests import compile_digest

from .browsing import check, in_chromium
from .conftest import make_world, submit_draft, write_draft
from .shared_blocks import everyone_signs

pytestmark = in_chromium

# What somebody else's editor is to a browser.
EDITOR = """
<!doctype html><html lang="en"><title>Their editor</title>
<h1 id="label">Write</h1>
<div id="editor" contenteditable="true" role="textbox" aria-labelledby="label"></div>
"""


@pytest.fixture
def issue(live_server, settings):
    """The address of an issue with three items, signed by both forums."""
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    for title in ("Short breaks this winter", "Help with talking", "What PINS is"):
        draft = write_draft(world, title=title, summary="Who can help. " * 12)
        everyone_signs(world, submit_draft(world, draft))
    proof = Proof.objects.open().get(content_id=compile_digest().content_id)
    everyone_signs(world, proof)
    return Release.objects.get(proof=proof)


def test_a_partner_finds_chooses_and_takes_an_issue(live_server, page, issue):
    content_id = issue.item.content_id
    page.goto(f"{live_server.url}/newsletter/issues/{content_id}")
    check(page, "issue")
    page.get_by_role("link", name="Put this newsletter on your website").click()
    check(page, "take")

    # By keyboard alone.
    page.get_by_label("What PINS is").focus()
    page.keyboard.press("Space")
    page.get_by_label("The beginning").check()
    page.get_by_label("Markdown for GOV.UK Notify").check()
    page.get_by_role("button", name="Show it").click()

    expect(
        page.get_by_text("2 of the 3 items of this newsletter.").first
    ).to_be_visible()
    expect(page.locator("#words")).to_contain_text("## Help with talking")
    expect(page.locator("#words")).not_to_contain_text("What PINS is")
    assert page.get_by_label("What PINS is").is_checked()
    check(page, "take-markdown")

    page.goto(f"{page.url.partition('#')[0]}&colour=red")
    expect(page.get_by_role("alert")).to_contain_text("colour")
    check(page, "take-refused")

    page.goto(f"{live_server.url}/newsletter/issues/{uuid4()}/use")
    check(page, "no-such-issue")

    withdrawals.withdraw(
        content_id=content_id,
        by=None,
        reason="Wrong",
        kind="notice",
        public_note="It named a wrong day.",
    )
    # Another address than before: a browser may keep what it has for a minute.
    page.goto(f"{live_server.url}/newsletter/issues/{content_id}?later")
    expect(page.get_by_role("heading", level=1)).to_contain_text("was withdrawn")
    check(page, "issue-withdrawn")


def test_what_is_copied_keeps_headings_and_links_where_it_is_pasted(
    live_server, page, issue
):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    address = f"{live_server.url}/newsletter/issues/{issue.item.content_id}/use"
    page.goto(address)
    page.get_by_role("button", name="Copy it with its links").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    plain = page.evaluate("navigator.clipboard.readText()")

    page.set_content(EDITOR)
    page.locator("#editor").click()
    page.keyboard.press("Control+V")

    pasted = page.locator("#editor")
    expect(pasted.get_by_role("heading", level=3)).to_have_count(3)
    link = pasted.get_by_role("link", name="Read “Help with talking” in full")
    assert link.get_attribute("href").startswith(f"{live_server.url}/items/")
    assert pasted.get_by_role("link", name="Check this text").count() == 1
    assert "Help with talking\n-----" in plain


def test_everything_works_without_scripts(live_server, browser, issue):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/newsletter/issues/{issue.item.content_id}/use")
    page.get_by_label("HTML for a newsletter tool").check()
    page.get_by_role("button", name="Show it").click()

    expect(page.locator("#words")).to_contain_text('<div lang="en-GB"')
    expect(page.get_by_role("button", name="Copy it")).to_be_hidden()
    page.get_by_role("link", name="Open it by itself").click()
    expect(page.get_by_role("heading", name="Help with talking")).to_be_visible()
    context.close()
