"""Stand-ins for the world outside, on this machine's loopback."""

import email
import json
import threading
import time
from email.policy import default as policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from aiosmtpd.controller import Controller

from .loopback import free_port


class FakeMailServer:
    """A real SMTP server that keeps what it accepts and refuses what it is told to.

    ``answers`` maps a recipient to the replies given to RCPT, one after the other;
    when they are used up the recipient is accepted. ``refuse_sender`` and
    ``refuse_content`` are the replies to MAIL FROM and to the mail itself, for all.
    """

    def __init__(self):
        self.messages = []
        self.recipients = []
        self.answers = {}
        self.refuse_sender = ""
        self.refuse_content = ""
        self.connections = 0
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *error):
        self.controller.stop()

    @property
    def port(self):
        return self.controller.port

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's names
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse_sender:
            return self.refuse_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.refuse_content:
            return self.refuse_content
        self.recipients.append(list(envelope.rcpt_tos))
        self.messages.append(email.message_from_bytes(envelope.content, policy=policy))
        return "250 taken"


class Served:
    """A web server on loopback, as long as the block lasts."""

    server: ThreadingHTTPServer

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server.server_port}/"


class FakePostmark(Served):
    """A real HTTP server that answers as Postmark does.

    ``answers`` maps a recipient to the (HTTP status, ErrorCode, Message) that its mail
    gets; every other mail is taken, and its recipient noted in ``taken``. To a
    recipient among ``silent`` it says nothing until it is closed, and of one among
    ``broken`` it breaks the connection off, once it has read the mail.
    """

    def __init__(self):
        self.taken: list[str] = []
        self.answers: dict[str, tuple[int, int, str]] = {}
        self.silent: set[str] = set()
        self.broken: set[str] = set()
        self.closing = threading.Event()
        postmark = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                to = json.loads(self.rfile.read(length))["To"]
                if to in postmark.silent:
                    postmark.closing.wait()
                elif to not in postmark.broken:
                    self.answer(to)

            def answer(self, to):
                status, code, words = postmark.answers.get(to, (200, 0, "OK"))
                if not code:
                    postmark.taken.append(to)
                said = {"ErrorCode": code, "Message": words, "To": to, "MessageID": to}
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __exit__(self, *error):
        self.closing.set()
        super().__exit__(*error)


class FakeHub(Served):
    """A real HTTP server that notes what a WebSub hub is told.

    ``answers`` are the statuses given, one after the other; then everything is taken
    with ``status``. It thinks for ``seconds`` before each.
    """

    def __init__(self):
        self.told: list[dict[str, list[str]]] = []
        self.answers: list[int] = []
        self.status = 204
        self.seconds = 0.0
        self.connections = 0
        self.location = ""
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                hub.connections += 1
                super().setup()

            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                hub.told.append(parse_qs(self.rfile.read(length).decode()))
                time.sleep(hub.seconds)
                self.send_response(hub.answers.pop(0) if hub.answers else hub.status)
                if hub.location:
                    self.send_header("Location", hub.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def topics(self):
        """The addresses that it was told of, in that order."""
        return [topic for one in self.told for topic in one["hub.url"]]
