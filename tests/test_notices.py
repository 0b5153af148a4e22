"""Knowing and chasing: who is told what, when, and that it happens once."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.auth.models import Group, Permission, User
from django.core import mail as outgoing
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cms import (
    corrections,
    ledger,
    letters,
    notices,
    sign_off,
    sweep,
    tasks,
    tree,
    withdrawals,
)
from cms.errors import NoForumConcerned
from cms.models import (
    AuditEntry,
    Forum,
    NoReply,
    Notice,
    Proof,
    Withdrawal,
)
from site_settings.models import PublisherSettings, SignOffRule, SignOffSettings
from syndication.management.commands import worker
from syndication.models import Release

from .concurrency import at_once, with_real_concurrency
from .conftest import make_forum, make_member
from .fakes import FakeMailServer
from .loopback import free_port

# Noon in London, in winter: the due date is ten days later, a Friday.
MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
DUE = date(2026, 12, 3)
TITLE = "Getting help with talking and understanding"
LISTED = reverse("countersign_sign_off:waiting")


@pytest.fixture
def clock():
    """A Monday at noon, which a test moves: ``clock.shift(timedelta(days=8))``."""
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def world(world, clock):
    """The cast and everybody who must not be written to by mistake.

    PACC has a second member, a second person and somebody who is no longer active;
    another forum is never asked; there is a second editor and one who left.
    """
    world.pam = make_member("pam", world.pacc)
    world.gone = make_member("gone", world.pacc)
    world.stranger = make_member("stranger", make_forum("Another forum", "OTHER"))
    world.second = User.objects.create_user("second", "second@example.org")
    world.pacc.second_contact = world.second
    world.pacc.save()
    world.eve, world.left = (
        User.objects.create_user(name, f"{name}@example.org")
        for name in ("eve", "left")
    )
    for person in (world.eve, world.left):
        person.groups.add(Group.objects.get(name=tree.EDITORS))
    for person in (world.gone, world.left):
        person.is_active = False
        person.save()
    Notice.objects.all().delete()
    return world


def told(purpose=None):
    """Who is told what, of which forum: ``{("waits", "PACC", "pat"), …}``."""
    rows = Notice.objects.select_related("forum", "recipient")
    if purpose:
        rows = rows.filter(purpose=purpose)
    found = [
        (row.purpose, str(row.forum or ""), row.recipient.username) for row in rows
    ]
    assert len(found) == len(set(found)), "somebody is told something twice"
    return set(found)


def names(purpose):
    """The people who are told this, whatever forum it is about."""
    return {name for _, _, name in told(purpose)}


def sent_to():
    return sorted(recipient for mail in outgoing.outbox for recipient in mail.to)


@pytest.fixture
def proof(world, write, submit):
    return submit(write())


@pytest.fixture
def overdue(proof, clock):
    """A proof that PODS signed in time and PACC did not."""
    Notice.objects.all().delete()
    sign_off.sign(
        proof=proof,
        forum=Forum.objects.get(slug="pods"),
        by=User.objects.get(username="pip"),
        fingerprint=proof.fingerprint,
    )
    clock.shift(timedelta(days=11))
    return proof


def mails_to(username):
    """What this person got, as the mail program shows it."""
    return [
        SimpleNamespace(
            subject=mail.subject,
            text=mail.body,
            html=str(mail.alternatives[0][0]),
            source=mail.message().as_string(),
        )
        for mail in cast(list[EmailMultiAlternatives], outgoing.outbox)
        if mail.to == [f"{username}@example.org"]
    ]


def send():
    """Let a worker send everything that is due."""
    with_more = True
    while with_more:
        with_more = notices.send_due().more


# A proof waits


def test_every_member_of_each_forum_asked_is_told_that_a_text_waits(proof):
    assert told() == {
        ("waits", "PACC", "pat"),
        ("waits", "PACC", "pam"),
        ("waits", "PODS", "pip"),
    }


def test_whoever_wrote_part_of_it_is_not_asked_to_sign(world, write, submit, edit):
    page = edit(write(), world.pam, title="Talking")
    submit(page)

    assert told() == {("waits", "PACC", "pat"), ("waits", "PODS", "pip")}


def test_a_forum_in_which_nobody_can_sign_is_told_so_and_the_editors_too(
    world, write, submit
):
    submit(write(by=world.pip))

    assert told("waits") == {("waits", "PACC", "pat"), ("waits", "PACC", "pam")}
    assert told("nobody_left") == {
        ("nobody_left", "PODS", "pip"),
        ("nobody_left", "PODS", "editor"),
        ("nobody_left", "PODS", "eve"),
    }


def test_a_forum_without_members_does_not_wait_in_silence(world, write, submit):
    world.pat.groups.clear()
    world.pam.groups.clear()
    Notice.objects.all().delete()

    submit(write())

    assert names("nobody_left") == {"second", "editor", "eve"}


def test_a_mail_says_what_waits_for_whom_until_when_and_where(proof):
    send()

    (mail,) = mails_to("pat")
    path = reverse("countersign_sign_off:proof", args=[proof.pk])
    assert mail.subject == f"Please read and sign: “{TITLE}”"
    for words in (mail.text, mail.html):
        assert TITLE in words
        assert "Shropshire Parent and Carer Council" in words
        assert "3 December 2026" in words
        assert f"https://localoffer.example{path}" in words
    assert 'lang="en-GB" dir="ltr"' in mail.html


def test_nothing_of_the_draft_but_its_title_is_in_a_mail(proof):
    send()

    words = " ".join(str(mail.message()) for mail in outgoing.outbox)
    for part in ("what to try first", "advice line", "01632", "advice@example.org"):
        assert part in str(proof.representation)
        assert part not in words


def test_each_mail_goes_to_one_person_and_says_it_was_made_by_a_machine(proof):
    publisher = PublisherSettings.load()
    publisher.contact_email = "office@example.org"
    publisher.save()

    send()

    assert sent_to() == ["pam@example.org", "pat@example.org", "pip@example.org"]
    for mail in outgoing.outbox:
        assert len(mail.recipients()) == 1
        assert mail.extra_headers["Auto-Submitted"] == "auto-generated"
        assert mail.reply_to == ["office@example.org"]
        assert "office@example.org" in mail.body
    assert {mail.extra_headers["Message-ID"] for mail in outgoing.outbox} == set(
        Notice.objects.values_list("message_id", flat=True)
    )


@pytest.mark.parametrize(
    "title",
    [
        "Talking\r\nBcc: all@example.org",
        "a =?utf-8?q?=0D?= b",
        "<b>Talking</b> {{ x }}",
    ],
)
def test_no_title_adds_a_header_or_markup(world, write, submit, title):
    submit(write(title=title))
    send()

    (mail,) = mails_to("pat")
    assert "\nBcc:" not in mail.source
    assert "<b>Talking" not in mail.html
    assert "=?utf-8?q?=0D" not in mail.subject
    assert sent_to() == ["pam@example.org", "pat@example.org", "pip@example.org"]


def test_a_submission_that_is_refused_tells_nobody(world, write):
    page = write(areas=[])

    with pytest.raises(NoForumConcerned):
        page.get_workflow().start(page, world.editor)

    assert told() == set()


def test_what_is_rolled_back_tells_nobody(world, write, submit):
    page = write()

    with transaction.atomic():
        submit(page)
        assert told()
        transaction.set_rollback(True)

    assert told() == set()


def test_nothing_is_sent_before_the_commit_and_a_worker_is_woken_after_it(
    world, write, submit, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks, "wake_up", lambda: woken.append(True))

    with django_capture_on_commit_callbacks() as callbacks:
        submit(write())
    assert woken == []
    for callback in callbacks:
        callback()

    assert woken
    assert outgoing.outbox == []


@pytest.mark.django_db(transaction=True)
def test_no_notice_is_claimed_inside_a_transaction():
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        ledger.claim_next(Notice)


def test_the_task_sends_and_goes_on_while_more_is_due(proof, monkeypatch):
    again = []
    monkeypatch.setattr(tasks, "wake_up", lambda: again.append(True))
    monkeypatch.setitem(notices.send_due.__kwdefaults__, "seconds", 0)

    for _ in range(3):
        tasks.send_notices.func()

    assert len(outgoing.outbox) == 3
    assert len(again) == 2


def test_a_lost_wake_up_and_a_worker_that_died_lose_nothing(proof, clock):
    """The commit is made, nobody is woken, then a worker dies with a mail in hand."""
    held = ledger.claim_next(Notice)

    sweep.sweep()
    assert len(outgoing.outbox) == 2
    clock.shift(ledger.LEASE + timedelta(seconds=1))
    sweep.sweep()

    assert sent_to() == ["pam@example.org", "pat@example.org", "pip@example.org"]
    assert outgoing.outbox[-1].extra_headers["Message-ID"] == held.message_id


def test_notices_wait_for_a_mail_server_that_is_down(proof, settings, clock):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    assert notices.send_due().outage

    assert set(Notice.objects.values_list("status", "attempts")) == {("pending", 0)}
    clock.shift(ledger.OUTAGE)
    with FakeMailServer() as server:
        settings.EMAIL_PORT = server.port
        send()
        assert len(server.messages) == 3
        assert server.connections == 1


def test_sweeping_twice_sends_nothing_twice(proof):
    sweep.sweep()
    sweep.sweep()

    assert sent_to() == ["pam@example.org", "pat@example.org", "pip@example.org"]


def test_asking_again_for_the_same_text_tells_nobody_anew(proof):
    before = Notice.objects.count()

    notices.ask(proof=proof, forums=proof.forums.all())

    assert Notice.objects.count() == before


def test_who_left_or_was_closed_out_before_the_mail_goes_gets_none(world, proof):
    world.pat.groups.remove(world.pacc.group)
    world.pip.is_active = False
    world.pip.save()
    Notice.objects.filter(purpose__in=["gone", "you_left"]).delete()

    send()

    assert sent_to() == ["pam@example.org"]
    kept = Notice.objects.filter(status="suppressed")
    assert set(kept.values_list("last_error", flat=True)) == {"no longer concerns them"}


def test_who_has_no_address_gets_none(world, proof):
    User.objects.filter(pk=world.pat.pk).update(email="")

    send()

    assert sent_to() == ["pam@example.org", "pip@example.org"]


def test_nobody_is_asked_for_what_was_answered_meanwhile(world, proof, sign):
    sign(proof, world.pacc, world.pat)

    send()

    assert sent_to() == ["pip@example.org"]
    assert set(
        Notice.objects.filter(status="suppressed").values_list("last_error", flat=True)
    ) == {"answered meanwhile"}


def test_nobody_is_asked_for_what_its_editors_stopped(world, proof):
    proof.content_object.current_workflow_state.cancel(user=world.editor)

    send()

    assert outgoing.outbox == []


def test_whom_a_new_rule_asks_later_is_told_then_and_gets_as_long_as_anybody(
    world, proof, clock
):
    Notice.objects.all().delete()
    clock.shift(timedelta(days=9))
    SignOffRule.objects.create(
        policy=SignOffSettings.load(),
        forum=world.stranger.groups.get().forum,
        reason="Everything is read by another forum too.",
    )

    assert told() == {
        ("waits", "OTHER", "stranger"),
        ("asked_too", "OTHER", "editor"),
        ("asked_too", "OTHER", "eve"),
    }
    clock.shift(timedelta(days=2))
    sweep.chase()
    assert not NoReply.objects.exists()


# Before and after the due date


def test_forums_that_have_not_answered_are_reminded_three_days_before(
    world, proof, sign, clock
):
    sign(proof, world.pods, world.pip)
    Notice.objects.all().delete()

    clock.shift(timedelta(days=6))
    sweep.chase()
    assert told() == set()
    clock.shift(timedelta(days=1))
    sweep.chase()

    assert told() == {("reminder", "PACC", "pat"), ("reminder", "PACC", "pam")}
    clock.shift(timedelta(days=1))
    sweep.chase()
    send()
    assert sent_to() == ["pam@example.org", "pat@example.org"]
    assert "still waits" in outgoing.outbox[0].body


def test_nobody_is_reminded_on_the_day_they_are_asked(world, write, submit, clock):
    rules = SignOffSettings.load()
    rules.days_to_answer = 2
    rules.save()
    submit(write())

    sweep.chase()
    assert names("reminder") == set()
    clock.shift(timedelta(days=1))
    sweep.chase()

    assert names("reminder") == {"pat", "pam", "pip"}


def test_a_forum_that_took_its_sign_off_back_is_reminded_like_any(
    world, proof, sign, clock
):
    sign(proof, world.pods, world.pip)
    sign_off.take_back(proof=proof, forum=world.pods, by=world.pip)
    clock.shift(timedelta(days=8))

    sweep.chase()

    assert names("reminder") == {"pat", "pam", "pip"}


def test_no_reply_is_recorded_on_the_day_after_the_due_date(proof, clock):
    clock.move_to(datetime(2026, 12, 3, 23, 59, tzinfo=UTC))
    sweep.chase()
    assert not NoReply.objects.exists()

    clock.move_to(datetime(2026, 12, 4, 0, 0, tzinfo=UTC))
    sweep.chase()

    assert set(NoReply.objects.values_list("forum__slug", "due_on")) == {
        ("pacc", DUE),
        ("pods", DUE),
    }


def test_after_the_due_date_the_second_person_and_the_editors_are_told(overdue):
    sweep.chase()

    assert told() == {
        ("overdue", "PACC", "second"),
        ("no_reply", "PACC", "editor"),
        ("no_reply", "PACC", "eve"),
    }
    assert NoReply.objects.get().forum.slug == "pacc"
    entry = AuditEntry.objects.filter(action="no_reply").get()
    assert entry.data["forum"] == "PACC"
    assert entry.by is None


def test_no_reply_is_recorded_and_told_once(overdue, clock):
    for _ in range(3):
        sweep.sweep()
        clock.shift(timedelta(days=1))

    assert NoReply.objects.count() == 1
    assert AuditEntry.objects.filter(action="no_reply").count() == 1
    assert sent_to() == ["editor@example.org", "eve@example.org", "second@example.org"]


def test_the_mail_to_editors_names_who_was_written_to(world, overdue):
    sweep.sweep()

    (mail,) = mails_to("eve")
    assert mail.subject == f"No reply by 3 December 2026: “{TITLE}”"
    assert "We have written to second, the second person for PACC." in mail.text


@pytest.mark.parametrize("second", ["nobody", "inactive", "without address"])
def test_the_mail_to_editors_says_that_nobody_else_is_named_and_where_to(
    world, overdue, second
):
    if second == "nobody":
        world.pacc.second_contact = None
        world.pacc.save()
    elif second == "inactive":
        User.objects.filter(pk=world.second.pk).update(is_active=False)
    else:
        User.objects.filter(pk=world.second.pk).update(email="")

    sweep.sweep()

    assert sent_to() == ["editor@example.org", "eve@example.org"]
    assert "Nobody else is named for PACC." in outgoing.outbox[0].body
    assert "“Second contact”" in outgoing.outbox[0].body


def test_the_second_person_may_read_what_they_are_asked_about(
    world, overdue, client_of
):
    world.second.groups.add(world.stranger.groups.get())

    page = client_of(world.second).get(
        reverse("countersign_sign_off:proof", args=[overdue.pk])
    )

    assert page.status_code == 200
    assert "Sign for" not in page.content.decode()


def test_a_late_answer_counts_and_the_record_stays(world, overdue, sign):
    sweep.chase()

    sign(overdue, world.pacc, world.pat)

    overdue.refresh_from_db()
    assert overdue.outcome == Proof.Outcome.SIGNED
    assert Release.objects.current().count() == 1
    assert NoReply.objects.count() == 1
    send()
    assert "second@example.org" not in sent_to()


def test_a_forum_that_took_its_answer_back_did_reply(world, overdue):
    sign_off.take_back(
        proof=overdue, forum=world.pods, by=world.pip, reason="We read it again."
    )

    sweep.chase()

    assert [row.forum.slug for row in NoReply.objects.all()] == ["pacc"]


def test_an_answer_that_comes_first_is_never_called_no_reply(world, overdue, sign):
    found = notices.without_reply()
    sign(overdue, world.pacc, world.pat)

    for proof, forum in found:
        assert not notices.record_no_reply(proof=proof, forum=forum)

    assert not NoReply.objects.exists()


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_record_and_tell_once(overdue):
    at_once(*[sweep.chase] * 4)

    assert NoReply.objects.count() == 1
    assert names("no_reply") == {"editor", "eve"}


def test_chasing_asks_the_database_as_often_however_much_waits(
    write, submit, django_assert_num_queries
):
    for _ in range(3):
        submit(write())

    with django_assert_num_queries(4):
        sweep.chase()


# What it came to


def test_changes_asked_for_are_told_to_everybody_but_who_asked(world, proof):
    Notice.objects.all().delete()
    sign_off.ask_for_changes(
        proof=proof,
        forum=world.pacc,
        by=world.pat,
        fingerprint=proof.fingerprint,
        comment="The secret reason",
    )

    assert told() == {
        ("changes", "PACC", name) for name in ("pam", "pip", "editor", "eve")
    }
    send()
    assert all("asks for changes" in mail.body for mail in outgoing.outbox)
    assert all("secret" not in str(mail.message()) for mail in outgoing.outbox)


def test_not_agreed_is_told_to_everybody_but_who_said_it(world, proof):
    Notice.objects.all().delete()
    sign_off.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="No.",
    )

    assert told() == {
        ("not_agreed", "PODS", name) for name in ("pat", "pam", "editor", "eve")
    }


def test_a_sign_off_is_not_told_until_it_is_the_last(world, proof, sign):
    Notice.objects.all().delete()

    sign(proof, world.pacc, world.pat)
    assert told() == set()
    sign(proof, world.pods, world.pip)

    assert told() == {("public", "", name) for name in ("pat", "pam", "editor", "eve")}
    send()
    for mail in outgoing.outbox:
        assert "Agreed by PACC and PODS." in mail.body
        assert proof.content_object.permalink in mail.body


def test_a_dissent_is_never_told_as_agreement(world, proof, sign):
    rules = SignOffSettings.load()
    rules.dissent = SignOffSettings.Dissent.PUBLISH
    rules.save()
    sign_off.not_agree(
        proof=proof,
        forum=world.pods,
        by=world.pip,
        fingerprint=proof.fingerprint,
        comment="No.",
    )
    again = sign_off.submit_with_dissent(proof=proof, by=world.editor)
    sign(again, world.pacc, world.pat)
    sign(again, world.pods, world.pip)

    send()

    public = [mail for mail in outgoing.outbox if mail.subject.startswith("Signed")]
    assert len(public) == 4
    for mail in public:
        assert "Agreed by PACC." in mail.body
        assert "PODS did not agree" in mail.body


def test_an_embargo_that_is_stopped_is_told_each_time(world, write, submit, sign):
    proof = submit(write(release_at=MONDAY + timedelta(days=5)))
    sign(proof, world.pods, world.pip)
    sign(proof, world.pacc, world.pat)
    Notice.objects.all().delete()

    for _ in range(2):
        sign_off.take_back(proof=proof, forum=world.pacc, by=world.pat)
        sign(proof, world.pacc, world.pat)

    found = list(Notice.objects.values_list("purpose", "recipient__username"))
    everybody = ("pam", "pip", "editor", "eve")
    assert sorted(found) == sorted(2 * [("taken_back", name) for name in everybody])
    send()
    assert "28 November 2026 at 12:00" in outgoing.outbox[0].body


def test_what_waited_for_its_date_is_told_when_it_is_public(
    world, write, submit, sign, clock
):
    proof = submit(write(release_at=MONDAY + timedelta(days=5)))
    sign(proof, world.pods, world.pip)
    sign(proof, world.pacc, world.pat)
    Notice.objects.all().delete()

    clock.shift(timedelta(days=5))
    sweep.sweep()

    assert names("public") == {"pat", "pam", "pip", "editor", "eve"}
    assert Release.objects.current().count() == 1


def test_an_edit_that_voids_a_proof_is_told_to_the_editors(world, proof, write):
    Notice.objects.all().delete()
    page = proof.content_object
    page.title = "Edited behind the back"
    page.save_revision(user=world.admin)

    assert told() == {("void", "", "editor"), ("void", "", "eve")}
    send()
    assert "edited after it was submitted" in outgoing.outbox[0].body


def test_a_withdrawal_is_told_to_everybody_but_who_did_it(world, write, release):
    page = write()
    release(page)
    send()
    Notice.objects.all().delete()

    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")

    assert told() == {
        ("withdrawn", "", name) for name in ("pam", "pip", "editor", "eve")
    }


def test_what_must_vanish_is_named_in_no_mail(world, write, release):
    page = write(title="A name that must not be known")
    release(page)
    outgoing.outbox.clear()

    withdrawals.withdraw(
        content_id=page.content_id,
        by=world.pat,
        reason="Somebody is in danger",
        kind=Withdrawal.VANISH,
    )
    send()

    assert outgoing.outbox == []
    assert set(Notice.objects.values_list("status", flat=True)) == {"suppressed"}


def test_a_forum_that_lost_its_area_is_told(world, write, release, edit, submit, sign):
    rules = SignOffSettings.load()
    rules.leaving = SignOffSettings.Leaving.TELL
    rules.save()
    page = write()
    release(page)
    page.refresh_from_db()
    edit(page, world.editor, areas=[world.shropshire])
    proof = submit(page)
    Notice.objects.all().delete()

    sign(proof, world.pacc, world.pat)

    assert told("left") == {("left", "PODS", "pip")}
    send()
    assert "no longer for any area that PODS signs for" in mails_to("pip")[0].text


# Corrections


@pytest.fixture
def corrected(world, write, release):
    """A signed page whose telephone number the editor corrected; gives its proof."""
    page = write()
    release(page)
    page.refresh_from_db()
    name = next(
        field.name
        for field in corrections.fields(page)
        if field.value == "01632 960101"
    )
    world.editor.user_permissions.add(Permission.objects.get(codename="correct_facts"))
    editor = User.objects.get(pk=world.editor.pk)
    Notice.objects.all().delete()
    return corrections.correct(
        page=page, values={name: "01632 960999"}, by=editor, reason="It was wrong"
    )


def test_a_correction_that_waits_for_review_says_that_it_is_public(corrected):
    assert told() == {
        ("waits", "PACC", "pat"),
        ("waits", "PACC", "pam"),
        ("waits", "PODS", "pip"),
    }
    send()
    for mail in outgoing.outbox:
        assert mail.subject == f"Please check a correction: “{TITLE}”"
        assert "was corrected on 23 November 2026" in mail.body
        assert "28 November 2026" in mail.body
        assert "01632" not in mail.body


def test_a_correction_nobody_reviewed_in_time_alerts_forums_and_editors(
    corrected, clock
):
    Notice.objects.all().delete()
    clock.shift(timedelta(days=6))

    sweep.sweep()

    assert told("overdue") == {
        ("overdue", "PACC", "pat"),
        ("overdue", "PACC", "pam"),
        ("overdue", "PACC", "second"),
        ("overdue", "PODS", "pip"),
    }
    assert names("no_reply") == {"editor", "eve"}
    for mail in outgoing.outbox:
        assert "changed on 23 November 2026 before forum review" in mail.body


def test_a_correction_that_went_back_to_its_editors_is_not_forgotten(
    world, corrected, clock
):
    sign_off.ask_for_changes(
        proof=corrected,
        forum=world.pacc,
        by=world.pat,
        fingerprint=corrected.fingerprint,
        comment="Say it otherwise.",
    )
    Notice.objects.all().delete()
    sweep.chase()
    assert told() == set()
    clock.shift(timedelta(days=6))

    sweep.chase()
    sweep.chase()

    assert told() == {
        ("unreviewed", "", name) for name in ("pat", "pam", "pip", "editor", "eve")
    }


# Who signs for a forum


def test_a_forum_is_told_who_joined_it_and_so_is_the_person(world):
    new = User.objects.create_user("new", "new@example.org", first_name="Nia {0}")

    new.groups.add(world.pacc.group)

    assert told() == {
        ("joined", "PACC", "pat"),
        ("joined", "PACC", "pam"),
        ("you_joined", "PACC", "new"),
    }
    send()
    (mine,), (theirs,) = mails_to("new"), mails_to("pat")
    assert mine.subject == "You can now sign for PACC"
    assert theirs.subject == "Nia {0} can now sign for PACC"


@pytest.mark.parametrize(
    "leave",
    [
        lambda world: world.pat.groups.remove(world.pacc.group),
        lambda world: world.pat.groups.clear(),
        lambda world: world.pat.groups.set([]),
        lambda world: world.pacc.group.user_set.remove(world.pat),
    ],
    ids=["removed", "cleared", "set", "removed from the group"],
)
def test_a_forum_is_told_who_left_it_and_so_is_the_person(world, leave):
    leave(world)

    assert told() == {("gone", "PACC", "pam"), ("you_left", "PACC", "pat")}
    send()
    (mine,), (theirs,) = mails_to("pat"), mails_to("pam")
    assert mine.subject == "You no longer sign for PACC"
    assert theirs.subject == "pat no longer signs for PACC"


def test_emptying_a_group_tells_everybody_who_was_in_it(world):
    world.pacc.group.user_set.clear()

    send()

    assert sent_to() == ["pam@example.org", "pat@example.org"]
    assert mails_to("pat")[0].subject == "You no longer sign for PACC"


def test_a_forum_is_told_when_the_account_of_a_member_is_deleted(world):
    world.pat.delete()

    assert told() == {("gone", "PACC", "pam")}


def test_a_superuser_who_joins_a_forum_is_seen_by_its_members(world):
    world.admin.groups.add(world.pods.group)

    assert told() == {("joined", "PODS", "pip"), ("you_joined", "PODS", "admin")}


def test_who_left_again_before_the_mail_went_is_told_only_that(world):
    world.admin.groups.add(world.pods.group)
    world.admin.groups.remove(world.pods.group)

    send()

    assert [mail.subject for mail in mails_to("admin")] == [
        "You no longer sign for PODS"
    ]


def test_a_group_that_signs_for_nobody_tells_nobody(world):
    world.pat.groups.add(Group.objects.create(name="Photographers"))

    assert told() == set()


# What notices say


def test_every_purpose_has_its_words():
    assert set(letters._LETTERS) == set(Notice.Purpose)


@pytest.mark.parametrize("purpose", sorted(Notice.Purpose))
def test_every_notice_is_plain_and_says_where_to_go(corrected, world, purpose):
    corrected.closed_reason = "edited after it was submitted"
    corrected.release_at = MONDAY
    for proof in (corrected, Proof.objects.signed().get()):
        if purpose == Notice.Purpose.UNREVIEWED and not proof.correction:
            continue
        words = letters.letter(
            Notice(
                purpose=purpose,
                proof=proof,
                forum=world.pacc,
                recipient=world.second,
                about="Nia",
                consent_id=1,
                review_by=MONDAY.date(),
            )
        )

        text = " ".join((words.subject, *words.paragraphs))
        # No word of a comment or a consent, nor what it is about, is for a mail.
        about_nothing = {Notice.Purpose.COMMENTS, Notice.Purpose.CONSENT_REVIEW}
        assert "PACC" in text or TITLE in text or purpose in about_nothing
        assert words.link.startswith("https://localoffer.example/")
        assert all(paragraph.endswith(".") for paragraph in words.paragraphs)
        for wrong in ("!", "None", "  ", "{", "..", "proof", "void"):
            assert wrong not in text


def test_a_notice_without_what_it_is_about_is_refused(world):
    with pytest.raises(ValueError, match="lacks what it is about"):
        notices.audience("waits", proof=None, forum=world.pacc)
    for notice in (Notice(purpose="joined"), Notice(purpose="waits")):
        with pytest.raises(ValueError, match="without"):
            letters.letter(notice)
    with pytest.raises(ValueError, match="without one"):
        letters.letter(Notice(purpose="waits", proof=Proof(title="Talking")))


def test_a_notice_names_itself_without_giving_an_address_away(proof):
    notice = Notice.objects.first()

    assert "example.org" not in str(notice).replace("localoffer.example", "")
    assert str(notice).endswith(": pending")


# The sweep


@pytest.fixture
def work_once(monkeypatch):
    """Run the worker once, on the connection that this test's transaction is in."""
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    return lambda: call_command("worker", "--once")


@pytest.mark.parametrize(
    "part",
    [
        (sign_off, "release_due"),
        (notices, "to_remind"),
        (notices, "record_no_reply"),
        (notices, "send_due"),
    ],
)
def test_what_fails_holds_up_nothing_else(
    overdue, monkeypatch, part, work_once, caplog
):
    done = []

    def fail(**kwargs):
        raise ValueError("a fault of ours")

    monkeypatch.setattr(*part, fail)

    def newsletter():
        done.append(True)
        return False

    monkeypatch.setattr("syndication.newsletters.sweep.sweep", newsletter)

    work_once()

    assert done == [True]
    assert "Everything else goes on." in caplog.text
    assert "a fault of ours" in caplog.text
    if part[1] != "send_due":
        assert not Notice.objects.due().exists()


def test_a_newsletter_that_fails_does_not_hold_up_notices(
    proof, monkeypatch, work_once, caplog
):
    def fail():
        raise ValueError("a fault of ours")

    monkeypatch.setattr("syndication.newsletters.sweep.sweep", fail)

    work_once()

    assert len(outgoing.outbox) == 3
    assert "The newsletter failed" in caplog.text


def test_one_forum_that_fails_does_not_hold_up_the_next(proof, clock, monkeypatch):
    clock.shift(timedelta(days=11))
    real = notices.record_no_reply

    def fail_for_pacc(*, proof, forum):
        if forum.slug == "pacc":
            raise ValueError("a fault of ours")
        return real(proof=proof, forum=forum)

    monkeypatch.setattr(notices, "record_no_reply", fail_for_pacc)
    sweep.chase()

    assert [row.forum.slug for row in NoReply.objects.all()] == ["pods"]


def test_a_database_that_does_not_answer_is_not_hidden(monkeypatch):
    def fail():
        raise OperationalError("the connection is closed")

    with pytest.raises(OperationalError):
        sweep.attempt("Anything", fail)


# With whom does it lie?


def rows(page):
    """The list as text: the cells of each item."""
    table = BeautifulSoup(page.content.decode(), "html.parser").find(
        class_="sign-off-table"
    )
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.find("tbody").find_all("tr")
    ]


def test_editors_see_with_whom_everything_lies(
    world, write, submit, sign, client_of, clock
):
    late = submit(write(title="Late"))
    clock.shift(timedelta(days=7))
    sweep.sweep()
    clock.shift(timedelta(days=5))
    sweep.chase()
    sign(submit(write(title="Half signed")), world.pods, world.pip)
    back = submit(write(title="With editors"))
    sign_off.ask_for_changes(
        proof=back,
        forum=world.pacc,
        by=world.pat,
        fingerprint=back.fingerprint,
        comment="Shorter.",
    )
    dated = submit(write(title="Dated", release_at=MONDAY + timedelta(days=30)))
    sign(dated, world.pods, world.pip)
    sign(dated, world.pacc, world.pat)

    found = rows(client_of(world.eve).get(LISTED))

    assert late.due_on == DUE
    pacc, pods = "Shropshire Parent and Carer Council", "Parents Opening Doors"
    silent = "(no reply by 3 December 2026)"
    assert found == [
        [
            "Late",
            f"{pacc} {silent} {pods} {silent}",
            "23 November 2026",
            "3 December 2026 Overdue",
            "PACC: 30 November 2026 PODS: 30 November 2026",
        ],
        ["Half signed", pacc, "5 December 2026", "15 December 2026", "not yet"],
        [
            "With editors",
            "Editors: PACC asked for changes",
            "5 December 2026",
            "none",
            "none",
        ],
        [
            "Dated",
            "Nobody: signed, public on 23 December 2026, 12:00",
            "5 December 2026",
            "none",
            "none",
        ],
    ]


def test_the_list_shows_what_lies_with_one_signatory_or_with_editors(
    world, write, submit, sign, client_of
):
    sign(submit(write(title="Only PACC")), world.pods, world.pip)
    submit(write(title="Only PODS", areas=[world.telford]))
    back = submit(write(title="Editors"))
    sign_off.ask_for_changes(
        proof=back,
        forum=world.pacc,
        by=world.pat,
        fingerprint=back.fingerprint,
        comment="Shorter.",
    )
    client = client_of(world.editor)

    def shown(chosen):
        page = client.get(LISTED, {"lies_with": chosen})
        return [row[0] for row in rows(page)]

    assert shown("pacc") == ["Only PACC"]
    assert shown("pods") == ["Only PODS"]
    assert shown("editors") == ["Editors"]
    nothing = client.get(LISTED, {"lies_with": "other"}).content.decode()
    assert "Nothing lies with them." in nothing
    wrong = client.get(LISTED, {"lies_with": "atlantis"}).content.decode()
    assert "Select a valid choice" in wrong


def test_what_was_signed_taken_back_or_deleted_lies_with_nobody(
    world, write, submit, release, client_of
):
    release(write(title="Public"))
    stopped = write(title="Stopped")
    submit(stopped)
    stopped.current_workflow_state.cancel(user=world.editor)
    deleted = write(title="Deleted")
    proof = submit(deleted)
    sign_off.ask_for_changes(
        proof=proof,
        forum=world.pacc,
        by=world.pat,
        fingerprint=proof.fingerprint,
        comment="Shorter.",
    )
    deleted.delete()

    page = client_of(world.editor).get(LISTED).content.decode()

    assert "Nothing waits." in page


def test_a_corrected_fact_stays_in_the_list_until_it_is_reviewed(
    world, corrected, client_of
):
    client = client_of(world.editor)
    assert "Corrected before forum review" in rows(client.get(LISTED))[0][0]
    corrected.content_object.current_workflow_state.cancel(user=world.editor)

    (row,) = rows(client.get(LISTED))

    assert row[1] == "Editors: taken back by its editors"


def test_the_list_asks_the_database_as_often_however_long_it_is(
    world, write, submit, client_of, django_assert_max_num_queries
):
    client = client_of(world.editor)
    submit(write())
    client.get(LISTED)
    with CaptureQueriesContext(connection) as once:
        client.get(LISTED)
    for _ in range(4):
        submit(write())

    with django_assert_max_num_queries(len(once)):
        client.get(LISTED)


def test_a_long_list_has_pages(world, write, submit, client_of, monkeypatch):
    monkeypatch.setattr("cms.views.waiting.ON_A_PAGE", 1)
    submit(write(title="First"))
    submit(write(title="Second"))
    client = client_of(world.editor)

    first = client.get(LISTED)
    second = client.get(LISTED, {"page": 2})

    assert rows(first)[0][0] == "First"
    assert "?lies_with=&amp;page=2" in first.content.decode()
    assert rows(second)[0][0] == "Second"
    assert "?lies_with=&amp;page=1" in second.content.decode()


def test_only_who_looks_after_what_waits_sees_the_list(world, proof, client_of):
    for person, status in (
        (world.editor, 200),
        (world.admin, 200),
        (world.pat, 404),
        (world.stranger, 404),
    ):
        client = client_of(person)
        assert client.get(LISTED).status_code == status
        home = client.get("/admin/").content.decode()
        assert (LISTED in home) is (status == 200)


def test_the_dashboard_tells_members_what_is_due_and_what_is_overdue(
    world, proof, client_of, clock
):
    client = client_of(world.pat)
    assert "due 3 December 2026" in client.get("/admin/").content.decode()

    clock.shift(timedelta(days=11))

    page = " ".join(client_of(world.pat).get("/admin/").content.decode().split())
    assert "Overdue</strong> since 3 December 2026" in page


def test_the_dashboard_tells_editors_how_much_lies_with_whom(
    world, write, submit, client_of, clock
):
    submit(write())
    back = submit(write())
    sign_off.ask_for_changes(
        proof=back,
        forum=world.pacc,
        by=world.pat,
        fingerprint=back.fingerprint,
        comment="Shorter.",
    )

    page = " ".join(client_of(world.eve).get("/admin/").content.decode().split())

    assert "1 item lies with forums, and 1 with you and other editors." in page
    clock.shift(timedelta(days=11))
    page = " ".join(client_of(world.eve).get("/admin/").content.decode().split())
    assert "1 of them <strong" in page
