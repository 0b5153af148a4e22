"""What may be said of other items: where they are, and how they were signed."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db.models import Max
from wagtail.models import Page

from .models.proofs import Proof


@dataclass(frozen=True)
class Target:
    """An item that is public: its address and what its forums signed of it."""

    content_id: str
    kind: str
    title: str
    summary: str
    url: str


_together: ContextVar[dict[int, Target | None]] = ContextVar("targets_together")


def targets(pages: Iterable[int]) -> dict[int, Target]:
    """Return what may be said of these pages, by key; of a draft nothing at all.

    In two queries and one for each kind of page. The title is the one that was signed,
    whatever the draft is called by now.
    """
    wanted = set(pages)
    known = _together.get({})
    if wanted <= known.keys():
        return {pk: target for pk in wanted if (target := known[pk])}
    of_pages = {
        page.content_id: page
        for page in Page.objects.filter(pk__in=wanted).specific()
        if hasattr(page, "content_id")
    }
    found: dict[int, Target] = {}
    signed = Proof.objects.signed().filter(content_id__in=of_pages)
    newest = signed.order_by().values("content_id").annotate(newest=Max("pk"))
    for content_id, payload in Proof.objects.filter(
        pk__in=newest.values("newest")
    ).values_list("content_id", "payload"):
        page, data = of_pages[content_id], json.loads(bytes(payload))
        found[page.pk] = Target(
            content_id=str(content_id),
            kind=data["kind"],
            title=data["title"],
            summary=data.get("summary", ""),
            url=page.permalink,
        )
    return found


@contextmanager
def looked_up_together(pages: Iterable[int]) -> Iterator[None]:
    """Look these up at once; asked for one of them inside, no query is made."""
    wanted = set(pages)
    found = targets(wanted) if wanted else {}
    token = _together.set({pk: found.get(pk) for pk in wanted})
    try:
        yield
    finally:
        _together.reset(token)
