"""``manage.py keep_element``: keep the script of the custom elements as it is now."""

from typing import Any

from django.core.management.base import BaseCommand

from syndication.embeds import elements


class Command(BaseCommand):
    help = (
        "Keep the script of the custom elements as it is now among the versions that are "
        "served for good, because websites pin them. Run it after each change of the "
        "script, and commit the file. A version that never left this repository may be "
        "deleted again; any other may not."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Kept as {elements.keep().name}.")
