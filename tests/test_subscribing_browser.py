"""Subscribing, choosing and leaving as people meet them: in Chromium, with axe."""

from functools import partial
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group

from cms import terms
from cms.models import Area, Forum
from syndication.newsletters import (
    askings,
    links,
    messages,
    notes,
    subscriptions,
    wordings,
)
from syndication.newsletters.models import Asking, Note, Subscription

from . import browsing
from .browsing import in_chromium, sign_in
from .conftest import make_world
from .partner_site import Answer, Site

pytestmark = in_chromium
check = partial(browsing.check, schemes=("light", "dark"))


@pytest.fixture
def world(transactional_db):
    world = make_world()
    terms.install()
    return world


@pytest.fixture
def subscription(world):
    return subscriptions.request(
        email="parent@example.org",
        choices={"area": ["shropshire"], "kind": ["news"]},
        wording=wordings.archived(wordings.current()).text,
        source="test",
    )


@pytest.fixture
def active(subscription):
    subscriptions.confirm(key=subscription.key)
    Note.objects.all().delete()
    subscription.refresh_from_db()
    return subscription


def smallest_target(page):
    """The least height of anything to press inside the content."""
    return page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(
            'main button, main input[type=email], main .choice, main summary')]
            .filter(one => one.checkVisibility())
            .map(one => one.getBoundingClientRect().height))"""
    )


def sent(live_server, path):
    return live_server.url + urlsplit(path).path


@pytest.mark.journey
def test_subscribing_on_a_phone(live_server, page, subscription):
    page.goto(f"{live_server.url}/newsletter/")
    check(page, "subscribe")
    assert smallest_target(page) >= 44
    page.get_by_text("Only some kinds or ages").click()
    check(page, "subscribe-open")

    page.get_by_role("button", name="Subscribe").click()
    check(page, "mistakes")
    assert page.evaluate("document.activeElement.id") == "errors"
    assert page.title().startswith("Error: ")
    page.get_by_role("link", name="Enter your email address").click()
    assert page.evaluate("document.activeElement.id") == "email"
    described = page.locator("#email").get_attribute("aria-describedby")
    assert described == "email-hint email-error"

    page.get_by_label("Your email address").fill("somebody@example.org")
    page.get_by_label("As it happens").check()
    page.get_by_label("Telford and Wrekin").check()
    page.get_by_text("Only some kinds or ages").click()
    page.get_by_label("After 16").check()
    page.get_by_label("I would like to get this newsletter").check()
    page.get_by_role("button", name="Subscribe").click()

    assert page.locator("h1").inner_text() == "Please look in your inbox"
    check(page, "asked")
    assert page.context.cookies() == []
    askings.take_up()
    asked = Subscription.objects.get(subscriber__email="somebody@example.org")
    assert asked.frequency == "at_once"
    assert asked.chosen() == {
        "area": ["telford-and-wrekin"],
        "kind": [],
        "stage": ["post-16"],
    }


def test_the_form_works_with_the_keyboard_alone(live_server, page, subscription):
    page.goto(f"{live_server.url}/newsletter/")
    page.locator("#email").focus()
    page.keyboard.type("keys@example.org")
    page.keyboard.press("Tab")
    # One stop for three buttons of which one is pressed; arrows choose.
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value") == "monthly"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "agree"
    page.keyboard.press("Space")
    # The field for programs is passed over.
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('inbox')")

    assert Asking.objects.get().details["frequency"] == "monthly"


def test_confirming_and_leaving_on_a_phone(live_server, page, subscription):
    page.goto(sent(live_server, links.to_confirm(subscription)))
    check(page, "confirm")
    assert smallest_target(page) >= 44
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "You are subscribed"
    check(page, "confirmed")

    page.goto(sent(live_server, links.to_unsubscribe(subscription)))
    check(page, "unsubscribe")
    page.get_by_role("button").click()
    assert page.locator("h1").inner_text() == "You have left the newsletter"
    check(page, "unsubscribed")
    assert smallest_target(page) >= 44
    assert not Subscription.objects.active().exists()
    page.get_by_label("It comes too often").check()
    page.get_by_role("button", name="Tell the forums").click()
    assert page.get_by_role("status").inner_text().startswith("Thank you")
    check(page, "thanks")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/newsletter/confirm/made.up.token/", "damaged"),
        ("/newsletter/unsubscribe/x/", "damaged-too"),
        ("/newsletter/preferences/x/", "damaged-as-well"),
    ],
)
def test_a_link_that_does_not_work_says_so(live_server, page, world, path, name):
    page.goto(live_server.url + path)
    check(page, name)


def test_changing_ones_choices_on_a_phone(live_server, page, active):
    page.goto(sent(live_server, links.to_preferences(active)))
    check(page, "preferences")
    assert smallest_target(page) >= 44
    assert page.get_by_label("Shropshire", exact=True).is_checked()
    assert page.get_by_label("News", exact=True).is_checked()

    page.get_by_label("Shropshire", exact=True).uncheck()
    page.get_by_role("button", name="Save").click()
    check(page, "preferences-mistake")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.get_by_label("Telford and Wrekin").check()
    page.get_by_label("Once a month").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text().startswith("Saved.")
    check(page, "preferences-saved")
    active.refresh_from_db()
    assert active.frequency == "monthly"

    group = Group.objects.create(name="Powys")
    forum = Forum.objects.create(
        name="Carers of Powys", short_name="CoP", slug="cop", group=group
    )
    Area.objects.create(name="Powys", slug="powys").forums.add(forum)
    page.reload()
    page.get_by_label("Powys", exact=True).check()
    page.get_by_role("button", name="Save").click()
    check(page, "preferences-new-words")
    page.get_by_label("I would like to get this newsletter").check()
    page.get_by_role("button", name="Save").click()
    assert page.get_by_role("status").inner_text().startswith("Saved.")

    page.get_by_role("link", name="Get it at another address").click()
    check(page, "move")
    page.get_by_label("The new email address").fill("new@example.org")
    page.get_by_role("button", name="Ask this mailbox").click()
    assert page.locator("h1").inner_text() == "Please look in the new inbox"
    check(page, "move-asked")

    page.get_by_role("link", name="Back to your choices").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download what we store").click()
    assert download.value.suggested_filename == "my-newsletter-data.json"
    page.get_by_role("link", name="Stop it and delete").click()
    check(page, "forget")
    page.get_by_role("button", name="Yes, delete it").click()
    assert page.locator("h1").inner_text() == "It is deleted"
    check(page, "forgotten")
    assert page.context.cookies() == []
    assert not Subscription.objects.active().exists()


def test_asking_for_the_link_and_finding_no_choices(live_server, page, active):
    page.goto(f"{live_server.url}/newsletter/")
    page.get_by_role("link", name="Ask for a link").click()
    page.get_by_role("button", name="Send me my link").click()
    check(page, "link-mistake")
    page.get_by_label("Your email address").fill("parent@example.org")
    page.get_by_role("button", name="Send me my link").click()
    assert page.locator("h1").inner_text() == "Please look in your inbox"
    check(page, "link-sent")

    subscriptions.end(key=active.key, reason="unsubscribed")
    page.goto(sent(live_server, links.to_preferences(active)))
    check(page, "no-choices")


def test_a_partner_offers_the_newsletter(live_server, page, world, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    page.goto(f"{live_server.url}/newsletter/use")
    page.get_by_label("Address of your website").fill("www.school.example")
    page.get_by_role("button", name="Put it in").click()
    check(page, "newsletter-use")
    frame_code = page.locator("#code-frame").inner_text()
    form_code = page.locator("#code-plain").inner_text()

    with Site() as school:
        school.answers["/frame"] = Answer(
            f"<!doctype html><title>School</title><h1>School</h1>{frame_code}"
        )
        school.answers["/form"] = Answer(
            f"<!doctype html><title>School</title><h1>School</h1>{form_code}"
        )
        page.goto(f"{school.origin}/frame")
        inside = page.frame_locator("iframe")
        inside.get_by_label("Your email address").fill("framed@example.org")
        inside.get_by_label("I would like to get this newsletter").check()
        inside.get_by_role("button", name="Subscribe").click()
        inside.get_by_role("heading", name="Please look in your inbox").wait_for()

        page.goto(f"{school.origin}/form")
        page.locator("#countersign-email").fill("plain@example.org")
        page.get_by_role("button", name="Go on").click()
        assert page.get_by_label("Your email address").input_value() == (
            "plain@example.org"
        )
        check(page, "started")
        page.get_by_label("I would like to get this newsletter").check()
        page.get_by_role("button", name="Subscribe").click()
        assert page.locator("h1").inner_text() == "Please look in your inbox"
    page.goto(f"{live_server.url}/newsletter/form")
    check(page, "framed")

    askings.take_up()
    assert dict(Subscription.objects.values_list("subscriber__email", "source")) == {
        "framed@example.org": "frame www.school.example",
        "plain@example.org": "form www.school.example",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_mail_about_a_subscription_reads_well(browser, active, scheme):
    notes.queue_link(subscription=active)
    moving = subscriptions.request_move(key=active.key, email="new@example.org")
    assert moving
    notes.queue_moved(subscription=active)
    context = browser.new_context(color_scheme=scheme)
    page = context.new_page()

    for delivery in Note.objects.order_by("pk"):
        mail = messages.Composer().compose(delivery)
        html, _ = mail.alternatives[0]
        page.set_content(html)
        browsing.check(page, f"mail-{delivery.purpose}-{scheme}")
    assert Note.objects.count() == 3
    context.close()


def test_an_editor_sees_what_was_agreed_to(live_server, page, world, active):
    subscriptions.end(key=active.key, reason="unsubscribed")
    subscriptions.say_why(key=active.key, why="too_often")
    sign_in(page, live_server, world.editor)

    page.goto(f"{live_server.url}/admin/wordings/")

    assert page.locator("h1").inner_text() == "What subscribers agreed to"
    assert "parent@example.org" not in page.content()
    browsing.check(page, "wordings")
