"""Who may write answers to comments in the admin."""

from django.contrib.auth.models import Group, Permission


def let_in(group: Group) -> None:
    """Let the people of ``group`` write answers. Comments begin them, nobody else."""
    group.permissions.add(
        *Permission.objects.filter(
            content_type__app_label="comments",
            codename__in=["change_yousaidwedid", "view_yousaidwedid"],
        )
    )
