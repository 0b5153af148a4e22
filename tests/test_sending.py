"""Sending: frozen, claimed, handed over, accepted. Nothing is lost, nothing goes twice."""

import os
import signal
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from cms import withdrawals
from cms.replies import Fate
from syndication.management.commands import worker
from syndication.models import Change, Release
from syndication.newsletters import (
    carriers,
    claims,
    mailings,
    messages,
    progress,
    routes,
    sending,
    signed,
    smtp,
    subscriptions,
    sweep,
    tasks,
)
from syndication.newsletters.errors import NoLongerStoodBy, NotForAMail
from syndication.newsletters.models import (
    Claim,
    Delivery,
    Issue,
    Mailing,
    Route,
    Subscription,
)
from syndication.newsletters.moulds import Mould

from .concurrency import at_once, with_real_concurrency
from .fakes import FakeMailServer
from .loopback import free_port
from .mailings import subscribe as everybody
from .newsletter import compiled, mail_to, message_id, newsletters, parts_of, shift


@pytest.fixture(autouse=True)
def no_connection_is_kept():
    yield
    carriers.hang_up()


def claimed():
    """A delivery in the hands of a worker, as it would be before it is handed over."""
    mailing = Mailing.objects.under_way().get()
    assert mailings.freeze(mailing=mailing)
    claim, (parcel,), _ = claims.take(mailing=mailing, claim=None, count=1)
    return claim, parcel


def handed_over():
    claim, parcel = claimed()
    assert claims.pass_on(claim, following=[parcel.delivery_id])
    return claim, parcel


def sign_anew(world, edit, sign_issue, **fields):
    """Change the issue and have it signed by all its forums once more."""
    issue = Issue.objects.get()
    edit(issue, world.editor, **fields)
    issue.get_workflow().start(issue, world.editor)
    sign_issue(issue)


def let_leases_run_out():
    shift(Claim.objects.all(), lease_until=timezone.now() - timedelta(seconds=1))


def all_due():
    shift(Delivery.objects.waiting(), due_at=timezone.now())
    shift(Route.objects.all(), down_until=None)


def time_down():
    until = Route.objects.get().down_until
    assert until
    return until - timezone.now()


async def broken_later(*args, **kwargs):
    raise ValueError("not understood")


def broken(*args, **kwargs):
    raise ValueError("not understood")


def states():
    found = Delivery.objects.order_by("pk").values_list("state", flat=True)
    return list(found)


@with_real_concurrency
@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_one_mail_each(send_issue, subscribe, mail_server):
    everybody = [f"{number}@example.org" for number in range(20)]
    for address in everybody:
        subscribe(address)
    send_issue()

    at_once(*[sending.send_due] * 4)

    assert sorted(to for (to,) in mail_server.recipients) == sorted(everybody)


# To whom


def test_everyone_gets_an_issue_of_an_area_they_chose_once(
    world, write, release, sign_issue, subscribe, mail_server
):
    subscribe("all@example.org")
    subscribe("both@example.org", "shropshire", "telford-and-wrekin")
    subscribe("telford@example.org", "telford-and-wrekin")
    subscribe("shropshire@example.org", "shropshire")
    release(write(areas=[world.telford]))
    sign_issue(compiled())

    sending.send_due()

    assert sorted(to for (to,) in mail_server.recipients) == [
        "all@example.org",
        "both@example.org",
        "telford@example.org",
    ]


def test_who_did_not_confirm_gets_no_issue(send_issue, mail_server):
    subscriptions.request(
        email="parent@example.org", choices={}, wording="Yes", source="test"
    )
    send_issue()
    sending.send_due()

    (message,) = mail_server.messages
    assert message["Subject"].startswith("Please confirm")
    assert not Delivery.objects.exists()


def test_who_left_before_the_audience_was_frozen_is_not_in_it(
    send_issue, subscribe, mail_server
):
    subscription = subscribe()
    send_issue()
    subscriptions.end(key=subscription.key, reason="unsubscribed")

    sending.send_due()

    assert mail_server.messages == []
    mailing = Mailing.objects.get()
    assert (mailing.state, mailing.audience) == (Mailing.State.FINISHED, 0)


def test_who_left_after_the_audience_was_frozen_gets_nothing(
    send_issue, subscribe, mail_server
):
    subscription = subscribe()
    send_issue()
    mailings.freeze(mailing=Mailing.objects.get())
    subscriptions.end(key=subscription.key, reason="unsubscribed")

    sending.send_due()

    assert mail_server.messages == []
    delivery = Delivery.objects.get()
    assert delivery.state == Delivery.State.SUPPRESSED
    assert delivery.reason == "the subscription ended"
    assert Mailing.objects.get().state == Mailing.State.FINISHED


def test_who_changed_their_areas_meanwhile_still_gets_it(
    send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    mailings.freeze(mailing=Mailing.objects.get())
    subscribe("parent@example.org", "shropshire")

    sending.send_due()

    assert len(mail_server.messages) == 1


def test_two_runs_send_one_mail_each(send_issue, subscribe, mail_server):
    subscribe("one@example.org")
    subscribe("two@example.org")
    made = send_issue()

    mailings.begin(release=made)
    sending.send_due()
    mailings.begin(release=made)
    sending.send_due()

    assert sorted(to for (to,) in mail_server.recipients) == [
        "one@example.org",
        "two@example.org",
    ]


def test_an_issue_signed_again_reaches_only_those_it_had_not_reached(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe("first@example.org")
    made = send_issue()
    sending.send_due()
    subscribe("later@example.org")
    issue = Issue.objects.get()
    edit(issue, world.editor, title="With the right date")
    issue.get_workflow().start(issue, world.editor)
    again = sign_issue(issue)

    sending.send_due()

    assert again.version == made.version + 1
    assert Delivery.objects.filter(mailing__release=again).count() == 1
    assert mail_server.recipients == [["first@example.org"], ["later@example.org"]]


def test_a_version_that_was_overtaken_before_it_was_sent_is_not_sent(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    sign_anew(world, edit, sign_issue, title="Version two")

    sending.send_due()

    (message,) = mail_server.messages
    assert message["Subject"] == "Version two"


def test_what_a_worker_holds_of_an_overtaken_version_is_not_sent_twice(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    claim, parcel = handed_over()
    sign_anew(world, edit, sign_issue, title="Version two")
    sending.send_due()
    assert mail_server.messages == []

    claims.pass_on(claim, accepted=[parcel.delivery_id])
    claims.let_go(claim)
    sending.send_due()

    assert mail_server.messages == []
    assert {
        (one.state, one.audience, one.excluded) for one in Mailing.objects.all()
    } == {
        ("stopped", 1, 1),
        ("finished", 1, 0),
    }


def test_an_issue_signed_for_fewer_people_reaches_no_others(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe("weekly@example.org", frequency="weekly")
    subscribe("monthly@example.org", frequency="monthly")
    send_issue()
    first = Mailing.objects.get()
    mailings.freeze(mailing=first)
    mailings.stop(mailing=first, by=world.editor)
    sending.send_due()
    sign_anew(world, edit, sign_issue, frequency="monthly")

    sending.send_due()

    assert mail_server.recipients == [["monthly@example.org"]]
    for mailing in Mailing.objects.all():
        assert mailings.balances(mailing, mailings.count_states(mailing))
        assert progress.of(mailing).balances
    assert states() == ["suppressed", "accepted"]


def test_who_waited_for_a_version_that_now_goes_to_fewer_is_told_apart(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe("weekly@example.org", frequency="weekly")
    send_issue()
    mailings.freeze(mailing=Mailing.objects.get())
    sign_anew(world, edit, sign_issue, frequency="monthly")

    sending.send_due()

    assert mail_server.messages == []
    delivery = Delivery.objects.get()
    assert delivery.state == "suppressed"
    assert delivery.reason == "a newer version was signed that is not for this person"
    assert {(one.state, one.audience) for one in Mailing.objects.all()} == {
        ("stopped", 1),
        ("finished", 0),
    }


# What is taken back


def test_an_item_taken_back_after_signing_drops_out_of_the_mail(
    world, write, release, sign_issue, subscribe, mail_server
):
    subscribe()
    page = write(title="A secret that got out")
    release(page)
    release(write(title="Still true"))
    sign_issue(compiled())
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")

    sending.send_due()

    text, html = parts_of(mail_server.messages[0])
    for part in (text, html):
        assert "A secret that got out" not in part
        assert str(page.content_id) not in part
        assert "Still true" in part
        assert "it is left out" in part
    assert "A secret" not in str(mail_server.messages[0])


def while_the_first_is_on_its_way(monkeypatch, happens):
    """Let something happen while one mail is on its way and the next is made already."""
    collect, waiting = sending.Piece._collect, [happens]

    def collect_later(piece, *, seconds):
        if waiting:
            assert piece.away
            assert piece.made
            waiting.pop()()
        collect(piece, seconds=seconds)

    monkeypatch.setattr(sending, "LOOK_AGAIN", 0)
    monkeypatch.setattr(sending.Piece, "_collect", collect_later)


@pytest.fixture
def one_by_one(settings, subscribe):
    """Two people, and one connection."""
    settings.NEWSLETTER_CONNECTIONS = 1
    subscribe("first@example.org")
    subscribe("second@example.org")


def test_what_came_back_is_marked_together_with_what_goes_next(
    one_by_one, send_issue, monkeypatch, mail_server
):
    send_issue()
    write, written = sending.Piece._write, []

    def count(piece, following):
        written.append((len(piece.unmarked), len(following)))
        return write(piece, following)

    monkeypatch.setattr(sending.Piece, "_write", count)

    sending.send_due()

    assert written == [(0, 1), (1, 1), (1, 0)]


def test_a_mail_that_was_made_before_something_in_it_was_taken_back_is_made_anew(
    one_by_one, world, write, release, sign_issue, mail_server, monkeypatch
):
    page = write(title="A secret that got out")
    release(page)
    release(write(title="Still true"))
    sign_issue(compiled())
    while_the_first_is_on_its_way(
        monkeypatch,
        lambda: withdrawals.withdraw(
            content_id=page.content_id, by=world.pat, reason="Wrong"
        ),
    )

    sending.send_due()

    first, second = newsletters(mail_server)
    assert "A secret that got out" in parts_of(first)[0]
    assert "A secret" not in str(second)
    assert "it is left out" in parts_of(second)[0]
    # What it went on with is what is public of it now.
    mailing = Mailing.objects.get()
    assert mailing.release.is_current
    assert mailing.mould == messages.mould(mailing.release).fingerprint


def test_a_mail_that_was_made_before_other_words_were_public_is_not_sent(
    one_by_one, send_issue, mail_server, monkeypatch
):
    made = send_issue()
    while_the_first_is_on_its_way(
        monkeypatch,
        lambda: Release.objects.filter(pk=made.pk).update(superseded_at=timezone.now()),
    )

    sending.send_due()

    assert len(newsletters(mail_server)) == 1
    assert states() == ["accepted", "pending"]


def test_an_item_corrected_after_signing_is_not_sent_in_its_old_version(
    world, write, release, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    page = write(title="Wrong number")
    release(page)
    release(write(title="Still true"))
    issue = compiled()
    edit(page, world.editor, title="Right number")
    release(page)
    sign_issue(issue)

    sending.send_due()

    assert "Wrong number" not in str(mail_server.messages[0])


def test_an_issue_with_nothing_left_is_not_sent(
    world, write, release, sign_issue, subscribe, mail_server
):
    subscribe()
    page = write()
    release(page)
    sign_issue(compiled())
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")

    sending.send_due()

    assert mail_server.messages == []
    assert not Delivery.objects.exists()


def test_an_issue_whose_every_item_has_a_newer_version_is_not_sent(
    world, write, release, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    page = write(title="Wrong number")
    release(page)
    issue = compiled()
    page.refresh_from_db()
    edit(page, world.editor, title="Right number")
    release(page)
    sign_issue(issue)

    sending.send_due()

    assert mail_server.messages == []
    assert "was taken back" in Delivery.objects.get().reason


def test_an_issue_taken_back_is_not_sent_to_the_rest(
    world, send_issue, subscribe, mail_server
):
    subscribe()
    made = send_issue()
    mailings.freeze(mailing=Mailing.objects.get())

    withdrawals.withdraw(
        content_id=made.item.content_id, by=world.pat, reason="Wrong subject"
    )
    assert states() == ["suppressed"]
    sending.send_due()

    assert mail_server.messages == []
    assert Change.objects.filter(type="withdrawn").exists()
    assert not Issue.objects.get().live


def test_an_issue_taken_back_while_a_mail_waits_for_its_next_try_is_not_sent(
    world, send_issue, subscribe, mail_server
):
    subscribe()
    made = send_issue()
    claim, parcel = handed_over()
    withdrawals.withdraw(content_id=made.item.content_id, by=world.pat, reason="Wrong")
    claims.retry(claim, parcel, "450 later")
    claims.let_go(claim)
    all_due()

    sending.send_due()

    assert mail_server.messages == []
    assert states() == ["suppressed"]
    assert Mailing.objects.get().state == Mailing.State.STOPPED


def test_deleting_an_issue_takes_it_back(send_issue, subscribe, mail_server):
    subscribe()
    send_issue()

    Issue.objects.get().delete()
    sending.send_due()

    assert not Release.objects.current().of_kind("issues").exists()
    assert mail_server.messages == []


# Sending


def test_the_last_signature_wakes_a_worker_after_the_commit(
    send_issue, subscribe, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr(tasks, "wake_up", lambda: woken.append(True))
    subscribe()

    with django_capture_on_commit_callbacks() as callbacks:
        send_issue()
    assert woken == []
    for callback in callbacks:
        callback()

    assert woken == [True]


def test_the_task_sends_and_goes_on_while_more_is_due(
    send_issue, subscribe, mail_server, monkeypatch, settings
):
    settings.NEWSLETTER_CONNECTIONS = 1
    for name in "abc":
        subscribe(f"{name}@example.org")
    send_issue()
    again = []
    monkeypatch.setattr(tasks, "wake_up", lambda: again.append(True))
    monkeypatch.setattr(sending.send_due, "__kwdefaults__", {"seconds": 0.001})

    for _ in range(4):
        tasks.send_mail.func()

    assert len(mail_server.messages) == 3
    assert 1 <= len(again) <= 3


def test_many_mails_go_over_few_connections(
    send_issue, subscribe, mail_server, settings
):
    settings.NEWSLETTER_CONNECTIONS = 2
    for number in range(30):
        subscribe(f"{number}@example.org")
    send_issue()

    sending.send_due()

    assert len(mail_server.messages) == 30
    assert mail_server.connections == 2


def test_a_worker_that_died_is_replaced_and_repeats_the_same_message(
    send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    handed_over()  # accepted by the server, and then the worker dies

    sending.send_due()
    assert mail_server.messages == []
    let_leases_run_out()
    sending.send_due()

    delivery = Delivery.objects.get()
    (message,) = mail_server.messages
    assert message["Message-ID"] == message_id(delivery)
    assert (delivery.state, delivery.doubts) == ("accepted", 1)
    sending.send_due()
    assert len(mail_server.messages) == 1


def test_what_a_dead_worker_had_not_handed_over_counts_as_no_attempt(
    send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    claimed()
    let_leases_run_out()

    sending.send_due()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.doubts) == ("accepted", 1, 0)


def test_what_was_perhaps_sent_is_held_where_that_is_wished(
    world, send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    Mailing.objects.update(in_doubt=Mailing.Doubt.HOLD)
    handed_over()
    let_leases_run_out()

    sending.send_due()

    assert mail_server.messages == []
    assert states() == ["uncertain"]
    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.FINISHED
    again = mailings.send_again_what_is_uncertain(mailing=mailing, by=world.editor)
    assert again == 1
    sending.send_due()
    assert len(mail_server.messages) == 1
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.FINISHED


def test_what_was_perhaps_sent_of_an_issue_that_lost_an_item_goes_again_without_it(
    world, write, release, sign_issue, subscribe, mail_server
):
    subscribe()
    page = write(title="A secret that got out")
    release(page)
    release(write(title="Still true"))
    sign_issue(compiled())
    mailing = held_in_doubt()
    withdrawals.withdraw(content_id=page.content_id, by=world.pat, reason="Wrong")
    assert sending.send_due().counts == {}

    again = mailings.send_again_what_is_uncertain(mailing=mailing, by=world.editor)
    sending.send_due()

    assert again == 1
    (message,) = newsletters(mail_server)
    assert "Still true" in message.as_string()
    assert "A secret" not in message.as_string()
    mailing.refresh_from_db()
    assert mailing.release.is_current
    assert mailing.state == Mailing.State.FINISHED


def test_what_was_perhaps_sent_of_an_issue_that_was_taken_back_never_goes_again(
    world, send_issue, subscribe, mail_server
):
    subscribe()
    made = send_issue()
    mailing = held_in_doubt()
    withdrawals.withdraw(content_id=made.item.content_id, by=world.pat, reason="Wrong")

    with pytest.raises(NoLongerStoodBy, match="taken back"):
        mailings.send_again_what_is_uncertain(mailing=mailing, by=world.editor)
    sending.send_due()

    assert newsletters(mail_server) == []
    assert states() == ["uncertain"]


def test_what_was_perhaps_sent_of_an_older_version_never_goes_again(
    world, send_issue, edit, sign_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    mailing = held_in_doubt()
    sign_anew(world, edit, sign_issue, title="With the right date")

    with pytest.raises(NoLongerStoodBy, match="A newer version"):
        mailings.send_again_what_is_uncertain(mailing=mailing, by=world.editor)
    sending.send_due()

    assert newsletters(mail_server) == []


def held_in_doubt():
    """A finished mailing of which nobody knows whether its one mail arrived."""
    Mailing.objects.update(in_doubt=Mailing.Doubt.HOLD)
    handed_over()
    let_leases_run_out()
    sending.send_due()
    mailing = Mailing.objects.get()
    assert (mailing.state, states()) == (Mailing.State.FINISHED, ["uncertain"])
    return mailing


def test_a_worker_that_comes_back_too_late_marks_nothing(send_issue, subscribe):
    subscribe()
    send_issue()
    late, parcel = handed_over()
    let_leases_run_out()
    assert claims.take_back_lost() == 1
    other, _ = claimed()
    assert not claims.pass_on(late, following=[parcel.delivery_id])
    assert claims.pass_on(other, following=[parcel.delivery_id])

    assert not claims.pass_on(late, accepted=[parcel.delivery_id])
    assert states() == ["handed_over"]
    assert claims.fail(other, parcel.delivery_id, "550 no")
    assert states() == ["failed"]


def test_nobody_marks_what_another_holds(send_issue, subscribe):
    subscribe("one@example.org")
    subscribe("two@example.org")
    send_issue()
    _, theirs = claimed()
    mine, _ = claimed()

    assert not claims.pass_on(mine, following=[theirs.delivery_id])
    assert states() == ["claimed", "claimed"]


def test_without_its_claim_a_worker_marks_nothing_that_still_names_it(
    send_issue, subscribe
):
    """Whoever takes a claim back is between its rows and its end."""
    subscribe()
    send_issue()
    claim, parcel = claimed()
    Claim.objects.filter(pk=claim.pk).delete()

    assert not claims.pass_on(claim, following=[parcel.delivery_id])
    assert states() == ["claimed"]


def test_a_worker_that_lost_its_claim_sends_nothing(
    send_issue, subscribe, mail_server, monkeypatch
):
    subscribe()
    send_issue()
    pass_on = claims.pass_on

    def lose_and_pass_on(claim, **ids):
        let_leases_run_out()
        claims.take_back_lost()
        return pass_on(claim, **ids)

    with monkeypatch.context() as patched:
        patched.setattr(claims, "pass_on", lose_and_pass_on)
        sending.send_due()

    assert mail_server.messages == []
    assert states() == ["pending"]
    sending.send_due()
    assert len(mail_server.messages) == 1


def test_a_mail_that_kills_its_worker_every_time_is_given_up(send_issue, subscribe):
    subscribe()
    send_issue()

    for _ in range(6):
        handed_over()
        let_leases_run_out()
        claims.take_back_lost()

    assert states() == ["uncertain"]
    assert Delivery.objects.get().reason.startswith("given up: ")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_claimed_inside_a_transaction(db):
    from django.db import transaction

    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claims.take(mailing=Mailing(), claim=None, count=1)


def test_a_temporary_refusal_is_tried_again_later(send_issue, subscribe, mail_server):
    subscribe("slow@example.org")
    subscribe("well@example.org")
    send_issue()
    mail_server.answers = {"slow@example.org": ["450 4.2.1 come back later"]}

    sending.send_due()

    slow = Delivery.objects.waiting().get()
    assert slow.attempts == 1
    assert slow.due_at
    assert slow.reason == "450 4.2.1 come back later"
    wait = slow.due_at - timezone.now()
    assert timedelta(seconds=8) < wait <= timedelta(seconds=10)
    assert mail_server.recipients == [["well@example.org"]]
    shift(Delivery.objects.waiting(), due_at=timezone.now())
    sending.send_due()
    assert len(mail_to(mail_server, "slow@example.org")) == 1


def test_temporary_refusals_end_after_two_and_a_half_hours(
    send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    mail_server.answers = {"parent@example.org": ["450 later"] * 9}
    waits = []

    for _ in range(5):
        sending.send_due()
        delivery = Delivery.objects.get()
        assert delivery.due_at
        waits.append(round((delivery.due_at - timezone.now()).total_seconds()))
        all_due()
    sending.send_due()

    assert waits == [10, 60, 300, 1800, 7200]
    assert states() == ["failed"]
    assert len(mail_server.answers["parent@example.org"]) == 3


def test_a_refusal_for_good_is_never_called_sent(send_issue, subscribe, mail_server):
    subscribe("gone@example.org")
    subscribe("well@example.org")
    send_issue()
    mail_server.answers = {"gone@example.org": ["550 5.1.1 nobody here"]}

    sending.send_due()
    sending.send_due()

    gone = Delivery.objects.get(state=Delivery.State.FAILED)
    assert gone.attempts == 1
    assert gone.reason == "550 5.1.1 nobody here"
    assert mail_server.recipients == [["well@example.org"]]


def test_a_mail_refused_after_it_was_read_is_not_called_sent(
    send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    mail_server.refuse_content = "554 5.7.1 looks like spam"

    sending.send_due()

    delivery = Delivery.objects.get()
    assert delivery.state == Delivery.State.FAILED
    assert delivery.reason == "554 5.7.1 looks like spam"


def test_a_refused_sender_fails_nobody(send_issue, subscribe, mail_server):
    subscribe("one@example.org")
    subscribe("two@example.org")
    send_issue()
    mail_server.refuse_sender = "550 5.7.1 who are you"

    batch = sending.send_due()

    assert batch.outage == "550 5.7.1 who are you"
    assert list(Delivery.objects.values_list("state", "attempts")) == [
        ("pending", 0),
        ("pending", 0),
    ]
    mail_server.refuse_sender = ""
    all_due()
    sending.send_due()
    assert len(mail_server.messages) == 2


def test_a_server_that_is_down_loses_nothing_and_counts_no_attempt(
    send_issue, subscribe, settings, caplog
):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    caplog.set_level("INFO")
    for number in range(3):
        subscribe(f"{number}@example.org")
    send_issue()

    batch = sending.send_due()

    assert "Connect call failed" in batch.outage
    assert not batch.more
    for delivery in Delivery.objects.all():
        assert (delivery.state, delivery.attempts) == ("pending", 0)
    wait = time_down()
    assert timedelta(seconds=8) < wait <= timedelta(seconds=10)
    assert not sending.send_due().outage  # nobody knocks meanwhile
    assert "example.org" not in caplog.text
    shift(Route.objects.all(), down_until=timezone.now())
    sending.send_due()
    wait = time_down()
    assert timedelta(seconds=18) < wait <= timedelta(seconds=20)
    with FakeMailServer() as server:
        settings.EMAIL_PORT = server.port
        all_due()
        sending.send_due()
        assert len(server.messages) == 3


def test_a_mail_server_whose_greeting_nobody_understands_is_an_outage(
    send_issue, subscribe, mail_server, monkeypatch, caplog
):
    subscribe()
    send_issue()
    monkeypatch.setattr(smtp.Session, "open", broken_later)

    batch = sending.send_due()

    assert "not understood" in batch.outage
    assert states() == ["pending"]
    assert "could not be greeted" in caplog.text


@pytest.mark.parametrize("where", ["send", "_carry", "_size_of"])
def test_an_error_of_ours_while_a_mail_is_carried_stops_no_worker(
    send_issue, subscribe, mail_server, monkeypatch, caplog, where
):
    subscribe()
    send_issue()
    Mailing.objects.update(in_doubt=Mailing.Doubt.HOLD)
    monkeypatch.setattr(smtp.Session, where, broken)

    sending.send_due()

    assert states() == ["uncertain"]
    assert "could not be carried" in caplog.text


@pytest.mark.parametrize("error", [NotForAMail("No such sign."), KeyError("to")])
def test_a_mail_that_cannot_be_made_fails_alone(
    send_issue, subscribe, mail_server, monkeypatch, caplog, error
):
    everybody = [f"{number}@example.org" for number in range(3)]
    for address in everybody:
        subscribe(address)
    send_issue()
    cannot_be_made(monkeypatch, ["1@example.org"], error)

    batch = sending.send_due()

    assert str(batch) == "2 accepted, 1 failed"
    assert sorted(mail_server.recipients) == [["0@example.org"], ["2@example.org"]]
    failed = Delivery.objects.get(state="failed")
    assert failed.attempts == 0
    assert str(error) in failed.reason
    assert "A mail could not be made." in caplog.text
    assert Mailing.objects.get().state == Mailing.State.FINISHED
    assert not Claim.objects.exists()


def test_a_mailing_of_which_no_mail_can_be_made_is_paused(
    send_issue, subscribe, mail_server, monkeypatch
):
    monkeypatch.setattr(sending, "REFUSALS", 5)
    everybody = [f"{number}@example.org" for number in range(20)]
    for address in everybody:
        subscribe(address)
    send_issue()
    cannot_be_made(monkeypatch, everybody, NotForAMail("No such sign."))

    sending.send_due()

    mailing = Mailing.objects.get()
    assert mailing.state == Mailing.State.PAUSED
    assert mailing.reason == "No mail of it can be made: No such sign."
    assert 5 <= states().count("failed") <= 15
    assert not Claim.objects.exists()


def cannot_be_made(monkeypatch, addresses, error):
    closed = Mould.closed

    def fail(mould, *, to, **personal):
        if to in addresses:
            raise error
        return closed(mould, to=to, **personal)

    monkeypatch.setattr(Mould, "closed", fail)


def test_a_server_that_has_had_enough_of_one_connection_is_no_trouble(
    send_issue, subscribe, mail_server, monkeypatch, settings
):
    settings.NEWSLETTER_CONNECTIONS = 1
    monkeypatch.setattr(sending.Piece, "_note_trouble", broken)
    for number in range(3):
        subscribe(f"{number}@example.org")
    send_issue()
    mail_server.answers = {"2@example.org": ["421 4.4.2 enough for one connection"]}

    sending.send_due()

    assert len(mail_server.messages) == 3
    assert mail_server.connections == 2


def test_a_connection_that_breaks_is_opened_again(send_issue, subscribe, mail_server):
    for number in range(5):
        subscribe(f"{number}@example.org")
    send_issue()
    mail_server.answers = {"2@example.org": ["421 4.4.2 enough for one connection"]}

    sending.send_due()

    assert len(mail_server.messages) == 5
    assert set(Delivery.objects.values_list("state", "attempts")) == {("accepted", 1)}


class OneComesBack:
    """A way out that brings the first mail back unsent and takes all others."""

    name, size = "one comes back", 2

    def __init__(self):
        self.outcomes, self.is_first = [], True

    def give(self, errands):
        for errand in errands:
            fate = Fate.UNSENT if self.is_first else Fate.ACCEPTED
            self.outcomes.append(carriers.Outcome(errand.delivery_id, fate, "broke"))
            self.is_first = False

    def take(self, *, seconds, enough=1):
        taken, self.outcomes = self.outcomes, []
        return taken


def test_a_mail_that_came_back_unsent_goes_again_at_once_where_others_go_through(
    send_issue, subscribe, monkeypatch
):
    subscribe("one@example.org")
    subscribe("two@example.org")
    send_issue()
    way_out = OneComesBack()
    monkeypatch.setattr(carriers, "open_route", lambda: way_out)

    sending.send_due()

    assert states() == ["accepted", "accepted"]


class Paced(OneComesBack):
    """A way out that needs so many seconds for each mail, by a clock of its own."""

    size = 2

    def __init__(self, seconds):
        self.outcomes, self.is_first = [], False
        self.seconds, self.now = seconds, 0.0

    def take(self, *, seconds, enough=1):
        self.now += self.seconds * len(self.outcomes)
        return super().take(seconds=seconds)

    def monotonic(self):
        return self.now


@pytest.mark.parametrize(
    ("seconds", "counts"),
    # Two of the first four are on their way when more are claimed: that looks quicker.
    [(0.05, [4, 20, 10, 10]), (0.01, [4, 100]), (0.0001, [4, 1000])],
)
def test_a_worker_claims_what_it_sends_in_half_a_second(
    send_issue, monkeypatch, seconds, counts
):
    """So that the last mails of an issue are shared by all workers."""
    everybody(0, 32)
    send_issue()
    way_out, asked = Paced(seconds), []
    monkeypatch.setattr(carriers, "open_route", lambda: way_out)
    monkeypatch.setattr(sending, "time", way_out)
    monkeypatch.setattr(carriers, "hang_up", lambda: None)
    take = claims.take

    def count(**wanted):
        asked.append(wanted["count"])
        return take(**wanted)

    monkeypatch.setattr(claims, "take", count)
    sending.send_mailings()

    assert asked[: len(counts)] == counts
    assert set(states()) == {"accepted"}


def test_who_waits_for_the_rate_that_is_allowed_does_not_keep_asking(
    send_issue, subscribe, mail_server, settings, monkeypatch
):
    settings.NEWSLETTER_PER_SECOND = 2
    for number in range(5):
        subscribe(f"{number}@example.org")
    send_issue()
    asked = []
    allowed = routes.allowed

    def count(name, wanted):
        asked.append(wanted)
        return allowed(name, wanted)

    monkeypatch.setattr(routes, "allowed", count)
    sending.send_due()

    assert len(mail_server.messages) == 5
    assert len([wanted for wanted in asked if wanted]) <= 8


def broken_for(monkeypatch, release, error):
    """Let what is looked at before ``release`` goes out raise."""
    look = signed.of

    def raising(said):
        if said == release:
            raise error
        return look(said)

    monkeypatch.setattr(signed, "of", raising)


@pytest.fixture
def two_items(write, release, subscribe):
    """Two items on their way to one person who wants each at once."""
    subscribe(frequency="at_once")
    return release(write(title="The first")), release(write(title="The second"))


@pytest.mark.parametrize("frozen", [False, True], ids=["not frozen", "frozen"])
def test_a_mailing_that_fails_holds_up_no_other(
    two_items, mail_server, monkeypatch, caplog, frozen
):
    if frozen:
        for mailing in Mailing.objects.all():
            mailings.freeze(mailing=mailing)
    broken_for(monkeypatch, two_items[0], KeyError("not expected"))

    batch = sending.send_due()

    assert [one["Subject"] for one in newsletters(mail_server)] == ["The second"]
    assert "failed. Everything else goes on." in caplog.text
    assert "KeyError: 'not expected'" in caplog.text
    # Or a worker would be at it again without a pause.
    assert not batch.more
    monkeypatch.undo()
    sending.send_due()
    assert len(newsletters(mail_server)) == 2


def test_a_database_that_is_away_is_no_fault_of_one_mailing(
    two_items, mail_server, monkeypatch
):
    broken_for(monkeypatch, two_items[0], OperationalError("gone"))

    with pytest.raises(OperationalError):
        sending.send_due()

    assert newsletters(mail_server) == []


@pytest.mark.django_db(transaction=True)
def test_what_was_claimed_in_the_moment_the_database_went_is_sent_all_the_same(
    send_issue, subscribe, mail_server, monkeypatch
):
    subscribe("one@example.org")
    subscribe("two@example.org")
    send_issue()
    monkeypatch.setattr(sending, "CLAIMED_AT_ONCE", 1)
    take, taken = claims.take, []

    def take_and_lose(**asked):
        taken.append(take(**asked))
        if len(taken) == 2:
            # Committed, which we never hear of.
            raise OperationalError("server closed the connection unexpectedly")
        return taken[-1]

    monkeypatch.setattr(claims, "take", take_and_lose)
    with pytest.raises(OperationalError):
        sending.send_due()
    sending.send_due()

    assert states() == ["accepted", "accepted"]
    assert len(mail_server.messages) == 2
    assert not Claim.objects.exists()


def test_the_sum_balances(send_issue, subscribe, mail_server):
    for name in ("well", "gone", "slow", "left"):
        subscribe(f"{name}@example.org")
    send_issue()
    mail_server.answers = {
        "gone@example.org": ["550 no"],
        "slow@example.org": ["450 later"],
    }
    mailing = Mailing.objects.get()
    mailings.freeze(mailing=mailing)
    left = Subscription.objects.get(subscriber__email="left@example.org")
    subscriptions.end(key=left.key, reason="unsubscribed")

    batch = sending.send_due()

    assert str(batch) == "1 accepted, 1 failed, 1 suppressed, 1 to try again"
    assert not batch.more
    mailing.refresh_from_db()
    assert mailing.state == Mailing.State.SENDING
    all_due()
    sending.send_due()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.audience) == (Mailing.State.FINISHED, 4)
    assert mailing.counts == {"accepted": 2, "failed": 1, "suppressed": 1}


def test_the_sweep_finds_what_nobody_was_woken_for(send_issue, subscribe, mail_server):
    subscribe()
    send_issue()

    assert sweep.sweep() is False

    assert len(mail_server.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_there_is_and_stops(
    send_issue, subscribe, mail_server, monkeypatch
):
    subscribe("one@example.org")
    subscribe("two@example.org")
    send_issue()
    monkeypatch.setattr(sending.send_due, "__kwdefaults__", {"seconds": 0})

    call_command("worker", "--once")

    assert len(newsletters(mail_server)) == 2


@pytest.fixture
def queue(settings):
    """Tasks wait in the database, as in the real service."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.mark.django_db(transaction=True)
def test_the_worker_sends_when_it_is_woken_and_not_only_when_it_sweeps(
    queue, send_issue, subscribe, mail_server
):
    loop = worker.Loop(seconds_between_sweeps=3600)
    loop.turn()
    subscribe()
    send_issue()

    loop.turn()

    assert len(newsletters(mail_server)) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_told_to_stop_leaves_the_rest_to_others(
    queue, send_issue, subscribe, mail_server
):
    subscribe()
    send_issue()
    loop = worker.Loop(seconds_between_sweeps=0)
    loop.turn()
    subscribe("later@example.org")
    loop.stop(15, None)

    loop.run()
    assert loop.turn() is False

    assert [mail["To"] for mail in newsletters(mail_server)] == ["parent@example.org"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_outlives_a_database_that_restarts(monkeypatch, caplog):
    loop = worker.Loop(seconds_between_sweeps=15)
    monkeypatch.setattr(worker, "PAUSE", 0.001)
    monkeypatch.setattr(worker, "PAUSE_WITHOUT_DATABASE", 0.001)
    turns = []

    def turn():
        turns.append(True)
        if len(turns) == 1:
            raise OperationalError("the connection is closed")
        if len(turns) == 4:
            loop.stop(2, None)
        return len(turns) == 2

    monkeypatch.setattr(loop, "turn", turn)
    loop.run()

    assert len(turns) == 4
    assert "The database does not answer" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_command_runs_until_it_is_told_to_stop(monkeypatch):
    kept = {number: signal.getsignal(number) for number in (2, 15)}
    monkeypatch.setattr(sweep, "sweep", lambda: os.kill(os.getpid(), signal.SIGTERM))
    try:
        call_command("worker", "--sweep", "0")
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
