"""``manage.py compile_digest``: make the next issue of the newsletter."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import get_text_list

from cms.errors import SignOffError
from cms.models import Proof
from syndication.newsletters import digests
from syndication.newsletters.errors import TooLongForMail


class Command(BaseCommand):
    help = (
        "Make a newsletter issue of everything released that no issue carries yet, and "
        "ask its forums to sign it. Can be run again at any time: when nothing is new "
        "it makes nothing and says so. Exit status 0 in both cases, 1 if the issue "
        "could not be made."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--draft",
            action="store_true",
            help="leave the issue as a draft for an editor instead of submitting it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            issue = digests.compile_digest(submit=not options["draft"])
        except SignOffError as error:
            raise CommandError(str(error)) from error
        except TooLongForMail as error:
            raise CommandError(
                f"{error} Nothing was made: make it with --draft and edit it."
            ) from error
        if issue is None:
            self.stdout.write("Nothing new was released: no issue was made.")
            return
        count = len(issue.releases())
        made = f"Made “{issue}” with {count} {'item' if count == 1 else 'items'}."
        if options["draft"]:
            self.stdout.write(f"{made} It is a draft; nobody was asked to sign it yet.")
            return
        proof = Proof.objects.open().get(content_id=issue.content_id)
        forums = get_text_list([str(forum) for forum in proof.forums.all()], "and")
        self.stdout.write(f"{made} It waits for {forums} to sign it.")
