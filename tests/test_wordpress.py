"""What real WordPress makes of our addresses: its own code asks, cleans and shows.

``WORDPRESS`` names the folder where WordPress is, if not where Debian puts it.
"""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from syndication.newsletters.takeaway.forms import FORMS

from .browsing import in_chromium, wait_until
from .conftest import make_world
from .issue_copies import copy
from .partner_site import Answer, Site
from .test_embeds_browser import TITLE, release, withdraw

WORDPRESS = Path(os.environ.get("WORDPRESS", "/usr/share/wordpress"))
EMBED_SCRIPT = WORDPRESS / "wp-includes" / "js" / "wp-embed.js"
DRIVER = Path(__file__).parent / "wordpress.php"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("php") and EMBED_SCRIPT.exists()),
        reason=f"no php on PATH, or no WordPress in {WORDPRESS} "
        "(Debian: apt install wordpress; or name its folder in WORDPRESS)",
    ),
]


@pytest.fixture
def world(live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    world.proof = release(world)
    return world


def paste(address, text=""):
    """What WordPress makes of an address, or of a text where that is ``-``."""
    answer = subprocess.run(  # noqa: S603 - the addresses are ours
        ["php", DRIVER, WORDPRESS, address],  # noqa: S607 - wherever it is
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answer.stderr == ""
    return json.loads(answer.stdout)


def test_no_word_of_an_issue_runs_as_a_shortcode():
    hostile = copy(title="Ask [contact-form-7 id='1'] or [[gallery]]")
    entry = hostile.items[0]
    named = replace(
        entry, title="[gallery ids='1'] [/gallery]", url=f"{entry.url}?a=[gallery]"
    )
    made = replace(hostile, every=(named, *hostile.every[1:]))
    assert "A SHORTCODE RAN" in paste("-", "<p>[gallery]</p>")["shows"]

    shown = paste("-", str(FORMS["wordpress.html"].make(made)))["shows"]

    assert "A SHORTCODE RAN" not in shown
    words = BeautifulSoup(shown, "html.parser").get_text()
    assert "Ask [contact-form-7 id='1'] or [[gallery]]" in words
    assert "[gallery ids='1'] [/gallery]" in words


@pytest.mark.parametrize(
    ("address", "frame"),
    [
        ("/items/{}", "/embed/{}"),
        ("/items/{}/use", "/embed/{}"),
        ("/feeds/local-offer/", "/embed/local-offer"),
        ("/feeds/all/shropshire", "/embed/all/shropshire"),
        ("/use/local-offer", "/embed/local-offer"),
    ],
)
def test_wordpress_shows_a_frame_for_a_pasted_address(
    live_server, world, address, frame
):
    pasted = live_server.url + address.format(world.proof.content_id)

    made = paste(pasted)

    assert made["asks"].startswith(f"{live_server.url}/oembed?url=")
    assert made["told"]["type"] == "rich"
    quote, shown = BeautifulSoup(made["shows"], "html.parser").find_all(
        ["blockquote", "iframe"]
    )
    assert quote.find_all("a")[0]["href"].startswith(live_server.url)
    assert TITLE not in made["shows"]
    source, _, secret = shown["src"].partition("#?secret=")
    assert source == live_server.url + frame.format(world.proof.content_id)
    assert secret == shown["data-secret"] == quote["data-secret"]
    # For whoever hears a page: WordPress would else put the title of the text there.
    assert shown["title"] == made["told"]["html"].split('title="')[1].split('"')[0]


def test_wordpress_is_told_of_a_withdrawal_by_the_frame(live_server, world):
    address = f"{live_server.url}/items/{world.proof.content_id}"
    before = paste(address)
    withdraw(world, world.proof)

    after = paste(address)

    assert after["told"]["html"] == before["told"]["html"]
    assert TITLE not in json.dumps(after)


def test_wordpress_leaves_what_is_not_ours_as_a_link(live_server, world):
    assert paste(f"{live_server.url}/feeds/withdrawals/")["shows"] is False
    assert paste(f"{live_server.url}/")["shows"] is False


class TestInABrowser:
    pytestmark = in_chromium

    def test_the_page_of_wordpress_has_the_text_and_loses_it(
        self, live_server, world, page
    ):
        shows = paste(f"{live_server.url}/items/{world.proof.content_id}")["shows"]
        with Site() as school:
            school.answers["/"] = Answer(
                '<!doctype html><html lang="en"><title>School</title><h1>School</h1>'
                f"{shows}<script>{EMBED_SCRIPT.read_text()}</script></html>"
            )
            page.goto(school.origin)
            inside = page.frame_locator("iframe")
            inside.get_by_role("heading", name=TITLE).wait_for()
            wait_until(page, "document.querySelector('iframe').height > 300")
            assert page.locator("blockquote").is_hidden()
            inside.get_by_role("link", name="Check this text").click()
            page.wait_for_url(f"{live_server.url}/receipts/{world.proof.fingerprint}")

            withdraw(world, world.proof, public_note="The line has closed.")
            page.context.new_cdp_session(page).send("Network.clearBrowserCache")
            page.goto(school.origin)
            inside.get_by_text("The line has closed.").wait_for()
            assert inside.get_by_text(TITLE).count() == 0
            assert TITLE not in page.content()
