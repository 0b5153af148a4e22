"""Free ports, questions to servers on them, and how to stop them."""

import io
import os
import signal
import socket
from http.client import HTTPConnection


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port, path="/", host="localhost", headers=None):
    """Status, headers and text of an answer from this machine."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        connection.close()


class StopsAt(io.StringIO):
    """Standard output that sends this process SIGTERM once it says some words."""

    def __init__(self, words):
        super().__init__()
        self.words = words

    def write(self, text):
        written = super().write(text)
        if self.words in text:
            os.kill(os.getpid(), signal.SIGTERM)
        return written
