"""The nine addresses of Open Referral UK 3.0. They translate what is stored."""

from typing import NoReturn
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from syndication.models import Release
from syndication.rest import views
from syndication.rest.problems import NotFound
from syndication.rest.views import encode

from . import documents, filters, pages, vocabulary
from .models import Service, ServiceAtLocation
from .problems import ServiceWithdrawn
from .public import PublicView

VERSION = "HSDS-UK-3.0"
PROFILE = "https://docs.openreferraluk.org/en/latest/"
OPENAPI = "https://openreferraluk.org/specifications/3.0/openapi.json"
LISTS = ("list-items", "kind-local-offer")


class ApiDetails(PublicView):
    """Which standard this is, and where it is described."""

    tags = ("documentation",)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(
            request,
            {
                "version": VERSION,
                "profile": PROFILE,
                "openapi_url": OPENAPI,
                "x_licence": documents.publisher()["x_licence"],
                "x_removals": f"{settings.PUBLIC_ORIGIN}/api/v1/changes",
            },
        )


class ServiceList(PublicView):
    """Every public page that describes a service, page by page."""

    known_parameters = (*pages.PARAMETERS, *filters.OF_SERVICES)
    tags = LISTS

    def get(self, request: HttpRequest) -> HttpResponse:
        found = filters.services(self.given)
        page = pages.of_rows(found.only("listed", "modified_at"), self.given)
        told = documents.publisher()
        return self.respond_page(
            request, page, lambda one: documents.listed_service(one, told)
        )


class ServiceDetail(PublicView):
    """One service with everything that is told of it."""

    def get(self, request: HttpRequest, uuid: str) -> HttpResponse:
        self.tags = (f"item-{UUID(uuid)}",)
        service = (
            Service.objects.current()
            .filter(content_id=uuid)
            .prefetch_related("locations")
            .first()
        )
        if service is None:
            _not_public(UUID(uuid))
        places = sorted(service.locations.all(), key=lambda place: place.pk)
        return self.respond_json(
            request, documents.full_service(service, documents.publisher(), places)
        )


class ServiceAtLocationList(PublicView):
    """Every place of every service, page by page; the nearest first, if asked so."""

    known_parameters = (*pages.PARAMETERS, *filters.OF_LOCATIONS)
    tags = LISTS

    def get(self, request: HttpRequest) -> HttpResponse:
        found, point = filters.locations(self.given)
        page = pages.of_rows(found.select_related("service"), self.given)
        told = documents.publisher()

        def form(place: ServiceAtLocation) -> bytes:
            service = documents.listed_service(place.service, told)
            return documents.spliced(bytes(place.listed), service=service)

        # What the measuring rests on: readers may want to say that it is about so far.
        measured = {"x_postcode": point.as_data()} if point else {}
        return self.respond_page(request, page, form, **measured)


class ServiceAtLocationDetail(PublicView):
    """One place with its service."""

    def get(self, request: HttpRequest, uuid: str) -> HttpResponse:
        place = (
            ServiceAtLocation.objects.of(Service.objects.current())
            .filter(uuid=uuid)
            .select_related("service")
            .first()
        )
        if place is None:
            raise NotFound
        service = place.service
        self.tags = (f"item-{service.content_id}",)
        return self.respond_json(
            request,
            documents.spliced(
                bytes(place.full),
                # The published description checks this answer as if it were a service.
                name=encode(service.name),
                status=encode("active"),
                service=documents.full_service(service, documents.publisher()),
            ),
        )


class TaxonomyList(PublicView):
    """Our vocabularies."""

    known_parameters = pages.PARAMETERS
    tags = ("list-terms", *LISTS)

    def get(self, request: HttpRequest) -> HttpResponse:
        found = vocabulary.taxonomies(vocabulary.terms())
        page = pages.of_list(found, self.given)
        return self.respond_page(request, page, encode)


class TaxonomyDetail(PublicView):
    """One vocabulary with all its terms."""

    tags = ("list-terms", *LISTS)

    def get(self, request: HttpRequest, uuid: str) -> HttpResponse:
        terms = vocabulary.terms()
        for taxonomy in vocabulary.taxonomies(terms):
            if taxonomy["id"] == str(UUID(uuid)):
                own = [one for one in terms if one["taxonomy_id"] == taxonomy["id"]]
                more = {"taxonomy_terms": own} if own else {}
                return self.respond_with(request, taxonomy | more)
        raise NotFound


class TermList(PublicView):
    """The terms of all our vocabularies."""

    known_parameters = pages.PARAMETERS
    tags = ("list-terms", *LISTS)

    def get(self, request: HttpRequest) -> HttpResponse:
        page = pages.of_list(vocabulary.terms(), self.given)
        return self.respond_page(request, page, encode)


class TermDetail(PublicView):
    """One term."""

    tags = ("list-terms", *LISTS)

    def get(self, request: HttpRequest, uuid: str) -> HttpResponse:
        for term in vocabulary.terms():
            if term["id"] == str(UUID(uuid)):
                return self.respond_with(request, term)
        raise NotFound


class Nothing(PublicView, views.Nothing):
    """Every other address below this one."""


def _not_public(uuid: UUID) -> NoReturn:
    newest = (
        Release.objects.known()
        .filter(item__content_id=uuid)
        .order_by("-version")
        .values("kind", "withdrawn_at")
        .first()
    )
    if newest and newest["withdrawn_at"] and newest["kind"] == "local-offer":
        raise ServiceWithdrawn
    raise NotFound
