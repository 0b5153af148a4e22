"""The screens that people rarely meet, in Chromium: they have to be accessible as well."""

import uuid
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.test import RequestFactory

from cms import comments, letters, tree, withdrawals
from cms import sign_off as verbs
from cms.models import FrozenImage, Notice
from syndication import limits
from syndication.comments import editors, stamps
from syndication.comments import views as comment_views
from syndication.comments.models import YouSaidWeDid
from syndication.newsletters import digests, links, subscriptions

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft
from .every_block import make_picture, picture

pytestmark = [
    *in_chromium,
    # Wagtail opens renditions without closing them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def world(transactional_db):
    return make_world()


def release(world, **fields):
    proof = submit_draft(world, write_draft(world, **fields))
    for forum, by in ((world.pacc, world.pat), (world.pods, world.pip)):
        verbs.sign(proof=proof, forum=forum, by=by, fingerprint=proof.fingerprint)
    return proof


def show(page, html):
    """Put up what no address answers with, in the style of public pages."""
    page.goto("about:blank")
    page.set_content(html)
    page.add_style_tag(path=finders.find("countersign/site.css"))


def test_an_error_of_ours_is_accessible(page):
    show(page, render_to_string("500.html"))
    check(page, "error-of-ours")


def test_what_partners_read_is_accessible(live_server, page, world):
    release(world)
    page.goto(f"{live_server.url}/api/v1/docs")
    check(page, "api-documentation")


def test_mail_to_forums_is_accessible(page, world):
    proof = submit_draft(world, write_draft(world))
    for purpose in (Notice.Purpose.WAITS, Notice.Purpose.REVIEW_DUE):
        notice = Notice(
            purpose=purpose,
            proof=proof,
            forum=world.pacc,
            recipient=world.pat,
            review_by=proof.review_by,
        )
        html, _ = letters.Writer().write(notice).alternatives[0]
        page.set_content(html)
        check(page, f"notice-{purpose}")


def test_previews_are_accessible(live_server, page, world):
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    draft = write_draft(world)
    proof = release(world, title="Public")
    comment = comments.receive(
        key=uuid.uuid4(),
        proof=proof,
        version=1,
        topic="content",
        is_gap=True,
        words="It does not say what happens in the holidays.",
    )
    comments.publish(comment=comment, by=world.editor, words=comment.words)
    answer = YouSaidWeDid.objects.get()
    release(world, kind="news", title="News")
    issue = digests.compile_digest(submit=False)
    preview = draft.create_page_preview()
    preview.save()
    place = f"{live_server.url}/preview/?content_type=cms.localofferpage&token="

    sign_in(page, live_server, world.admin)
    page.goto(place + preview.token)
    check(page, "preview")
    page.goto(f"{place}x")
    check(page, "preview-refused")
    for name, one in (("answer", answer), ("issue", issue)):
        request = RequestFactory().get("/")
        request.user = world.admin
        show(page, one.serve_preview(request, "").render().content.decode())
        check(page, f"preview-{name}")


def test_taking_back_is_accessible(live_server, page, world):
    proof = release(world)
    sign_in(page, live_server, world.pat)
    page.goto(f"{live_server.url}/admin/sign-off/withdraw/{proof.content_id}/")
    check(page, "withdraw")
    page.goto(f"{live_server.url}/admin/sign-off/999999/")
    check(page, "unknown-proof")


def test_a_comment_that_is_not_taken(live_server, page, world, monkeypatch):
    proof = release(world)
    monkeypatch.setattr(stamps, "SECONDS", 0)
    monkeypatch.setattr(comment_views, "A_DAY", 0)
    page.goto(f"{live_server.url}/comments/{uuid.uuid4()}")
    check(page, "comment-not-now")
    page.goto(f"{live_server.url}/comments/{proof.content_id}")
    page.get_by_label("What it says").check()
    page.get_by_label("Your comment").fill("Too many of these today.")
    page.get_by_role("button", name="Send").click()
    check(page, "comments-too-many")
    assert page.get_by_text("Too many of these today.").is_visible()


def test_a_newsletter_that_is_not_taken(live_server, page, world, monkeypatch):
    monkeypatch.setattr(limits, "may_ask", lambda address: False)
    page.goto(f"{live_server.url}/newsletter/")
    page.get_by_label("Your email address").fill("somebody@example.org")
    page.get_by_label("I would like to get this newsletter").check()
    page.get_by_role("button", name="Subscribe").click()
    check(page, "newsletter-too-many", schemes=("light", "dark"))
    asked = subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes", source="test"
    )
    monkeypatch.setattr(links, "CONFIRM_WITHIN", timedelta(0))
    page.goto(live_server.url + urlsplit(links.to_confirm(asked)).path)
    check(page, "newsletter-link-too-old", schemes=("light", "dark"))


def test_a_picture_that_is_gone(live_server, page, world):
    proof = release(world, body=[picture(make_picture())])
    withdrawals.withdraw(content_id=proof.content_id, by=world.pat, reason="Wrong")
    page.goto(f"{live_server.url}/images/{FrozenImage.objects.get().name}")
    check(page, "picture-gone")
