"""The screens of mailings, and what mail servers and providers tell of each mail."""

import base64
import email
import io
import json
from datetime import timedelta
from email.policy import default as policy
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms import corrections, withdrawals
from cms.models import Proof
from syndication.models import Release
from syndication.newsletters import (
    askings,
    carriers,
    claims,
    digests,
    editors,
    mailings,
    people,
    sending,
    signed,
    subscriptions,
    suppressions,
)
from syndication.newsletters.models import (
    Delivery,
    Mailing,
    Note,
    Route,
    Subscription,
    Suppression,
)

from .mailings import subscribe as everybody
from .newsletter import message_id
from .shared_blocks import (
    everyone_signs,
    holding,
    public,
    release_block,
    work,
    write_block,
)

INDEX = "countersign_mailings:index"


@pytest.fixture(autouse=True)
def no_connection_is_kept():
    yield
    carriers.hang_up()


@pytest.fixture
def mailing(world, write, release):
    """A mailing of an issue that every forum signed; nothing of it went out yet."""

    def mailing(**fields):
        release(write(**fields))
        issue = digests.compile_digest()
        proof = Proof.objects.open().get(content_id=issue.content_id)
        everyone_signs(world, proof)
        return Mailing.objects.get(release=Release.objects.get(proof=proof))

    return mailing


@pytest.fixture
def editor(client, world):
    group = Group.objects.create(name="Newsletter")
    editors.let_in(group)
    world.editor.groups.add(group)
    client.force_login(world.editor)
    return client


def screen(client, mailing, name="mailing", **more):
    return client.get(
        reverse(f"countersign_mailings:{name}", kwargs={"key": mailing.key} | more)
    )


def press(client, mailing, action):
    address = reverse(
        "countersign_mailings:act", kwargs={"key": mailing.key, "action": action}
    )
    return client.post(address, follow=True)


def test_an_editor_sees_how_far_a_mailing_is(editor, mailing, subscribe):
    for number in range(3):
        subscribe(f"{number}@example.org")
    made = mailing(title="Autumn")
    assert "finding out who gets it" in screen(editor, made).content.decode()
    mailings.freeze(mailing=made)
    claims.take(mailing=made, claim=None, count=1)

    shown = screen(editor, made).content.decode()

    assert "Being sent: 0 of 3 people done." in shown
    assert '<progress class="mailing-bar" max="3" value="0"' in shown
    assert "Next to go" in shown


def test_it_is_finished_only_when_everybody_is_accounted_for(
    editor, mailing, subscribe
):
    subscribe("one@example.org")
    subscribe("two@example.org")
    made = mailing()
    mailings.freeze(mailing=made)
    Mailing.objects.update(audience=3)

    sending.send_due()

    made.refresh_from_db()
    assert made.state == Mailing.State.SENDING
    shown = screen(editor, made).content.decode()
    assert "do not add up to 3" in shown
    Mailing.objects.update(audience=2)
    sending.send_due()
    shown = screen(editor, made).content.decode()
    assert "Finished: all 2 people are accounted for." in shown


def test_a_paused_mailing_waits_until_somebody_resumes_it(
    editor, mailing, subscribe, mailoutbox
):
    subscribe()
    made = mailing()
    mailoutbox.clear()

    asked = screen(editor, made, "act", action="pause")
    assert "Nothing more goes out" in asked.content.decode()
    made.refresh_from_db()
    assert made.state == Mailing.State.PREPARING
    shown = press(editor, made, "pause").content.decode()
    sending.send_due()

    assert "paused it." in shown
    assert mailoutbox == []
    press(editor, made, "resume")
    sending.send_due()
    assert len(mailoutbox) == 1


def test_a_stopped_mailing_never_goes_on(editor, mailing, subscribe, mailoutbox):
    subscribe()
    made = mailing()
    mailings.freeze(mailing=made)
    mailoutbox.clear()

    press(editor, made, "stop")
    again = press(editor, made, "resume").content.decode()
    sending.send_due()

    assert "Nothing was changed" in again
    assert mailoutbox == []
    assert Delivery.objects.get().state == "suppressed"
    assert press(editor, made, "explode").status_code == 404


def test_what_was_perhaps_sent_and_taken_back_since_is_not_blamed_on_somebody_else(
    world, editor, mailing, subscribe
):
    subscribe()
    made = mailing()
    mailings.freeze(mailing=made)
    sending.send_due()
    Delivery.objects.update(state="uncertain")
    withdrawals.withdraw(
        content_id=made.release.item.content_id, by=world.pat, reason="Wrong"
    )

    shown = press(editor, made, "send-again").content.decode()

    assert "It was taken back since" in shown
    assert "somebody else may have been quicker" not in shown


def test_pausing_takes_effect_while_mails_are_going_out(
    editor, mailing, subscribe, settings, monkeypatch
):
    settings.NEWSLETTER_CONNECTIONS = 1
    monkeypatch.setattr(sending, "LOOK_AGAIN", 0)
    for number in range(20):
        subscribe(f"{number}@example.org")
    made = mailing()
    pass_on = claims.pass_on

    def pass_on_and_pause(claim, **ids):
        press(editor, made, "pause")
        return pass_on(claim, **ids)

    monkeypatch.setattr(claims, "pass_on", pass_on_and_pause)
    sending.send_due()

    accepted = Delivery.objects.filter(state="accepted").count()
    assert 1 <= accepted <= 3
    assert Delivery.objects.waiting().count() == 20 - accepted


def test_the_list_of_mailings_asks_the_same_however_many_there_are(
    editor, subscribe, write, release
):
    subscribe(frequency="at_once")
    release(write())
    asked_of_the_list(editor)
    few = asked_of_the_list(editor)

    for number in range(4):
        release(write(title=f"More {number}"))

    assert Mailing.objects.count() == 5
    assert asked_of_the_list(editor) == few


def asked_of_the_list(client):
    with CaptureQueriesContext(connection) as found:
        assert client.get(reverse(INDEX)).status_code == 200
    return len(found)


def test_a_mail_server_that_is_down_is_told_to_editors(editor, mailing, subscribe):
    subscribe()
    made = mailing()
    Route.objects.create(
        name="smtp",
        outages=2,
        down_until=timezone.now() + timedelta(minutes=1),
        reason="421 closed for tea",
    )

    assert "421 closed for tea" in screen(editor, made).content.decode()
    assert "421 closed for tea" in editor.get(reverse(INDEX)).content.decode()


# As it happens


def test_who_wants_mail_at_once_gets_the_signed_item_itself(
    world, write, release, subscribe, mailoutbox
):
    subscribe("now@example.org", frequency="at_once")
    subscribe("week@example.org")

    made = release(write(title="Hub open on Monday"))
    mailoutbox.clear()
    sending.send_due()
    sending.send_due()

    (message,) = mailoutbox
    assert message.to == ["now@example.org"]
    assert message.subject == "Hub open on Monday"
    assert Mailing.objects.get().release == made


def test_a_corrected_item_comes_again_at_once(
    world, write, release, edit, subscribe, mailoutbox
):
    subscribe(frequency="at_once")
    page = write(title="Wrong number")
    release(page)
    edit(page, world.editor, title="Right number")
    release(page)
    mailoutbox.clear()

    sending.send_due()

    assert [message.subject for message in mailoutbox] == ["Right number"]
    assert {one.state for one in Mailing.objects.all()} == {"stopped", "finished"}


def test_an_item_that_follows_a_shared_block_before_it_is_mailed_is_mailed_so(
    world, write, release, subscribe, mailoutbox
):
    subscribe(frequency="at_once")
    block = write_block(world)
    release_block(world, block)
    release(write(title="Hub open on Monday", body=holding(block)))
    release_block(world, block, "Ring the new advice line.")
    work()
    mailoutbox.clear()

    sending.send_due()

    (message,) = mailoutbox
    assert message.subject == "Hub open on Monday"
    mailing = Mailing.objects.get()
    assert mailing.release == public(mailing.release.item)
    assert mailing.state == Mailing.State.FINISHED


def test_an_item_that_is_replaced_while_a_worker_takes_it_up_is_mailed_later(
    world, write, release, subscribe, mailoutbox, monkeypatch
):
    subscribe(frequency="at_once")
    block = write_block(world)
    release_block(world, block)
    release(write(title="Hub open on Monday", body=holding(block)))
    mailoutbox.clear()
    check = signed.of

    def follow_then(said):
        monkeypatch.setattr(signed, "of", check)
        release_block(world, block, "Ring the new advice line.")
        work()
        return check(said)

    mailings.freeze(mailing=Mailing.objects.get())
    monkeypatch.setattr(signed, "of", follow_then)
    sending.send_due()
    sending.send_due()

    assert [one.subject for one in mailoutbox].count("Hub open on Monday") == 1
    mailing = Mailing.objects.get()
    assert mailing.release == public(mailing.release.item)


def test_a_correction_that_is_signed_before_it_is_mailed_is_mailed_as_signed(
    world, write, release, subscribe, mailoutbox
):
    page = write(title="Hub open on Monday")
    release(page)
    page.refresh_from_db()
    subscribe(frequency="at_once")
    phone = next(one.name for one in corrections.fields(page) if "phone" in one.name)
    proof = corrections.correct(
        page=page, values={phone: "01632 960999"}, by=world.editor, reason="Dead line."
    )
    mailings.freeze(mailing=Mailing.objects.get())
    everyone_signs(world, proof)
    mailoutbox.clear()

    sending.send_due()

    (message,) = mailoutbox
    assert message.subject == "Hub open on Monday"
    assert "before forum review" not in message.body
    mailing = Mailing.objects.get()
    assert mailing.release == public(mailing.release.item)
    assert mailing.state == Mailing.State.FINISHED


def test_an_item_that_nobody_wants_at_once_leaves_no_mailing(
    world, write, release, subscribe
):
    subscription = subscribe(frequency="at_once")
    subscription.choices.create(sort="kind", value="news")

    release(write())
    sending.send_due()

    assert not Mailing.objects.exists()


# The provider's route


def test_a_provider_is_given_the_same_mail(mailing, subscribe, mailoutbox):
    subscribe()
    mailing(title="Autumn")
    mailoutbox.clear()

    sending.send_due()

    (message,) = mailoutbox
    delivery = Delivery.objects.get()
    source = message.message().as_bytes()
    read = email.message_from_bytes(source, policy=policy)
    assert read["Message-ID"] == message_id(delivery)
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


WEBHOOK = "/newsletter/webhooks/postmark/"


@pytest.fixture
def postmark(settings):
    settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:them"}

    def tell(login="us:them", **event):
        client = Client(enforce_csrf_checks=True)
        credentials = base64.b64encode(login.encode()).decode()
        return client.post(
            WEBHOOK,
            event,
            content_type="application/json",
            headers={"authorization": f"Basic {credentials}"},
        )

    return tell


@pytest.fixture
def accepted(mailing, subscribe):
    """A delivery that the provider accepted under a name of its own."""
    subscribe()
    sending.send_due()
    made = mailing()
    sending.send_due()
    Delivery.objects.update(provider_id="pm-1")
    assert made
    return Delivery.objects.get()


def hard_bounce(**more):
    return {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "pm-1",
        "Email": "parent@example.org",
        "Description": "The server was unable to deliver your message",
        "Details": "550 5.1.1 nobody here",
        "BouncedAt": "2026-11-29T10:00:00Z",
    } | more


def test_a_bounce_is_marked_and_that_address_is_not_written_to_again(
    accepted, postmark, mailing, mailoutbox, settings
):
    kept = settings.EMAIL_BACKEND
    for _ in range(3):
        assert postmark(**hard_bounce()).status_code == 200

    accepted.refresh_from_db()
    assert accepted.state == "bounced"
    assert "550 5.1.1" in accepted.reason
    suppression = Suppression.objects.get()
    assert (suppression.reason, suppression.provider) == ("bounced", "Postmark")
    assert "parent" not in suppression.mark
    assert kept
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailoutbox.clear()
    made = mailing(title="Next week")
    sending.send_due()
    assert not [one for one in mailoutbox if one.to == ["parent@example.org"]]
    made.refresh_from_db()
    assert (made.state, made.audience, made.excluded) == ("finished", 1, 1)


def test_a_bounce_told_while_mail_waits_stops_it_at_the_last_moment(
    mailing, subscribe, mailoutbox
):
    subscribe()
    mailings.freeze(mailing=mailing())
    suppressions.suppress(
        email="parent@example.org", reason="bounced", provider="elsewhere"
    )
    mailoutbox.clear()

    sending.send_due()

    assert mailoutbox == []
    assert Delivery.objects.get().reason.startswith("mail to this address came back")


def test_a_complaint_also_stops_requests_to_confirm(
    accepted, postmark, mailoutbox, settings
):
    def ask():
        subscriptions.request(
            email="parent@example.org", choices={}, wording="Yes", source="test"
        )

    ask()
    postmark(
        RecordType="SpamComplaint", TypeCode=512, MessageID="pm-1", Type="SpamComplaint"
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailoutbox.clear()
    sending.send_due()
    Note.objects.update(created_at=timezone.now() - timedelta(days=2))
    ask()
    sending.send_due()

    accepted.refresh_from_db()
    assert accepted.state == "complained"
    assert mailoutbox == []
    assert "unwanted" in Note.objects.get().last_error


def complained():
    return {"RecordType": "SpamComplaint", "TypeCode": 512, "MessageID": "pm-1"}


def ask_for_link(address="parent@example.org"):
    answer = Client().post("/newsletter/link/", {"email": address})
    askings.take_up()
    return answer


def test_who_reported_our_mail_gets_no_link_either(
    accepted, postmark, mailoutbox, settings, subscribe
):
    postmark(**complained())
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailoutbox.clear()

    told = ask_for_link().content
    # Whom no mail may reach, though the subscription is active: confirmed since.
    subscribe("parent@example.org")
    ask_for_link()
    sending.send_due()

    assert told == ask_for_link("nobody@example.org").content
    assert mailoutbox == []
    assert not Note.objects.exists()


def test_a_link_that_waits_is_not_sent_to_who_reported_our_mail_meanwhile(
    accepted, postmark, mailoutbox, settings, subscribe
):
    ask_for_link()
    postmark(**complained())
    subscribe("parent@example.org")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mailoutbox.clear()

    sending.send_due()

    assert mailoutbox == []
    assert "unwanted" in Note.objects.get().last_error


def test_a_complaint_ends_the_subscription_and_says_so(accepted, postmark):
    postmark(**complained())
    postmark(**complained())

    ended = Subscription.objects.get()
    assert ended.ended_reason == "complained"
    told = people.told(ended.subscriber, whole_address=False)
    assert told["subscriptions"][0]["ended_because"] == "reported our mail as unwanted"


def test_arrivals_are_marked_and_never_lead_back(accepted, postmark):
    delivered = {"RecordType": "Delivery", "MessageID": "pm-1"}
    postmark(**delivered)
    accepted.refresh_from_db()
    assert accepted.state == "delivered"

    postmark(**hard_bounce())
    postmark(**delivered)

    accepted.refresh_from_db()
    assert accepted.state == "bounced"
    made = Mailing.objects.get()
    assert made.counted_at is None
    mailings.count_what_is_over()
    made.refresh_from_db()
    assert made.counts == {"bounced": 1}


def test_only_the_fifth_soft_bounce_in_a_row_gives_an_address_up(db):
    told = [
        suppressions.count_soft_bounce(email="full@example.org", provider="test")
        for _ in range(5)
    ]

    assert told == [False, False, False, False, True]
    assert suppressions.among(["full@example.org"]) == {"full@example.org"}
    assert suppressions.lift(email="full@example.org")
    suppressions.count_soft_bounce(email="full@example.org", provider="test")
    suppressions.forget_soft_bounces(email="full@example.org")
    assert not Suppression.objects.exists()


def test_nobody_else_can_tell_what_became_of_a_mail(accepted, postmark, settings):
    before = Delivery.objects.values().get()

    assert postmark(login="us:guess", **hard_bounce()).status_code == 400
    assert Client().post(WEBHOOK, {}).status_code == 400
    assert Client().get(WEBHOOK).status_code == 405
    assert Client().post("/newsletter/webhooks/brevo/").status_code == 404
    settings.ANYMAIL = {}
    assert postmark(**hard_bounce()).status_code == 404
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert postmark(**hard_bounce()).status_code == 404

    assert Delivery.objects.values().get() == before
    assert not Suppression.objects.exists()


def test_what_amazon_ses_is_said_to_tell_needs_our_secret(accepted, settings):
    settings.EMAIL_BACKEND = "anymail.backends.amazon_ses.EmailBackend"
    settings.ANYMAIL = {}
    message = {
        "eventType": "Complaint",
        "mail": {"messageId": "pm-1", "destination": ["parent@example.org"]},
        "complaint": {"complainedRecipients": [{"emailAddress": "parent@example.org"}]},
    }
    # What the headers name stands in the body too: that is all there is to check.
    event = {"Type": "Notification", "MessageId": "x", "Message": json.dumps(message)}

    answer = Client().post(
        "/newsletter/webhooks/amazon_ses/",
        event,
        content_type="application/json",
        headers={"x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": "x"},
    )

    assert answer.status_code == 404
    assert not Suppression.objects.exists()
    assert Subscription.objects.active().exists()


def test_what_providers_tell_is_kept_in_no_cache(accepted, postmark):
    answer = postmark(**hard_bounce(MessageID="of-somebody-else"))

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert not Suppression.objects.exists()


def test_a_provider_that_is_quicker_than_our_mark_is_asked_to_tell_again(
    accepted, postmark
):
    made = Mailing.objects.get()
    Mailing.objects.update(state="sending", finished_at=None)
    Delivery.objects.update(state="pending", due_at=timezone.now(), settled_at=None)
    claim, (parcel,), _ = claims.take(mailing=made, claim=None, count=1)
    assert claim
    claims.pass_on(claim, following=[parcel.delivery_id])

    answer = postmark(**hard_bounce())

    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert not Suppression.objects.exists()


def test_leaving_at_the_provider_ends_the_subscription(accepted, postmark):
    postmark(
        RecordType="SubscriptionChange",
        MessageID="pm-1",
        SuppressSending=True,
        SuppressionReason="ManualSuppression",
        Recipient="parent@example.org",
    )

    assert not Subscription.objects.active().exists()


# Bounces by mail


def bounce(message_id, *, action="failed", status="5.1.1", kind="delivery-status"):
    told = (
        "Feedback-Type: abuse\nUser-Agent: Some/1\nVersion: 1\n"
        if kind == "feedback-report"
        else "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; somebody@else.example\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 nobody here\n"
    )
    return (
        "From: MAILER-DAEMON@mx.example\nTo: bounces@localoffer.example\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\n'
        "MIME-Version: 1.0\n\n"
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        f"--b\nContent-Type: message/{kind}\n\n{told}\n"
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {message_id}\nSubject: x\n\nHi\n"
        "--b--\n"
    ).encode()


def process(source, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(source)))
    call_command("process_bounce")


def test_a_bounce_in_the_mailbox_is_marked(accepted, monkeypatch):
    process(bounce(message_id(accepted)), monkeypatch)

    accepted.refresh_from_db()
    assert accepted.state == "bounced"
    assert "550 nobody here" in accepted.reason
    assert suppressions.among(["parent@example.org", "somebody@else.example"]) == {
        "parent@example.org"
    }


def test_a_full_mailbox_counts_as_one_soft_bounce(accepted, monkeypatch):
    for _ in range(7):
        source = bounce(message_id(accepted), status="5.2.2")
        process(source, monkeypatch)

    assert Suppression.objects.get().soft_bounces == 1
    assert not suppressions.among(["parent@example.org"])


def test_a_report_of_an_unwanted_mail_is_a_complaint(accepted, monkeypatch):
    source = bounce(message_id(accepted), kind="feedback-report")
    process(source, monkeypatch)

    assert Suppression.objects.get().reason == "complained"


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\xff\x00garbage",
        b"From: pat@example.org\nSubject: I am away\n\nBack on Monday.",
        b'Content-Type: multipart/report; boundary="b"\n\n--b\n\n--b--',
        bounce("<0f0c2f0e-3c0b-4a53-9c3a-3f1f2f9f0001@localoffer.example>"),
        bounce("<not-ours@elsewhere.example>"),
    ],
    ids=["empty", "garbage", "away", "no parts", "unknown", "another's"],
)
def test_any_other_mail_changes_nothing(accepted, monkeypatch, source):
    before = Delivery.objects.values().get()

    process(source, monkeypatch)

    assert Delivery.objects.values().get() == before
    assert not Suppression.objects.exists()


def test_a_delay_is_no_bounce(accepted, monkeypatch):
    source = bounce(message_id(accepted), action="delayed", status="4.4.7")
    process(source, monkeypatch)

    accepted.refresh_from_db()
    assert accepted.state == "accepted"


def test_a_maildir_is_read_once(accepted, tmp_path):
    (tmp_path / "new").mkdir()
    source = bounce(message_id(accepted))
    (tmp_path / "new" / "1.mail").write_bytes(source)

    call_command("process_bounce", "--maildir", str(tmp_path))
    call_command("process_bounce", "--maildir", str(tmp_path))

    assert Suppression.objects.count() == 1
    assert [one.name for one in (tmp_path / "cur").iterdir()] == ["1.mail:2,S"]
    assert not list((tmp_path / "new").iterdir())


def test_a_folder_that_is_no_maildir_is_named(db, tmp_path, capsys):
    with pytest.raises(SystemExit):
        call_command("process_bounce", "--maildir", str(tmp_path))

    assert "is no maildir" in capsys.readouterr().err


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has no statistics to be wrong"
)
def test_what_waits_is_found_by_its_index_whatever_is_known_of_it(mailing):
    """After an earlier issue PostgreSQL takes a new one to go to one person, or none."""
    everybody(0, 3000)
    earlier = mailing(title="Spring")
    mailings.freeze(mailing=earlier)
    Delivery.objects.update(state="failed", due_at=None, settled_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Delivery._meta.db_table}")
    later = mailing(title="Autumn")
    mailings.freeze(mailing=later)

    with CaptureQueriesContext(connection) as asked:
        claims.take(mailing=later, claim=None, count=100)
    claimed = next(one["sql"] for one in asked if "SKIP LOCKED" in one["sql"])
    settings = [one["sql"] for one in asked if one["sql"].startswith("SET LOCAL")]
    with transaction.atomic(), connection.cursor() as cursor:
        for one in settings:
            cursor.execute(one)
        cursor.execute(f"EXPLAIN {claimed}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "delivery_due" in plan
    assert "Sort" not in plan


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite writes a row where it stood"
)
def test_a_mark_finds_room_on_the_page_of_its_delivery(db):
    with connection.cursor() as cursor:
        table = Delivery._meta.db_table
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [table])
        ((options,),) = cursor.fetchall()

    assert options == ["fillfactor=50"]


def test_a_first_audience_is_counted_without_a_look_at_its_own_rows(
    send_issue, subscribe
):
    """PostgreSQL would take the table for empty, and read all of it for each person."""
    subscribe()
    send_issue()
    with CaptureQueriesContext(connection) as asked:
        mailings.freeze(mailing=Mailing.objects.get())

    both = ('"newsletters_delivery"', '"newsletters_subscription"')
    reads = [one["sql"] for one in asked if one["sql"].startswith("SELECT")]
    assert reads
    assert not [sql for sql in reads if all(name in sql for name in both)]
