"""You said, we did: what the public sends, who decides about it, and what gets out."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.core import mail
from django.test import Client
from django.utils import timezone

from cms import comments, notices, sign_off, sweep, tree, withdrawals
from cms.errors import CommentDecided, DecisionIncomplete, MayNotModerate
from cms.models import AuditEntry, Comment, Notice, Proof
from site_settings.models import CommentSettings
from syndication import limits
from syndication.comments import answers, editors, reports, stamps, views
from syndication.comments.models import YouSaidWeDid
from syndication.models import NetworkCount, Release

from .public import everything

WORDS = "It does not say what happens in the holidays."
LIST = "/admin/sign-off/comments/"


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Nobody waits for three seconds in a test."""
    monkeypatch.setattr(stamps, "SECONDS", 0)


@pytest.fixture
def world(world):
    editors.let_in(Group.objects.get(name=tree.EDITORS))
    return world


@pytest.fixture
def item(world, write, release):
    """A text for Shropshire that is public, so PACC's alone."""
    return release(write(title="Short breaks", areas=[world.shropshire]))


def form(content_id, **fields):
    """What a person sends who opened the form for this text."""
    shown = Client().get(f"/comments/{content_id}").content.decode()
    (stamp,) = re.findall(r'name="stamp" value="([^"]+)"', shown)
    return {"topic": "content", "words": WORDS, "stamp": stamp, **fields}


def send(content_id, address="81.2.69.1", **fields):
    return Client().post(
        f"/comments/{content_id}", form(content_id, **fields), REMOTE_ADDR=address
    )


@pytest.fixture
def comment(item):
    send(item.item.content_id)
    return Comment.objects.get()


def decide(client, comment, decision, **fields):
    return client.post(f"{LIST}{comment.pk}/", {"decision": decision, **fields})


def answer_to(comment):
    return YouSaidWeDid.objects.get(comment=comment)


def write_answer(world, answer, **fields):
    draft = answer.get_latest_revision_as_object()
    values = {"response": "You are right.", "action": "We added the holidays."}
    for name, value in (values | fields).items():
        setattr(draft, name, value)
    draft.save_revision(user=world.editor)
    answer.refresh_from_db()
    return answer


def submit(world, answer):
    answer.get_workflow().start(answer, world.editor)
    return Proof.objects.open().get(content_id=answer.content_id)


@pytest.fixture
def published(world, comment, sign):
    """A comment, answered, signed and public; gives the release of the answer."""
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    answer = write_answer(world, answer_to(comment))
    sign(submit(world, answer), world.pacc, world.pat)
    return Release.objects.current().get(item__content_id=answer.content_id)


# The form.


def test_every_page_says_where_to_comment(item):
    shown = Client().get(f"/items/{item.item.content_id}").content.decode()

    assert f'href="/comments/{item.item.content_id}"' in shown


def test_somebody_comments_without_an_account(item):
    thanks = send(item.item.content_id, is_gap="yes", topic="making")

    assert thanks.status_code == 200
    assert "Thank you for your comment" in thanks.content.decode()
    assert not thanks.cookies
    comment = Comment.objects.get()
    assert (comment.words, comment.topic, comment.is_gap) == (WORDS, "making", True)
    assert (comment.version, comment.proof) == (1, item.proof)
    assert comment.status == "waiting"


def test_the_form_is_no_cache_s_business_and_sets_no_cookie(item):
    answer = Client().get(f"/comments/{item.item.content_id}")

    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert answer["X-Robots-Tag"] == "noindex"
    assert "Do not write a child’s name" in answer.content.decode()


def test_looking_at_the_form_changes_nothing(item, django_assert_num_queries):
    content_id = item.item.content_id
    with django_assert_num_queries(2):
        Client().get(f"/comments/{content_id}")

    assert not Comment.objects.exists()
    assert not NetworkCount.objects.exists()


def test_no_network_address_is_kept_with_a_comment(comment):
    assert "81.2" not in str(list(Comment.objects.values()))
    assert "81.2" not in str(list(NetworkCount.objects.values()))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"words": ""}, "Write your comment."),
        ({"words": " \u202e\x07 "}, "Write your comment."),
        ({"words": "x" * 2001}, "Shorten your comment"),
        ({"topic": ""}, "Choose what your comment is about."),
        ({"topic": "made up"}, "Choose what your comment is about."),
        ({"words": "a\0b"}, "Null characters"),
    ],
)
def test_a_comment_that_lacks_something_is_not_sent(item, fields, said):
    answer = send(item.item.content_id, **fields)

    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Comment.objects.exists()


def test_what_was_typed_stands_there_again(item):
    shown = send(item.item.content_id, topic="", words="Kept words").content.decode()

    assert "Kept words</textarea>" in shown


def test_a_program_that_fills_in_everything_is_thanked_and_not_heard(item):
    answer = send(item.item.content_id, website="https://example.org")

    assert "Thank you" in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_form_that_comes_back_at_once_is_asked_for_again(item, monkeypatch):
    monkeypatch.setattr(stamps, "SECONDS", 3)
    given = form(item.item.content_id)
    quick = Client().post(f"/comments/{item.item.content_id}", given)
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        slow = Client().post(f"/comments/{item.item.content_id}", given)

    assert quick.status_code == 400
    assert "That was very quick" in quick.content.decode()
    assert WORDS in quick.content.decode()
    assert slow.status_code == 200
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("stamp", ["", "made-up", "W10:1abc:xyz"])
def test_a_stamp_that_is_not_ours_sends_nothing(item, stamp):
    answer = send(item.item.content_id, stamp=stamp)

    assert answer.status_code == 400
    assert "had been open for too long" in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_stamp_is_for_one_text_and_one_day(item, write, release, world):
    other = release(write(title="Other", areas=[world.shropshire])).item.content_id
    given = form(item.item.content_id)
    elsewhere = Client().post(f"/comments/{other}", given)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        late = Client().post(f"/comments/{item.item.content_id}", given)

    assert (elsewhere.status_code, late.status_code) == (400, 400)
    assert not Comment.objects.exists()


def test_pressing_twice_sends_once(item):
    given = form(item.item.content_id)
    for _ in range(2):
        answer = Client().post(f"/comments/{item.item.content_id}", given)
        assert "Thank you" in answer.content.decode()

    assert Comment.objects.count() == 1


def test_one_network_sends_so_many_a_day_and_keeps_what_was_typed(item, monkeypatch):
    monkeypatch.setattr(views, "PER_NETWORK", 2)
    found = [send(item.item.content_id) for _ in range(3)]

    assert [one.status_code for one in found] == [200, 200, 429]
    assert WORDS in found[2].content.decode()
    assert Comment.objects.count() == 2
    assert send(item.item.content_id, address="82.3.4.5").status_code == 200


def test_comments_do_not_use_up_what_the_newsletter_may_be_asked(item, monkeypatch):
    send(item.item.content_id)
    monkeypatch.setattr(limits, "REQUESTS_PER_DAY", 1)

    assert limits.may_ask("81.2.69.1")


def test_a_flood_from_everywhere_stops(item, monkeypatch):
    monkeypatch.setattr(views, "A_DAY", 1)
    found = [send(item.item.content_id, address=f"81.{n}.69.1") for n in (2, 3)]

    assert [one.status_code for one in found] == [200, 429]


def test_a_body_far_too_long_is_refused(item):
    answer = Client().post(f"/comments/{item.item.content_id}", {"words": "x" * 70_000})

    assert answer.status_code == 400
    assert not Comment.objects.exists()


def test_only_what_is_public_now_takes_comments(world, write, item):
    draft = write(title="Draft")
    withdrawals.withdraw(
        content_id=item.item.content_id, by=world.admin, reason="wrong"
    )
    for content_id in (draft.content_id, item.item.content_id):
        assert Client().get(f"/comments/{content_id}").status_code == 404
        assert Client().post(f"/comments/{content_id}", {}).status_code == 404


def test_an_answer_takes_no_comments(published):
    content_id = published.item.content_id

    assert Client().get(f"/comments/{content_id}").status_code == 404
    shown = Client().get(f"/items/{content_id}").content.decode()
    assert "/comments/" not in shown


# Deciding.


def test_editors_and_the_forums_that_signed_read_a_comment_and_nobody_else(
    world, comment, client_of
):
    for user in (world.editor, world.pat, world.admin):
        assert WORDS in client_of(user).get(LIST).content.decode()
        assert WORDS in client_of(user).get(f"{LIST}{comment.pk}/").content.decode()
    stranger = User.objects.create_user("stranger")
    assert WORDS not in client_of(world.pip).get(LIST).content.decode()
    for user in (world.pip, stranger):
        assert client_of(user).get(f"{LIST}{comment.pk}/").status_code in (302, 404)
        decide(client_of(user), comment, "publish", words=WORDS)
    comment.refresh_from_db()
    assert comment.status == "waiting"
    with pytest.raises(MayNotModerate):
        comments.publish(comment=comment, by=world.pip, words=WORDS)


def test_accepting_a_comment_begins_its_answer(world, comment, client_of):
    answer = decide(client_of(world.editor), comment, "publish", words=WORDS)

    assert answer.status_code == 302
    begun = answer_to(comment)
    assert begun.said == WORDS
    assert begun.latest_revision.user is None
    assert not begun.live
    listed = client_of(world.editor).get(LIST).content.decode()
    assert answers.DRAFT in listed
    assert f"/edit/{begun.pk}/" in listed


def test_a_forum_member_who_changes_words_does_not_sign_the_answer(
    world, comment, client_of
):
    decide(client_of(world.pat), comment, "publish", words="Say what happens then.")
    proof = submit(world, write_answer(world, answer_to(comment)))

    assert world.pat in proof.authors.all()


def test_a_forum_member_who_changes_nothing_signs_the_answer(world, comment, client_of):
    decide(client_of(world.pat), comment, "publish", words=WORDS)
    proof = submit(world, write_answer(world, answer_to(comment)))

    assert world.pat not in proof.authors.all()


def test_comments_that_say_the_same_are_merged(world, item, comment, client_of):
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    send(item.item.content_id, words="And in the holidays?")
    second = Comment.objects.get(status="waiting")
    shown = client_of(world.editor).get(f"{LIST}{second.pk}/").content.decode()
    decide(client_of(world.editor), second, "merge", into=comment.pk)

    assert WORDS in shown
    second.refresh_from_db()
    assert (second.status, second.merged_into) == ("merged", comment)
    assert YouSaidWeDid.objects.count() == 1


def test_what_is_not_published_has_one_of_the_reasons(world, comment, client_of):
    without = decide(client_of(world.editor), comment, "refuse")
    made_up = decide(client_of(world.editor), comment, "refuse", reason="boring")
    decide(client_of(world.editor), comment, "refuse", reason="personal_data")

    assert (without.status_code, made_up.status_code) == (400, 400)
    assert "Please choose why it is not published." in without.content.decode()
    comment.refresh_from_db()
    assert (comment.status, comment.reason) == ("not_published", "personal_data")


@pytest.mark.parametrize(
    ("decision", "fields"),
    [("publish", {"words": " "}), ("merge", {}), ("merge", {"into": "999"}), ("", {})],
)
def test_half_a_decision_is_none(world, comment, client_of, decision, fields):
    assert (
        decide(client_of(world.editor), comment, decision, **fields).status_code == 400
    )
    comment.refresh_from_db()
    assert comment.status == "waiting"


def test_two_people_do_not_decide_twice(world, comment, client_of):
    comments.refuse(comment=comment, by=world.pat, reason="abusive")
    answer = decide(client_of(world.editor), comment, "publish", words=WORDS)

    assert answer.status_code == 409
    assert "decided about this comment already" in answer.content.decode()
    assert not YouSaidWeDid.objects.exists()


def test_a_slip_is_put_right_and_an_accepted_comment_stays(world, comment, client_of):
    comments.refuse(comment=comment, by=world.editor, reason="abusive")
    decide(client_of(world.editor), comment, "reopen")
    comment.refresh_from_db()
    assert (comment.status, comment.reason) == ("waiting", "")
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    with pytest.raises(CommentDecided):
        comments.reopen(comment=comment, by=world.editor)


def test_a_comment_is_merged_only_with_one_that_is_published(world, item, comment):
    send(item.item.content_id, words="Another")
    other = Comment.objects.exclude(pk=comment.pk).get()
    with pytest.raises(DecisionIncomplete):
        comments.merge(comment=comment, by=world.editor, into=other)


def test_every_decision_is_on_record_and_no_word_of_a_comment_is(world, item):
    for words in ("One zq1", "Two zq2", "Three zq3"):
        send(item.item.content_id, words=words)
    one, two, three = Comment.objects.order_by("pk")
    comments.publish(comment=one, by=world.editor, words="One zq1")
    comments.merge(comment=two, by=world.pat, into=one)
    comments.refuse(comment=three, by=world.pat, reason="vexatious")
    comments.reopen(comment=three, by=world.editor)

    entries = AuditEntry.objects.filter(action__startswith="comment_")
    assert [(one.action, one.by) for one in entries] == [
        ("comment_published", world.editor),
        ("comment_merged", world.pat),
        ("comment_refused", world.pat),
        ("comment_reopened", world.editor),
    ]
    assert "zq" not in "".join(entry.details for entry in AuditEntry.objects.all())


def test_what_looks_like_personal_data_is_pointed_at(world, item, client_of):
    send(item.item.content_id, words="My son Tom, 01632 960101, tom@example.org")
    shown = client_of(world.editor).get(f"{LIST}{Comment.objects.get().pk}/")

    assert "an email address, a telephone number" in shown.content.decode()
    assert "somebody’s name" in shown.content.decode()


def test_hostile_words_are_shown_as_words(world, item, client_of, sign):
    nasty = '<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7|add:"7" }}'
    send(item.item.content_id, words=nasty)
    comment = Comment.objects.get()
    shown = [
        client_of(world.editor).get(LIST),
        client_of(world.editor).get(f"{LIST}{comment.pk}/"),
    ]
    comments.publish(comment=comment, by=world.editor, words=nasty)
    answer = write_answer(world, answer_to(comment), response=nasty, action=nasty)
    proof = submit(world, answer)
    shown.append(client_of(world.pat).get(f"/admin/sign-off/{proof.pk}/"))
    sign(proof, world.pacc, world.pat)
    public = Release.objects.current().get(item__content_id=answer.content_id)
    shown += [
        Client().get(address)
        for address in (
            f"/items/{public.item.content_id}",
            "/you-said-we-did/",
            f"/you-said-we-did/{timezone.localdate().year}",
        )
    ]

    for one in shown:
        assert one.status_code == 200
        assert "<script>alert" not in one.content.decode()
        assert "<img src=x" not in one.content.decode()
    content = json.loads(bytes(public.payload))
    assert "<script" not in content["html"]
    assert content["comment"]["said"] == nasty


def test_the_list_costs_the_same_however_long_it_is(
    world, item, client_of, django_assert_max_num_queries
):
    client = client_of(world.editor)
    for number in range(3):
        send(item.item.content_id, address=f"81.{number}.1.1")
    comments.publish(
        comment=Comment.objects.earliest("pk"), by=world.editor, words="Published"
    )
    client.get(LIST)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(30):
        send(item.item.content_id, address=f"82.{number}.1.1")
    for one in Comment.objects.waiting()[:10]:
        comments.publish(comment=one, by=world.editor, words="Published")
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(few)


def test_the_list_has_pages_and_filters(world, item, client_of, monkeypatch):
    from cms.views import comments as screens

    monkeypatch.setattr(screens, "ON_A_PAGE", 2)
    for number in range(3):
        send(item.item.content_id, words=f"Words {number}", address=f"81.{number}.1.1")
    last = Comment.objects.latest("pk")
    comments.refuse(comment=last, by=world.editor, reason="abusive")
    client = client_of(world.editor)
    first, second = (client.get(f"{LIST}?p={n}").content.decode() for n in (1, 2))
    refused = client.get(f"{LIST}?status=not_published").content.decode()
    gaps = client.get(f"{LIST}?gaps=on&topic=content").content.decode()

    assert "Words 0" in first
    assert "Words 1" in first
    assert "Words 2" in second
    assert "Words 2" in refused
    assert "Words 0" not in refused
    assert "No comment is like that." in gaps


# The one rule.


def test_nothing_of_a_comment_is_public_before_its_answer_is_signed(
    world, item, client_of, sign
):
    for number, words in enumerate(
        [
            "sentinel-waits-7",
            "sentinel-merged-7",
            "sentinel-refused-7",
            "sentinel-accepted-7 sentinel-original-7",
        ]
    ):
        send(item.item.content_id, words=words, address=f"81.{number}.1.1")
    _waits, merged, refused, accepted = Comment.objects.order_by("pk")
    comments.publish(comment=accepted, by=world.editor, words="sentinel-wording-7")
    comments.merge(comment=merged, by=world.editor, into=accepted)
    comments.refuse(comment=refused, by=world.editor, reason="abusive")
    answer = write_answer(
        world,
        answer_to(accepted),
        response="sentinel-response-7",
        action="sentinel-action-7",
    )
    sweep.sweep()
    proof = submit(world, answer)

    assert b"sentinel-" not in everything([answer])

    sign(proof, world.pacc, world.pat)
    public = everything([answer])
    for said in (b"sentinel-wording-7", b"sentinel-response-7", b"sentinel-action-7"):
        assert said in public
    for kept in (
        b"sentinel-waits-7",
        b"sentinel-merged-7",
        b"sentinel-refused-7",
        b"sentinel-original-7",
    ):
        assert kept not in public


def test_every_forum_of_the_text_signs_its_answer(world, write, release, sign):
    both = release(write(title="For both", areas=[world.shropshire, world.telford]))
    send(both.item.content_id)
    comment = Comment.objects.get()
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    proof = submit(world, write_answer(world, answer_to(comment)))

    assert set(proof.forums.all()) == {world.pacc, world.pods}
    sign(proof, world.pacc, world.pat)
    assert not Release.objects.of_kind("you-said-we-did").exists()
    sign(proof, world.pods, world.pip)
    assert Release.objects.current().of_kind("you-said-we-did").exists()


def test_the_forum_of_a_section_signs_the_answer_too(world, write, release):
    from cms.models import LocalOfferIndexPage

    section = LocalOfferIndexPage.objects.get(forum=world.pods)
    made = release(
        write(title="In a section", areas=[world.shropshire], parent=section)
    )
    send(made.item.content_id)
    comment = Comment.objects.get()
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    proof = submit(world, write_answer(world, answer_to(comment)))

    assert set(proof.forums.all()) == {world.pacc, world.pods}


def test_the_answer_names_what_was_signed_and_no_word_of_the_text(published, item):
    content = json.loads(bytes(published.payload))

    assert content["kind"] == "you-said-we-did"
    assert content["comment"] == {"topic": "content", "gap": False, "said": WORDS}
    assert content["response"] == "You are right."
    assert content["action"] == "We added the holidays."
    assert content["about"]["content_id"] == str(item.item.content_id)
    assert [area["slug"] for area in content["areas"]] == ["shropshire"]
    assert "result" not in content
    assert item.title not in bytes(published.payload).decode()
    assert f'href="{content["about"]["url"]}"' in content["html"]


def test_only_versions_of_the_text_can_have_come_of_it(
    world, write, release, comment, client_of
):
    release(write(title="Another text", areas=[world.shropshire]))
    decide(client_of(world.editor), comment, "publish", words=WORDS)
    edit = f"/admin/snippets/comments/yousaidwedid/edit/{answer_to(comment).pk}/"

    offered = client_of(world.editor).get(edit).context["form"].fields["result"]

    assert {one.item.content_id for one in offered.queryset} == {comment.content_id}


def test_the_version_that_came_of_it_follows_and_is_signed_again(
    world, published, item, edit, write, release, sign
):
    answer = YouSaidWeDid.objects.get()
    page = item.proof.item
    edit(page, world.editor, summary="Now with the holidays.")
    second = release(page)
    sign(
        submit(world, write_answer(world, answer, result=second)),
        world.pacc,
        world.pat,
    )
    content = json.loads(
        bytes(Release.objects.current().get(item__content_id=answer.content_id).payload)
    )

    assert content["result"] == {
        "version": 2,
        "fingerprint": second.fingerprint,
        "url": f"https://localoffer.example/receipts/{second.fingerprint}",
    }
    assert "Version 2 of the page" in content["html"]


def test_the_answer_stands_in_every_channel(published):
    content_id = str(published.item.content_id)
    listed = Client().get("/you-said-we-did/").content.decode()
    feed = Client().get("/feeds/you-said-we-did.rss").content.decode()
    api = Client().get("/api/v1/items?kind=you-said-we-did").json()

    for words in (WORDS, "You are right.", "We added the holidays."):
        assert words in listed
        assert words in feed
    assert [one["content_id"] for one in api["items"]] == [content_id]
    assert Client().get(f"/items/{content_id}").status_code == 200
    for form_ in ("atom", "json"):
        assert Client().get(f"/feeds/you-said-we-did.{form_}").status_code == 200


def test_an_answer_that_is_taken_back_is_gone(world, published):
    withdrawals.withdraw(
        content_id=published.item.content_id, by=world.pat, reason="not right"
    )

    assert WORDS.encode() not in everything([])
    assert "Nothing has been published" in (
        Client().get("/you-said-we-did/").content.decode()
    )


def test_an_answer_about_what_vanished_vanishes_too(world, item, published):
    withdrawals.withdraw(
        content_id=item.item.content_id,
        by=world.admin,
        reason="somebody is not safe",
        kind="vanish",
    )
    assert answers.take_back_what_vanished() == 1
    assert answers.take_back_what_vanished() == 0

    assert WORDS.encode() not in everything([])
    assert Client().get(f"/items/{published.item.content_id}").status_code == 404


def test_an_answer_begins_with_a_comment_alone(world, comment, client_of):
    for user in (world.editor, world.admin):
        answer = client_of(user).get("/admin/snippets/comments/yousaidwedid/add/")
        assert answer.status_code in (302, 403)


def test_an_answer_without_words_cannot_be_submitted(world, comment, client_of):
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    answer = answer_to(comment)
    given = {
        "title": answer.title,
        "response": "",
        "action": "",
        "result": "",
        "release_at": "",
        "co_production_level": "",
        "co_production-count": "0",
        "formats-count": "0",
        "what_changed": "",
        "action-submit": "Submit",
    }
    address = f"/admin/snippets/comments/yousaidwedid/edit/{answer.pk}/"
    refused = client_of(world.editor).post(address, given)
    assert not Proof.objects.filter(content_id=answer.content_id).exists()
    client_of(world.editor).post(address, given | {"response": "You are right."})

    assert refused.status_code == 200
    proof = Proof.objects.open().get(content_id=answer.content_id)
    assert proof.representation["response"] == "You are right."
    assert proof.representation["comment"]["said"] == WORDS


def test_nobody_edits_what_somebody_said(world, comment, client_of):
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    answer = answer_to(comment)
    address = f"/admin/snippets/comments/yousaidwedid/edit/{answer.pk}/"
    shown = client_of(world.editor).get(address).content.decode()
    client_of(world.editor).post(
        address,
        {
            "title": answer.title,
            "said": "Everything is fine.",
            "response": "Thank you.",
            "co_production-count": "0",
            "formats-count": "0",
        },
    )
    answer.refresh_from_db()

    assert WORDS in shown
    assert "Publish" not in re.findall(r'name="action-publish"', shown)
    draft = answer.get_latest_revision_as_object()
    assert (draft.said, draft.response) == (WORDS, "Thank you.")


# Keeping and forgetting, mail, numbers.


def test_words_are_forgotten_and_what_is_published_stays(world, item, published):
    send(item.item.content_id, words="sentinel-refused-7")
    send(item.item.content_id, words="sentinel-waits-7", address="82.1.1.1")
    refused, waits = Comment.objects.filter(words__startswith="sentinel-").order_by(
        "pk"
    )
    comments.refuse(comment=refused, by=world.editor, reason="abusive")
    CommentSettings.objects.create(days_kept=30)
    with time_machine.travel(timezone.now() + timedelta(days=29)):
        sweep.sweep()
        assert Comment.objects.filter(words="").count() == 0
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        sweep.sweep()

    refused.refresh_from_db()
    waits.refresh_from_db()
    assert (refused.words, refused.status) == ("", "not_published")
    assert refused.forgotten_at is not None
    # Nobody has decided about this one.
    assert waits.words == "sentinel-waits-7"
    kept = Comment.objects.get(status="published")
    assert (kept.words, kept.published_words) == ("", WORDS)
    with pytest.raises(CommentDecided):
        comments.reopen(comment=refused, by=world.editor)


def test_editors_and_forums_hear_once_a_day_that_comments_wait(world, comment):
    for _ in range(3):
        sweep.sweep()
    first = list(mail.outbox)

    told = sorted(one.to[0] for one in first if "wait to be read" in one.subject)
    assert told == ["editor@example.org", "pat@example.org"]
    for one in first:
        assert WORDS not in one.message().as_string()
    assert "1 comment waits" in first[-1].body


def test_nobody_hears_again_of_the_same_comment(world, item, comment):
    sweep.sweep()
    heard = Notice.objects.filter(purpose="comments").count()
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        sweep.sweep()
        assert Notice.objects.filter(purpose="comments").count() == heard
        send(item.item.content_id)
        notices.tell_comments_wait()
    assert Notice.objects.filter(purpose="comments").count() == 2 * heard


def test_no_mail_goes_out_when_somebody_was_faster(world, comment):
    notices.tell_comments_wait()
    comments.refuse(comment=comment, by=world.editor, reason="abusive")
    notices.send_due()

    assert not [one for one in mail.outbox if "wait to be read" in one.subject]


def make_comments(item, **counts):
    """``make_comments(item, abusive=6)``: so many with this status or reason."""
    now = timezone.now()
    for name, count in counts.items():
        refused = name in Comment.Reason.values
        for _ in range(count):
            Comment.objects.create(
                proof=item.proof,
                content_id=item.item.content_id,
                version=1,
                topic="content",
                words="x",
                received_at=now,
                status="not_published" if refused else name,
                reason=name if refused else "",
                published_words="x" if name == "published" else "",
                decided_at=None if name == "waiting" else now,
            )


def test_the_report_of_a_year_does_not_tell_small_numbers(item, published):
    make_comments(item, waiting=7, abusive=2, vexatious=6)
    year = timezone.localdate().year
    shown = Client().get(f"/you-said-we-did/{year}").content.decode()
    text = " ".join(re.sub("<[^>]+>", " ", shown).split())

    # 16 came in all: the exact sum would tell how many were abusive.
    assert "We received about 15 comments so far." in text
    assert "Waits to be read 7" in text
    assert "Abusive fewer than 5" in text
    assert "Vexatious: meant to annoy, or sent again and again 6" in text
    assert "Not published about 10" in text
    assert "1 answer is public." in text


def test_large_numbers_are_told_as_they_are():
    assert (reports.shown(5), reports.rounded(12)) == ("5", "about 10")


def test_editors_get_the_exact_numbers_as_a_file(world, item, client_of):
    make_comments(item, waiting=7, abusive=2)
    client = client_of(world.editor)
    shown = client.get(f"{LIST}report/").content.decode()
    lines = b"".join(client.get(f"{LIST}report/?as=csv")).decode()

    assert "Exact numbers" in shown
    assert '"Comments received",9' in lines
    assert '"Not published: Abusive",2' in lines
    assert client_of(world.pat).get(f"{LIST}report/").status_code in (302, 403)


@pytest.mark.parametrize(
    "address",
    [
        "/you-said-we-did/1999",
        "/you-said-we-did/99999",
        "/you-said-we-did/?page=9",
        "/you-said-we-did/?page=x",
        "/you-said-we-did/?q=1",
    ],
)
def test_what_there_is_not_is_not_found(db, address):
    assert Client().get(address).status_code == 404


def test_public_pages_are_cached_and_set_no_cookie(published):
    year = timezone.localdate().year
    for address in ("/you-said-we-did/", f"/you-said-we-did/{year}"):
        answer = Client().get(address)
        assert "public" in answer["Cache-Control"]
        assert not answer.cookies
        again = Client().get(address, headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


def test_the_public_list_shows_the_whole_of_what_was_agreed(world, comment, sign):
    long = f"We do not {'really ' * 60}do this, unless you ask."
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    answer = write_answer(world, answer_to(comment), response=long, action=long)
    sign(submit(world, answer), world.pacc, world.pat)

    assert Client().get("/you-said-we-did/").text.count(long) == 2


def test_the_public_list_costs_the_same_however_long_it_is(
    published, django_assert_num_queries
):
    # How many there are, those of the page, two for the years, the publisher.
    with django_assert_num_queries(5):
        Client().get("/you-said-we-did/")


def test_an_audit_finds_nothing_wrong_afterwards(published):
    from cms import audit

    assert list(audit.verify()) == []


def test_signing_a_comment_s_answer_is_like_signing_anything(world, comment):
    comments.publish(comment=comment, by=world.editor, words=WORDS)
    proof = submit(world, write_answer(world, answer_to(comment)))

    assert sign_off.missing(proof) == [world.pacc]
