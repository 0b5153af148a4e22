"""What readers of an issue get, as plain data that forums sign.

Everything in the mail except its frame (see ``messages``), the receipt and the
personal link comes from these bytes. The mail joins ``sections`` of items that are
still public; ``html`` and ``text`` are the whole, for pages, feeds and partners.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.text import get_text_list

from cms import formats, rendering
from cms.errors import NoForumConcerned
from cms.models import Area, Withdrawal
from cms.rendering import one_line
from cms.representation import SCHEMA, named, whole, with_when_and_how
from syndication import directory, receipts
from syndication.models import Release, ReleaseArea, permalink

from . import audiences

if TYPE_CHECKING:
    from .models import Issue

LEFT_OUT = (
    "What stood here has been changed or taken back since this newsletter was "
    "agreed, so it is left out."
)

AGAIN = "We have told you about this before. It has changed since then."
GONE = "No longer public"
REPLACED = "Read what replaces it"


def of_issue(issue: "Issue") -> dict[str, Any]:
    """Return the representation of an issue as it is now."""
    releases = issue.releases()
    slugs = area_slugs(releases)
    if issue.area:
        slugs.add(issue.area.slug)
    areas_covered = named(areas(slugs))
    audience = audiences.of_issue(
        issue, [json.loads(bytes(release.payload)) for release in releases]
    )
    introductions = issue.introductions()
    told = issue.told_before(release.item_id for release in releases)
    data = whole(
        {
            "schema": SCHEMA,
            "content_id": str(issue.content_id),
            "kind": issue.kind,
            "language": "en-GB",
            "title": one_line(issue.title),
            "summary": _summary(len(releases), areas_covered),
            "introduction": issue.introduction.strip(),
            "areas": areas_covered,
            "topics": [],
            "recipients": audience,
            "items": [_item(release) for release in releases],
            "sections": [
                _section(
                    release,
                    introduction=introductions[release.pk],
                    again=release.item_id in told,
                )
                for release in releases
            ]
            + _taken_back(issue),
            **with_when_and_how(issue),
        }
    )
    return formats.with_formats(issue, data)


def without(signed: dict[str, Any], gone: Collection[str]) -> dict[str, Any]:
    """Return a signed representation with the items ``gone`` left out.

    A neutral sentence stands in their place; everything else is as it was signed.
    """
    sections = [
        section
        if section["content_id"] not in gone
        else section | {"html": f"<p>{LEFT_OUT}</p>", "text": LEFT_OUT}
        for section in signed["sections"]
    ]
    items = [item for item in signed["items"] if item["content_id"] not in gone]
    return whole(signed | {"items": items, "sections": sections})


def area_slugs(releases: Iterable[Release]) -> set[str]:
    """The areas of these releases, as they were signed."""
    return set(
        ReleaseArea.objects.filter(release__in=list(releases)).values_list(
            "slug", flat=True
        )
    )


def areas_that_are_left(slugs: Collection[str]) -> list[Area]:
    """The areas with these slugs, each with its forums.

    Raises ``NoForumConcerned`` when one no longer exists: nobody could tell who has to
    sign then.
    """
    known = {slug for word in directory.words("area") for slug in word.slugs}
    if gone := set(slugs) - known:
        raise NoForumConcerned(
            f"An item of this issue is for an area that no longer exists "
            f"({', '.join(sorted(gone))}). Leave that item out, or ask an "
            "administrator to restore the area."
        )
    return list(areas(slugs).prefetch_related("forums"))


def areas(slugs: Iterable[str]) -> QuerySet[Area]:
    """The areas that have these slugs or had them."""
    return Area.objects.filter(slug__in=directory.every_slug("area", slugs))


def _summary(count: int, areas_covered: list[dict[str, str]]) -> str:
    # Names no item: one that is taken back later leaves no trace here.
    things = "1 item" if count == 1 else f"{count} items"
    where = ", ".join(area["name"] for area in areas_covered)
    return f"{things} for families in {where}."


def _item(release: Release) -> dict[str, Any]:
    return {
        "content_id": str(release.item.content_id),
        "version": release.version,
        "fingerprint": release.fingerprint,
        "kind": release.kind,
        "title": release.title,
        "summary": release.summary,
        "url": permalink(release.item.content_id),
    }


def _section(release: Release, *, introduction: str, again: bool) -> dict[str, str]:
    # What the mail gets of it, where that is less than what partners get.
    return section(
        json.loads(release.said),
        release.receipt,
        introduction=introduction,
        again=again,
        corrected=(release.proof.correction or {}).get("fields", ()),
    )


def section(
    item: Mapping[str, Any],
    receipt: Mapping[str, Any],
    *,
    introduction: str = "",
    again: bool = False,
    corrected: Collection[str] = (),
) -> dict[str, str]:
    """An item as the mail shows it: title, summary, for whom, who agreed, the link.

    ``introduction`` are words of the issue's editors under its title. ``again`` marks
    what an earlier issue told otherwise, ``corrected`` names the facts that were.
    """
    url = permalink(item["content_id"])
    title = item["title"]
    where = ", ".join(area["name"] for area in item["areas"])
    changed = receipts.changed_before_review(receipt)
    marks = [
        *([f"{changed}."] if changed else []),
        *([AGAIN] if again else []),
        *(
            [f"Corrected: {get_text_list(list(corrected), 'and')}."]
            if corrected
            else []
        ),
    ]
    introduced = [one for one in [introduction.strip()] if one]
    # A closure and a forum's dissent are not for those alone who read on.
    notices_html, notices_text = rendering.notices(item)
    words = [
        item["summary"],
        f"For {where}." if changed else f"For {where}. {receipts.who(receipt)}",
        receipts.label(receipt),
    ]
    html = [
        format_html("<h2>{}</h2>", title),
        *(format_html("<p><strong>{}</strong></p>", mark) for mark in marks),
        *(rendering.paragraphs(one) for one in introduced),
        *notices_html,
        *(format_html("<p>{}</p>", one) for one in words if one),
        format_html('<p><a href="{}">Read “{}” in full</a></p>', url, title),
    ]
    text = [
        f"{title}\n{'-' * min(len(title), 60)}",
        *marks,
        *introduced,
        *notices_text,
        *filter(None, words),
        f"Read it in full: {url}",
    ]
    return {
        "content_id": str(item["content_id"]),
        "html": rendering.sanitise("\n".join(html)),
        "text": "\n\n".join(text),
    }


def _taken_back(issue: "Issue") -> list[dict[str, str]]:
    """One section on what earlier issues told and nobody may read any more.

    Without titles, as in every other channel, and of what vanished without a word.
    """
    rows = sorted(issue.taken_back.all(), key=lambda row: row.sort_order or 0)
    lines = [(row.words, row.url) for row in rows]
    if not lines:
        return []
    html = [
        format_html("<h2>{}</h2>", GONE),
        *(
            format_html('<p>{} <a href="{}">{}</a></p>', words, url, REPLACED)
            if url
            else format_html("<p>{}</p>", words)
            for words, url in lines
        ),
    ]
    text = [
        f"{GONE}\n{'-' * len(GONE)}",
        *(f"{words} {REPLACED}: {url}" if url else words for words, url in lines),
    ]
    return [
        {
            # Its own: what vanished is not even named by a number.
            "content_id": str(issue.content_id),
            "html": rendering.sanitise("\n".join(html)),
            "text": "\n\n".join(text),
        }
    ]


def line_on(release: Release) -> tuple[str, str]:
    """What an issue says of a withdrawn release, and where its replacement is, if any."""
    if release.withdrawn_kind == Withdrawal.VANISH:
        return "Something that we told you about was taken back.", ""
    day = receipts.day(receipts.moment(release.released_at))
    words = f"Something that we told you about, published on {day}, was taken back."
    if note := one_line(release.withdrawn_note):
        words += f" {note}"
    to = release.withdrawn_to
    return words, permalink(to) if to else ""
