"""Who signs for where: the configuration that partners may read beside releases.

The one place where the way out looks at vocabulary of the drafting room. Names and
addresses only: no content, and nothing about people.
"""

from typing import NotRequired, TypedDict

from django.db.models import Subquery

from cms.models import Area, Forum, Term, Topic


class AreaEntry(TypedDict):
    slug: str
    name: str
    forums: list[str]


class ForumEntry(TypedDict):
    slug: str
    name: str
    short_name: str
    role: str
    website: NotRequired[str]


class TopicEntry(TypedDict):
    slug: str
    name: str


class TermEntry(TypedDict):
    scheme: str
    code: str
    name: str
    description: str
    term_uri: NotRequired[str]
    # The code of the term that it is a part of.
    parent: NotRequired[str]
    # Says what the law asks in words that were not checked against the law.
    is_draft: NotRequired[bool]


def areas() -> list[AreaEntry]:
    """Return every area by name, each with the slugs of the forums that sign for it."""
    return [
        {
            "slug": area.slug,
            "name": area.name,
            "forums": sorted(forum.slug for forum in area.forums.all()),
        }
        for area in Area.objects.prefetch_related("forums")
    ]


def forums() -> list[ForumEntry]:
    """Return every signatory; ``website`` is there when it has one."""
    return [_forum(forum) for forum in Forum.objects.all()]


def topics() -> list[TopicEntry]:
    """Return every topic by name."""
    return [{"slug": topic.slug, "name": topic.name} for topic in Topic.objects.all()]


def name_of(scheme: str, slug: str) -> Subquery:
    """Return the name of an ``area`` or a ``topic``, to ride along in another query.

    It is None where there is none.
    """
    words = Area if scheme == "area" else Topic
    return Subquery(words.objects.filter(slug=slug).values("name")[:1])


def terms(scheme: str = "") -> list[TermEntry]:
    """Return the terms that are in use today, of one scheme or of all, in order."""
    found = Term.objects.valid().select_related("parent")
    return [_term(term) for term in (found.of(scheme) if scheme else found)]


def _term(term: Term) -> TermEntry:
    entry: TermEntry = {
        "scheme": term.scheme,
        "code": term.code,
        "name": term.name,
        "description": term.description,
    }
    if term.term_uri:
        entry["term_uri"] = term.term_uri
    if term.parent:
        entry["parent"] = term.parent.code
    if term.is_draft:
        entry["is_draft"] = True
    return entry


def _forum(forum: Forum) -> ForumEntry:
    entry: ForumEntry = {
        "slug": forum.slug,
        "name": forum.name,
        "short_name": forum.short_name,
        "role": forum.role,
    }
    if forum.website:
        entry["website"] = forum.website
    return entry
