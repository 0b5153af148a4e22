"""Finding a feed and taking its address in a real browser, on a telephone and a desk."""

import pytest

from cms import withdrawals
from cms.models import Topic

from .browsing import check, in_chromium
from .conftest import make_world
from .test_web_browser import release

pytestmark = in_chromium

TOPICS = (
    "Autism",
    "Choosing a school or college",
    "Education, health and care plans",
    "Getting around",
    "Money",
    "Short breaks",
    "Talking and understanding",
)


@pytest.fixture
def world(transactional_db):
    world = make_world()
    for number, name in enumerate(TOPICS):
        Topic.objects.create(name=name, slug=f"topic-{number}")
    return world


@pytest.mark.journey
def test_feeds_are_accessible_and_fit(live_server, page, world):
    release(world, "Getting help with talking and understanding")
    release(world, "Travelling to school: who can have help with it, and how to ask")
    gone = release(world, "An advice line that closed")
    withdrawals.withdraw(
        content_id=gone.content_id,
        by=world.pat,
        reason="Closed",
        public_note="The advice line has closed. Ring 01632 960777 instead.",
    )
    for path in (
        "",
        "local-offer/",
        "local-offer/shropshire/",
        "local-offer/shropshire/topic-2/",
        "withdrawals/",
        "nonsense/",
    ):
        page.goto(f"{live_server.url}/feeds/{path}")
        check(page, f"feeds-{path.replace('/', '-')}")
    page.goto(f"{live_server.url}/feeds/")
    page.evaluate(
        "document.querySelectorAll('details').forEach(one => one.open = true)"
    )
    check(page, "feeds-open")


def test_an_address_is_copied_with_the_keyboard(live_server, page, world):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{live_server.url}/feeds/news/shropshire/")
    field = page.get_by_label("RSS: for nearly every program")
    field.focus()
    # Ready to be copied by hand as well.
    assert page.evaluate("getSelection().toString()") == field.input_value()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    page.get_by_text("Copied: https://localoffer.example/feeds/news/").wait_for()
    button = page.get_by_role("button", name="Copied the address of the RSS feed")
    assert button.is_visible()
    assert page.evaluate("navigator.clipboard.readText()") == (
        "https://localoffer.example/feeds/news/shropshire.rss"
    )
    assert page.get_by_role("status").inner_text() == (
        "Copied: https://localoffer.example/feeds/news/shropshire.rss"
    )
    check(page, "feeds-copied")
    # Nothing that the policy blocked.
    assert said == []


def test_a_browser_that_lets_nobody_copy_says_so(live_server, page, world):
    page.add_init_script(
        "Object.defineProperty(navigator, 'clipboard', {value: "
        "{writeText: () => Promise.reject(new Error('no'))}})"
    )
    page.goto(f"{live_server.url}/feeds/")
    page.get_by_role("button", name="Copy the address of Everything new").first.click()

    page.get_by_text("copy it by hand").wait_for()
    assert page.evaluate("getSelection().toString()") == (
        "https://localoffer.example/feeds/all.rss"
    )


def test_without_scripts_an_address_can_be_selected(live_server, browser, world):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/feeds/")

    assert page.get_by_role("button").count() == 0
    first = page.get_by_label("Address").first
    assert first.input_value() == "https://localoffer.example/feeds/all.rss"
    assert not first.is_editable()
    page.locator("#kind-news ~ details summary").first.click()
    assert page.get_by_label("Shropshire", exact=True).nth(2).is_visible()
    context.close()


def test_a_big_enough_target_for_a_thumb(live_server, page, world):
    page.goto(f"{live_server.url}/feeds/")

    for box in (
        one.bounding_box() for one in page.locator("button:visible, summary").all()
    ):
        assert box["height"] >= 44
    for box in (one.bounding_box() for one in page.locator(".beside a:visible").all()):
        assert box["height"] >= 24
