"""A mail server that keeps nothing but who got what, and misbehaves on request.

``python -m tests.sink --port 2525 --log FILE`` writes a line for each mail that it takes,
before it says so: the recipient and the Message-ID. Everything is decided by the
address and by how often it was tried, so that two runs do the same.
"""

import argparse
import asyncio
import re
import signal
from pathlib import Path
from zlib import crc32

MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Talk(asyncio.Protocol):
    """One connection."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.buffer = b""
        self.to = ""
        self.in_data = False
        self.later: asyncio.TimerHandle | None = None

    def connection_made(self, transport):
        self.transport = transport
        if self.options.mode == "421":
            self.transport.write(b"421 4.3.2 closing for a while\r\n")
            self.transport.close()
        elif self.options.mode != "hang":
            self._say(b"220 sink ESMTP")

    def data_received(self, data):
        if self.options.mode == "hang":
            return
        self.buffer += data
        answers = []
        while True:
            if self.in_data:
                end = self.buffer.find(b"\r\n.\r\n")
                if end < 0:
                    if self.buffer.startswith(b".\r\n"):
                        self.buffer, self.in_data = self.buffer[3:], False
                        answers.append(b"554 5.5.1 no valid recipients")
                        continue
                    break
                mail, self.buffer = self.buffer[:end], self.buffer[end + 5 :]
                self.in_data = False
                answers.append(self._take(mail))
            else:
                line, found, rest = self.buffer.partition(b"\r\n")
                if not found:
                    break
                self.buffer = rest
                answers.append(self._answer(line.decode()))
        if answers:
            self._say(*answers)

    def _say(self, *answers):
        data = b"".join(answer + b"\r\n" for answer in answers)
        if self.options.delay:
            loop = asyncio.get_running_loop()
            # One reply after the other, as over a long way.
            loop.call_later(self.options.delay, self.transport.write, data)
        else:
            self.transport.write(data)

    def _answer(self, line):
        verb = line[:4].upper()
        if verb == "EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 20000000"
        if verb == "MAIL":
            self.to = ""
            return b"250 ok"
        if verb == "RCPT":
            return self._recipient(line.partition("<")[2].partition(">")[0])
        if verb == "DATA":
            if not self.to:
                return b"503 5.5.1 nobody to send it to"
            self.in_data = True
            return b"354 go on"
        if verb == "QUIT":
            return b"221 bye"
        return b"250 ok"

    def _recipient(self, address):
        tried = self.options.tried[address] = self.options.tried.get(address, 0) + 1
        chance = crc32(address.encode()) % 1000 / 10
        if chance < self.options.permanent:
            return b"550 5.1.1 nobody here"
        if chance > 100 - self.options.temporary and tried == 1:
            return b"450 4.2.1 come back later"
        if self.options.greylist and tried == 1:
            return b"451 4.7.1 greylisted, come back later"
        self.to = address
        return b"250 ok"

    def _take(self, mail):
        found = MESSAGE_ID.search(mail)
        line = f"{self.to} {found[1].decode() if found else '-'}\n"
        self.options.file.write(line.encode())
        return b"250 taken"


async def serve(options):
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Talk(options), "127.0.0.1", options.port, backlog=512
    )
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for this
    await stopping.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--mode", choices=["ok", "hang", "421"], default="ok")
    parser.add_argument("--greylist", action="store_true")
    parser.add_argument("--temporary", type=float, default=0, help="percent, once each")
    parser.add_argument("--permanent", type=float, default=0, help="percent")
    parser.add_argument("--delay", type=float, default=0, help="seconds for each reply")
    options = parser.parse_args()
    options.tried = {}
    with options.log.open("ab", buffering=0) as options.file:
        asyncio.run(serve(options))


if __name__ == "__main__":
    main()
