"""What a release says, in the words of Open Referral UK 3.0.

``docs/oruk.md`` has the table. Only what has a value is told: the standard takes null
and "" for mistakes. What stands in the text of a page and in no typed fact of it is not
told: it is for reading at ``url``, with the voices in it, which are under no open
licence.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from django.conf import settings
from django.utils.encoding import iri_to_uri

from syndication import checked, receipts
from syndication.models import Release, permalink
from syndication.typed_facts import said

from .vocabulary import NAMESPACE, Directory

Payload: TypeAlias = Mapping[str, Any]

KIND, SERVICE = "local-offer", "service"
DEGREES = re.compile(r"-?[0-9]{1,3}\.[0-9]+")
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][0-9A-Z]?)([0-9][A-Z]{2})?")
COSTS = {
    "free": "Free for families",
    "paid": "There is a charge",
    "varies": "Some of it costs something",
}
WITHHELD = "The address is not published."
OF_AN_AUDIENCE = ("need", "stage")


@dataclass(frozen=True)
class Place:
    """A ``service_at_location``, without the service."""

    uuid: UUID
    listed: dict[str, Any]
    full: dict[str, Any]
    postcode: str
    outward_code: str
    point: tuple[float, float] | None


@dataclass(frozen=True)
class Described:
    """A service: as in lists, as at its own address, and by what it is found."""

    listed: dict[str, Any]
    full: dict[str, Any]
    places: tuple[Place, ...]
    terms: tuple[Mapping[str, str], ...]
    # Weekday, from when, to when.
    openings: tuple[tuple[str, time | None, time | None], ...]


class Ids:
    """Gives the parts of one item their ids, each the same as long as it is the same.

    >>> one, again = Ids(NAMESPACE), Ids(NAMESPACE)
    >>> one.of("language", "Polish") == again.of("language", "Polish")
    True
    >>> one.of("language", "Polish") == again.of("language", "English")
    False
    """

    def __init__(self, content_id: UUID) -> None:
        self._content_id = content_id
        self._seen: Counter[str] = Counter()

    def of(self, *words: str) -> str:
        """The id of the part that these words tell from all others.

        The second part of the same words gets another one, the third a third.
        """
        name = "/".join(words)
        self._seen[name] += 1
        if (number := self._seen[name]) > 1:
            name = f"{name}/{number}"
        return str(uuid5(self._content_id, name))


def is_service(payload: Payload) -> bool:
    """Whether a local offer page describes a service; information is none."""
    return payload.get("describes") == SERVICE


def of(release: Release, payload: Payload, directory: Directory) -> Described:
    """Return a service as its current release tells it."""
    content_id = UUID(payload["content_id"])
    ids = Ids(content_id)
    listed = _listed(release, payload)
    places = tuple(_places(payload, ids))
    phone = _phone(payload, ids)
    full = {
        **listed,
        "eligibility_description": _paragraphs(
            payload.get("audience"), payload.get("eligibility")
        ),
        "application_process": _paragraphs(
            said(payload, "ways_in"), payload.get("what_next")
        ),
        "fees_description": listed.get("fees"),
        "interpretation_services": payload.get("communication"),
        # The field has its name already.
        "wait_time": said(payload, "waiting").removeprefix("Waiting time: "),
        "phones": phone,
        "contacts": _contacts(payload, ids, phone),
        "schedules": list(_schedules(payload, ids)),
        "service_areas": [
            {
                "id": ids.of("service_area", area["slug"]),
                "service_id": str(content_id),
                "name": area["name"],
                "service_area": area["name"],
            }
            for area in payload.get("areas", ())
        ],
        "languages": [
            {
                "id": ids.of("language", name),
                "service_id": str(content_id),
                "name": name,
            }
            for name in payload.get("languages", ())
        ],
        "cost_options": list(_cost_options(payload, ids)),
        "attributes": [
            _attribute(term, content_id, ids, directory)
            for term in payload.get("terms", ())
        ],
        **_extras(release, payload),
    }
    return Described(
        listed=listed,
        full=_filled(full),
        places=places,
        terms=tuple(payload.get("terms", ())),
        openings=tuple(_openings(payload)),
    )


def fold(words: str) -> str:
    """Return words as they are compared.

    >>> fold("Short  Breaks\\nin TELFORD")
    'short breaks in telford'
    """
    return " ".join(words.casefold().split())


def postcode_parts(words: str) -> tuple[str, str] | None:
    """Return a postcode in capitals without its space, and its outward code.

    The first is empty for an outward code alone; None for what is no postcode.

    >>> postcode_parts("sy1 1aa"), postcode_parts("SY1"), postcode_parts("Shrewsbury")
    (('SY11AA', 'SY1'), ('', 'SY1'), None)
    """
    compact = "".join(words.upper().split())
    found = POSTCODE.fullmatch(compact)
    if found is None:
        return None
    return (compact if found[2] else ""), found[1]


def _listed(release: Release, payload: Payload) -> dict[str, Any]:
    provider = _organization(payload.get("provider", {}))
    changed = receipts.changed_before_review(release.receipt)
    on = checked.of(release).on
    fees = said(payload, "cost")
    return _filled(
        {
            "id": payload["content_id"],
            "organization_id": provider.get("id"),
            "name": payload["title"],
            "description": _paragraphs(
                receipts.flagged(release.receipt, payload.get("summary", "")),
                # Who stands behind it goes wherever the words go.
                "" if changed else receipts.sentence(release.receipt),
            ),
            "url": permalink(payload["content_id"]),
            "email": _mailbox(payload.get("contact", {}).get("email")),
            "status": "active",
            "fees": fees,
            "minimum_age": payload.get("age_from"),
            "maximum_age": payload.get("age_to"),
            "assured_date": on.isoformat() if on else None,
            "alert": " ".join(
                filter(None, [changed and f"{changed}.", payload.get("closure")])
            ),
            "organization": provider,
        }
    )


def _organization(provider: Mapping[str, str]) -> dict[str, Any]:
    """The provider. One name is one organisation, in whichever page it stands."""
    website = _address(provider.get("website"))
    name = provider.get("name") or (urlsplit(website).hostname if website else None)
    if not name:
        return {}
    return _filled(
        {
            "id": str(uuid5(NAMESPACE, f"organization/{fold(name)}")),
            "name": name,
            "description": "Provides services in the SEND Local Offer.",
            "website": website,
        }
    )


def _phone(payload: Payload, ids: Ids) -> list[dict[str, Any]]:
    contact = payload.get("contact", {})
    if not contact.get("phone"):
        return []
    return [
        _filled(
            {
                "id": ids.of("phone"),
                "service_id": payload["content_id"],
                "number": contact["phone"],
                "description": contact.get("hours"),
            }
        )
    ]


def _contacts(
    payload: Payload, ids: Ids, phone: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The team or the line. It is never a person: pages name none."""
    contact = payload.get("contact", {})
    if not contact.get("team"):
        return []
    return [
        {
            "id": ids.of("contact"),
            "service_id": payload["content_id"],
            "name": contact["team"],
            "email": _mailbox(contact.get("email")),
            "phones": phone,
        }
    ]


def _schedules(payload: Payload, ids: Ids) -> Iterator[dict[str, Any]]:
    """Times are those of the clock in the United Kingdom, summer and winter."""
    for entry in payload.get("hours", ()):
        told = {
            "service_id": payload["content_id"],
            "opens_at": entry.get("opens"),
            "closes_at": entry.get("closes"),
            "notes": entry.get("note"),
        }
        if entry["type"] == "weekly":
            days = ",".join(entry["days"])
            yield {
                "id": ids.of("schedule", days),
                "freq": "WEEKLY",
                "interval": 1,
                "byday": days,
                **told,
            }
        else:
            first, last = entry.get("first", ""), entry.get("last", "")
            yield {
                "id": ids.of("schedule", first, last),
                "valid_from": first,
                "valid_to": last,
                "description": "Closed" if entry.get("closed") else "",
                **told,
            }


def _openings(payload: Payload) -> Iterator[tuple[str, time | None, time | None]]:
    for entry in payload.get("hours", ()):
        if entry["type"] == "weekly":
            clock = [
                time.fromisoformat(entry[name]) if name in entry else None
                for name in ("opens", "closes")
            ]
            for day in entry["days"]:
                yield day, clock[0], clock[1]


def _cost_options(payload: Payload, ids: Ids) -> Iterator[dict[str, Any]]:
    cost = payload.get("cost", {})
    if not cost.get("kind") and not cost.get("details"):
        return
    kind = cost.get("kind", "")
    yield {
        "id": ids.of("cost_option", kind),
        "service_id": payload["content_id"],
        "option": COSTS.get(kind, kind),
        **({"amount": 0, "currency": "gbp"} if kind == "free" else {}),
        "amount_description": cost.get("details"),
    }


def _attribute(
    term: Mapping[str, str], content_id: UUID, ids: Ids, directory: Directory
) -> dict[str, Any]:
    described = directory.describe(term)
    return {
        "id": ids.of("attribute", term["scheme"], term["code"]),
        "link_id": str(content_id),
        "link_entity": "service",
        "link_type": "intended_audience" if term["scheme"] in OF_AN_AUDIENCE else None,
        "taxonomy_term_id": described["id"],
        "taxonomy_term": described,
    }


def _places(payload: Payload, ids: Ids) -> Iterator[Place]:
    for place in payload.get("places", ()):
        yield _place(place, payload["content_id"], ids)


def _place(place: Mapping[str, Any], service_id: str, ids: Ids) -> Place:
    withheld = bool(place.get("withheld"))
    where = place.get("area") if withheld else place.get("name")
    # An address stays the same place under another name.
    key = [place.get(name, "") for name in ("street", "postcode")]
    words = [fold(one) for one in (key if any(key) else [where or ""])]
    uuid = ids.of("service_at_location", *words)
    location_id = ids.of("location", *words)
    point = None if withheld else _point(place)
    listed_location = _filled(
        {
            "id": location_id,
            "location_type": "physical",
            "name": where,
            "description": WITHHELD if withheld else None,
            "latitude": point[0] if point else None,
            "longitude": point[1] if point else None,
        }
    )
    access = place.get("access")
    location = {
        **listed_location,
        "addresses": _addresses(place, location_id, ids),
        "accessibility": [
            {
                "id": ids.of("accessibility", *words),
                "location_id": location_id,
                "description": access,
            }
        ]
        if access
        else [],
    }
    head = {"id": uuid, "service_id": service_id, "location_id": location_id}
    postcode, outward_code = postcode_parts(place.get("postcode", "")) or ("", "")
    return Place(
        uuid=UUID(uuid),
        listed={**head, "location": listed_location},
        full={**head, "location": _filled(location)},
        postcode=postcode,
        outward_code=outward_code,
        point=point,
    )


def _addresses(
    place: Mapping[str, Any], location_id: str, ids: Ids
) -> list[dict[str, Any]]:
    """The address, if there is all of it: half an address is none to the standard."""
    street, town, postcode = (
        place.get(name, "") for name in ("street", "town", "postcode")
    )
    if not (street and town and postcode):
        return []
    return [
        {
            "id": ids.of("address", fold(street), fold(postcode)),
            "location_id": location_id,
            "address_1": street,
            "city": town,
            # The standard cannot do without one, and our editors can.
            "state_province": place.get("county") or town,
            "postal_code": postcode,
            "country": "GB",
            "address_type": "physical",
        }
    ]


def _point(place: Mapping[str, Any]) -> tuple[float, float] | None:
    latitude, longitude = (place.get(name, "") for name in ("latitude", "longitude"))
    if not (DEGREES.fullmatch(latitude) and DEGREES.fullmatch(longitude)):
        return None
    return float(latitude), float(longitude)


def _extras(release: Release, payload: Payload) -> dict[str, Any]:
    """What the standard has no field for, under names that no field can have."""
    receipt = release.receipt
    return {
        "x_coproduction": {
            "statement": receipts.sentence(receipt),
            "label": receipt["label"],
            "forums": receipt["forums"],
            "record": payload.get("co_production"),
            "dissent": payload.get("dissent"),
            "before_review": receipt.get("before_review"),
            "version": release.version,
            "fingerprint": release.fingerprint,
            "receipt_url": receipt["url"],
        },
        "x_formats": release.formats,
        "x_review": checked.as_data(checked.of(release)),
        "x_contact": payload.get("contact"),
        "x_decisions": payload.get("decisions"),
        "x_complaints": payload.get("complaints"),
        "x_law_as_at": payload.get("law_as_at"),
        "x_item": f"{settings.PUBLIC_ORIGIN}/api/v1/items/{payload['content_id']}",
    }


def _address(words: str | None) -> str | None:
    """Return a web address in ASCII, as the standard wants it; None for anything else."""
    if not words or not words.startswith(("https://", "http://")):
        return None
    try:
        host = urlsplit(words).hostname
    except ValueError:
        return None
    return str(iri_to_uri(words)) if host else None


def _mailbox(words: str | None) -> str | None:
    return words if words and "@" in words else None


def _paragraphs(*parts: str | None) -> str:
    return "\n\n".join(part for part in parts if part)


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what has no value, at every depth. 0 and false are values.

    >>> _filled({"a": 0, "b": None, "c": "", "d": [], "e": {"f": None}, "g": False})
    {'a': 0, 'g': False}
    """
    filled = {name: _value(value) for name, value in data.items()}
    return {
        name: value
        for name, value in filled.items()
        if value is not None and value not in ("", [], {})
    }


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _filled(value)
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    return value
