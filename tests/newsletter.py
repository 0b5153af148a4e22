"""The newsletter as its tests know it: who asks for it, who signs it, what arrives."""

import re
from urllib.parse import urlsplit

import pytest
from django.test import Client

from cms.models import Proof
from syndication.newsletters import askings, digests, message_ids, subscriptions
from syndication.newsletters.flowed import unflow

from .fakes import FakeMailServer
from .shared_blocks import everyone_signs

FORM = "/newsletter/"


@pytest.fixture
def mail_server(settings):
    """A real SMTP server on loopback, which the settings name."""
    with FakeMailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_TIMEOUT = 5
        yield server


@pytest.fixture
def subscribe(db):
    """A confirmed subscription: ``subscribe("pat@example.org", "shropshire")``.

    Other choices by name: ``frequency="monthly"``, ``kind=["news"]``.
    """

    def subscribe(address="parent@example.org", *areas, frequency="weekly", **choices):
        asked = subscriptions.request(
            email=address,
            choices={"area": areas} | choices,
            wording="Yes please.",
            source="test",
            frequency=frequency,
        )
        asked.notes.all().delete()
        subscriptions.confirm(key=asked.key)
        asked.refresh_from_db()
        return asked

    return subscribe


@pytest.fixture
def sign_issue(world):
    """Let every forum concerned sign an issue that waits; gives its release, if any yet."""

    def sign_issue(issue):
        proof = Proof.objects.open().get(content_id=issue.content_id)
        return everyone_signs(world, proof)

    return sign_issue


@pytest.fixture
def send_issue(write, release, sign_issue):
    """Write, release, compile and sign; gives the issue's release, still unsent."""

    def send_issue(**fields):
        release(write(**fields))
        return sign_issue(compiled())

    return send_issue


@pytest.fixture
def ask():
    """Send the form as a browser would, with the wording that the page showed."""

    def ask(address="parent@example.org", client=None, network="81.2.69.1", **fields):
        client = client or Client(enforce_csrf_checks=True)
        page = client.get(FORM).content.decode()
        wording = found(r'name="wording" value="(\w+)"', page)[1]
        values = {
            "email": address,
            "frequency": "weekly",
            "agree": "yes",
            "wording": wording,
        } | fields
        answer = client.post(FORM, values, REMOTE_ADDR=network)
        askings.take_up()
        return answer

    return ask


def compiled(**options):
    issue = digests.compile_digest(**options)
    assert issue
    return issue


def form_of_issue(issue, **more):
    """The form of an issue with one item, as a browser would send it back."""
    item = issue.items.get()
    return {
        "title": issue.title,
        "introduction": "",
        "co_production-count": "0",
        "formats-count": "0",
        "items-TOTAL_FORMS": "1",
        "items-INITIAL_FORMS": "1",
        "items-MIN_NUM_FORMS": "1",
        "items-MAX_NUM_FORMS": "1000",
        "items-0-id": item.pk,
        "items-0-release": item.release_id,
        "items-0-introduction": "",
        "items-0-ORDER": "1",
        "taken_back-TOTAL_FORMS": "0",
        "taken_back-INITIAL_FORMS": "0",
        "taken_back-MIN_NUM_FORMS": "0",
        "taken_back-MAX_NUM_FORMS": "1000",
        **more,
    }


def found(pattern, text):
    match = re.search(pattern, text)
    assert match
    return match


def mail_to(server, address):
    return [
        message
        for message, recipients in zip(server.messages, server.recipients, strict=True)
        if recipients == [address]
    ]


def newsletters(server):
    """The issues among what was sent: forums and editors get notices as well."""
    return [message for message in server.messages if message["List-Id"]]


def parts_of(message):
    text = message.get_body(["plain"]).get_content()
    text = unflow(text.replace("\r\n", "\n"))
    html = message.get_body(["html"]).get_content()
    return text, html


def link_in(text, kind):
    address = found(rf"https://\S*/newsletter/{kind}/\S+", text)[0]
    return urlsplit(address).path


def message_id(delivery):
    """The Message-ID that a delivery's mail has."""
    return message_ids.cipher().message_id(delivery.pk, delivery.mailing.host)


def shift(rows, **values):
    """Move the clock for some rows instead of for everybody."""
    rows.update(**values)
