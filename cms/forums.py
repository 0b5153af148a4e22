"""Making a forum or another signatory, or what an existing one lacks."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.deletion import Collector
from django.utils.text import capfirst, slugify
from wagtail.models import GroupPagePermission

from . import tree
from .errors import CannotSetUp
from .models import Area, Forum


@transaction.atomic
def set_up(
    *,
    name: str,
    short_name: str,
    slug: str = "",
    website: str = "",
    role: str = Forum.Role.FORUM,
    areas: Mapping[str, str] | None = None,
    members: Iterable[str] = (),
) -> tuple[Forum, list[str]]:
    """Make a forum with its group, section, pictures and areas, or complete one.

    ``slug`` says which forum is meant; without it, it comes from ``short_name``.
    ``role`` is one of ``Forum.Role``: a professional signatory has no section.
    ``areas`` maps an area's slug to its name, which may be empty where the area is
    there already. ``members`` are usernames.

    Returns the forum and a sentence for everything that was done; none when all was
    there. Raises ``CannotSetUp`` with the reason, and then nothing was done.
    """
    slug = slug or slugify(short_name)
    forum, done = _forum(
        name=name, short_name=short_name, slug=slug, website=website, role=role
    )
    done += _let_in(forum)
    for area_slug, area_name in (areas or {}).items():
        done += _sign_for(forum, slug=area_slug, name=area_name)
    for username in members:
        done += _join(forum, username=username)
    return forum, done


def why_not_delete(forum: Forum) -> str:
    """Why ``forum`` has to stay; empty when it can be deleted."""
    needed = forum.proofs.exists()
    try:
        Collector(using="default", origin=forum).collect([forum])
    except ProtectedError:
        needed = True
    if not needed:
        return ""
    return (
        f"{forum} cannot be deleted: it was asked to sign, has a section or is named in "
        "the sign-off policy, and that stays on record. Take its members out of its "
        "group instead."
    )


def _forum(
    *, name: str, short_name: str, slug: str, website: str, role: str
) -> tuple[Forum, list[str]]:
    forum = Forum.objects.filter(slug=slug).first()
    if forum is None:
        return _made(
            name=name, short_name=short_name, slug=slug, website=website, role=role
        )
    if forum.name != name or forum.short_name != short_name:
        raise CannotSetUp(
            f"“{slug}” is {forum.name} ({forum.short_name}). Give that name and short "
            "name to complete it, or another slug to make another forum. Names are "
            "changed in the admin."
        )
    if forum.role != role:
        raise CannotSetUp(
            f"{forum} is a {forum.get_role_display()}. What it signs depends on that, "
            "so it is changed in the admin."
        )
    if not website or website == forum.website:
        return forum, []
    forum.website = website
    _check(forum)
    forum.save(update_fields=["website"])
    return forum, [f"Website of {forum}: {website}"]


def _made(
    *, name: str, short_name: str, slug: str, website: str, role: str
) -> tuple[Forum, list[str]]:
    group_name = f"{short_name} members"
    group, is_new = Group.objects.get_or_create(name=group_name)
    if not is_new and Forum.objects.filter(group=group).exists():
        raise CannotSetUp(
            f"Another forum has the short name {short_name}. Choose a different one."
        )
    forum = Forum(
        name=name,
        short_name=short_name,
        slug=slug,
        website=website,
        role=role,
        group=group,
    )
    _check(forum)
    forum.save()
    was_there = "" if is_new else ", which was there already: see who is in it"
    return forum, [
        f"{capfirst(forum.get_role_display())} {forum}: {name}",
        f"Group “{group_name}”{was_there}",
    ]


def _check(forum: Forum) -> None:
    try:
        forum.full_clean()
    except ValidationError as error:
        reasons = "; ".join(
            f"{field.replace('_', ' ')}: {' '.join(messages)}"
            for field, messages in error.message_dict.items()
        )
        raise CannotSetUp(f"This does not make a forum. {reasons}") from error


def _let_in(forum: Forum) -> list[str]:
    before = {(one.page_id, one.permission_id) for one in _page_permissions(forum)}
    tree.let_forum_in(forum)
    gained = {
        one.page: None
        for one in _page_permissions(forum)
        if (one.page_id, one.permission_id) not in before
    }
    return [
        f"Section “{page.title}” in “{page.get_parent().title}”, where members write"
        for page in gained
    ]


def _page_permissions(forum: Forum) -> Any:
    return (
        GroupPagePermission.objects.filter(group=forum.group)
        .select_related("page")
        .order_by("page__path")
    )


def _sign_for(forum: Forum, *, slug: str, name: str) -> list[str]:
    area = Area.objects.filter(slug=slug).first()
    done = []
    if area is None:
        if not name:
            raise CannotSetUp(
                f"There is no area “{slug}” yet. Say what it is called: "
                f"{slug}=Name of the area."
            )
        area = Area(slug=slug, name=name)
        try:
            area.full_clean(exclude=["forums"])
        except ValidationError as error:
            raise CannotSetUp(
                f"“{slug}={name}” does not make an area: {' '.join(error.messages)}"
            ) from error
        area.save()
        done.append(f"Area {area}")
    elif name and name != area.name:
        raise CannotSetUp(
            f"The area “{slug}” is called {area.name}, not {name}. Leave the name out, "
            "or change it in the admin."
        )
    if not area.forums.filter(pk=forum.pk).exists():
        area.forums.add(forum)
        done.append(f"{forum} signs what is for {area}")
    return done


def _join(forum: Forum, *, username: str) -> list[str]:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CannotSetUp(
            f"There is no account “{username}”. Make it in the admin first, then run "
            "this again."
        )
    if user.groups.filter(pk=forum.group_id).exists():
        return []
    user.groups.add(forum.group)
    done = [f"{username} is a member of {forum}"]
    others = Forum.objects.filter(group__user=user).exclude(pk=forum.pk)
    if others:
        names = ", ".join(str(other) for other in others)
        done.append(
            f"Please note: {username} is also a member of {names}. Nobody signs one "
            "text for two forums."
        )
    return done
