"""``manage.py rebuild_oruk``: make the services of Open Referral UK again."""

from typing import Any

from django.core.management.base import BaseCommand

from syndication.oruk import documents


class Command(BaseCommand):
    help = (
        "Make everything that is answered under /oruk/v3 again from what is public. "
        "Happens by itself with each release; needed after the description of a term "
        "was changed, and after an update that tells more. Can be run at any time."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        count = documents.rebuild()
        services = "1 service is" if count == 1 else f"{count} services are"
        self.stdout.write(f"{services} told under /oruk/v3.")
