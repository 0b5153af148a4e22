"""Our vocabularies as taxonomies and taxonomy terms of the standard.

Ids follow from scheme and code, so they are the same after an installation moved.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from django.utils.encoding import iri_to_uri

from syndication import directory

from .models import Service, ServiceTerm

NAMESPACE = UUID("46cd70d1-9cd0-4174-97e1-554c64d7e608")
# The name and the description of each scheme.
TAXONOMIES = {
    "need": (
        "Areas of need",
        "Whose needs a service meets, after the SEND Code of Practice.",
    ),
    "stage": ("Stage", "When in life a service is for: school years and after."),
    "tier": (
        "Tier of support",
        "Whether a service is for everybody, for some, or for the few who need most.",
    ),
    "outcome": (
        "Helps with adult life",
        "What of adult life a service prepares young people for.",
    ),
    "statutory": (
        "What the law asks the Local Offer to tell",
        "Items of the SEND Local Offer after regulations of 2014. The codes are ours.",
    ),
}
DRAFT = "This wording has not been checked against the law."


def taxonomy_id(scheme: str) -> UUID:
    return uuid5(NAMESPACE, f"taxonomy/{scheme}")


def term_id(scheme: str, code: str) -> UUID:
    return uuid5(NAMESPACE, f"term/{scheme}/{code}")


class Directory:
    """The terms in use today, for describing those that texts name."""

    def __init__(self) -> None:
        self.entries = {
            (entry["scheme"], entry["code"]): entry for entry in directory.terms()
        }

    def describe(self, signed: Mapping[str, Any]) -> dict[str, Any]:
        """Return a ``taxonomy_term`` of the name that was signed.

        What it means is the directory's to say, as long as the term is in use.
        """
        scheme, code, name = signed["scheme"], signed["code"], signed["name"]
        taxonomy = TAXONOMIES.get(scheme, (scheme, scheme))[0]
        entry: Mapping[str, Any] = self.entries.get((scheme, code), {})
        meaning = [
            entry.get("description") or f"{taxonomy}: {name}",
            *([DRAFT] if entry.get("is_draft") else []),
        ]
        found: dict[str, Any] = {
            "id": str(term_id(scheme, code)),
            "name": name,
            "code": code,
            "description": " ".join(meaning),
            "taxonomy": taxonomy,
            "taxonomy_id": str(taxonomy_id(scheme)),
        }
        if uri := signed.get("term_uri"):
            found["term_uri"] = iri_to_uri(uri)
        if (scheme, entry.get("parent", "")) in self.entries:
            found["parent_id"] = str(term_id(scheme, entry["parent"]))
        return found


def terms() -> list[dict[str, Any]]:
    """Return every term that is in use, or that a public service names.

    Two queries, however many there are.
    """
    known = Directory()
    named = (
        ServiceTerm.objects.filter(service__in=Service.objects.current().order_by())
        .values("scheme", "code", "name", "term_uri")
        .order_by("scheme", "code", "-service__modified_at")
    )
    # Of two wordings the one that was signed last.
    over: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in named:
        if (one["scheme"], one["code"]) not in known.entries:
            over.setdefault((one["scheme"], one["code"]), one)
    entries: Iterable[Any] = [*known.entries.values(), *over.values()]
    return [known.describe(entry) for entry in entries]


def taxonomies(described: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the taxonomies of all these terms, and every one of ours."""
    found = {
        str(taxonomy_id(scheme)): {"name": name, "description": description}
        for scheme, (name, description) in TAXONOMIES.items()
    }
    for term in described:
        other = {"name": term["taxonomy"], "description": term["taxonomy"]}
        found.setdefault(term["taxonomy_id"], other)
    return [{"id": uuid, **told} for uuid, told in found.items()]
