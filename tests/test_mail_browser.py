"""The mail as people see it, and the screen on which editors look at it: in Chromium."""

import pytest
from django.contrib.auth.models import Group

from cms import tree
from syndication.newsletters import digests, editors

from .browsing import check, in_chromium, sign_in
from .conftest import make_world
from .mail import sample
from .test_screens_browser import release

pytestmark = in_chromium

CONTRAST = """() => {
    const style = getComputedStyle(document.querySelector('.paper'));
    return [style.backgroundColor, style.color];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mail_with_everything_in_it_reads_well(browser, scheme):
    mould = sample.make()
    html, _ = mould.letter(**sample.PERSONAL).alternatives[0]
    context = browser.new_context(color_scheme=scheme, offline=True)
    page = context.new_page()
    page.set_content(html)

    check(page, f"mail-with-everything-{scheme}")

    ground, ink = page.evaluate(CONTRAST)
    assert (ground, ink) == {
        "light": ("rgb(255, 255, 255)", "rgb(27, 27, 31)"),
        "dark": ("rgb(31, 31, 36)", "rgb(242, 242, 245)"),
    }[scheme]
    sizes = page.evaluate(
        """() => [...document.querySelectorAll('p, a, li, td, th, h1, h2, h3')]
            .map(one => parseFloat(getComputedStyle(one).fontSize))"""
    )
    assert min(sizes) >= 16
    assert page.locator(".preheader").is_hidden()
    heights = page.evaluate(
        """() => [...document.querySelectorAll('.press a')]
            .map(one => one.getBoundingClientRect().height)"""
    )
    assert len(heights) == 7
    assert min(heights) >= 44
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.locator(".paper").bounding_box()["width"] <= 600
    context.close()


def test_a_mail_in_a_language_from_right_to_left_fits(page):
    html, _ = (
        sample.make(sample.issue(language="ar", title=sample.ARABIC))
        .letter(**sample.PERSONAL)
        .alternatives[0]
    )
    page.set_content(html)

    check(page, "mail-from-right-to-left")
    heading = page.locator("h1")
    assert heading.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_an_editor_looks_at_the_mail_and_sends_a_test(
    live_server, page, transactional_db, mailoutbox
):
    world = make_world()
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    release(world, kind="news", title="Short breaks this winter")
    issue = digests.compile_digest(submit=False)
    assert issue
    sign_in(page, live_server, world.editor)

    page.goto(f"{live_server.url}/admin/newsletter/issues/{issue.pk}/mail/")
    check(page, "mail-screen")
    phone = page.frame_locator("iframe[title='The mail on a telephone']")
    assert phone.locator("h1").inner_text().startswith("SEND news")
    dark = page.frame_locator(
        "iframe[title='The mail on a telephone with dark colours']"
    )
    paper = dark.locator(".paper")
    colour = paper.evaluate("one => getComputedStyle(one).backgroundColor")
    assert colour == "rgb(31, 31, 36)"
    page.get_by_role("button", name="Send me a test").click()

    page.get_by_text("A test is on its way to editor@example.org").wait_for()
    check(page, "mail-screen-sent")
    tests = [one for one in mailoutbox if one.subject.startswith("[Test")]
    assert [one.recipients() for one in tests] == [["editor@example.org"]]
    html, _ = tests[0].alternatives[0]
    page.set_content(html)
    check(page, "mail-test")
