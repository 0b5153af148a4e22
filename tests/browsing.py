"""A real Chromium for tests, and what every screen has to pass in it."""

import os
import shutil
import threading
import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.signals import request_finished, request_started
from django.test import Client
from django.test.signals import template_rendered
from playwright.sync_api import sync_playwright

from .screens import SCREENS

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
# Where screenshots go, when somebody wants to look at them.
SHOTS = os.environ.get("SCREENSHOTS", "")
WIDTHS = (390, 1280)
AXE = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    }
}
FINISH_ANIMATIONS = """
    for (const one of document.getAnimations()) {
        if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
    }
"""

in_chromium = [
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


@pytest.fixture
def page(browser):
    """A page as wide as a telephone. All that it asked for is answered at the end."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, reduced_motion="reduce"
    )
    # A slow machine is no fault of a screen.
    context.set_default_timeout(90_000)
    page = context.new_page()
    with Underway() as underway:
        yield page
        context.close()
        # A form of the admin asks by itself (for its preview, for who else edits). The
        # database is emptied next, which SQLite refuses while something is being read.
        underway.wait(seconds=60)
        time.sleep(0.1)  # What the server had taken, and not yet begun to answer.
        underway.wait(seconds=60)


def wait_until(page, expression, seconds=90):
    """Wait until ``expression`` is true in the page.

    Not ``page.wait_for_function``: where a page forbids ``eval`` it looks once, and fails
    when it would look again.
    """
    patience = time.monotonic() + seconds
    while not page.evaluate(f"Boolean({expression})"):
        assert time.monotonic() < patience, f"still not true: {expression}"
        page.wait_for_timeout(50)


class Underway:
    """How many requests are being answered, in whatever thread."""

    def __init__(self):
        self.count = 0
        self.changed = threading.Condition()

    def __enter__(self):
        request_started.connect(self.start)
        request_finished.connect(self.finish)
        return self

    def __exit__(self, *args):
        request_started.disconnect(self.start)
        request_finished.disconnect(self.finish)

    def start(self, **kwargs):
        with self.changed:
            self.count += 1

    def finish(self, **kwargs):
        with self.changed:
            self.count -= 1
            self.changed.notify_all()

    def wait(self, seconds):
        with self.changed:
            quiet = self.changed.wait_for(lambda: self.count <= 0, seconds)
        assert quiet, f"{self.count} requests had no answer after {seconds} seconds"


@pytest.fixture(autouse=True)
def promised_screens(request):
    """What a test shows to axe, which has to be all that ``tests/screens.py`` says."""
    if not request.node.get_closest_marker("browser"):
        yield
        return
    drawn.clear()
    checked.clear()
    template_rendered.connect(note)
    yield
    template_rendered.disconnect(note)
    test = f"{request.path.name}::{request.function.__name__}"
    promised = {screen for screen, by in SCREENS.items() if by == test}
    assert promised <= checked, f"not shown to axe: {promised - checked}"


# The templates that were drawn since the last screen was checked, and that were checked.
drawn: set[str] = set()
checked: set[str] = set()


def note(template, **kwargs):
    drawn.add(template.name)


def sign_in(page, live_server, user):
    """Let somebody be signed in, without the form for it."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    page.context.add_cookies(
        [{"name": "sessionid", "value": cookie, "url": live_server.url}]
    )


def check(page, name, schemes=()):
    """No violation of axe, and nothing to scroll sideways, at each width.

    In each of ``schemes`` ("light", "dark"), or without any as the page stands.
    """
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        check(page, f"{name}-{scheme}")
    if schemes:
        page.emulate_media(color_scheme="light")
        return
    checked.update(drawn)
    drawn.clear()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
        if faults := _faults(page):
            # What begins to fade in later has no contrast yet: a second look decides.
            page.wait_for_timeout(1000)
            faults = _faults(page)
        assert faults == [], f"{name} at {width}: {faults}"
        overflow = page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        assert not overflow, f"{name} scrolls sideways at {width}"
    page.set_viewport_size({"width": WIDTHS[0], "height": 844})


def _faults(page):
    page.evaluate(FINISH_ANIMATIONS)
    found = Axe().run(page, options=AXE).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]
