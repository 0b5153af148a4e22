"""An issue as a mail, for those who write it: the preview, and a test to oneself."""

import pytest
from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import digests, editors, frames, trials
from syndication.newsletters.models import Delivery, Subscription

from .shared_blocks import everyone_signs


@pytest.fixture
def draft(world, write, release):
    """A compiled issue that no forum was asked about, and that editors may change."""
    editors.let_in(world.editor.groups.get())
    release(write(title="Short breaks this winter"))
    issue = digests.compile_digest(submit=False)
    assert issue
    return issue


@pytest.fixture
def signed(world, draft):
    """The same, agreed by its forums."""
    draft.get_workflow().start(draft, world.editor)
    proof = Proof.objects.open().get(content_id=draft.content_id)
    everyone_signs(world, proof)
    return draft


def address(issue):
    return f"/admin/newsletter/issues/{issue.pk}/mail/"


def test_an_editor_sees_a_draft_as_a_mail(world, draft, client_of):
    answer = client_of(world.editor).get(address(draft))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert page.count("<iframe") == 3
    assert page.count('sandbox=""') == 3
    assert "Short breaks this winter" in page
    assert "Not agreed yet." in page
    assert "@media all" in page
    # The issue itself claims no agreement; the item in it was agreed.
    assert "Check this agreement" not in page


def test_while_forums_read_the_preview_shows_what_they_see(world, draft, client_of):
    draft.get_workflow().start(draft, world.editor)

    trial = trials.of(draft)

    assert trial.state == trials.ASKED
    assert "Agreed by Shropshire Parent and Carer Council" in trial.frame.html


def test_a_signed_issue_shows_its_receipt(signed):
    trial = trials.of(signed)

    assert trial.state == trials.AGREED
    assert Release.objects.get(kind="issues").fingerprint in trial.frame.html


def test_an_edit_after_signing_is_not_agreed(world, signed, edit):
    edit(signed, world.editor, introduction="Something nobody signed.")

    assert trials.of(signed).state == trials.NOT_AGREED


def test_a_test_of_a_draft_goes_to_its_editor_alone_and_claims_nothing(
    world, draft, client_of, mailoutbox
):
    answer = client_of(world.editor).post(address(draft), follow=True)

    assert "A test is on its way to editor@example.org" in answer.content.decode()
    (letter,) = mailoutbox
    assert letter.recipients() == ["editor@example.org"]
    assert letter.subject.startswith("[Test: not agreed yet] SEND news")
    html, _ = letter.alternatives[0]
    for part in (letter.body, html):
        words = " ".join(part.split())
        assert (
            "This is a test. It was sent to editor@example.org and to nobody else"
            in (words)
        )
        assert "Its forums have not agreed to it yet." in words
        assert "Check this agreement" not in words
        assert "/receipts/" not in words
    assert not Delivery.objects.exists()
    assert not Release.objects.filter(kind="issues").exists()


def test_a_test_of_a_signed_issue_says_that_it_is_one(
    world, signed, client_of, mailoutbox
):
    client_of(world.editor).post(address(signed))

    (letter,) = [one for one in mailoutbox if one.subject.startswith("[Test")]
    assert letter.subject.startswith("[Test: agreed] ")
    assert "not agreed" not in letter.body
    assert "/receipts/" not in letter.body


def test_the_links_of_a_test_change_nothing(world, draft, client_of, mailoutbox):
    client_of(world.editor).post(address(draft))

    leave = mailoutbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    path = leave.removeprefix("https://localoffer.example")
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Client().get(path).status_code == 200
    assert not Subscription.objects.exists()


def test_opening_the_screen_sends_nothing(world, draft, client_of, mailoutbox):
    client = client_of(world.editor)

    client.get(address(draft))
    client.head(address(draft))
    client.options(address(draft))

    assert mailoutbox == []


def test_no_address_but_ones_own_can_be_named(world, draft, client_of, mailoutbox):
    client_of(world.editor).post(
        address(draft), {"to": "all@example.org", "email": "all@example.org"}
    )

    assert [letter.recipients() for letter in mailoutbox] == [["editor@example.org"]]


def test_nobody_types_another_address_into_their_own_account(
    world, draft, client_of, mailoutbox
):
    client = client_of(world.editor)
    account = client.get("/admin/account/").content.decode()
    assert 'name="name_email-first_name"' in account
    assert 'name="name_email-email"' not in account

    saved = client.post("/admin/account/", account_with("everybody@elsewhere.example"))
    client.post(address(draft))

    assert saved.status_code == 302
    world.editor.refresh_from_db()
    assert (world.editor.first_name, world.editor.email) == (
        "Ed",
        "editor@example.org",
    )
    assert [letter.recipients() for letter in mailoutbox] == [["editor@example.org"]]


def account_with(email):
    """The form of one's own account, as Wagtail's page would send it back."""
    return {
        "name_email-first_name": "Ed",
        "name_email-last_name": "Itor",
        "name_email-email": email,
        "locale-preferred_language": "",
        "locale-current_time_zone": "Europe/London",
        "theme-theme": "system",
        "theme-contrast": "system",
        "theme-density": "default",
        "avatar-avatar": "",
        "password-old_password": "",
        "password-new_password1": "",
        "password-new_password2": "",
    }


@pytest.mark.parametrize("who", ["pat", "pip", None])
def test_whoever_may_not_change_issues_sees_and_sends_nothing(
    world, draft, client_of, mailoutbox, who
):
    client = client_of(getattr(world, who)) if who else Client()

    for answer in (client.get(address(draft)), client.post(address(draft))):
        assert answer.status_code in (302, 403)
    assert mailoutbox == []


def test_a_test_needs_the_csrf_token(world, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(world.editor)

    assert client.post(address(draft)).status_code == 403


def test_an_account_without_an_address_is_told(world, draft, client_of, mailoutbox):
    world.editor.email = ""
    world.editor.save()

    answer = client_of(world.editor).post(address(draft))

    assert answer.status_code == 409
    assert "Your account has no email address" in answer.content.decode()
    assert mailoutbox == []


def test_an_address_that_is_no_single_one_is_refused(
    world, draft, client_of, mailoutbox
):
    world.editor.email = "editor@example.org, all@example.org"
    world.editor.save()

    answer = client_of(world.editor).post(address(draft))

    assert answer.status_code == 409
    assert "No mail can be sent to" in answer.content.decode()
    assert mailoutbox == []


def test_nobody_can_be_flooded_with_tests(
    world, draft, client_of, mailoutbox, monkeypatch
):
    monkeypatch.setattr(trials, "PER_HOUR", 2)
    client = client_of(world.editor)

    answers = [client.post(address(draft)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [302, 302, 409]
    assert "within an hour" in answers[2].content.decode()
    assert len(mailoutbox) == 2


def test_a_test_stands_in_the_history_of_the_issue(world, draft, client_of):
    client_of(world.editor).post(address(draft))

    page = client_of(world.editor).get(
        f"/admin/snippets/newsletters/issue/history/{draft.pk}/"
    )

    assert "Sent as a test to oneself" in page.content.decode()


def test_a_mail_server_that_is_down_is_told_in_words(world, draft, client_of, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    answer = client_of(world.editor).post(address(draft))

    assert answer.status_code == 409
    assert "The mail server did not take it" in answer.content.decode()


def test_a_provider_that_refuses_the_editor_is_told_in_words(
    world, draft, client_of, monkeypatch
):
    def refuse(*args):
        raise AnymailRecipientsRefused

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)

    answer = client_of(world.editor).post(address(draft))

    assert answer.status_code == 409
    assert "The mail server did not take it" in answer.content.decode()


def test_a_draft_of_which_nothing_is_public_any_more_is_not_mailed(
    world, draft, client_of, mailoutbox
):
    Release.objects.filter(kind="local-offer").update(superseded_at="2026-11-01T00:00Z")

    answer = client_of(world.editor).post(address(draft))

    assert answer.status_code == 409
    assert "There is nothing to mail" in answer.content.decode()


def test_an_issue_too_long_for_a_mail_is_refused_when_it_is_submitted(
    world, draft, client_of, monkeypatch
):
    from .newsletter import form_of_issue

    monkeypatch.setattr(frames, "LONGEST_HTML", 5_000)
    client = client_of(world.editor)
    form = form_of_issue(draft, **{"action-submit": "Submit"})
    edit = f"/admin/snippets/newsletters/issue/edit/{draft.pk}/"

    page = client.post(edit, form).content.decode()

    assert "This newsletter is too long for an email" in page
    assert "Leave some items out" in page
    assert not Proof.objects.open().exists()
    # It is seen and said on the screen of the mail as well, and saved as a draft.
    assert "too long for an email" in client.get(address(draft)).content.decode()
    assert client.post(address(draft)).status_code == 409
    saved = client.post(edit, form_of_issue(draft))
    assert saved.status_code == 302


def test_the_list_of_issues_leads_to_the_mail(world, draft, client_of):
    page = client_of(world.editor).get("/admin/snippets/newsletters/issue/")

    assert address(draft) in page.content.decode()


def test_the_screen_asks_the_database_no_more_for_each_item_than_wagtail_does(
    world, draft, write, release, client_of
):
    def asked(issue):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(address(issue)).content.decode()
        return len(queries), page

    client = client_of(world.editor)
    asked(draft)
    once, _ = asked(draft)
    for number in range(5):
        release(write("news", title=f"News {number}"))
    draft.delete()
    issue = digests.compile_digest(submit=False)

    often, page = asked(issue)

    assert page.count("News 4") >= 4
    # Two for each item are Wagtail's, when it reads a draft; none are ours.
    assert often <= once + 2 * 5
