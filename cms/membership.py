"""Who joins and leaves a forum, for the audit log."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import Group, User

from . import audit
from .models import Forum
from .rendering import one_line

# Of what Django tells: "clear" comes without names, so it is heard before it is done.
RECORDED = ("post_add", "post_remove", "pre_clear")


def called(user: Any) -> str:
    """What people call this person, on one line of at most 254 characters."""
    return (one_line(user.get_full_name()) or str(user.get_username()))[:254]


def record(*, joined: bool, users: Iterable[User], groups: Iterable[Group]) -> None:
    """Record that people became members of forums, or ceased to be.

    Groups without a forum are of no interest. Whoever did it is not known here.
    """
    forums = list(Forum.objects.filter(group__in=groups).order_by("pk"))
    for user in users if forums else ():
        for forum in forums:
            audit.record(
                action="member_joined" if joined else "member_left",
                by=None,
                forum=forum.slug,
                member=audit.actor(user),
            )


def both_sides(
    instance: Any, *, reverse: bool, others: set[int] | None
) -> tuple[Iterable[User], Iterable[Group]]:
    """The people and the groups of one change, from whichever side it was made.

    ``others`` are the keys of the other side; None means all that ``instance`` has.
    """
    if reverse:
        users = instance.user_set.all()
        if others is not None:
            users = User.objects.filter(pk__in=others)
        return users.order_by("pk"), [instance]
    groups = instance.groups.all()
    if others is not None:
        groups = Group.objects.filter(pk__in=others)
    return [instance], groups
