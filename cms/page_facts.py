"""The typed facts of a page, as they go into its public representation.

A fact without a value is left out: readers of open data take null and "" for values.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from wagtail.models import Page

from .models.proofs import Proof

if TYPE_CHECKING:
    from .models.pages import LocalOfferPage, NewsItemPage
    from .models.terms import Term


def of_local_offer(page: "LocalOfferPage") -> dict[str, Any]:
    """Return what a local offer page says beside its text, by key."""
    cost = _filled(kind=page.cost_kind, details=page.cost, help=page.help_with_cost)
    waiting = _filled(time=page.waiting_time, as_at=_day(page.waiting_as_at))
    provider = _filled(name=page.provider, website=page.provider_website)
    contact = _filled(
        team=page.contact_team,
        phone=page.contact_phone,
        email=page.contact_email,
        hours=page.contact_hours,
        website=page.contact_website,
    )
    facts: dict[str, Any] = {
        "describes": page.describes,
        "terms": [of_term(term) for term in _in_order(page.terms.all())],
        "eligibility": page.eligibility.strip(),
        "places": page.places.stream_block.public(page.places),
        "hours": page.hours.stream_block.public(page.hours),
        "languages": page.languages.stream_block.public(page.languages),
        "communication": page.communication.strip(),
        "cost": cost,
        "ways_in": page.ways_in.stream_block.public(page.ways_in),
        "what_next": page.what_next.strip(),
        "waiting": waiting,
        "decisions": page.decisions.strip(),
        "complaints": page.complaints.strip(),
        "provider": provider,
        "contact": contact,
        "law_as_at": _day(page.law_as_at),
    }
    return {name: value for name, value in facts.items() if value}


def of_news(page: "NewsItemPage") -> dict[str, Any]:
    """Return what a news item says beside its text, by key."""
    facts: dict[str, Any] = {
        "events": page.events.stream_block.public(page.events),
        "surveys": page.surveys.stream_block.public(page.surveys),
        "reports_on": reported(page),
        "expires_on": _day(page.expires_on),
    }
    return {name: value for name, value in facts.items() if value}


def reported(page: "NewsItemPage") -> list[dict[str, str]]:
    """The public items that a news item reports on, each with its permalink.

    Under the title that its forums signed. What is not public is left out: the name of
    a draft never gets out.
    """
    chosen = chosen_pages(page.reports_on)
    titles = public_titles([linked.content_id for linked in chosen])
    return [
        {
            "content_id": str(linked.content_id),
            "title": titles[linked.content_id],
            "url": linked.permalink,
        }
        for linked in chosen
        if linked.content_id in titles
    ]


def chosen_pages(stream: Any) -> list[Any]:
    """The pages that were chosen in a stream, each once, as what they are.

    A query for each kind of page, however many there are. A page that was deleted
    since is left out.
    """
    pks = dict.fromkeys(one.value.pk for one in stream or () if one.value)
    if not pks:
        return []
    found = {page.pk: page for page in Page.objects.filter(pk__in=pks).specific()}
    return [found[pk] for pk in pks if pk in found]


def public_titles(content_ids: list[UUID]) -> dict[UUID, str]:
    """The titles under which these items are public; without those that are not."""
    if not content_ids:
        return {}
    standing = Proof.objects.standing().filter(content_id__in=content_ids)
    return dict(standing.order_by("pk").values_list("content_id", "title"))


def of_term(term: "Term") -> dict[str, str]:
    """Return a term as partners get it; ``term_uri`` where it has one."""
    return _filled(
        scheme=term.scheme, code=term.code, name=term.name, term_uri=term.term_uri
    )


def _in_order(terms: Any) -> list["Term"]:
    return sorted(terms, key=lambda term: (term.scheme, term.code))


def _filled(**values: str) -> dict[str, str]:
    return {name: value.strip() for name, value in values.items() if value.strip()}


def _day(value: Any) -> str:
    # A page that was written in code may still hold text.
    return value.isoformat() if hasattr(value, "isoformat") else str(value or "")
