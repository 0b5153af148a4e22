"""Make the page tree, the site record, the workflow and the editors' group."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand

from cms import terms, tree
from syndication.comments import editors as comments
from syndication.newsletters import editors
from syndication.partners import managers


class Command(BaseCommand):
    help = (
        "Make what a new installation needs before anyone signs in: the page tree, "
        "the site record (from PUBLIC_ORIGIN), the sign-off workflow, the groups of "
        "editors and of partner managers, and the terms of the vocabularies. Can be run "
        "again; what is there stays."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        origin = urlsplit(settings.PUBLIC_ORIGIN)
        port = origin.port or (443 if origin.scheme == "https" else 80)
        tree.install(hostname=origin.hostname or "localhost", port=port)
        group = Group.objects.get(name=tree.EDITORS)
        editors.let_in(group)
        comments.let_in(group)
        managers.install()
        terms.install()
        editors.let_in(Group.objects.get(name=tree.EDITORS))
        self.stdout.write(f"Ready: {settings.PUBLIC_ORIGIN}/admin/")
