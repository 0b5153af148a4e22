"""What has to be said before forums are asked to read a page, and in what order to say it.

A draft may be as unfinished as it likes. Each rule names the field it is about, in a
sentence that tells what to do.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from django.db.models import prefetch_related_objects
from django.utils import timezone

Cleaned: TypeAlias = Mapping[str, Any]

SERVICE = "service"
# What everybody asks of a service, with what to do where it is missing.
ASKED_OF_A_SERVICE = {
    "cost_kind": "Choose whether it costs anything.",
    "ways_in": "Say how a family gets this. If they can just come, choose that.",
    "what_next": "Say what happens after somebody asked, and who gets in touch.",
    "decisions": "Say who decides and by what, or that nobody has to decide.",
    "complaints": "Say what to do when somebody disagrees or wants to complain.",
    "provider": "Name the organisation that provides this.",
    "contact_team": "Name the team or the line that families can ask.",
    "statutory_items": "Choose what of the Local Offer this page tells.",
}
PERSON = re.compile(r"[a-z]{2,}[._-][a-z]{2,}")
# Words of a shared mailbox: "short.breaks@" is no person.
ROLES = {
    "admin", "advice", "advisers", "breaks", "care", "centre", "childrens", "clinic",
    "contact", "desk", "enquiries", "enquiry", "family", "families", "feedback",
    "form", "front", "hello", "help", "helpdesk", "info", "information", "inbox",
    "language", "learning", "line", "local", "mail", "mailbox", "news", "no", "nhs",
    "offer", "office", "omit", "reception", "referral", "referrals", "reply",
    "school", "send", "service", "services", "short", "speech", "support", "team",
    "therapies", "therapy", "travel", "wellbeing", "young", "youth",
}  # fmt: skip


def wrong_with_local_offer(cleaned: Cleaned) -> Iterator[tuple[str, str]]:
    """Yield each field that stops a local offer page from being submitted, and why."""
    if cleaned.get("describes") == SERVICE:
        for name, message in ASKED_OF_A_SERVICE.items():
            if name in cleaned and not cleaned[name]:
                yield name, message
        if not any(
            cleaned.get(f"contact_{way}") for way in ("phone", "email", "website")
        ):
            yield (
                "contact_phone",
                "Give a telephone number, a shared mailbox or a website.",
            )
        if cleaned.get("cost_kind") in ("paid", "varies") and not cleaned.get("cost"):
            yield "cost", "Say what it costs, or what of it."
    youngest, oldest = cleaned.get("age_from"), cleaned.get("age_to")
    if youngest is not None and oldest is not None and youngest > oldest:
        yield "age_to", "“To age” must not be lower than “from age”. Swap the two?"
    if cleaned.get("contact_team") and not any(
        cleaned.get(f"contact_{way}") for way in ("phone", "email", "website")
    ):
        yield "contact_phone", "Say how to reach them: telephone, mailbox or website."
    yield from wrong_with_waiting(
        cleaned.get("waiting_time"), cleaned.get("waiting_as_at")
    )
    law_as_at = cleaned.get("law_as_at")
    if law_as_at and law_as_at > timezone.localdate():
        yield (
            "law_as_at",
            "This day has not come yet. Write the day you checked the law.",
        )


def wrong_with_waiting(
    time: str | None, as_at: dt.date | None
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a waiting time: it always says of which day it is."""
    if time and not as_at:
        yield (
            "waiting_as_at",
            "Say of which day this is: a waiting time without a date misleads.",
        )
    if as_at and not time:
        yield "waiting_time", "Say how long families wait, or take the date out."
    if as_at and as_at > timezone.localdate():
        yield "waiting_as_at", "This day has not come yet. Write when it was counted."


def wrong_with_news(cleaned: Cleaned) -> Iterator[tuple[str, str]]:
    """Yield each field that stops a news item from being submitted, and why."""
    last = cleaned.get("expires_on")
    ends = [
        timezone.localdate(one.value["ends"] or one.value["starts"])
        for one in cleaned.get("events") or ()
    ]
    closes = [one.value["closes"] for one in cleaned.get("surveys") or ()]
    if ends and last is None:
        yield "expires_on", "Say until when to show this: an event is soon over."
    if last is None:
        return
    if last < timezone.localdate():
        yield "expires_on", "This day has passed. Choose a later one."
    elif ends and last < max(ends):
        yield "expires_on", "An event ends after this day. Choose a later one."
    elif closes and last < max(closes):
        yield "expires_on", "A survey closes after this day. Choose a later one."
    release_at = cleaned.get("release_at")
    if release_at and timezone.localdate(release_at) > last:
        yield "release_at", "This is after the last day on which it is shown."


def looks_like_a_person(email: str) -> bool:
    """Whether a mailbox seems to be one person's, who may leave.

    >>> looks_like_a_person("jo.bloggs@example.org")
    True
    >>> looks_like_a_person("short.breaks@example.org")
    False
    """
    local = email.partition("@")[0].casefold()
    return bool(PERSON.fullmatch(local)) and not ROLES.intersection(
        re.split(r"[._-]", local)
    )


def unsigned(areas: Iterable[Any]) -> str:
    """Say which of ``areas`` no forum signs for, and what to do; empty if there is none."""
    areas = list(areas)
    prefetch_related_objects(areas, "forums")
    without = [area.name for area in areas if not area.forums.all()]
    if not without:
        return ""
    return (
        f"No forum signs for {', '.join(without)} yet, so this cannot be signed off. "
        "Choose another area, or ask an administrator to name the forum of this one."
    )
