"""Services as Open Referral UK tells them, made once from each current release.

Everything here can be made again (``documents.rebuild``). A row belongs to one release
and is read only while that is the current one, so nothing here can outlive what the
forums signed.
"""

from typing import Self

from django.db import models

from syndication.models import Release


class ServiceQuerySet(models.QuerySet["Service"]):
    def current(self) -> Self:
        """Services that a reader may see now."""
        return self.filter(
            release__superseded_at=None, release__withdrawn_at=None
        ).order_by("content_id")


class Service(models.Model):
    """One public local offer page that describes a service."""

    release = models.OneToOneField(Release, on_delete=models.CASCADE, related_name="+")
    # Also the id of the service: it stays the same from version to version.
    content_id = models.UUIDField(unique=True)
    name = models.CharField(max_length=255)
    # JSON objects that lack what is added when they are read: the publisher's mailbox,
    # ``last_modified``, and places. ``listed`` has the fields of lists only.
    listed = models.BinaryField()
    full = models.BinaryField()
    # When either of them, or a place, last became another.
    modified_at = models.DateTimeField(db_index=True)
    minimum_age = models.PositiveSmallIntegerField(null=True)
    maximum_age = models.PositiveSmallIntegerField(null=True)

    objects = ServiceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class ServiceAtLocationQuerySet(models.QuerySet["ServiceAtLocation"]):
    def of(self, services: models.QuerySet[Service]) -> Self:
        """Where these services are, in the order of their ids."""
        return self.filter(service__in=services.order_by()).order_by("uuid")


class ServiceAtLocation(models.Model):
    """One place of a service."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="locations"
    )
    uuid = models.UUIDField(unique=True)
    # JSON objects without the service. ``listed`` has the fields of lists only.
    listed = models.BinaryField()
    full = models.BinaryField()
    # In capitals and without a space. The outward code is what stands before the space.
    postcode = models.CharField(max_length=7, blank=True)
    outward_code = models.CharField(max_length=4, blank=True, db_index=True)
    # Degrees, as in WGS 84; both or neither.
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    objects = ServiceAtLocationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude=None, longitude=None)
                | models.Q(latitude__isnull=False, longitude__isnull=False),
                name="oruk_map_point_is_whole",
            )
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def point(self) -> tuple[float, float] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude


class ServiceTerm(models.Model):
    """One term of a service, as it was signed."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="terms")
    scheme = models.CharField(max_length=20)
    code = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    term_uri = models.URLField(blank=True)
    taxonomy_uuid = models.UUIDField()
    term_uuid = models.UUIDField()

    class Meta:
        indexes = [
            models.Index(fields=["term_uuid", "service"]),
            models.Index(fields=["taxonomy_uuid", "service"]),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}/{self.code}"


class Opening(models.Model):
    """One weekday on which a service is open, and from when to when if it says so."""

    service = models.ForeignKey(
        Service, on_delete=models.CASCADE, related_name="openings"
    )
    day = models.CharField(max_length=2)
    opens = models.TimeField(null=True)
    closes = models.TimeField(null=True)

    def __str__(self) -> str:
        return f"{self.day} {self.opens}"
