"""What the feeds of the newsletter have for programs that make mails of them.

Such programs send HTML as it comes: mail needs its looks in each tag, a picture that is
no wider than a mail, and whole addresses. What each program reads is in docs/feeds.md.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import css_inline
from django.db.models import Exists, OuterRef
from django.utils.html import escape, format_html

from syndication import receipts
from syndication.models import Release, ReleaseImage

from . import entries
from .entries import Entry, Medium

# Pixels. Mail programs show no more, and some go by the attribute alone.
WIDEST = 600
# What readers of feeds let pass as well: they drop what they do not know.
LOOKS = """
div { font-family: Arial, Helvetica, sans-serif; font-size: 16px; line-height: 1.5;
    color: #1b1b1f }
h2 { font-size: 22px; line-height: 1.3; margin: 24px 0 8px }
h3 { font-size: 18px; line-height: 1.3; margin: 16px 0 8px }
p { margin: 0 0 12px }
ul, ol { margin: 0 0 12px; padding: 0 0 0 24px }
li { margin: 0 0 4px }
a { color: #00508c; text-decoration: underline }
td, th { padding: 4px 8px 4px 0; text-align: left; vertical-align: top }
"""
# How our credit begins. Mail has no classes, and programs that know it look elsewhere.
CREDIT = '<p class="countersign-credit" '
# Nothing is fetched.
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False)


@dataclass(frozen=True)
class Picture:
    """A picture of an item that an issue carries, and what that item is called."""

    medium: Medium
    title: str

    @property
    def html(self) -> str:
        one = self.medium
        width = min(one.width or WIDEST, WIDEST)
        size = format_html(' width="{}"', width)
        if one.width and one.height:
            size += format_html(' height="{}"', round(one.height * width / one.width))
        return format_html(
            '<p><img src="{}" alt="{}"{}></p>\n<p>The picture is from “{}”.</p>',
            one.url,
            one.description,
            size,
            self.title,
        )


def dressed(entry: Entry) -> Entry:
    """Return an entry whose HTML can be sent as a mail, or as a part of one."""
    content = entry.content_html.replace(CREDIT, "<p ")
    html = f'<div lang="{escape(entry.language)}">\n{content}\n</div>'
    return replace(entry, content_html=_inliner.inline_fragment(html, LOOKS))


def pictures(
    issues: Iterable[tuple[Mapping[str, Any], Mapping[str, Any]]],
) -> dict[str, Picture]:
    """Return a picture of what is in each issue, by the issue's content id.

    ``issues`` are what is signed of each and its receipt. It is the first picture of an
    item that is public now in the very version that the issue carries, and to which every
    forum of the issue agreed. Two queries.
    """
    issues = list(issues)
    wanted = {item["content_id"] for data, _ in issues for item in data["items"]}
    images = ReleaseImage.objects.filter(release=OuterRef("pk"))
    shown = {
        (str(content_id), version): (key, receipts.agreed_to_all(receipt))
        for key, content_id, version, receipt in Release.objects.current()
        .filter(Exists(images), item__content_id__in=wanted)
        .values_list("pk", "item__content_id", "version", "receipt")
    }
    chosen: dict[str, list[int]] = {}
    for data, receipt in issues:
        forums = {one["slug"] for one in receipt["forums"]}
        places = [(item["content_id"], item["version"]) for item in data["items"]]
        found = (shown[place] for place in places if place in shown)
        chosen[data["content_id"]] = [
            key for key, agreed in found if forums and forums <= agreed
        ]
    read = Release.objects.with_form("feeds").only("payload")
    releases = read.in_bulk({key for keys in chosen.values() for key in keys})
    made: dict[str, Picture] = {}
    for content_id, keys in chosen.items():
        items = (json.loads(releases[key].said) for key in keys)
        if picture := next(filter(None, map(_picture, items)), None):
            made[content_id] = picture
    return made


def _picture(item: Mapping[str, Any]) -> Picture | None:
    media = (one for one in entries.media_of(item) if one.medium == "image")
    return next((Picture(one, item["title"]) for one in media), None)
