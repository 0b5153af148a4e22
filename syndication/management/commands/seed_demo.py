"""Fill an empty installation with demonstration content."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from syndication import demo, releases


class Command(BaseCommand):
    help = (
        "Fill an empty installation with demonstration content: two forums, pages and "
        "news items in every state, a shared block, voices, a comment with its answer, "
        "a subscriber and an issue ready to sign. Its passwords are public, so it runs "
        "only with DEBUG on. Run again, it keeps what is there and moves public "
        "addresses to PUBLIC_ORIGIN."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demonstration has public passwords, so it is only for a "
                "development machine (DEBUG is off here)."
            )
        origin = urlsplit(settings.PUBLIC_ORIGIN)
        if demo.seed(hostname=origin.hostname or "localhost", port=origin.port or 80):
            self.stdout.write("Made the demonstration content.")
        elif moved := releases.rebuild_documents():
            self.stdout.write(f"Moved {moved} releases to {settings.PUBLIC_ORIGIN}.")
