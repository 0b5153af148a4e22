"""Mail by a provider: what its answers, and its silence, mean for a mail."""

from smtplib import (
    SMTPDataError,
    SMTPRecipientsRefused,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

import pytest
from anymail.backends.postmark import EmailBackend
from anymail.exceptions import AnymailAPIError, AnymailUnsupportedFeature

from cms import replies
from cms.ledger import Status
from cms.replies import Fate
from syndication.newsletters import carriers, notes, sending, subscriptions
from syndication.newsletters.models import Delivery, Mailing, Note, Route

from .fakes import FakePostmark
from .loopback import free_port

TO = "parent@example.org"
# As Postmark says it, with HTTP status and code.
NO_SENDER = (422, 400, "The 'From' address is not a Sender Signature.")
INACTIVE = (
    *(422, 406),
    f"Found inactive addresses: {TO}. Inactive recipients are ones that bounced.",
)
BROKEN = (500, 500, "Internal server error")
TOO_MANY = (429, 429, "Rate limit exceeded")
NO_TOKEN = (401, 10, "No Account or Server API tokens were supplied.")


def amazon(status):
    """What a client of Amazon's keeps of an answer."""
    return {"ResponseMetadata": {"HTTPStatusCode": status}}


@pytest.fixture(autouse=True)
def no_connection_is_kept():
    yield
    carriers.hang_up()


@pytest.fixture
def postmark(settings, db):
    """The provider that the settings name, by Anymail's own backend."""
    with FakePostmark() as provider:
        settings.EMAIL_BACKEND = "anymail.backends.postmark.EmailBackend"
        settings.ANYMAIL = {
            "POSTMARK_SERVER_TOKEN": "none",
            "POSTMARK_API_URL": provider.address,
            "REQUESTS_TIMEOUT": 0.5,
        }
        yield provider


@pytest.fixture
def to_one(postmark, send_issue, subscribe):
    """One signed issue on its way to one person, who gets it held if in doubt."""
    subscribe(TO)
    send_issue()
    Mailing.objects.update(in_doubt=Mailing.Doubt.HOLD)


def asked(address):
    """A note that asks for an address to be confirmed, still unsent."""
    asked = subscriptions.request(
        email=address, choices={}, wording="Yes", source="test"
    )
    return asked.notes.get()


def test_what_a_provider_takes_is_accepted(postmark, to_one):
    sending.send_due()

    assert postmark.taken == [TO]
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.provider_id) == ("accepted", TO)


@pytest.mark.parametrize("answer", [NO_SENDER, INACTIVE], ids=["422", "inactive"])
def test_a_mail_that_a_provider_refuses_is_not_tried_again(postmark, to_one, answer):
    postmark.answers = {TO: answer}

    batch = sending.send_due()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert str(batch) == "1 failed"
    assert Mailing.objects.get().state == Mailing.State.FINISHED
    assert not Route.objects.filter(outages__gt=0).exists()


def test_nobody_knows_of_a_mail_at_which_a_provider_broke(postmark, to_one):
    postmark.answers = {TO: BROKEN}

    sending.send_due()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.doubts) == ("uncertain", 1)


@pytest.mark.parametrize("silence", ["silent", "broken"])
def test_nobody_knows_of_a_mail_that_a_provider_read_and_did_not_answer(
    postmark, to_one, silence
):
    setattr(postmark, silence, {TO})

    sending.send_due()

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.doubts) == ("uncertain", 1)


def test_a_mail_in_doubt_is_repeated_where_that_is_wished(postmark, to_one):
    Mailing.objects.update(in_doubt=Mailing.Doubt.RESEND)
    postmark.answers = {TO: BROKEN}
    sending.send_due()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.doubts) == ("pending", 1, 1)
    postmark.answers = {}
    Route.objects.update(down_until=None)

    sending.send_due()

    assert postmark.taken == [TO]


def test_a_provider_that_is_not_reached_has_seen_no_mail(settings, to_one):
    settings.ANYMAIL |= {"POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}/"}

    batch = sending.send_due()

    assert batch.outage
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 0)


@pytest.mark.parametrize("answer", [TOO_MANY, NO_TOKEN], ids=["429", "401"])
def test_a_provider_that_wants_nothing_of_us_fails_no_mail(postmark, to_one, answer):
    postmark.answers = {TO: answer}

    batch = sending.send_due()

    assert batch.outage
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 0)


def test_a_provider_that_is_not_set_up_has_seen_no_mail(settings, to_one, caplog):
    del settings.ANYMAIL["POSTMARK_SERVER_TOKEN"]

    batch = sending.send_due()

    assert "POSTMARK_SERVER_TOKEN" in batch.outage
    assert "could not be set up" in caplog.text
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("pending", 0)


def test_an_error_of_ours_at_a_provider_leaves_a_mail_in_doubt(
    postmark, to_one, monkeypatch, caplog
):
    monkeypatch.setattr(EmailBackend, "post_to_esp", lambda *_: 1 / 0)

    sending.send_due()

    assert Delivery.objects.get().state == "uncertain"
    assert "could not be carried" in caplog.text


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (SMTPSenderRefused(550, b"who are you?", "us"), Fate.UNSENT),
        (SMTPRecipientsRefused({TO: (550, b"nobody")}), Fate.REFUSED),
        (SMTPRecipientsRefused({TO: (450, b"later")}), Fate.DEFERRED),
        (SMTPDataError(554, b"no"), Fate.REFUSED),
        (SMTPServerDisconnected("gone"), Fate.UNKNOWN),
        (ConnectionRefusedError(111, "nobody there"), Fate.UNSENT),
        (AnymailUnsupportedFeature("no such header"), Fate.REFUSED),
        (AnymailAPIError("slow down", response=amazon(429)), Fate.UNSENT),
        (AnymailAPIError("no", response=amazon(400)), Fate.REFUSED),
        (AnymailAPIError("broken", response=amazon(500)), Fate.UNKNOWN),
        (AnymailAPIError("?", status_code=None), Fate.UNKNOWN),
    ],
)
def test_only_what_has_certainly_not_left_counts_as_unsent(error, fate):
    assert replies.fate(error) == fate


# Notes to one person


@pytest.mark.parametrize("answer", [NO_SENDER, INACTIVE], ids=["422", "inactive"])
def test_a_note_that_a_provider_refuses_holds_up_no_newsletter(
    postmark, send_issue, subscribe, answer
):
    subscribe("reader@example.org")
    send_issue()
    note = asked(TO)
    postmark.answers = {TO: answer}

    batch = sending.send_due()

    note.refresh_from_db()
    assert (note.status, note.attempts) == (Status.FAILED, 1)
    assert postmark.taken == ["reader@example.org"]
    assert str(batch) == "1 accepted, 1 failed"


def test_a_note_that_a_provider_did_not_answer_is_sent_again(postmark):
    note = asked(TO)
    postmark.silent = {TO}

    batch = sending.send_due()

    note.refresh_from_db()
    assert (note.status, note.attempts) == (Status.PENDING, 1)
    assert not batch.outage


@pytest.mark.parametrize("answer", [TOO_MANY, NO_TOKEN], ids=["429", "401"])
def test_a_provider_that_wants_nothing_of_us_fails_no_note(postmark, answer):
    note = asked(TO)
    postmark.answers = {TO: answer}

    batch = sending.send_due()

    note.refresh_from_db()
    assert (note.status, note.attempts) == (Status.PENDING, 0)
    assert "Anymail" in batch.outage


def test_notes_wait_for_a_provider_that_is_not_reached(settings, postmark):
    note = asked(TO)
    settings.ANYMAIL |= {"POSTMARK_API_URL": f"http://127.0.0.1:{free_port()}/"}

    batch = sending.send_due()

    note.refresh_from_db()
    assert (note.status, note.attempts) == (Status.PENDING, 0)
    assert batch.outage


def test_an_error_of_ours_in_a_note_holds_up_no_newsletter(
    postmark, send_issue, subscribe, monkeypatch, caplog
):
    subscribe("reader@example.org")
    send_issue()
    asked(TO)
    monkeypatch.setattr(notes, "why_not", lambda note: 1 / 0)

    sending.send_due()

    assert postmark.taken == ["reader@example.org"]
    assert "Sending notes to subscribers failed" in caplog.text
    assert Note.objects.get().status == Status.CLAIMED
