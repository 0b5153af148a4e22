"""``manage.py demo``: the whole service on one machine, in the foreground."""

import errno
import fcntl
import http.client
import shutil
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from site_settings.demo import DEMO_ACCOUNTS, DEMO_PASSWORD
from site_settings.processes import ChildEnded, Children, stop_signals

HOST = "127.0.0.1"
SECONDS_TO_START = 60


class Command(BaseCommand):
    help = "Run the web server, the worker and a mail catcher with example content."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--mail-web-port", type=int, help="where caught mail shows (PORT + 25)"
        )
        parser.add_argument(
            "--mail-smtp-port", type=int, help="where mail is caught (PORT + 26)"
        )
        parser.add_argument(
            "--reset", action="store_true", help="throw the demo's data away first"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        port: int = options["port"]
        web_mail: int = options["mail_web_port"] or port + 25
        smtp: int = options["mail_smtp_port"] or port + 26
        refuse_used_ports(port, web_mail, smtp)
        refuse_other_settings(port=port, smtp=smtp)
        try:
            with sole_use_of_data():
                if options["reset"]:
                    remove_data(settings.DATABASES["default"])
                self.prepare()
                self.run(port=port, web_mail=web_mail, smtp=smtp)
        except ChildEnded as error:
            raise CommandError(f"{error} The demo has stopped.") from error
        except KeyboardInterrupt:
            pass  # while preparing: nothing runs yet
        self.stdout.write("\nStopped.")

    def prepare(self) -> None:
        self.stdout.write("Preparing the database.")
        # Nothing is collected here, but whitenoise warns of a missing folder.
        for folder in (settings.STATIC_ROOT, settings.MEDIA_ROOT):
            Path(folder).mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        call_command("seed_demo", stdout=self.stdout)

    def run(self, *, port: int, web_mail: int, smtp: int) -> None:
        """Return when somebody asks the demo to stop, with everything stopped."""
        with stop_signals() as stopped, Children(folder=settings.BASE_DIR) as children:
            for name, command in commands(
                port=port, web_mail=web_mail, smtp=smtp
            ).items():
                children.start(name, command)
            deadline = time.monotonic() + SECONDS_TO_START
            while not stopped and not (answers(port, "/livez") and answers(web_mail)):
                children.refuse_ended()
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"{settings.PUBLIC_ORIGIN}/livez and the mail catcher did not "
                        f"both answer within {SECONDS_TO_START} seconds."
                    )
                time.sleep(0.2)
            if not stopped:
                self.announce(web_mail)
            while not stopped:
                children.refuse_ended()
                time.sleep(0.2)

    def announce(self, web_mail: int) -> None:
        origin = settings.PUBLIC_ORIGIN
        self.stdout.write(
            f"""
Countersign is running. Ctrl-C stops it.

  Site               {origin}/
  Admin              {origin}/admin/
  API documentation  {origin}/api/v1/docs
  Feeds              {origin}/feeds/
  Caught mail        http://localhost:{web_mail}/

  Everybody's password is {DEMO_PASSWORD}
"""
        )
        for name, role in DEMO_ACCOUNTS:
            self.stdout.write(f"  {name:<8} {role}")
        self.stdout.write("")
        self.stdout.flush()


def commands(*, port: int, web_mail: int, smtp: int) -> dict[str, list[str]]:
    manage = [sys.executable, "manage.py"]
    return {
        "web server": [
            *(sys.executable, "-m", "granian", "--interface", "wsgi"),
            *("--host", HOST, "--port", f"{port}", "--workers", "1"),
            *("--blocking-threads", "4", "--log-level", "warning"),
            "site_settings.wsgi:application",
        ],
        "worker": [*manage, "worker"],
        "mail catcher": [
            *(*manage, "catch_mail", "--verbosity", "0"),
            *("--smtp-port", f"{smtp}", "--web-port", f"{web_mail}"),
        ],
    }


def answers(port: int, path: str = "/") -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": f"localhost:{port}"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def refuse_used_ports(port: int, *mail_ports: int) -> None:
    for number in (port, *mail_ports):
        if reason := why_not_listen(number):
            other = 8123 if port != 8123 else 8321
            raise CommandError(
                f"Port {number} {reason}; the demo can use other ports: "
                f"make demo PORT={other}"
            )


def why_not_listen(port: int) -> str:
    # A browser may take "localhost" for either address.
    for family, host in ((socket.AF_INET, HOST), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                # As servers do: a connection closed a moment ago is no obstacle.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OverflowError:
            return "does not exist"
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is already in use"
            if family == socket.AF_INET:
                return f"cannot be used ({error.strerror})"
    return ""


def refuse_other_settings(*, port: int, smtp: int) -> None:
    """Addresses in pages and mails come from settings, so these must agree."""
    if not settings.DEBUG:
        raise CommandError("The demo's password is public: development settings only.")
    origin = f"http://localhost:{port}"
    if origin != settings.PUBLIC_ORIGIN:
        raise CommandError(
            f"PUBLIC_ORIGIN is {settings.PUBLIC_ORIGIN}, not {origin}. "
            f"Start the demo with: make demo PORT={port}"
        )
    catcher = (HOST, smtp)
    if catcher != (settings.EMAIL_HOST, settings.EMAIL_PORT):
        raise CommandError(
            f"EMAIL_URL does not lead to the mail catcher, smtp://{HOST}:{smtp}. "
            f"Start the demo with: make demo PORT={port}"
        )


@contextmanager
def sole_use_of_data() -> Iterator[None]:
    """Refuse a second demo on the same data: it would move the addresses of both."""
    folder = settings.DATA_DIR
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError(
                f"Another demo is running on the data in {folder}. Stop it, or give "
                "this one data of its own: make demo PORT=8123 DATA_DIR=var/second"
            ) from error
        yield


def remove_data(database: Mapping[str, Any]) -> None:
    if database["ENGINE"] != "django.db.backends.sqlite3":
        raise CommandError("Only a demo that keeps its data in SQLite can be reset.")
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database['NAME']}{suffix}").unlink(missing_ok=True)
    for folder in (settings.MEDIA_ROOT, settings.DATA_DIR / "caught-mail"):
        shutil.rmtree(folder, ignore_errors=True)
