"""A school's website takes a text in every way there is, and loses it when it is withdrawn.

The real service at one address, the school's page with a strict policy at another.
"""

import urllib.request

import pytest

from cms import sign_off, withdrawals
from syndication.embeds import elements
from syndication.models import permalink

from .browsing import check, in_chromium, wait_until
from .conftest import make_world, submit_draft, write_draft
from .every_block import every_block, make_document, make_picture
from .partner_site import Site, policy, style
from .partner_site import page as partners_page

pytestmark = [
    *in_chromium,
    # Wagtail opens renditions without closing them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

TITLE = "Talking & understanding: <help> for your child"
WORDS = "Ring the advice line first."
WITHDRAWN = "This text was withdrawn"
NOTE = "The telephone number has changed."
VIOLATIONS = """
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) =>
        violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


@pytest.fixture
def world(transactional_db, live_server, settings):
    settings.PUBLIC_ORIGIN = live_server.url
    world = make_world()
    target = write_draft(world, title="Short breaks")
    sign(world, submit_draft(world, target))
    body = every_block(make_picture(size=(900, 500)), make_document(), target)
    world.page = write_draft(world, title=TITLE, body=body)
    sign(world, submit_draft(world, world.page))
    return world


def sign(world, proof):
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        sign_off.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)


@pytest.fixture
def school():
    with Site() as site:
        site.answers["/site.css"] = style()
        yield site


def withdraw(world):
    withdrawals.withdraw(
        content_id=world.page.content_id,
        by=world.pat,
        reason="A wrong number",
        kind="notice",
        public_note=NOTE,
    )


def offered(page, which):
    """The code that our page offers to be copied, as somebody would paste it."""
    return page.locator(f"#{which}").text_content()


def included(address):
    """What the school's own server puts into its page when that is asked for."""
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        return answer.read().decode()


def every_way(world, origin, codes, *, trusted_types):
    """The school's page: by script, in a frame, and by its own server."""
    by_script, frame, heights = codes

    def make():
        address = f"{origin}/fragments/{world.page.content_id}.html?heading=3"
        return partners_page(
            f"""<h2>By script</h2><div id="by-script">{by_script}</div>
            <h2>In a frame</h2>{frame}{heights}
            <h2>By our server</h2><div id="by-server">{included(address)}</div>""",
            origin=origin,
            csp=policy(origin, trusted_types=trusted_types),
        )

    return make


def as_high_as_its_text(page):
    """Whether nothing in the frame has to be scrolled, and there is no empty room."""
    inside = page.frames[-1].evaluate(
        "Math.ceil(document.documentElement.getBoundingClientRect().height)"
    )
    return page.locator("iframe").evaluate("one => one.clientHeight") == inside


def words_of(page, selector):
    return page.evaluate(
        "(one) => document.querySelector(one).textContent.replace(/\\s+/g, ' ').trim()",
        selector,
    )


@pytest.mark.parametrize("trusted_types", [False, True])
@pytest.mark.journey
def test_a_school_shows_a_text_in_every_way_and_loses_it(
    live_server, page, world, school, trusted_types
):
    page.context.set_default_timeout(20_000)
    page.add_init_script(VIOLATIONS)
    name = "trusted" if trusted_types else "plain"
    page.goto(f"{live_server.url}/items/{world.page.content_id}/use")
    ways = ("element-evergreen", "code-frame", "code-height")
    school.answers["/page"] = every_way(
        world,
        live_server.url,
        [offered(page, way) for way in ways],
        trusted_types=trusted_types,
    )

    page.goto(f"{school.origin}/page")

    by_script = page.locator("#by-script countersign-item article")
    by_server = page.locator("#by-server article")
    in_frame = page.frame_locator("iframe").locator("article")
    for one in (by_script, by_server, in_frame):
        one.get_by_text(WORDS).wait_for()
        one.get_by_role("heading", name=TITLE).wait_for()
        one.get_by_text("Agreed by Shropshire Parent and Carer Council").wait_for()
    # The same words, whichever way they came.
    assert words_of(page, "#by-script article") == words_of(page, "#by-server article")
    assert page.locator("#by-script [style]").count() == 0
    by_script.locator("img").first.scroll_into_view_if_needed()
    wait_until(page, "document.querySelector('#by-script img').naturalWidth === 900")
    wait_until(page, "document.querySelector('iframe').height > 1000")
    page.wait_for_timeout(300)
    assert as_high_as_its_text(page)
    assert page.evaluate("violations") == []
    check(page, f"school-{name}")

    # Withdrawn while the page is open.
    page.clock.install()
    page.reload()
    by_script.get_by_text(WORDS).wait_for()
    withdraw(world)
    page.clock.fast_forward(16 * 60_000)
    by_script.get_by_text(NOTE).wait_for()
    assert by_script.get_by_text(WORDS).count() == 0

    # And in each way at the next load, once a minute is over: for as long a browser may
    # keep what is in a frame.
    page.context.new_cdp_session(page).send("Network.clearBrowserCache")
    page.reload()
    for one in (by_script, by_server, in_frame):
        one.get_by_text(WITHDRAWN).wait_for()
        one.get_by_text(NOTE).wait_for()
        assert one.get_by_text(WORDS).count() == 0
        assert one.get_by_text("talking").count() == 0
    wait_until(page, "document.querySelector('iframe').height < 500")
    page.wait_for_timeout(300)
    assert as_high_as_its_text(page)
    assert page.evaluate("violations") == []
    check(page, f"school-withdrawn-{name}")


def test_one_version_of_the_script_and_a_list_work_as_offered(
    live_server, page, world, school
):
    page.context.set_default_timeout(20_000)
    page.add_init_script(VIOLATIONS)
    page.goto(f"{live_server.url}/use/local-offer/shropshire")
    page.get_by_text("For whoever looks after your website’s security").click()
    check(page, "use-list")
    listed = offered(page, "element-evergreen").partition("</script>")[2]
    pinned = offered(page, "element-pinned")
    assert "integrity" in pinned
    school.answers["/page"] = partners_page(
        pinned + listed,
        origin=live_server.url,
        csp=f"default-src 'none'; style-src 'self'; {offered(page, 'element-policy')}",
    )

    page.goto(f"{school.origin}/page")

    shown = page.locator("countersign-list article")
    shown.get_by_role("link", name="Short breaks").wait_for()
    assert shown.get_by_role("heading", level=2).count() == 1
    assert shown.get_by_role("link", name=TITLE).get_attribute("href") == permalink(
        world.page.content_id
    )
    assert page.evaluate("violations") == []
    check(page, "school-list")

    withdraw(world)
    page.reload()
    shown.get_by_role("link", name="Short breaks").wait_for()
    assert shown.get_by_role("link", name=TITLE).count() == 0


def test_what_never_was_leaves_one_neutral_sentence(live_server, page, world, school):
    school.answers["/page"] = partners_page(
        '<countersign-item content-id="3e1f2d6c-0000-4000-8000-000000000009">'
        f'<a href="{live_server.url}">A text</a></countersign-item>',
        origin=live_server.url,
        script=elements.script().evergreen,
    )

    page.goto(f"{school.origin}/page")

    shown = page.locator("countersign-item")
    shown.get_by_text("This text is not available.").wait_for()
    assert shown.inner_text() == "This text is not available."
