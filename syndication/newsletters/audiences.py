"""Who gets an issue: a rule among the bytes that forums sign, and whom it finds."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.utils.text import get_text_list

from cms.terms import STAGES
from syndication import directory
from syndication.models import Release

from .models.subscribers import Choice, Frequency, Subscription, SubscriptionQuerySet

if TYPE_CHECKING:
    from .models import Issue

# The scheme of terms by which people choose.
STAGE = "stage"
KINDS = {"local-offer": "pages of the Local Offer", "news": "news"}
# What comes in issues. What comes as it happens comes without one.
DIGESTS = (Frequency.WEEKLY, Frequency.MONTHLY)


def of_issue(issue: "Issue", items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The rule of an issue, from its own choice and the signed bytes of its ``items``.

    How often, which areas (slugs), kinds and stages, and the same in ``words``. An empty
    list of kinds or stages leaves nobody out.
    """
    items = list(items)
    areas = {area["slug"] for item in items for area in item["areas"]}
    stages = [stages_of(item) for item in items]
    rule = {
        "frequencies": [issue.frequency] if issue.frequency else [*DIGESTS],
        "areas": [issue.area.slug] if issue.area else sorted(areas),
        "kinds": sorted({item["kind"] for item in items}),
        # An item that names no stage is for every one.
        "stages": sorted({one for some in stages for one in some})
        if all(stages)
        else [],
    }
    return {**rule, "words": in_words(rule)}


def of_item(release: Release) -> dict[str, Any]:
    """The rule of an item that is mailed by itself, to those who want it at once.

    It follows from the item's signed bytes, so no second signature is asked for.
    """
    return of_item_data(json.loads(bytes(release.payload)))


def of_item_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same of an item's representation, which may still wait for its forums."""
    rule = {
        "frequencies": [Frequency.AT_ONCE.value],
        "areas": sorted(area["slug"] for area in data["areas"]),
        "kinds": [data["kind"]],
        "stages": stages_of(data),
    }
    return {**rule, "words": in_words(rule)}


def stages_of(data: Mapping[str, Any]) -> list[str]:
    """The stages of life that an item is for, by code; none where it names none."""
    return sorted(
        {one["code"] for one in data.get("terms", ()) if one["scheme"] == STAGE}
    )


def in_words(rule: Mapping[str, Any]) -> str:
    """Say a rule as forums read it before they sign."""
    how_often = [str(Frequency(one).label) for one in rule["frequencies"]]
    slugs = rule["areas"]
    # An item that was signed before an area was renamed says its name of that day.
    areas = directory.words("area")
    names = {slug: area.name for area in areas for slug in area.slugs}
    said = [
        f"who asked for mail {get_text_list(how_often, 'or')}",
        f"for {get_text_list([names.get(one, one) for one in slugs], 'or')}",
        f"about {get_text_list([KINDS[one] for one in rule['kinds']], 'or')}",
    ]
    if rule["stages"]:
        stages = [STAGES[one][0] if one in STAGES else one for one in rule["stages"]]
        said.append(f"for {get_text_list(stages, 'or')}")
    return (
        f"By email it goes to everyone {', '.join(said)}. "
        "People who made no choice of one sort get all of that sort."
    )


def find(rule: Mapping[str, Any]) -> SubscriptionQuerySet:
    """The subscriptions that a signed rule finds now, each person once.

    Who chose an area gets what is for it, whatever it was called on either day.
    """
    choices: dict[str, list[str]] = {
        sort: rule[name]
        for sort, name in (
            (Choice.Sort.AREA, "areas"),
            (Choice.Sort.KIND, "kinds"),
            (Choice.Sort.STAGE, "stages"),
        )
        if rule[name]
    }
    if areas := choices.get(Choice.Sort.AREA):
        choices[Choice.Sort.AREA] = sorted(directory.every_slug("area", areas))
    active = Subscription.objects.active().filter(frequency__in=rule["frequencies"])
    return active.interested_in(choices)
