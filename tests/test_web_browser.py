"""Public pages in a real browser: accessible, and whole on a telephone."""

import shutil
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

from cms import sign_off as verbs
from cms.models import LocalOfferIndexPage, LocalOfferPage, Proof
from tests.conftest import BODY, make_world

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
WIDTHS = (390, 1280)
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on PATH (Debian: apt install chromium)"
    ),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture(scope="module")
def browser():
    with (
        pytest.MonkeyPatch.context() as environment,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        ) as browser,
    ):
        # Playwright's sync API runs an event loop in this thread as long as the
        # browser is open; Django would refuse to ask the database beside it.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield browser


def release(world, title):
    page = LocalOfferPage(
        title=title,
        summary="Who can help, and what to try first.",
        audience="Families of children who find talking hard",
        review_by="2027-09-01",
        body=BODY,
        owner=world.editor,
    )
    page.areas = [world.shropshire, world.telford]
    LocalOfferIndexPage.objects.get().add_child(instance=page)
    page.save_revision(user=world.editor)
    page.get_workflow().start(page, world.editor)
    proof = Proof.objects.get(content_id=page.content_id)
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def test_public_pages_are_accessible_and_fit(live_server, browser):
    world = make_world()
    shown = release(world, "Getting help with talking and understanding")
    gone = release(world, "An advice line that closed")
    verbs.withdraw(
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
        "/feeds/",
        "/feeds/unknown.rss",
        "/nothing/here",
    ]
    faults = []
    for width in WIDTHS:
        with browser.new_page(viewport={"width": width, "height": 800}) as page:
            for path in paths:
                page.goto(live_server.url + path)
                found = Axe().run(page, options=AXE).response["violations"]
                faults += [
                    (width, path, one["id"], one["nodes"][0]["html"]) for one in found
                ]
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    faults.append((width, path, "scrolls sideways", ""))

    assert faults == []


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
