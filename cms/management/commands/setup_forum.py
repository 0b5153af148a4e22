"""``manage.py setup_forum``: make a forum with all its members need, or complete one."""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cms import forums
from cms.errors import CannotSetUp
from cms.models import Forum, HomePage


class Command(BaseCommand):
    help = (
        "Make a parent carer forum: its group, its section of the page tree, its "
        "collection for pictures and the areas it signs for. For one that is there, "
        "add what is missing. Can be run again. Says what it did; when it cannot do "
        "all of it, it does nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="the full name")
        parser.add_argument(
            "--short-name", required=True, help="as families say it, for example PACC"
        )
        parser.add_argument(
            "--slug",
            default="",
            help="for addresses, and to find it again; made from the short name if left out",
        )
        parser.add_argument("--website", default="", help="its address on the web")
        parser.add_argument(
            "--role",
            choices=Forum.Role.values,
            default=Forum.Role.FORUM,
            help="forum (default), or professional for a signatory that only reads "
            "and signs, without a section",
        )
        parser.add_argument(
            "--area",
            dest="areas",
            action="append",
            default=[],
            type=area,
            metavar="SLUG=NAME",
            help="an area it signs for, made if missing; without =NAME it must be there; "
            "may be given more than once",
        )
        parser.add_argument(
            "--member",
            dest="members",
            action="append",
            default=[],
            metavar="USERNAME",
            help="an account that joins it; may be given more than once",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not HomePage.objects.exists():
            raise CommandError(
                "There is no page tree yet. Run “manage.py setup_site” first."
            )
        try:
            forum, done = forums.set_up(
                name=options["name"],
                short_name=options["short_name"],
                slug=options["slug"],
                website=options["website"],
                role=options["role"],
                areas=dict(options["areas"]),
                members=options["members"],
            )
        except CannotSetUp as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        for line in done:
            self.stdout.write(line)
        if not done:
            self.stdout.write(f"{forum} already has everything. Nothing was changed.")


def area(given: str) -> tuple[str, str]:
    """Split ``shropshire=Shropshire``; the name may be missing."""
    slug, _, name = given.partition("=")
    if not slug.strip():
        raise ArgumentTypeError("Write an area as SLUG=NAME.")
    return slug.strip(), name.strip()
