"""Who looks after partners and their keys."""

from typing import Any

from django.contrib.auth.models import Group, Permission

GROUP = "Partner managers"
MANAGE = "partners.manage_partners"


def may_manage(user: Any) -> bool:
    """Whether ``user`` adds and changes partners, and makes and revokes their keys."""
    return bool(user.is_active and user.has_perm(MANAGE))


def install() -> Group:
    """Make the group of those who look after partners, unless it is there."""
    group, _ = Group.objects.get_or_create(name=GROUP)
    group.permissions.add(
        Permission.objects.get(
            codename="access_admin", content_type__app_label="wagtailadmin"
        ),
        Permission.objects.get(
            codename="manage_partners", content_type__app_label="partners"
        ),
    )
    return group
