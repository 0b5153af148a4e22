"""Which services and places a list is about. Filters are cumulative."""

import math
from dataclasses import dataclass
from statistics import mean
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.functions import Cos, Power, Radians, Sin

from syndication import search
from syndication.rest.parameters import Given, invalid

from . import parameters
from .models import Opening, Service, ServiceAtLocation, ServiceTerm
from .problems import PostcodeUnknown

OF_SERVICES = (
    "search",
    "taxonomy_term_id",
    "taxonomy_id",
    "minimum_age",
    "maximum_age",
    "start_time",
    "end_time",
    "day",
    # Of the international standard; a copy is kept up to date with it.
    "modified_after",
)
OF_LOCATIONS = (*OF_SERVICES, "postcode", "proximity")
EARTH = 6_371_008.8


@dataclass(frozen=True)
class Point:
    """Where a postcode is, as far as places in it tell. Degrees."""

    latitude: float
    longitude: float
    # What was looked for: “postcode” or “outward code”.
    found_by: str

    def as_data(self) -> dict[str, Any]:
        return {
            "found_by": self.found_by,
            "latitude": round(self.latitude, 5),
            "longitude": round(self.longitude, 5),
        }


def services(given: Given) -> QuerySet[Service]:
    """Return the public services that were asked for."""
    found = Service.objects.current()
    if words := parameters.words(given, "search"):
        found = found.filter(release__in=search.containing(words))
    terms = {
        "term_uuid": parameters.uuid(given, "taxonomy_term_id"),
        "taxonomy_uuid": parameters.uuid(given, "taxonomy_id"),
    }
    for name, value in terms.items():
        if value:
            of_it = ServiceTerm.objects.filter(service=OuterRef("pk"), **{name: value})
            found = found.filter(Exists(of_it))
    if (least := parameters.age(given, "minimum_age")) is not None:
        found = found.filter(minimum_age__gte=least)
    if (most := parameters.age(given, "maximum_age")) is not None:
        found = found.filter(maximum_age__lte=most)
    # All three of one entry: open from ten is of no use on another day.
    hours = {
        "opens__gte": parameters.clock(given, "start_time"),
        "closes__lte": parameters.clock(given, "end_time"),
        "day": parameters.day(given),
    }
    asked = {name: value for name, value in hours.items() if value is not None}
    if asked:
        open_then = Opening.objects.filter(service=OuterRef("pk"), **asked)
        found = found.filter(Exists(open_then))
    if after := parameters.moment(given, "modified_after"):
        found = found.filter(modified_at__gte=after)
    return found


def locations(given: Given) -> tuple[QuerySet[ServiceAtLocation], Point | None]:
    """Return the public places that were asked for, and the point asked about.

    With a point the nearest come first.
    """
    found = ServiceAtLocation.objects.of(services(given))
    postcode = parameters.postcode(given)
    metres = parameters.metres(given, "proximity")
    if postcode is None and metres is None:
        return found, None
    if postcode is None:
        raise invalid("proximity", "needs a “postcode” to measure from")
    if metres is None:
        raise invalid(
            "postcode",
            "needs “proximity”, in metres. We do not know in which area a postcode is",
        )
    point = _find(*postcode)
    near = found.annotate(apart=_haversine(point)).filter(
        apart__lte=math.sin(min(metres / EARTH, math.pi) / 2) ** 2
    )
    return near.order_by("apart", "uuid"), point


def _find(postcode: str, outward_code: str) -> Point:
    """Return the middle of the public places in a postcode, or else around it.

    Nobody is asked where postcodes are: nothing leaves this installation.
    """
    around = list(
        ServiceAtLocation.objects.of(Service.objects.current())
        .filter(outward_code=outward_code, latitude__isnull=False)
        .only("postcode", "latitude", "longitude")
    )
    there = [place for place in around if postcode and place.postcode == postcode]
    points = [place.point for place in there or around if place.point]
    if not points:
        raise PostcodeUnknown(
            f"None of our places with a map point is in {outward_code}, so we do not "
            "know where this postcode is. Try another one near it, or leave out "
            "“postcode” and “proximity” and measure yourself: places have latitude and "
            "longitude.",
            parameter="postcode",
        )
    return Point(
        latitude=mean(latitude for latitude, _ in points),
        longitude=mean(longitude for _, longitude in points),
        found_by="postcode" if there else "outward code",
    )


def _haversine(point: Point) -> Any:
    """The haversine of the angle between a place and ``point``: it grows with it."""
    latitude, longitude = Radians(F("latitude")), F("longitude")
    across = Power(Sin(Radians(longitude - point.longitude) / 2), 2)
    along = Power(Sin(Radians(F("latitude") - point.latitude) / 2), 2)
    return along + math.cos(math.radians(point.latitude)) * Cos(latitude) * across
