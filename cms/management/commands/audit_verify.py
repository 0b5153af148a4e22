"""``manage.py audit_verify``: find whatever was altered of the record."""

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms import audit

SHOWN_EVERY = 10_000


class Command(BaseCommand):
    help = (
        "Check the audit log entry by entry, and every proof, sign-off and release "
        "that it vouches for. Exit status 0 when all is as it was written; 1 "
        "otherwise, with a line for each row that is not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            type=_head,
            metavar="NUMBER:HASH",
            help=(
                "a head that an earlier run or an export told; finds a log that was "
                "rewritten as a whole, or cut off, since then"
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for looked_at, fault in enumerate(
            audit.faults(known_head=options["head"]), start=1
        ):
            if fault:
                wrong += 1
                self.stdout.write(str(fault))
            if looked_at % SHOWN_EVERY == 0:
                self.stderr.write(f"{looked_at} rows looked at …")
        if wrong:
            rows = "row is" if wrong == 1 else "rows are"
            raise CommandError(
                f"{wrong} {rows} not as written. Keep this database as it is and "
                "compare it with a backup. Addresses were compared with PUBLIC_ORIGIN, "
                f"which is {settings.PUBLIC_ORIGIN} here: it has to be the website's. "
                "After a move to another domain run rebuild_documents first."
            )
        head = audit.head()
        self.stdout.write(f"ok: {head.number} entries, head {head.hash}")


def _head(value: str) -> audit.Head:
    number, colon, digest = value.partition(":")
    if not (colon and number.isdecimal() and len(digest) == 64):
        raise ArgumentTypeError(
            f"{value!r} is not NUMBER:HASH, as audit_export tells it in its last line"
        )
    return audit.Head(int(number), digest.lower())
