"""Mail caught on this machine is shown, safely, and goes nowhere."""

import io
import json
import os
import signal
import smtplib
import socket
import sys
import threading
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from django.core.management import CommandError, call_command

from site_settings.caught_mail import Mailbox
from site_settings.management.commands import catch_mail

from .loopback import free_port, get


@pytest.fixture
def catcher(tmp_path):
    """A running mail catcher: its SMTP port and its web port."""
    mailbox = Mailbox(tmp_path / "caught-mail")
    smtp = Controller(
        catch_mail.Catcher(mailbox), hostname="127.0.0.1", port=free_port()
    )
    smtp.start()
    with catch_mail.MailPages(mailbox, 0) as pages:
        thread = threading.Thread(target=pages.serve_forever, args=[0.02])
        thread.start()
        yield smtp.port, pages.server_port
        pages.shutdown()
        thread.join()
    smtp.stop()


def send(port, *, subject="Term dates", text="Hello", html=None):
    message = EmailMessage()
    message["From"] = "Shropshire <news@example.org>"
    message["To"] = "parent@example.org"
    message["Subject"] = subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


def test_a_caught_mail_shows_in_the_list_and_in_the_api(catcher):
    smtp, web = catcher
    send(smtp, subject="First")
    send(smtp, subject="Second")

    _, _, page = get(web)
    _, _, answer = get(web, "/api/messages")

    assert page.index("Second") < page.index("First")
    newest, oldest = json.loads(answer)["messages"]
    assert (newest["subject"], oldest["subject"]) == ("Second", "First")
    assert newest["to"] == "parent@example.org"
    assert newest["from"] == "Shropshire <news@example.org>"


def test_a_mail_is_shown_escaped_and_its_html_in_a_frame_without_scripts(catcher):
    smtp, web = catcher
    send(smtp, subject="<b>Bold</b>", text="<i>", html='<p class="x">Hi</p>')
    mail = json.loads(get(web, "/api/messages")[2])["messages"][0]

    _, headers, page = get(web, f"/messages/{mail['id']}")

    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "&lt;p class=&quot;x&quot;&gt;Hi&lt;/p&gt;" in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_the_source_of_a_mail_is_a_download_with_its_envelope(catcher):
    smtp, web = catcher
    send(smtp)
    mail = json.loads(get(web, "/api/messages")[2])["messages"][0]

    _, headers, source = get(web, mail["source"])

    assert headers["Content-Disposition"].startswith("attachment")
    assert source.startswith(
        "Return-Path: <news@example.org>\r\nDelivered-To: parent@example.org\r\n"
    )


def test_a_mail_in_a_charset_nobody_knows_is_still_shown(tmp_path):
    mailbox = Mailbox(tmp_path)
    source = b"Content-Type: text/plain; charset=nonsense\r\n\r\nHello"

    name = mailbox.add(source, sender="a@example.org", recipients=["b@example.org"])

    mail = mailbox.get(name)
    assert mail is not None
    assert (mail.text, mail.html) == ("Hello", None)


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/messages/../caught-mail", "localhost", 404),
        ("/messages/20261122T210018.339552-276374f4", "localhost", 404),
        ("/", "rebound.example", 400),
    ],
)
def test_the_catcher_shows_nothing_but_mail_and_only_to_this_machine(
    catcher, path, host, status
):
    assert get(catcher[1], path, host)[0] == status


@pytest.mark.parametrize("verbosity", [0, 1])
def test_the_catcher_runs_until_it_is_told_to_stop(
    settings, tmp_path, monkeypatch, verbosity
):
    def told_to_stop(self):
        os.kill(os.getpid(), signal.SIGTERM)

    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(catch_mail.MailPages, "serve_forever", told_to_stop)
    before = signal.getsignal(signal.SIGTERM)
    output = io.StringIO()
    ports = {"smtp_port": free_port(), "web_port": free_port()}
    try:
        call_command("catch_mail", **ports, verbosity=verbosity, stdout=output)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert output.getvalue().count("\n") == verbosity
    with pytest.raises(ConnectionRefusedError):
        get(ports["web_port"])
    with pytest.raises(ConnectionRefusedError):
        send(ports["smtp_port"])


def test_a_port_in_use_is_said_plainly():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"{port} cannot be used"):
            call_command("catch_mail", smtp_port=free_port(), web_port=port)


def test_without_aiosmtpd_the_catcher_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "aiosmtpd.controller", None)

    with pytest.raises(CommandError, match="pip install -r requirements-dev"):
        call_command("catch_mail")
