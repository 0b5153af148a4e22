"""Reading and signing as people do it: on a telephone, with the keyboard, in Chromium."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from cms import sign_off as verbs
from cms.models import LocalOfferPage, NoReply, Proof, SignOff
from syndication.models import Release

from .browsing import check, in_chromium, sign_in
from .conftest import BODY, make_world, submit_draft, write_draft

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
    proof = submit_draft(world, write_draft(world))
    verbs.sign(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="Clear and kind.",
    )
    return proof


@pytest.fixture
def second(world, proof):
    """The next version of a page that both forums signed, with all there is to see."""
    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    item = LocalOfferPage.objects.get().get_latest_revision_as_object()
    item.title = "Getting help with talking, listening and understanding"
    item.age_to = 19
    item.release_at = timezone.now() + dt.timedelta(days=30)
    item.co_production_level = "service"
    item.co_production = [
        {"type": "part", "value": {"forum": world.pacc.pk, "stage": "idea"}}
    ]
    item.what_changed = "The opening hours."
    item.body = item.body.stream_block.to_python(
        [
            BODY[0],
            {
                "type": "paragraph",
                "value": "<p>Ring the <b>advice line</b> on any weekday. Ask for an EHC "
                'plan, or read <a href="http://example.org/ehc">about it</a>.</p>',
            },
            {
                "type": "contact",
                "value": {
                    "name": "Speech and language advice line",
                    "phone": "01632 960199",
                    "email": "advice@example.org",
                    "hours": "Mondays, 9am to noon",
                },
            },
            {"type": "heading", "value": "What happens next"},
        ]
    )
    item.save_revision(user=world.editor)
    item.get_workflow().start(item, world.editor)
    second = Proof.objects.open().get()
    # A triggerless column: the calendar moved on.
    Proof.objects.filter(pk=second.pk).update(due_on=dt.date(2026, 1, 1))
    NoReply.objects.create(
        proof=second,
        forum=world.pacc,
        due_on=dt.date(2026, 1, 1),
        recorded_at=timezone.now(),
    )
    second.refresh_from_db()
    return second


@pytest.mark.journey
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


def test_what_changed_since_we_last_signed(live_server, page, world, second):
    sign_in(page, live_server, world.pat)
    page.goto(live_server.url + reverse("countersign_sign_off:proof", args=[second.pk]))
    changes = page.get_by_role("region", name="What changed since PACC last signed")
    assert changes.get_by_text("removed: 01632 960101").count() == 2
    check(page, "read-what-changed")

    # With the keyboard alone: to the summary, open it, read the table.
    changes.get_by_text("Show before and now side by side").focus()
    page.keyboard.press("Enter")
    table = changes.get_by_role("table")
    assert table.get_by_role("columnheader", name="When PACC last signed").count() == 1
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => one.open = true)"
    )
    check(page, "read-everything-open")
    row = table.get_by_role("row", name="Contact “Speech and language advice line”")
    assert "01632 960101" in row.get_by_role("cell").first.inner_text()
    assert "01632 960199" in row.get_by_role("cell").last.inner_text()


def test_every_button_is_big_enough_and_says_for_whom(live_server, page, world, second):
    sign_in(page, live_server, world.pat)
    page.goto(live_server.url + reverse("countersign_sign_off:proof", args=[second.pk]))
    page.get_by_text("PACC does not agree at all").click()

    for name in ("Sign for PACC", "Ask for changes for PACC", "PACC does not agree"):
        button = page.get_by_role("button", name=name)
        assert button.bounding_box()["height"] >= 44
    for choice in page.get_by_role("radio").all():
        assert choice.locator("..").bounding_box()["height"] >= 44


def test_signing_needs_no_script(live_server, browser, world, proof):
    context = browser.new_context(java_script_enabled=False)
    with context.new_page() as plain:
        sign_in(plain, live_server, world.pat)
        address = reverse("countersign_sign_off:proof", args=[proof.pk])
        plain.goto(live_server.url + address)
        # Closed while it still goes there, a page can hang for good.
        with plain.expect_navigation():
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
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
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


def test_a_fact_is_corrected_on_one_plain_form(live_server, page, world, proof):
    verbs.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )
    sign_in(page, live_server, world.editor)
    page.goto(
        live_server.url
        + reverse("countersign_sign_off:correct", args=[proof.content_id])
    )
    check(page, "correct-a-fact")
    page.get_by_label("Telephone of").fill("01632 960999")
    page.get_by_label("Email of").fill("nobody at home")
    page.get_by_label("Why can this not wait").fill("The number is dead.")
    page.get_by_role("button", name="Correct it now").click()
    page.get_by_role("alert").wait_for()
    check(page, "correct-a-fact-refused")
    assert page.get_by_label("Email of").input_value() == "nobody at home"

    page.get_by_label("Email of").fill("advice@example.org")
    page.get_by_role("button", name="Correct it now").click()
    page.wait_for_url("**/admin/sign-off/*/")

    assert Release.objects.current().get().before_review
