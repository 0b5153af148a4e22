"""``manage.py subscriber``: show or forget what is stored of people."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syndication.newsletters import message_ids, people, subscriptions
from syndication.newsletters.errors import NotAnAddress
from syndication.newsletters.models import Subscriber

UNKNOWN, WRONG = 1, 2


class Command(BaseCommand):
    help = (
        "Show (--export) or forget (--erase) what the newsletter stores of one person. "
        "Keep (--marks) and apply (--apply-marks) who is to get nothing, for the time "
        "after a backup was restored. "
        "Exit status 0 when done, 1 if nothing is stored of the address, 2 if the "
        "command was given wrongly."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--export",
            metavar="ADDRESS",
            help="print everything that is stored, as JSON",
        )
        what.add_argument(
            "--erase",
            metavar="ADDRESS",
            help="delete address and choices for good; figures and a mark against "
            "later lists are kept",
        )
        what.add_argument(
            "--marks",
            action="store_true",
            help="print a mark for everyone who left or is to get nothing; no address "
            "can be read from it",
        )
        what.add_argument(
            "--apply-marks",
            metavar="FILE",
            help="forget everyone whose mark stands in FILE, as printed by --marks",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="with --erase or --apply-marks: say what would be deleted, and delete nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry = options["dry_run"]
        erases = options["erase"] is not None or options["apply_marks"] is not None
        if dry and not erases:
            raise CommandError(
                "--dry-run goes only with --erase and --apply-marks.", returncode=WRONG
            )
        if options["marks"]:
            for mark in people.marks():
                self.stdout.write(mark)
        elif options["apply_marks"] is not None:
            self._apply(options["apply_marks"], dry=dry)
        elif options["export"] is not None:
            told = people.told(_find(options["export"]), whole_address=True)
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
        else:
            self._erase(options["erase"], dry=dry)

    def _apply(self, file: str, *, dry: bool) -> None:
        try:
            known = set(Path(file).read_text(encoding="ascii").split())
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{file} cannot be read as marks: {error}", returncode=WRONG
            ) from error
        found = people.marked(known)
        if dry:
            self.stdout.write(f"Would forget {_count(len(found), 'subscriber')}.")
            return
        for person in found:
            # Of who moved, the old address left and the new one did not.
            people.forget_address(person)
        message_ids.forget_key()
        self.stdout.write(f"Forgot {_count(len(found), 'subscriber')}.")

    def _erase(self, address: str, *, dry: bool) -> None:
        person = _find(address)
        rows = people.everywhere(person)
        total = sum(one.subscriptions.count() for one in rows)
        mails = sum(people.count_mails(one) for one in rows)
        found = f"{_count(total, 'subscription')} and "
        found += f"{_count(len(rows), 'address', 'es')} in {_count(mails, 'mail')}"
        if dry:
            self.stdout.write(f"Would forget {found}.")
            return
        people.forget(person)
        self.stdout.write(f"Forgot {found}. A mark of each address is kept.")


def _find(typed: str) -> Subscriber:
    try:
        person = people.find(subscriptions.normalised(typed))
    except NotAnAddress as error:
        raise CommandError(
            f"“{typed}” is no email address.", returncode=WRONG
        ) from error
    if person is None:
        raise CommandError("Nothing is stored of this address.", returncode=UNKNOWN)
    return person


def _count(number: int, what: str, plural: str = "s") -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}{plural}"
