"""Past issues as people look for them: in Chromium, with axe, in light and in dark."""

from cms import withdrawals
from syndication.models import Release
from syndication.newsletters import archive_views

from .browsing import check, in_chromium
from .conftest import make_world
from .test_newsletter_browser import signed_issue

pytestmark = in_chromium
SCHEMES = ("light", "dark")


def test_a_parent_finds_a_past_issue_on_a_telephone(live_server, page, monkeypatch):
    world = make_world()
    page.goto(f"{live_server.url}/newsletter/issues/?page=1")
    check(page, "past-issues-none", SCHEMES)
    monkeypatch.setattr(archive_views, "ON_A_PAGE", 1)
    signed_issue(world, "Short breaks this winter", "A new number for the advice line")
    gone = Release.objects.get(kind="issues")
    item = Release.objects.current().get(title="Short breaks this winter")
    withdrawals.withdraw(content_id=item.item.content_id, by=world.pat, reason="Wrong")
    page.goto(f"{live_server.url}/newsletter/")
    page.get_by_role("link", name="Read past issues").click()
    check(page, "past-issues", SCHEMES)
    heights = page.evaluate(
        """() => [...document.querySelectorAll('main input, main select, main button')]
            .map(one => one.getBoundingClientRect().height)"""
    )
    assert min(heights) >= 44

    page.get_by_label("Words to look for").fill("advice line")
    page.get_by_label("Year").select_option(index=1)
    page.get_by_label("Area").select_option("Shropshire")
    page.get_by_label("Words to look for").press("Enter")
    page.get_by_role("link", name="See all").wait_for()
    assert page.locator("#found").inner_text() == "1 issue found"
    check(page, "past-issues-found", SCHEMES)
    page.locator(".list h3 a").click()
    assert "A new number for the advice line" in page.locator("main").inner_text()
    assert "Short breaks this winter" not in page.content()
    page.go_back()

    withdrawals.withdraw(
        content_id=gone.item.content_id,
        by=world.pat,
        reason="Wrong",
        kind="notice",
        public_note="A date in it was wrong.",
    )
    page.get_by_role("link", name="See all").click()
    signed_issue(world, "Swimming in January")
    page.reload()
    check(page, "past-issues-pages", SCHEMES)
    page.get_by_role("link", name="Older issues").click()
    assert "A date in it was wrong." in page.locator(".list").inner_text()
    check(page, "past-issues-taken-back", SCHEMES)
    page.goto(f"{live_server.url}/newsletter/issues/?year=long+ago")
    check(page, "past-issues-refused", SCHEMES)
    assert page.context.cookies() == []
