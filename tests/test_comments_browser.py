"""Commenting, deciding and reading what came of it: in Chromium, with axe."""

import uuid

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from cms import comments, sign_off, tree
from cms.models import Comment, Proof
from syndication.comments import editors, stamps
from syndication.comments.models import YouSaidWeDid

from .browsing import check, in_chromium, sign_in
from .conftest import make_world, submit_draft, write_draft

pytestmark = in_chromium

HARD = (
    "<p>Multidisciplinary neurodevelopmental assessments necessitate comprehensive "
    "consideration of individual circumstances, prioritising appropriately "
    "differentiated intervention following determination of eligibility. "
) * 6 + "</p>"


@pytest.fixture
def world(transactional_db, monkeypatch):
    monkeypatch.setattr(stamps, "SECONDS", 0)
    world = make_world()
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    world.page = write_draft(
        world, title="Short breaks: time for your child", areas=[world.shropshire]
    )
    world.proof = submit_draft(world, world.page)
    sign(world.proof, world)
    return world


def sign(proof, world):
    sign_off.sign(
        proof=proof, forum=world.pacc, by=world.pat, fingerprint=proof.fingerprint
    )


def receive(world, words, topic="content", is_gap=False):
    return comments.receive(
        key=uuid.uuid4(),
        proof=world.proof,
        version=1,
        topic=topic,
        is_gap=is_gap,
        words=words,
    )


def answered(world, words, response, action):
    comment = receive(world, words)
    comments.publish(comment=comment, by=world.editor, words=words)
    answer = YouSaidWeDid.objects.get(comment=comment)
    answer.response, answer.action = response, action
    answer.save_revision(user=world.editor)
    answer.get_workflow().start(answer, world.editor)
    sign(Proof.objects.open().get(content_id=answer.content_id), world)
    return comment


def smallest_target(page):
    return page.evaluate(
        """() => Math.min(...[...document.querySelectorAll(
            'main button, main textarea, main .choice')]
            .map(one => one.getBoundingClientRect().height))"""
    )


@pytest.mark.journey
def test_a_parent_comments_on_a_phone(live_server, page, world):
    page.goto(f"{live_server.url}/items/{world.page.content_id}")
    check(page, "item-with-comments")
    page.get_by_role("link", name="Say what you think of this page").click()
    check(page, "comment-form")
    assert smallest_target(page) >= 44

    page.get_by_role("button", name="Send").click()
    check(page, "comment-mistakes")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.get_by_role("link", name="Write your comment.").click()
    assert page.evaluate("document.activeElement.id") == "words"

    page.get_by_label("What it says").check()
    page.get_by_label("Something that families need is missing").check()
    page.get_by_label("Your comment").fill("Nothing here is for evenings.")
    page.get_by_role("button", name="Send").click()

    page.get_by_role("heading", name="Thank you for your comment").wait_for()
    check(page, "comment-thanks")
    assert page.context.cookies() == []
    assert Comment.objects.get().is_gap


def test_families_read_what_came_of_it(live_server, page, world):
    answered(
        world,
        "It does not say what happens in the holidays.",
        "You are right, and we are sorry. We left it out because it was not settled.",
        "The page now has a part on school holidays. We look at it again in March.",
    )
    for number in range(7):
        receive(world, f"Words {number}")
    page.goto(f"{live_server.url}/you-said-we-did/")
    check(page, "you-said-we-did")
    page.get_by_role("link", name="Comments in").click()
    check(page, "comments-of-a-year")
    page.get_by_role("link", name="You said: “It does not say what").click()

    page.get_by_role("heading", name="Our answer").wait_for()
    check(page, "answer")


def test_an_editor_decides_about_comments(live_server, page, world):
    first = answered(world, "It is too long.", "It is.", "")
    receive(world, "My son Tom, 01632 960101, cannot use it.", topic="accessibility")
    comments.refuse(
        comment=receive(world, "Go away."), by=world.editor, reason="abusive"
    )
    receive(world, "Nothing is for evenings.", is_gap=True)
    sign_in(page, live_server, world.editor)
    page.goto(f"{live_server.url}/admin/sign-off/comments/")
    check(page, "comments-list")
    page.get_by_role("link", name="My son Tom").click()
    page.get_by_text("This may hold").wait_for()
    check(page, "comment-decide")

    page.get_by_role("button", name="Do not publish it").click()
    page.get_by_text("Please choose why it is not published.").wait_for()
    page.get_by_label("What of it is published").fill("My child cannot use it.")
    page.get_by_role("button", name="Publish it with an answer").click()
    page.get_by_text("The answer is a draft").first.wait_for()
    page.goto(f"{live_server.url}/admin/sign-off/comments/{first.pk}/")
    check(page, "comment-decided")
    page.goto(f"{live_server.url}/admin/sign-off/comments/report/")
    check(page, "comments-report")
    page.goto(f"{live_server.url}/admin/sign-off/comments/")
    page.get_by_role("link", name="The answer is a draft").click()
    page.get_by_text("What somebody said").or_(
        page.get_by_text("Our answer")
    ).first.wait_for()

    # Wagtail's own edit screen is not ours to hold to account: only a look.
    look(page, "answer-edit")


def look(page, name):
    from pathlib import Path

    from .browsing import SHOTS

    for width in (390, 1280) if SHOTS else ():
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)


def test_an_editor_keeps_words_for_a_reason(live_server, page, world):
    draft = write_draft(
        world,
        title="Asking for an assessment",
        summary="How to ask for an EHC plan.",
        body=[{"type": "paragraph", "value": HARD}],
        areas=[world.shropshire],
    )
    sign_in(page, live_server, world.editor)
    page.goto(f"{live_server.url}/admin/pages/{draft.pk}/edit/")
    page.get_by_text("a measure, not a verdict").wait_for()
    look(page, "words-on-edit")
    page.get_by_role("link", name="Keep the words, and say why").click()
    check(page, "words-keep")
    page.get_by_label("Reading age").check()
    page.get_by_label("Why do the words stay?").fill(
        f"Tested with readers on {timezone.localdate():%d %B %Y}."
    )
    page.get_by_role("button", name="Keep the words").click()
    page.get_by_text("Kept on purpose:").wait_for()
    check(page, "words-kept")
    proof = submit_draft(world, draft)
    page.goto(f"{live_server.url}/admin/sign-off/{proof.pk}/")
    check(page, "words-read-and-sign")
    assert "Tested with readers on" in page.locator("main").inner_text()
