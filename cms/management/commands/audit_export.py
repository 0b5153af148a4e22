"""``manage.py audit_export``: the audit log as JSON Lines, to be kept elsewhere."""

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from cms import audit, canonical


class Command(BaseCommand):
    help = (
        "Write the audit log as JSON Lines: an entry a line, oldest first, and in the "
        "last line the head, for audit_verify --head. Each line is canonical JSON "
        "(RFC 8785); without its member “hash” its SHA-256 is that hash."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=int,
            default=0,
            metavar="NUMBER",
            help="only entries after this one, to go on from an earlier export",
        )
        parser.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write to a new file instead of the terminal",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with ExitStack() as stack:
            out = self.stdout
            if path := options["output"]:
                try:
                    file = stack.enter_context(path.open("x", encoding="utf-8"))
                except OSError as error:
                    raise CommandError(
                        f"Cannot write to {path}: {error.strerror}."
                    ) from error
                out = OutputWrapper(file)
            end = audit.head()
            for entry in audit.entries(after=options["since"]):
                out.write(audit.line(entry).decode())
                end = audit.Head(entry.number, entry.hash)
            last: canonical.Json = {"head": {"number": end.number, "hash": end.hash}}
            out.write(canonical.encode(last).decode())
