"""The newsletter's pages and its mail as people meet them: in Chromium, with axe."""

from urllib.parse import urlsplit

import pytest

from cms import sign_off as verbs
from cms import tree, withdrawals
from cms.models import NewsIndexPage, NewsItemPage, Proof
from syndication.models import Release
from syndication.newsletters import digests, links, messages, subscriptions
from syndication.newsletters.models import Confirmation, Subscription

from .browsing import check, in_chromium
from .conftest import BODY, make_world

pytestmark = in_chromium


@pytest.fixture
def subscription(transactional_db):
    make_world()
    return subscriptions.request(
        email="parent@example.org",
        choices={},
        wording="Yes, please.",
        source="test",
    )


def smallest_target(page):
    """The least height of anything to press inside the content."""
    return page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(
            'main button, main input[type=email], main .choice')]
            .map(one => one.getBoundingClientRect().height))"""
    )


def test_subscribing_on_a_phone(live_server, page, subscription):
    page.goto(f"{live_server.url}/newsletter/")
    check(page, "subscribe")
    assert smallest_target(page) >= 44

    page.get_by_role("button", name="Subscribe").click()
    check(page, "mistakes")
    assert page.evaluate("document.activeElement.id") == "errors"
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Enter your email address").click()
    assert page.evaluate("document.activeElement.id") == "email"
    described = page.locator("#email").get_attribute("aria-describedby")
    assert described == "email-hint email-error"

    page.get_by_label("Your email address").fill("somebody@example.org")
    page.get_by_label("Telford and Wrekin").check()
    page.get_by_label("I would like to get this newsletter").check()
    page.get_by_role("button", name="Subscribe").click()

    assert page.locator("h1").inner_text() == "Please look in your inbox"
    check(page, "asked")
    assert page.context.cookies() == []
    asked = Subscription.objects.get(subscriber__email="somebody@example.org")
    assert [one.value for one in asked.choices.all()] == ["telford-and-wrekin"]


def test_the_form_works_with_the_keyboard_alone(live_server, page, subscription):
    page.goto(f"{live_server.url}/newsletter/")
    page.locator("#email").focus()
    page.keyboard.type("keys@example.org")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "agree"
    page.keyboard.press("Space")
    # The field for programs is passed over.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('inbox')")

    assert Subscription.objects.filter(subscriber__email="keys@example.org").exists()


def test_confirming_and_leaving_on_a_phone(live_server, page, subscription):
    page.goto(live_server.url + urlsplit(links.to_confirm(subscription)).path)
    check(page, "confirm")
    assert smallest_target(page) >= 44
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "You are subscribed"
    check(page, "confirmed")

    page.goto(live_server.url + urlsplit(links.to_unsubscribe(subscription)).path)
    check(page, "unsubscribe")
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "You have left the newsletter"
    check(page, "unsubscribed")
    assert not Subscription.objects.active().exists()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/newsletter/confirm/made.up.token/", "damaged"),
        ("/newsletter/unsubscribe/x/", "damaged-too"),
    ],
)
def test_a_link_that_does_not_work_says_so(
    live_server, page, transactional_db, path, name
):
    make_world()
    page.goto(live_server.url + path)
    check(page, name)


def signed_issue(world, *titles):
    for title in titles:
        item = NewsItemPage(
            title=title,
            summary="What has changed, in a sentence or two, and for whom it matters.",
            body=BODY,
            owner=world.editor,
        )
        item.areas = [world.shropshire, world.telford]
        tree.folder(NewsIndexPage).add_child(instance=item)
        item.save_revision(user=world.editor)
        item.get_workflow().start(item, world.editor)
        sign_everything(world)
    issue = digests.compile_digest(submit=False)
    assert issue
    issue.introduction = "Dear families,\nhere is what your forums agreed this month."
    issue.save_revision()
    issue.get_workflow().start(issue, None)
    sign_everything(world)
    return Release.objects.get(kind="issues")


def sign_everything(world):
    for proof in Proof.objects.open():
        for forum, member in ((world.pacc, world.pat), (world.pods, world.pip)):
            verbs.sign(
                proof=proof, forum=forum, by=member, fingerprint=proof.fingerprint
            )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mail_reads_well_in_light_and_dark(browser, transactional_db, scheme):
    world = make_world()
    subscription = subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes", source="test"
    )
    subscriptions.confirm(key=subscription.key)
    signed_issue(world, "Short breaks this winter", "A new number for the advice line")
    gone = Release.objects.current().filter(kind="news").first()
    assert gone
    withdrawals.withdraw(content_id=gone.item.content_id, by=world.pat, reason="Wrong")
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()

    request = messages.Composer().compose(Confirmation.objects.get())
    issue = Release.objects.current().get(kind="issues")
    mails = {
        "issue": messages.mould(issue).html,
        "confirmation": str(request.alternatives[0][0]),
    }
    for purpose, html in mails.items():
        assert len(html.encode()) < 90_000
        page.set_content(html)
        check(page, f"mail-{purpose}-{scheme}")
        sizes = page.evaluate(
            """() => [...document.querySelectorAll('p, a, h1, h2')]
                .map(one => parseFloat(getComputedStyle(one).fontSize))"""
        )
        assert min(sizes) >= 16
        tables = page.locator("table")
        assert all(
            tables.nth(n).get_attribute("role") == "presentation"
            for n in range(tables.count())
        )
        page.set_viewport_size({"width": 1280, "height": 900})
        assert page.locator(".paper").bounding_box()["width"] <= 600
    context.close()
