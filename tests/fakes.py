"""Stand-ins for the world outside, on this machine's loopback."""

import email
from email.policy import default as policy

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
