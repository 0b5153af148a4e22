"""``manage.py subscriber``: show or forget what is stored of one person."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syndication.newsletters import people, subscriptions
from syndication.newsletters.errors import NotAnAddress
from syndication.newsletters.models import Delivery, Subscriber

UNKNOWN, WRONG = 1, 2


class Command(BaseCommand):
    help = (
        "Show (--export) or forget (--erase) what the newsletter stores of one person. "
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
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="with --erase: say what would be deleted, and delete nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["export"] is not None and options["dry_run"]:
            raise CommandError("--dry-run goes only with --erase.", returncode=WRONG)
        if options["export"] is not None:
            told = people.told(_find(options["export"]), whole_address=True)
            self.stdout.write(json.dumps(told, indent=2, ensure_ascii=False))
            return
        person = _find(options["erase"])
        mails = Delivery.objects.filter(subscription__subscriber=person).count()
        found = f"{_count(person.subscriptions.count(), 'subscription')} and the "
        found += f"address in {_count(mails, 'mail')}"
        if options["dry_run"]:
            self.stdout.write(f"Would forget {found}.")
            return
        people.forget(person)
        self.stdout.write(f"Forgot {found}. A mark is kept, without the address.")


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


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
