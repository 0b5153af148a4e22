"""The newsletter's mail as people meet it: in Chromium, with axe."""

import pytest

from cms import sign_off as verbs
from cms import tree, withdrawals
from cms.models import NewsIndexPage, NewsItemPage, Proof
from syndication.models import Release
from syndication.newsletters import digests, messages, subscriptions
from syndication.newsletters.models import Note

from .browsing import check, in_chromium
from .conftest import BODY, make_world

pytestmark = in_chromium


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
    return Release.objects.filter(kind="issues").order_by("pk").last()


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

    request = messages.Composer().compose(Note.objects.get())
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
