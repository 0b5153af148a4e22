"""``manage.py catch_mail``: an SMTP server that sends nothing on and shows it all."""

import json
import logging
import signal
from argparse import ArgumentParser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import FrameType
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.template.loader import render_to_string

from site_settings.caught_mail import CaughtMail, Mailbox

HOST = "127.0.0.1"
SHOWN = 200
PLAIN = "text/plain; charset=utf-8"
# A mail's HTML part sits in a frame of this page and inherits this policy: no
# script, and nothing fetched from anywhere.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; frame-ancestors 'none'"
)


class Command(BaseCommand):
    help = "Catch mail on a local SMTP port and show it on a local web page."
    # It needs no database and no addresses, so it starts at once.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--smtp-port", type=int, default=1025)
        parser.add_argument("--web-port", type=int, default=8025)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from aiosmtpd.controller import Controller
        except ImportError as error:
            raise CommandError(
                "Catching mail needs aiosmtpd: pip install -r requirements-dev.txt"
            ) from error
        logging.getLogger("mail.log").setLevel(logging.WARNING)
        mailbox = Mailbox(settings.DATA_DIR / "caught-mail")
        smtp_port, web_port = options["smtp_port"], options["web_port"]
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with MailPages(mailbox, web_port) as pages:
                smtp = Controller(Catcher(mailbox), hostname=HOST, port=smtp_port)
                smtp.start()
                try:
                    if options["verbosity"]:
                        self.stdout.write(
                            f"Catching mail on smtp://{HOST}:{smtp_port}, "
                            f"showing it on http://{HOST}:{web_port}/"
                        )
                        self.stdout.flush()
                    pages.serve_forever()
                finally:
                    smtp.stop()
        except OSError as error:
            raise CommandError(
                f"Port {smtp_port} or {web_port} cannot be used: {error.strerror}."
            ) from error
        except KeyboardInterrupt:
            pass  # the ordinary way to stop it


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Catcher:
    """What aiosmtpd calls for each mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.mailbox.add(
            envelope.original_content,
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
        )
        return "250 Caught"


class MailPages(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        super().__init__((HOST, port), PageHandler)
        self.mailbox = mailbox


class PageHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # A page on the web could give its own name our address and read the mail.
        if urlsplit(f"//{self.headers['Host']}").hostname not in ("localhost", HOST):
            return self._send("Unknown host.", PLAIN, HTTPStatus.BAD_REQUEST)
        match self.path.strip("/").split("/"):
            case [""]:
                page = {"mails": self._mailbox.newest(SHOWN), "shown": SHOWN}
                return self._send_page("list", page)
            case ["api", "messages"]:
                found = [_summary(mail) for mail in self._mailbox.newest(SHOWN)]
                return self._send(json.dumps({"messages": found}), "application/json")
            case ["messages", name] if mail := self._mailbox.get(name):
                return self._send_page("message", {"mail": mail})
            case ["messages", name, "source"] if mail := self._mailbox.get(name):
                return self._send(mail.source, "message/rfc822", filename=f"{name}.eml")
        return self._send("Nothing here.", PLAIN, HTTPStatus.NOT_FOUND)

    @property
    def _mailbox(self) -> Mailbox:
        return cast(MailPages, self.server).mailbox

    def _send_page(self, template: str, context: dict[str, object]) -> None:
        page = render_to_string(f"caught_mail/{template}.html", context)
        self._send(page, "text/html; charset=utf-8")

    def _send(
        self,
        body: str | bytes,
        content_type: str,
        status: HTTPStatus = HTTPStatus.OK,
        *,
        filename: str = "",
    ) -> None:
        content = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        if filename:
            disposition = f'attachment; filename="{filename}"'
            self.send_header("Content-Disposition", disposition)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: the terminal is for the demo's own messages."""


def _summary(mail: CaughtMail) -> dict[str, str]:
    return {
        "id": mail.name,
        "received": mail.received.isoformat(),
        "from": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "source": f"/messages/{mail.name}/source",
    }
