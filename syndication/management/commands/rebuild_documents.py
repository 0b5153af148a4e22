"""``manage.py rebuild_documents``: bring what is public to the site's address of today."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from syndication import releases

SHOWN_EVERY = 1_000


class Command(BaseCommand):
    help = (
        "Make again what is told of each release, with the addresses of PUBLIC_ORIGIN. "
        "Needed once after the site moved to another domain. No signed byte changes: "
        "pictures in a text keep the address under which they were signed, so the old "
        "domain has to lead to the new one. Run it while nobody signs or edits; can be "
        "run again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = releases.rebuild_documents(watch=self._show)
        rows = "1 release was" if count == 1 else f"{count} releases were"
        self.stdout.write(f"{rows} brought to {settings.PUBLIC_ORIGIN}.")

    def _show(self, looked_at: int) -> None:
        if looked_at % SHOWN_EVERY == 0:
            self.stderr.write(f"{looked_at} releases looked at …")
