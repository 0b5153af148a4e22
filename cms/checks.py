"""What ``manage.py check --database default`` says of this app's data."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, User
from django.core import checks
from django.db import connections
from wagtail.models import GroupPagePermission

from .permissions import nobodys_permissions


def connect() -> None:
    """Register the checks. Called once, when the app is ready."""
    checks.register(nobody_may_publish, checks.Tags.database)


def nobody_may_publish(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[checks.CheckMessage]:
    """Warn of every group and person with a permission that is nobody's.

    A warning and not an error: ``migrate`` runs this too, and would refuse to run the
    migration that mends it.
    """
    if "default" not in (databases or ()):
        return []
    tables = connections["default"].introspection.table_names()
    if GroupPagePermission._meta.db_table not in tables:
        return []
    nobodys = nobodys_permissions()
    held = [
        (f"The group “{name}” holds", label)
        for name, label in [
            *GroupPagePermission.objects.filter(permission__in=nobodys).values_list(
                "group__name", "permission__name"
            ),
            *Group.objects.filter(permissions__in=nobodys).values_list(
                "name", "permissions__name"
            ),
        ]
    ] + [
        (f"“{name}” holds", label)
        for name, label in User.objects.filter(
            user_permissions__in=nobodys
        ).values_list("username", "user_permissions__name")
    ]
    return [
        checks.Warning(
            f"{holder} the permission “{label}”, which nobody may hold.",
            hint="Forums publish by signing. Take it away: open the group in the "
            "admin and save it, or ask whoever gave it to a single person.",
            id="countersign.W001",
        )
        for holder, label in held
    ]
