"""Who gets an issue: a rule among the bytes that forums sign, and whom it finds."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from syndication.models import Release

from .models.subscribers import Choice, Frequency, Subscription, SubscriptionQuerySet

if TYPE_CHECKING:
    from .models import Issue

# The scheme of terms by which people choose.
STAGE = "stage"
# What comes in issues. What comes as it happens comes without one.
DIGESTS = (Frequency.WEEKLY, Frequency.MONTHLY)


def of_issue(issue: "Issue", areas: list[str]) -> dict[str, list[str]]:
    """The rule of an issue: how often, and which areas (slugs), kinds and stages.

    An empty list of kinds or stages leaves nobody out.
    """
    return {
        "frequencies": [issue.frequency] if issue.frequency else [*DIGESTS],
        "areas": [issue.area.slug] if issue.area else sorted(areas),
        "kinds": [],
        "stages": [],
    }


def of_item(release: Release) -> dict[str, list[str]]:
    """The rule of an item that is mailed by itself, to those who want it at once.

    It follows from the item's signed bytes, so no second signature is asked for.
    """
    data = json.loads(bytes(release.payload))
    return {
        "frequencies": [Frequency.AT_ONCE.value],
        "areas": sorted(area["slug"] for area in data["areas"]),
        "kinds": [data["kind"]],
        "stages": stages_of(data),
    }


def stages_of(data: Mapping[str, Any]) -> list[str]:
    """The stages of life that an item is for, by code; none where it names none."""
    return sorted(
        {one["code"] for one in data.get("terms", ()) if one["scheme"] == STAGE}
    )


def find(rule: Mapping[str, Any]) -> SubscriptionQuerySet:
    """The subscriptions that a signed rule finds now, each person once."""
    choices: dict[str, list[str]] = {
        sort: rule[name]
        for sort, name in (
            (Choice.Sort.AREA, "areas"),
            (Choice.Sort.KIND, "kinds"),
            (Choice.Sort.STAGE, "stages"),
        )
        if rule[name]
    }
    active = Subscription.objects.active().filter(frequency__in=rule["frequencies"])
    return active.interested_in(choices)
