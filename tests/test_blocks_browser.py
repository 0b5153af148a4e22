"""Every block in a real browser: on its page, where it is written, where it is signed."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from cms import sign_off as verbs
from syndication.demo import diagram as model

from .browsing import AXE, SHOTS, check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft
from .every_block import every_block, make_document, make_picture

pytestmark = [
    *in_chromium,
    # Wagtail opens renditions without closing them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


OURS = "#panel-child-content-what_is_it-section"


def sign(world, proof):
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def test_every_block_is_accessible_and_fits(live_server, page, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    target = write_draft(world, title="Short breaks")
    sign(world, submit_draft(world, target))
    body = [
        *every_block(make_picture(size=(900, 500)), make_document(), target),
        *model.blocks(),
    ]
    draft = write_draft(world, title="A page with every block", body=body)
    proof = submit_draft(world, draft)

    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/sign-off/{proof.pk}/")
    check(page, "blocks-read-and-sign")
    if SHOTS:
        page.set_viewport_size({"width": 390, "height": 9000})
        page.locator(".sign-off-proof").screenshot(path=f"{SHOTS}/blocks-proof.png")
    sign(world, proof)
    page.goto(f"{live_server.url}/items/{proof.content_id}")
    check(page, "blocks-public")


def test_the_form_of_every_block_is_accessible(live_server, page):
    world = make_world()
    target = write_draft(world, title="Short breaks")
    body = every_block(make_picture(), make_document(), target)
    draft = write_draft(world, title="A page with every block", body=body)
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))

    sign_in(page, live_server, world.admin)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{live_server.url}/admin/pages/{draft.pk}/edit/")
    form = page.locator(OURS)
    form.get_by_label("Words in the picture").first.wait_for(state="attached")
    if SHOTS:
        page.set_viewport_size({"width": 1280, "height": 9000})
        form.screenshot(path=f"{SHOTS}/blocks-edit.png")
    # Wagtail's own: neither its editor of rich text nor a block that is one field and
    # nothing else has a name, here as everywhere.
    wagtails = [[".Draftail-Editor"], ["#body-0-value"]]
    scope = {"include": [[OURS]], "exclude": wagtails}
    found = Axe().run(page, context=scope, options=AXE).response["violations"]

    assert faults == []
    assert [node["html"] for one in found for node in one["nodes"]] == []
    cell = page.get_by_label("Row 2, Opens")
    assert cell.input_value() == "1pm"
