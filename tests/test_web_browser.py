"""Public pages in a real browser: accessible, and whole on a telephone."""

from uuid import uuid4

import pytest

from cms import corrections, withdrawals
from cms import sign_off as verbs
from cms.models import LocalOfferPage
from site_settings.models import SignOffSettings
from syndication.models import Release

from .browsing import check, in_chromium
from .conftest import make_world, submit_draft, write_draft

pytestmark = in_chromium


def release(world, title):
    return sign(world, submit(world, title))


def submit(world, title):
    return submit_draft(world, write_draft(world, title=title))


def sign(world, proof):
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def test_public_pages_are_accessible_and_fit(live_server, page):
    world = make_world()
    shown = release(world, "Getting help with talking and understanding")
    gone = release(world, "An advice line that closed")
    withdrawals.withdraw(
        content_id=gone.content_id,
        by=world.pat,
        reason="Closed",
        public_note="The line has closed.",
    )
    paths = [
        "/",
        f"/items/{shown.content_id}",
        f"/items/{gone.content_id}",
        f"/items/{uuid4()}",
        f"/receipts/{shown.fingerprint}",
        f"/receipts/{gone.fingerprint}",
        "/receipts/unknown",
        "/receipts/",
        "/feeds/",
        "/feeds/unknown.rss",
        "/nothing/here",
    ]
    for path in paths:
        page.goto(live_server.url + path)
        check(page, path.replace("/", "-"))


@pytest.mark.journey
def test_a_parent_compares_a_copy_with_the_keyboard(live_server, page):
    world = make_world()
    shown_title, gone_title = "Help with talking", "An advice line that closed"
    shown, old = release(world, shown_title), release(world, gone_title)
    withdrawals.withdraw(content_id=old.content_id, by=world.pat, reason="Closed")
    page.goto(f"{live_server.url}/items/{shown.content_id}")
    copy = page.evaluate("document.querySelector('article').innerText")

    def compare(name, proof, text):
        page.goto(f"{live_server.url}/receipts/{proof.fingerprint}")
        page.get_by_label("Your copy").fill(text)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        # Where a screen reader begins to read.
        page.locator("[role=status]:focus").wait_for()
        assert page.get_by_label("Your copy").input_value() == text
        check(page, f"compare-{name}")
        return page.get_by_role("status").inner_text()

    whole = compare("signed", shown, copy)
    excerpt = compare(
        "excerpt", shown, "Telephone: 01632 960101 Email: advice@example.org"
    )
    altered = compare("altered", shown, f"Menu {copy.replace('960101', '960102')}")
    few = compare("few", shown, "Ring us")
    gone = compare("withdrawn", old, copy.replace(shown_title, gone_title))

    assert whole.startswith("This is the signed text.")
    assert "did not sign" not in whole
    assert excerpt.startswith("This is part of the signed text.")
    assert "01632 960102" in altered
    assert few.startswith("These are too few words")
    assert gone.startswith("This text was taken back.")
    # The browser itself asks for words; without its help, the page does.
    page.goto(f"{live_server.url}/receipts/{shown.fingerprint}")
    page.evaluate("document.forms[0].noValidate = true")
    page.get_by_role("button", name="Compare").click()
    assert page.get_by_role("alert").inner_text().startswith("There is a problem")
    check(page, "compare-nothing")


def test_what_forums_did_not_agree_to_is_accessible_and_fits(live_server, page):
    """A correction, a dissent, a notice in place of a text, and their receipts."""
    world = make_world()
    SignOffSettings.objects.create(dissent="publish")
    corrected = release(world, "Help with talking")
    draft = corrections.public_version(
        LocalOfferPage.objects.get(content_id=corrected.content_id)
    )
    (field,) = (one for one in corrections.fields(draft) if "Telephone of" in one.label)
    corrections.correct(
        page=draft,
        values={field.name: "01632 960555"},
        by=world.admin,
        reason="The line moved",
    )
    proof = submit(world, "Waiting for an assessment")
    verbs.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="How long families wait today is left out.",
        comment_is_public=True,
    )
    dissented = sign(world, verbs.submit_with_dissent(proof=proof, by=world.editor))
    noticed = release(world, "An advice line that closed")
    withdrawals.withdraw(
        content_id=noticed.content_id,
        by=world.pat,
        reason="Closed",
        kind="notice",
        public_note="The advice line has closed. Ring 01632 960777 instead.",
    )
    now = Release.objects.get(item__content_id=corrected.content_id, before_review=True)

    page.goto(live_server.url)
    check(page, "home-outcomes")
    for name, fingerprint, content_id in (
        ("correction", now.fingerprint, corrected.content_id),
        ("dissent", dissented.fingerprint, dissented.content_id),
        ("notice", noticed.fingerprint, noticed.content_id),
    ):
        page.goto(f"{live_server.url}/items/{content_id}")
        check(page, f"item-{name}")
        page.goto(f"{live_server.url}/receipts/{fingerprint}")
        check(page, f"receipt-{name}")


def test_public_pages_load_nothing_but_our_style(live_server, browser):
    """No script, nothing from elsewhere, and nothing that our own policy blocks."""
    world = make_world()
    shown = release(world, "Getting help with talking and understanding")
    asked, blocked = [], []
    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: blocked.append(message.text))
        page.goto(f"{live_server.url}/items/{shown.content_id}")
        colour = page.evaluate(
            "getComputedStyle(document.querySelector('.site-header')).backgroundColor"
        )
        cookies = page.context.cookies()

    assert colour == "rgb(11, 93, 86)"
    assert blocked == []
    assert cookies == []
    assert {url for url in asked if not url.startswith(live_server.url)} == set()
    assert [url for url in asked if url.endswith(".js")] == []
