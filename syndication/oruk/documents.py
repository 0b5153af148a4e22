"""The stored answers: made with each release, put together when they are read."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from site_settings.models import PublisherSettings
from syndication.models import Release
from syndication.rest.views import encode

from . import mapping
from .models import Opening, Service, ServiceAtLocation, ServiceTerm
from .vocabulary import Directory, taxonomy_id, term_id


@transaction.atomic
def write(*, release: Release) -> bool:
    """Keep a current release as a service, if it is one. Returns whether it is.

    ``last_modified`` of a service moves only when a reader gets something else.
    """
    if release.kind != mapping.KIND:
        return False
    content_id = release.item.content_id
    payload = json.loads(bytes(release.payload))
    if not mapping.is_service(payload):
        remove(content_id=content_id)
        return False
    described = mapping.of(release, payload, Directory())
    before = Service.objects.filter(content_id=content_id).first()
    listed, full = encode(described.listed), encode(described.full)
    places = {one.uuid: encode(one.full) for one in described.places}
    same = before is not None and (listed, full, places) == _kept(before)
    service, _ = Service.objects.update_or_create(
        content_id=content_id,
        defaults={
            "release": release,
            "name": payload["title"][:255],
            "listed": listed,
            "full": full,
            "modified_at": before.modified_at if before and same else _now(),
            "minimum_age": payload.get("age_from"),
            "maximum_age": payload.get("age_to"),
        },
    )
    _write_parts(service, described)
    return True


def remove(*, content_id: UUID) -> None:
    """Forget what was kept of an item."""
    Service.objects.filter(content_id=content_id).delete()


def rebuild() -> int:
    """Make everything again from the current releases. Returns how many services.

    Each is made in a transaction of its own, and forgotten if it is no service now.
    """
    current = Release.objects.current().of_kind(mapping.KIND).select_related("item")
    count = sum(write(release=one) for one in current.iterator(chunk_size=200))
    stale = Service.objects.exclude(pk__in=Service.objects.current().order_by())
    stale.delete()
    return count


def spliced(document: bytes, **members: bytes) -> bytes:
    """Return a JSON object with more members, which are JSON themselves.

    >>> spliced(b'{"id":1}', empty=b"[]")
    b'{"id":1,"empty":[]}'
    """
    more = b"".join(
        b"," + encode(name) + b":" + value for name, value in members.items()
    )
    return document[:-1] + more + b"}"


def publisher() -> dict[str, Any]:
    """Return who publishes: ``assurer_email``, if there is one, and ``x_licence``."""
    # Never ``load()``: that writes the missing row, and a GET must not write.
    row = PublisherSettings.objects.first() or PublisherSettings()
    licence = {"name": row.licence_name, "url": row.licence_url}
    told: dict[str, Any] = {"x_licence": licence}
    if row.contact_email:
        told["assurer_email"] = row.contact_email
    return told


def listed_service(service: Service, told: Mapping[str, Any]) -> bytes:
    """Return a service as lists have it."""
    return spliced(bytes(service.listed), **_assurance(service, told))


def full_service(
    service: Service, told: Mapping[str, Any], places: Iterable[ServiceAtLocation] = ()
) -> bytes:
    """Return a service with everything in it, and with these places."""
    found = [bytes(place.full) for place in places]
    members = {"service_at_locations": joined(found)} if found else {}
    return spliced(
        bytes(service.full),
        **members,
        **_assurance(service, told),
        x_licence=encode(told["x_licence"]),
    )


def joined(documents: Iterable[bytes]) -> bytes:
    """Return a JSON array of JSON values."""
    return b"[" + b",".join(documents) + b"]"


def _assurance(service: Service, told: Mapping[str, Any]) -> dict[str, bytes]:
    at = service.modified_at.astimezone(timezone.get_fixed_timezone(0))
    moment = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    members = {"last_modified": encode(moment)}
    if "assurer_email" in told:
        members["assurer_email"] = encode(told["assurer_email"])
    return members


def _kept(service: Service) -> tuple[bytes, bytes, dict[UUID, bytes]]:
    places = service.locations.values_list("uuid", "full")
    return (
        bytes(service.listed),
        bytes(service.full),
        {uuid: bytes(full) for uuid, full in places},
    )


def _now() -> datetime:
    # As exact as it is told, so that nobody's ``modified_after`` falls in between.
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _write_parts(service: Service, described: mapping.Described) -> None:
    for parts in (service.locations, service.terms, service.openings):
        parts.all().delete()
    ServiceAtLocation.objects.bulk_create(
        ServiceAtLocation(
            service=service,
            uuid=place.uuid,
            listed=encode(place.listed),
            full=encode(place.full),
            postcode=place.postcode,
            outward_code=place.outward_code,
            latitude=place.point[0] if place.point else None,
            longitude=place.point[1] if place.point else None,
        )
        for place in described.places
    )
    ServiceTerm.objects.bulk_create(
        ServiceTerm(
            service=service,
            scheme=term["scheme"],
            code=term["code"],
            name=term["name"],
            term_uri=term.get("term_uri", ""),
            taxonomy_uuid=taxonomy_id(term["scheme"]),
            term_uuid=term_id(term["scheme"], term["code"]),
        )
        for term in described.terms
    )
    Opening.objects.bulk_create(
        Opening(service=service, day=day, opens=opens, closes=closes)
        for day, opens, closes in described.openings
    )
