"""``manage.py process_bounce < mail``: for the mail server's pipe, or a maildir."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from syndication.newsletters import bounces
from syndication.newsletters.errors import StillSending

# A bounce repeats the headers of a mail, or all of it.
LONGEST = 4 * 1024 * 1024
# sysexits.h: the mail server shall try again later.
TRY_AGAIN = 75


class Command(BaseCommand):
    help = (
        "Read a mail that came back (RFC 3464) or a report of an unwanted one (RFC "
        "5965) from standard input, or all of them in a maildir, and mark what it "
        "tells. For the pipe of the mail server that NEWSLETTER_BOUNCES_TO goes to. "
        "Any other mail is left alone. Exits with 75 when it should be tried again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--maildir",
            type=Path,
            metavar="FOLDER",
            help="read the mails in its new/, and move each read one to its cur/",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["maildir"] is None:
            self._note(sys.stdin.buffer.read(LONGEST))
            return
        folder: Path = options["maildir"]
        if not (folder / "new").is_dir():
            self.stderr.write(f"{folder} is no maildir: it has no folder new/.")
            sys.exit(1)
        (folder / "cur").mkdir(exist_ok=True)
        for path in sorted((folder / "new").iterdir()):
            with path.open("rb") as mail:
                self._note(mail.read(LONGEST))
            path.rename(folder / "cur" / f"{path.name}:2,S")

    def _note(self, source: bytes) -> None:
        try:
            for delivery, news, words in bounces.read(source):
                bounces.note(delivery=delivery, news=news, provider="smtp", words=words)
        except (OperationalError, InterfaceError, StillSending) as error:
            self.stderr.write(f"Try again later: {error}")
            sys.exit(TRY_AGAIN)
