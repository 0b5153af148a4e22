"""The newsletter: asked for, confirmed, compiled, signed by its forums, sent once."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from wagtail.permissions import policy_registry

from cms.errors import NotSignedOff
from cms.models import Area, Proof
from syndication import limits
from syndication.models import NetworkCount, Release
from syndication.newsletters import (
    digests,
    mailings,
    notes,
    sending,
    suppressions,
)
from syndication.newsletters.models import (
    Claim,
    CompileTurn,
    Delivery,
    Issue,
    IssueItem,
    Mailing,
    Note,
    Route,
    Subscription,
)

from .concurrency import at_once, with_real_concurrency
from .newsletter import (
    compiled,
    form_of_issue,
    link_in,
    parts_of,
)

# The whole way


def test_from_asking_to_an_issue_in_the_inbox(
    world, write, release, sign_issue, mail_server, ask
):
    client = Client(enforce_csrf_checks=True)
    assert "look in your inbox" in ask(client=client).content.decode()
    sending.send_due()
    text, html = parts_of(mail_server.messages[0])
    confirm = link_in(text, "confirm")
    assert link_in(html.replace('"', " "), "confirm") == confirm

    assert "Yes, send me" in client.get(confirm).content.decode()
    assert not Subscription.objects.active().exists()
    assert "You are subscribed" in client.post(confirm).content.decode()

    page = write(title="Short breaks this winter")
    release(page)
    call_command("compile_digest")
    issue = Issue.objects.get()
    made = sign_issue(issue)
    sending.send_due()

    _, message = mail_server.messages
    text, html = parts_of(message)
    assert message["Subject"] == issue.title == made.title
    assert message["To"] == "parent@example.org"
    for part in (text, html):
        assert "Short breaks this winter" in part
        assert page.permalink in part
        assert f"/receipts/{made.fingerprint}" in part
        assert "Agreed by Parents Opening Doors" not in part
        assert "Council and Parents Opening Doors on" in part
    assert html.count("/newsletter/unsubscribe/") == 2
    assert 'lang="en-GB" dir="ltr"' in html
    assert client.cookies == {}


def test_the_introduction_is_signed_and_sent(
    world, write, release, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    release(write())
    issue = compiled(submit=False)
    edit(issue, world.editor, introduction="Dear families,\nspring <is> here.")
    issue.get_workflow().start(issue, world.editor)
    made = sign_issue(issue)
    sending.send_due()

    assert json.loads(bytes(made.payload))["introduction"].startswith("Dear families")
    text, html = parts_of(mail_server.messages[0])
    assert "spring <is> here." in text
    assert ">spring &lt;is&gt; here.</p>" in html


# Who has to sign, and who cannot publish


def test_the_forums_of_every_item_sign_the_issue(world, write, release):
    release(write(title="In Shropshire", areas=[world.shropshire]))
    release(write("news", title="In Telford", areas=[world.telford]))

    issue = compiled()

    proof = Proof.objects.open().get(content_id=issue.content_id)
    assert set(proof.forums.all()) == {world.pacc, world.pods}
    assert [area["slug"] for area in proof.representation["areas"]] == [
        "shropshire",
        "telford-and-wrekin",
    ]


def test_an_issue_for_one_area_waits_for_one_forum_only(world, write, release):
    release(write(areas=[world.telford]))

    issue = compiled()

    proof = Proof.objects.open().get(content_id=issue.content_id)
    assert list(proof.forums.all()) == [world.pods]


def test_an_item_of_an_area_that_is_gone_stops_the_issue(world, write, release):
    release(write())
    Area.objects.filter(slug="shropshire").update(slug="salop")

    with pytest.raises(CommandError, match="an area that no longer exists"):
        call_command("compile_digest")

    assert not Issue.objects.exists()


def test_no_issue_goes_out_before_its_last_forum_signed(
    world, write, release, sign, subscribe
):
    subscribe()
    release(write())
    issue = compiled()
    proof = Proof.objects.open().get(content_id=issue.content_id)

    sign(proof, world.pacc, world.pat)

    assert not Mailing.objects.exists()
    assert not Release.objects.of_kind("issues").exists()


def test_an_edit_of_the_issue_voids_what_was_signed(
    world, write, release, sign, edit, subscribe
):
    subscribe()
    release(write())
    issue = compiled()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    sign(proof, world.pacc, world.pat)

    edit(issue, world.editor, introduction="Something nobody signed")

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID
    assert not Mailing.objects.exists()


def test_leaving_an_item_out_voids_what_was_signed(world, write, release, sign):
    release(write(title="One"))
    release(write(title="Two"))
    issue = compiled()
    proof = Proof.objects.open().get(content_id=issue.content_id)
    sign(proof, world.pacc, world.pat)

    draft = issue.get_latest_revision_as_object()
    draft.items.remove(draft.items.all()[0])
    draft.save_revision(user=world.editor)

    proof.refresh_from_db()
    assert proof.outcome == Proof.Outcome.VOID


@pytest.mark.parametrize("who", ["admin", "editor"])
def test_nobody_publishes_an_issue_in_the_admin(
    world, write, release, client_of, who, subscribe
):
    subscribe()
    release(write())
    issue = compiled(submit=False)
    admin = client_of(getattr(world, who))
    form = form_of_issue(issue, **{"action-publish": "Publish"})

    admin.post(f"/admin/snippets/newsletters/issue/edit/{issue.pk}/", form)
    form |= {"items-INITIAL_FORMS": "0", "items-0-id": ""}
    admin.post("/admin/snippets/newsletters/issue/add/", form)

    assert not Release.objects.of_kind("issues").exists()
    assert not Issue.objects.filter(live=True).exists()
    assert not Mailing.objects.exists()


def test_why_nobody_could_sign_an_issue_is_said_on_the_screen(
    world, write, release, client_of
):
    release(write())
    issue = compiled(submit=False)
    Area.objects.filter(slug="shropshire").update(slug="salop")

    answer = client_of(world.admin).post(
        f"/admin/snippets/newsletters/issue/edit/{issue.pk}/",
        form_of_issue(issue, **{"action-submit": "Submit"}),
    )

    assert "for an area that no longer exists" in answer.content.decode()
    assert not Proof.objects.filter(content_id=issue.content_id).exists()


def test_an_administrator_submits_an_edited_issue_in_the_admin(
    world, write, release, client_of
):
    release(write())
    issue = compiled(submit=False)

    page = client_of(world.admin).get(
        f"/admin/snippets/newsletters/issue/edit/{issue.pk}/"
    )
    answer = client_of(world.admin).post(
        f"/admin/snippets/newsletters/issue/edit/{issue.pk}/",
        form_of_issue(
            issue,
            title="Spring news",
            introduction="Hello",
            **{"action-submit": "Submit"},
        ),
    )

    assert "action-publish" not in page.content.decode()
    assert (
        client_of(world.admin).get("/admin/snippets/cms/topic/add/").status_code == 200
    )
    assert answer.status_code == 302
    proof = Proof.objects.open().get(content_id=issue.content_id)
    assert proof.title == "Spring news"


def test_a_superuser_has_every_permission_on_issues_but_to_publish(world):
    policy = policy_registry.get_by_type(Issue)

    assert policy.user_has_permission(world.admin, "change")
    assert not policy.user_has_permission(world.admin, "publish")


def test_code_cannot_publish_an_issue_either(write, release):
    release(write())
    issue = compiled()

    with pytest.raises(NotSignedOff):
        issue.latest_revision.publish()

    assert not Release.objects.of_kind("issues").exists()


def test_the_preview_of_an_issue_is_kept_nowhere_and_fits_in_the_editor(
    world, write, release, client_of
):
    release(write(title="Short breaks"))
    issue = compiled(submit=False)

    answer = client_of(world.admin).get(
        f"/admin/snippets/newsletters/history/{issue.pk}/revisions/"
        f"{issue.latest_revision.pk}/view/".replace("history/", "issue/history/")
    )

    assert answer.status_code == 200
    assert "Short breaks" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "frame-ancestors 'self'" in answer["Content-Security-Policy"]


# Compiling


def test_an_empty_digest_is_not_made(world, capsys):
    call_command("compile_digest")

    assert "Nothing new was released" in capsys.readouterr().out
    assert not Issue.objects.exists()


def test_compiling_twice_makes_one_issue(write, release, capsys):
    release(write())

    call_command("compile_digest")
    call_command("compile_digest")

    said = capsys.readouterr().out
    assert "with 1 item. It waits for PACC and PODS to sign it." in said
    assert "Nothing new was released" in said
    assert Issue.objects.count() == 1


def test_a_draft_is_made_for_an_editor_when_asked(write, release, capsys):
    release(write())

    call_command("compile_digest", "--draft")

    assert "nobody was asked to sign it yet" in capsys.readouterr().out
    assert not Proof.objects.open().exists()


def test_items_stand_in_the_order_of_their_release(write, release):
    for title in ("First", "Second", "Third"):
        release(write(title=title))

    issue = compiled()

    assert [one.title for one in issue.releases()] == ["First", "Second", "Third"]


def test_only_what_is_new_since_the_last_issue_comes(write, release, sign_issue):
    release(write(title="Old"))
    sign_issue(compiled())
    release(write(title="New"))

    issue = compiled()

    assert [one.title for one in issue.releases()] == ["New"]


def test_a_new_version_of_an_item_comes_again(world, write, release, edit):
    page = write(title="Wrong number")
    release(page)
    compiled()
    edit(page, world.editor, title="Right number")
    release(page)

    issue = compiled()

    assert [one.title for one in issue.releases()] == ["Right number"]


def test_what_an_editor_added_to_a_draft_is_not_in_two_issues(world, write, release):
    release(write(title="One"))
    issue = compiled()
    later = release(write(title="Two"))
    draft = issue.get_latest_revision_as_object()
    draft.items.add(IssueItem(release=later, sort_order=1))
    draft.save_revision(user=world.editor)

    assert digests.compile_digest() is None


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_one_issue(write, release):
    release(write())

    at_once(digests.compile_digest, digests.compile_digest)

    assert Issue.objects.count() == 1


def test_only_issues_have_one(write, release):
    page = write()
    release(page)

    answer = Client().get(f"/newsletter/issues/{page.content_id}")

    assert answer.status_code == 404


def test_rows_name_themselves_without_giving_an_address_away(send_issue, subscribe):
    subscription = subscribe("parent@example.org", "shropshire")
    send_issue(title="Short breaks")
    mailings.freeze(mailing=Mailing.objects.get())
    notes.queue_confirmation(subscription=subscription)
    limits.may_ask("81.2.69.1")
    turn = CompileTurn.objects.get()

    named = [
        str(row)
        for row in (
            subscription.subscriber,
            subscription,
            subscription.choices.get(),
            Note.objects.get(),
            Issue.objects.get().items.get(),
            NetworkCount.objects.get(),
            turn,
            CompileTurn(),
            Delivery.objects.get(),
            Mailing.objects.get(),
            Claim(worker="here 7", lease_until=timezone.now()),
            Route(name="smtp here:25"),
            Route(name="smtp here:25", outages=1),
            suppressions.suppress(
                email="parent@example.org", reason="bounced", provider="test"
            ),
        )
    ]

    assert "parent@example.org" not in " ".join(named)
    assert named[0] == "p…@example.org"
    assert named[1].startswith("p…@example.org since 20")
    assert named[2] == "area shropshire"
    assert named[3].endswith("@localoffer.example>: pending")
    assert named[4] == "Short breaks (version 1)"
    assert named[5].endswith(": 1")
    assert named[6].startswith("last taken 20")
    assert named[7] == "free"
    assert named[8].endswith(": pending")
    assert named[9].endswith("(version 1), being sent")
    assert named[10].startswith("here 7 until ")
    assert named[11] == "smtp here:25"
    assert named[12].startswith("smtp here:25, down until")
    assert named[13].startswith("mail came back for good, since 20")
