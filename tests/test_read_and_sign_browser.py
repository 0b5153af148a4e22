"""Reading and signing as people do it: on a telephone, with the keyboard, in Chromium."""

import pytest
from django.test import Client
from django.urls import reverse

from cms import sign_off as verbs
from cms import tree
from cms.models import LocalOfferIndexPage, LocalOfferPage, Proof, SignOff
from syndication.models import Release

from .browsing import check, in_chromium
from .conftest import BODY, make_world

pytestmark = in_chromium


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    settings.WAGTAIL_HEADLESS_PREVIEW = {
        "CLIENT_URLS": {"default": f"{live_server.url}/preview/"},
        "ENFORCE_TRAILING_SLASH": True,
    }
    return make_world()


@pytest.fixture
def proof(world):
    """A page that PODS has signed and PACC has not."""
    item = LocalOfferPage(
        title="Getting help with talking and understanding",
        summary="Who can help, and what to try first.",
        audience="Families of children who find talking hard",
        review_by="2027-09-01",
        body=BODY,
        owner=world.editor,
    )
    item.areas = [world.shropshire, world.telford]
    tree.folder(LocalOfferIndexPage).add_child(instance=item)
    item.save_revision(user=world.editor)
    item.get_workflow().start(item, world.editor)
    proof = Proof.objects.get()
    verbs.sign(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="Clear and kind.",
    )
    return proof


def sign_in(page, live_server, user):
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookie, "url": live_server.url}]
    )


def test_a_parent_finds_reads_and_signs_on_a_telephone(
    live_server,
    page,
    world,
    proof,
):
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/")
    page.get_by_role("link", name=proof.title).click()
    check(page, "read-and-sign")
    assert page.get_by_text("Clear and kind.").is_visible()
    button = page.get_by_role("button", name="Sign for PACC")
    assert button.bounding_box()["height"] >= 44

    button.click()

    page.get_by_role("heading", name="Sign-off", exact=True).wait_for()
    assert Release.objects.current().count() == 1
    # Wagtail's message fades in; axe would measure the colours on the way.
    page.wait_for_timeout(700)
    check(page, "sign-off-list")


def test_signing_needs_no_script(live_server, browser, world, proof):
    context = browser.new_context(java_script_enabled=False)
    with context.new_page() as plain:
        sign_in(plain, live_server, world.pat)
        address = reverse("countersign_sign_off:proof", args=[proof.pk])
        plain.goto(live_server.url + address)
        plain.get_by_role("button", name="Sign for PACC").click()
    context.close()

    assert Release.objects.current().count() == 1


def test_asking_for_changes_without_a_word_says_what_is_missing(
    live_server,
    page,
    world,
    proof,
):
    sign_in(page, live_server, world.pat)
    page.goto(live_server.url + reverse("countersign_sign_off:proof", args=[proof.pk]))
    page.get_by_role("button", name="Ask for changes").click()

    page.get_by_role("alert").wait_for()
    assert page.get_by_label("Comment").get_attribute("aria-invalid") == "true"
    check(page, "changes-without-a-word")
    assert SignOff.objects.count() == 1


def test_taking_back_is_one_plain_form(live_server, page, world, proof):
    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    sign_in(page, live_server, world.pat)
    page.goto(
        live_server.url
        + reverse("countersign_sign_off:withdraw", args=[proof.content_id])
    )
    check(page, "take-back")
    page.get_by_label("Why are you taking it back?").fill("The number is wrong.")
    page.get_by_role("button", name="Take back now").click()
    page.get_by_role("heading", name="Sign-off", exact=True).wait_for()

    assert not Release.objects.current().exists()


def test_the_editor_shows_the_draft_beside_the_form(
    live_server,
    page,
    world,
    proof,
):
    item = LocalOfferPage.objects.get()
    said = []
    page.on("console", lambda message: said.append(message.text))
    sign_in(page, live_server, world.editor)
    page.goto(
        live_server.url + reverse("wagtailadmin_pages:view_draft", args=[item.pk])
    )
    draft = page.frame_locator("iframe").get_by_role("heading", name=item.title)

    draft.wait_for()
    assert [one for one in said if "Content Security Policy" in one] == []
