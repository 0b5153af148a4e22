"""Who signs for where: the configuration that partners may read beside releases.

The one place where the way out looks at vocabulary of the drafting room. Names and
addresses only: no content, and nothing about people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

from django.db.models import Subquery

from cms.models import Area, Forum, Term, Topic

AREA, TOPIC = "area", "topic"
# By the schemes of the change log.
RENAMED: dict[str, Any] = {AREA: Area, TOPIC: Topic}


@dataclass(frozen=True)
class Word:
    """An area or a topic: what it is called, and was called in public addresses.

    What was signed goes on saying the slug of its day, so whoever looks for what was
    released asks for any of ``slugs``.
    """

    slug: str
    name: str
    former: tuple[str, ...] = ()

    @property
    def slugs(self) -> tuple[str, ...]:
        return (self.slug, *self.former)


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


def words(scheme: str) -> list[Word]:
    """Return every area, or every topic, by name. Three queries."""
    model = RENAMED[scheme]
    return _words(model, model.objects.prefetch_related("former_slugs"))


def find(scheme: str, slug: str) -> Word | None:
    """Return the area or topic that has this slug or, if none has, that had it."""
    model = RENAMED[scheme]
    some = model.objects.prefetch_related("former_slugs")
    found = some.filter(slug=slug) or some.filter(former_slugs__slug=slug)
    return next(iter(_words(model, found)), None)


def every_slug(scheme: str, slugs: Iterable[str]) -> set[str]:
    """Return all slugs that the areas, or topics, of these slugs have or had.

    What was chosen or signed goes on saying the slug of its day, so both sides of a
    comparison may be old. One that nothing has or had stays as it is.
    """
    asked = set(slugs)
    named = (word.slugs for word in words(scheme))
    return asked.union(*(some for some in named if asked & set(some)))


def _words(model: Any, rows: Iterable[Any]) -> list[Word]:
    rows = list(rows)
    former = {row.pk: [one.slug for one in row.former_slugs.all()] for row in rows}
    gone = {slug for some in former.values() for slug in some}
    # Of two that had the same slug, one after the other, it belongs to who has it now.
    taken = set(model.objects.filter(slug__in=gone).values_list("slug", flat=True))
    return [
        Word(row.slug, row.name, tuple(sorted(set(former[row.pk]) - taken)))
        for row in rows
    ]


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
