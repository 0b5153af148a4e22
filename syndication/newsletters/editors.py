"""Who may write issues in the admin."""

from django.contrib.auth.models import Group, Permission


def let_in(group: Group) -> None:
    """Let the people of ``group`` write and change issues. Publishing is nobody's."""
    group.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="newsletters",
            codename__in=["add_issue", "change_issue", "view_issue"],
        )
    )
