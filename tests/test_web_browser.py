"""Public pages in a real browser: accessible, and whole on a telephone."""

from uuid import uuid4

from cms import sign_off as verbs
from cms import tree
from cms.models import LocalOfferIndexPage, LocalOfferPage, Proof

from .browsing import check, in_chromium
from .conftest import BODY, make_world

pytestmark = in_chromium


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
    tree.folder(LocalOfferIndexPage).add_child(instance=page)
    page.save_revision(user=world.editor)
    page.get_workflow().start(page, world.editor)
    proof = Proof.objects.get(content_id=page.content_id)
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def test_public_pages_are_accessible_and_fit(live_server, page):
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
    for path in paths:
        page.goto(live_server.url + path)
        check(page, path.replace("/", "-"))


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
