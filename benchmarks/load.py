"""Servers on one core, readers on another: how many requests are answered."""

import os
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

WORKERS = 2
CONNECTIONS = 16


@dataclass
class Target:
    """Something to ask for, and how it went in each round."""

    name: str
    server: "Server"
    paths: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    rates: list[float] = field(default_factory=list)
    # Milliseconds of processor time of the server's own processes for a request.
    costs: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cost(self) -> float:
        return statistics.median(self.costs)


@dataclass
class Server:
    """A running granian."""

    process: subprocess.Popen[bytes]
    port: int

    def processes(self) -> list[int]:
        """The numbers of its processes: the first one and those that it started."""
        found, waiting = [], [self.process.pid]
        while waiting:
            number = waiting.pop()
            found.append(number)
            for task in Path(f"/proc/{number}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
        return found

    def seconds(self) -> float:
        """How much processor time they have used."""
        ticks = 0
        for number in self.processes():
            said = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
            ticks += int(said[11]) + int(said[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Resident bytes of the process that has most."""
        pages = (
            int(Path(f"/proc/{number}/statm").read_text().split()[1])
            for number in self.processes()
        )
        return max(pages) * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serve(settings: str, port: int, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run the production server with some settings, on the first core."""
    process = subprocess.Popen(  # noqa: S603 - our own server
        [
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--workers", str(WORKERS), "--blocking-threads", "4"),
            *("--log-level", "error", "site_settings.wsgi:application"),
        ],
        env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": settings},
    )
    os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    server = Server(process, port)
    try:
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            # It waits for an answer that nobody is going to read.
            for number in server.processes():
                os.kill(number, signal.SIGKILL)
            process.wait(30)


@contextmanager
def serve_file(port: int, body: bytes) -> Iterator[Server | None]:
    """Let nginx serve ``/item.json`` on the first core; None where it is not installed."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if nginx is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "item.json").write_bytes(body)
        (Path(place) / "nginx.conf").write_text(
            f"worker_processes {WORKERS}; daemon off; pid {place}/pid;"
            "error_log stderr error; events {} http { access_log off;"
            "keepalive_requests 100000000; default_type application/json;"
            f"server {{ listen 127.0.0.1:{port}; root {place}; }} }}"
        )
        # Its workers are somebody else's where it is started as root.
        Path(place).chmod(0o755)
        process = subprocess.Popen([nginx, "-p", place, "-c", f"{place}/nginx.conf"])  # noqa: S603
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        try:
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait(30)


def await_answer(server: Server, path: str) -> None:
    """Wait until the server answers. Raises if it ends, or does not in minutes."""
    for _ in range(3000):
        if server.process.poll() is not None:
            raise SystemExit("The server ended by itself; what it said stands above.")
        try:
            status, _ = get(server, path)
        except OSError:
            time.sleep(0.1)
            continue
        if status == 200:
            return
        raise SystemExit(f"{path} is answered with {status}.")
    raise SystemExit("The server did not answer within five minutes.")


def get(
    server: Server, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Ask once. Returns status and body."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(
            _request(server, path, {"Connection": "close"} | dict(headers or {}))
        )
        said = b""
        while some := connection.recv(1 << 20):
            said += some
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def ask(targets: Sequence[Target], seconds: float, rounds: int) -> None:
    """Ask for each in turn, ``rounds`` times, as often as the server can answer."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        for number in range(rounds + 1):
            for target in targets:
                # The first round warms up, and is not counted.
                _ask(target, seconds if number else min(seconds, 0.5), bool(number))
    finally:
        os.sched_setaffinity(0, cores)


def _ask(target: Target, seconds: float, is_counted: bool) -> None:
    status, _ = get(target.server, target.paths[0], target.headers)
    if status != target.status:
        raise SystemExit(f"{target.name} is answered with {status}.")
    used = target.server.seconds()
    wrk = shutil.which("wrk")
    answered, took = (
        _with_wrk(wrk, target, seconds) if wrk else _with_readers(target, seconds)
    )
    if is_counted:
        target.rates.append(answered / took)
        target.costs.append((target.server.seconds() - used) / max(1, answered) * 1000)


def _with_wrk(wrk: str, target: Target, seconds: float) -> tuple[int, float]:
    """Ask with wrk, which can ask faster than any of the servers here can answer."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(
            f"local paths = {{{', '.join(map(_quoted, target.paths))}}}\n"
            "local at = 0\n"
            + "".join(
                f"wrk.headers[{_quoted(name)}] = {_quoted(value)}\n"
                for name, value in target.headers.items()
            )
            + "request = function()\n"
            "  at = at % #paths + 1\n"
            "  return wrk.format('GET', paths[at])\n"
            "end\n"
            "done = function(summary)\n"
            "  local wrong = summary.errors\n"
            "  print('found', summary.requests, summary.duration, wrong.status +\n"
            "    wrong.connect + wrong.read + wrong.write + wrong.timeout)\n"
            "end\n"
        )
        script.flush()
        said = subprocess.run(  # noqa: S603 - found on the path
            [
                *(wrk, "-t", "1", "-c", str(CONNECTIONS), "--timeout", "60s"),
                *("-d", f"{max(1, round(seconds))}s", "-s", script.name),
                f"http://127.0.0.1:{target.server.port}",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    (line,) = (one for one in said.splitlines() if one.startswith("found"))
    answered, microseconds, wrong = map(int, line.split()[1:])
    if wrong:
        raise SystemExit(f"{target.name}: {wrong} requests went wrong.")
    return answered, microseconds / 1e6


def _quoted(words: str) -> str:
    """Return a string of Lua."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _with_readers(target: Target, seconds: float) -> tuple[int, float]:
    """Ask with Python, which can itself be what is slow."""
    requests = [_request(target.server, path, target.headers) for path in target.paths]
    with selectors.DefaultSelector() as readers:
        for at in range(CONNECTIONS):
            readers.register(Reader(target, requests, at), selectors.EVENT_READ)
        began = time.perf_counter()
        open_ = [key.fileobj for key in readers.get_map().values()]
        answered = 0
        while (now := time.perf_counter()) - began < seconds:
            for key, _ in readers.select(1):
                answered += key.fileobj.read()
        for reader in open_:
            reader.close()
    return answered, now - began


class Reader:
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, target: Target, requests: list[bytes], at: int) -> None:
        self.target, self.requests, self.at = target, requests, at
        self.socket = socket.create_connection(("127.0.0.1", target.server.port))
        self.left, self.head = 0, b""
        self._send()

    def fileno(self) -> int:
        return self.socket.fileno()

    def close(self) -> None:
        self.socket.close()

    def read(self) -> int:
        """Take what has come. Returns 1 when that ended an answer."""
        some = self.socket.recv(1 << 18)
        if not some:
            raise SystemExit(f"{self.target.name}: the server closed the connection.")
        if self.left:
            self.left -= len(some)
        else:
            self.head += some
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return 0
            self.left = self._length(end) - (len(self.head) - end - 4)
            self.head = b""
        if self.left:
            return 0
        self._send()
        return 1

    def _length(self, end: int) -> int:
        head = self.head[:end].lower()
        status = int(head.split(None, 2)[1])
        if status != self.target.status:
            raise SystemExit(f"{self.target.name} is answered with {status}.")
        at = head.find(b"content-length:")
        return (
            int(head[at + 15 :].split(None, 1)[0]) if at >= 0 and status != 304 else 0
        )

    def _send(self) -> None:
        self.at = (self.at + 7) % len(self.requests)
        self.socket.sendall(self.requests[self.at])


def _request(server: Server, path: str, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(path)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
