"""Texts in frames of other websites, and the pages that tell how, in a real browser."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from cms import sign_off as verbs
from cms import withdrawals

from .browsing import check, in_chromium, wait_until
from .conftest import make_world, submit_draft, write_draft
from .partner_site import Answer, Site

pytestmark = in_chromium

TITLE = "Getting help with talking and understanding"
# What WordPress does with a pasted link: its own sandbox, a secret in the address, and
# nothing shown until the frame has told its height. See its wp-embed.js.
WORDPRESS = """
addEventListener("message", (event) => {{
    const frame = document.querySelector("iframe");
    if (event.source !== frame.contentWindow || event.data.secret !== "{secret}") return;
    document.querySelector("blockquote").hidden = true;
    frame.removeAttribute("style");
    if (event.data.message === "height") frame.height = event.data.value;
    if (event.data.message === "link" && document.activeElement === frame) {{
        const to = new URL(event.data.value);
        if (to.host === new URL(frame.src).host) location.href = to;
    }}
}});
"""
SECRET = "1a2B3c4D5e"


def release(world, title=TITLE):
    proof = submit_draft(world, write_draft(world, title=title))
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def withdraw(world, proof, **kwargs):
    withdrawals.withdraw(
        content_id=proof.content_id, by=world.pat, reason="Closed", **kwargs
    )


@pytest.fixture
def ours(live_server, settings):
    """Our own origin; absolute addresses lead to it."""
    settings.PUBLIC_ORIGIN = live_server.url
    return live_server.url


@pytest.fixture
def theirs():
    with Site() as site:
        yield site


def test_embeds_and_how_to_use_them_are_accessible(ours, page):
    world = make_world()
    shown, gone = release(world), release(world, "An advice line that closed")
    withdraw(world, gone, public_note="The line has closed. Ring 01632 960777.")
    paths = [
        f"/embed/{shown.content_id}",
        f"/embed/{gone.content_id}",
        f"/embed/{uuid4()}",
        "/embed/local-offer",
        "/embed/news",
        "/embed/nothing",
    ]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in paths:
            page.goto(ours + path)
            check(page, f"{scheme}{path.replace('/', '-')}")
            page.set_viewport_size({"width": 280, "height": 600})
            assert page.evaluate(
                "document.documentElement.scrollWidth <= innerWidth"
            ), path
    page.emulate_media(color_scheme="light")
    for path in (
        f"/items/{shown.content_id}/use",
        "/use/",
        "/use/local-offer/shropshire",
        "/use/nothing",
    ):
        page.goto(ours + path)
        page.wait_for_load_state("networkidle")
        page.evaluate(
            "document.querySelectorAll('details').forEach(one => one.open = true)"
        )
        check(page, path.replace("/", "-"))


def test_the_codes_are_copied_with_the_keyboard(ours, page):
    proof = release(make_world())
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{ours}/items/{proof.content_id}/use")

    page.get_by_role("button", name="Copy the frame").focus()
    page.keyboard.press("Enter")

    page.get_by_role("button", name="Copied").wait_for()
    assert page.locator("[role=status]").inner_text() == "Copied."
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f'<iframe src="{ours}/embed/{proof.content_id}" title="')
    preview = page.frame_locator("iframe").get_by_role("heading", name=TITLE, level=1)
    preview.wait_for()


def test_without_a_script_there_is_no_button_that_does_nothing(ours, browser):
    proof = release(make_world())
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{ours}/items/{proof.content_id}/use")

        assert page.get_by_role("button").count() == 0
        assert page.get_by_text(f"{ours}/fragments/{proof.content_id}.html").count() > 0


@pytest.mark.journey
def test_a_frame_on_another_website_has_its_height_and_loses_the_text(
    ours, theirs, page, browser
):
    """With the policy that “Use this on your website” names, and no more."""
    world = make_world()
    proof = release(world)
    page.goto(f"{ours}/items/{proof.content_id}/use")
    frame = page.locator("#code-frame").inner_text()
    script = page.locator("#code-height").inner_text()
    policy = f"default-src 'none'; frame-src {ours}; script-src {ours}"
    theirs.answers["/"] = Answer(
        '<!doctype html><html lang="en"><title>School</title><h1>School</h1>'
        f"<main>{frame}</main>{script}</html>",
        headers={"Content-Security-Policy": policy},
    )
    faults = []
    page.on("console", lambda message: faults.append(message.text))

    page.goto(theirs.origin)
    inside = page.frame_locator("iframe")
    inside.get_by_role("heading", name=TITLE).wait_for()
    shown = page.locator("iframe")
    expect(shown).not_to_have_attribute("height", "600")

    box = shown.bounding_box()
    high = inside.locator("html").evaluate("one => one.getBoundingClientRect().height")
    assert abs(box["height"] - high) <= 1
    assert inside.locator("html").evaluate("() => window.origin") == "null"
    assert page.context.cookies() == []
    check(page, "frame-on-another-website")
    # Wider: fewer lines, and less room for them.
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(shown).not_to_have_attribute("height", f"{box['height']:.0f}")
    assert shown.bounding_box()["height"] < high

    withdraw(world, proof, public_note="The line has closed.")
    # Whoever had it open a minute ago may have it from their own browser.
    with browser.new_page() as later:
        later.goto(theirs.origin)
        inside = later.frame_locator("iframe")
        inside.get_by_text("The line has closed.").wait_for()
        assert inside.get_by_text(TITLE).count() == 0
        assert TITLE not in later.content()
        # A link in it opens in the whole window.
        inside.get_by_role("link").last.click()
        later.wait_for_url(f"{ours}/items/{proof.content_id}")
    assert faults == []


def test_wordpress_shows_a_pasted_link_and_follows_its_links(ours, theirs, page):
    world = make_world()
    proof = release(world)
    answer = page.request.get(
        f"{ours}/oembed?url={ours}/items/{proof.content_id}&maxwidth=500"
    )
    src = f"{ours}/embed/{proof.content_id}"
    assert f'<iframe src="{src}"' in answer.json()["html"]
    theirs.answers["/"] = Answer(
        '<!doctype html><html lang="en"><title>School</title><h1>School</h1>'
        f'<blockquote><a href="{ours}/items/{proof.content_id}">Read</a></blockquote>'
        f'<iframe sandbox="allow-scripts" style="position: absolute; visibility: hidden" '
        f'title="A text" width="300" height="400" src="{src}#?secret={SECRET}"></iframe>'
        f"<script>{WORDPRESS.format(secret=SECRET)}</script></html>"
    )

    page.goto(theirs.origin)
    inside = page.frame_locator("iframe")
    inside.get_by_role("heading", name=TITLE).wait_for()
    wait_until(page, "document.querySelector('iframe').height > 400")

    assert page.locator("blockquote").is_hidden()
    # It leads nowhere but to us: a link to elsewhere opens our page, which has it too.
    inside.get_by_role("link", name="Read the leaflet").click()
    page.wait_for_url(f"{ours}/items/{proof.content_id}")
    page.go_back()
    inside.get_by_role("link", name="Check this text").click()
    page.wait_for_url(f"{ours}/receipts/{proof.fingerprint}")


def test_nothing_else_of_ours_comes_into_a_frame(ours, theirs, page):
    proof = release(make_world())
    theirs.answers["/"] = Answer(
        f'<iframe title="Ours" src="{ours}/items/{proof.content_id}"></iframe>'
    )
    refused = []
    page.on("console", lambda message: refused.append(message.text))

    page.goto(theirs.origin)
    page.wait_for_load_state("networkidle")

    assert page.frame_locator("iframe").get_by_text(TITLE).count() == 0
    assert any("frame" in one.lower() for one in refused)
