"""The addresses of the partner API. They translate stored releases, nothing else."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils.encoding import iri_to_uri
from django.utils.http import quote_etag
from rest_framework.request import Request

from syndication import directory
from syndication.http import known_etags
from syndication.models import EXPIRED, Change, Release, permalink
from syndication.receipts import moment

from . import cursors, documentation, openapi, parameters, schema
from .problems import (
    ItemExpired,
    ItemNotFound,
    ItemWithdrawn,
    NotFound,
    Problem,
    ReceiptNotFound,
)
from .public import PublicView, address, etag_of


class ItemList(PublicView):
    """Everything that is public now, newest first, page by page."""

    known_parameters = ("kind", "area", "limit", "cursor")
    tags: tuple[str, ...] = ("list-items",)

    @schema.items
    def get(self, request: Request) -> HttpResponse:
        kind = parameters.choice(self.given, "kind", schema.KINDS)
        area = parameters.slug(self.given, "area")
        limit = parameters.limit(self.given)
        releases = Release.objects.current().newest_first()
        if kind:
            releases = releases.of_kind(kind)
            self.tags += (f"kind-{kind}",)
        if area:
            releases = releases.for_area(area)
            self.tags += (f"area-{area}",)
        bound = [kind, area]
        if "cursor" in self.given:
            at, pk = cursors.read(self.given["cursor"], "items", bound=bound)
            at = datetime.fromisoformat(at)
            releases = releases.filter(released_at__lte=at).exclude(
                released_at=at, pk__gte=pk
            )
        # One more than asked for tells whether there is a next page.
        rows = list(
            releases.values_list("released_at", "pk", "etag", "document")[: limit + 1]
        )
        page, more = rows[:limit], rows[limit:]
        following = None
        if more:
            last_at, last_pk, *_ = page[-1]
            position = [last_at.isoformat(), last_pk]
            following = address(
                "items",
                kind=kind,
                area=area,
                limit=self.given.get("limit"),
                cursor=cursors.write("items", bound=bound, position=position),
            )
        tail = json.dumps(following).encode()
        etags = "".join(etag for _, _, etag, _ in page).encode()
        return self.respond(
            request,
            # The stored bytes as they are: what was signed is not written again.
            lambda: (
                b'{"items":['
                + b",".join(document for *_, document in page)
                + b'],"next":'
                + tail
                + b"}"
            ),
            etag=etag_of(etags + tail),
        )


class ItemDetail(PublicView):
    """One item as it is public now, or the notice that it was taken back."""

    @schema.item
    def get(self, request: Request, content_id: UUID) -> HttpResponse:
        self.tags = (f"item-{content_id}",)
        known = known_etags(request)
        unwanted = Q(withdrawn_at__isnull=False)
        if "*" in known:
            unwanted |= Q(pk__isnull=False)
        elif known:
            unwanted |= Q(etag__in=known)
        replacement = Release.objects.current().filter(
            item__content_id=OuterRef("withdrawn_to")
        )
        row = (
            Release.objects.known()
            .filter(item__content_id=content_id)
            .order_by("-version")
            .annotate(replaced=Exists(replacement))
            # The database keeps a body that nobody is going to read.
            .annotate(
                body=Case(When(unwanted, then=Value(None)), default=F("document"))
            )
            .values(
                "kind",
                "etag",
                "body",
                "withdrawn_at",
                "withdrawn_note",
                "withdrawn_kind",
                "withdrawn_to",
                "withdrawn_class",
                "replaced",
            )
            .first()
        )
        if row is None:
            raise ItemNotFound
        self.tags += (f"kind-{row['kind']}",)
        if row["withdrawn_at"]:
            raise _withdrawn(content_id, row)
        return self.respond(
            request, lambda: bytes(row["body"]), etag=quote_etag(row["etag"])
        )


class ChangeList(PublicView):
    """The log of what became public, changed and was taken back, oldest first."""

    known_parameters = ("limit", "cursor")
    tags = ("list-changes",)

    @schema.changes
    def get(self, request: Request) -> HttpResponse:
        limit = parameters.limit(self.given)
        last = 0
        if "cursor" in self.given:
            (last,) = cursors.read(self.given["cursor"], "changes", bound=[])
        vanished = Release.objects.filter(
            item__content_id=OuterRef("content_id"),
            version__gte=OuterRef("version"),
            withdrawn_kind="vanish",
        )
        rows = list(
            Change.objects.filter(number__gt=last).annotate(vanished=Exists(vanished))[
                :limit
            ]
        )
        if rows:
            last = rows[-1].number
        following = address(
            "changes",
            limit=self.given.get("limit"),
            cursor=cursors.write("changes", bound=[], position=[last]),
        )
        return self.respond_with(
            request, {"changes": [_change(row) for row in rows], "next": following}
        )


class AreaList(PublicView):
    """The areas that content can be for."""

    tags = ("list-areas",)

    @schema.areas
    def get(self, request: Request) -> HttpResponse:
        return self.respond_with(request, {"items": directory.areas(), "next": None})


class ForumList(PublicView):
    """The parent carer forums that sign."""

    tags = ("list-forums",)

    @schema.forums
    def get(self, request: Request) -> HttpResponse:
        return self.respond_with(request, {"items": directory.forums(), "next": None})


class TopicList(PublicView):
    """The topics that content can be about."""

    tags = ("list-topics",)

    @schema.topics
    def get(self, request: Request) -> HttpResponse:
        return self.respond_with(request, {"items": directory.topics(), "next": None})


class TermList(PublicView):
    """The terms of our vocabularies that are in use."""

    tags = ("list-terms",)

    @schema.terms
    def get(self, request: Request) -> HttpResponse:
        return self.respond_with(request, {"items": directory.terms(), "next": None})


class ReceiptDetail(PublicView):
    """Whether forums signed the text with this fingerprint, and whether it stands."""

    @schema.receipt
    def get(self, request: Request, fingerprint: str) -> HttpResponse:
        newest = Release.objects.filter(item=OuterRef("item")).order_by("-version")
        row = (
            Release.objects.known()
            .filter(fingerprint=fingerprint)
            .order_by("-version")
            # The item can be withdrawn after this release was superseded.
            .annotate(item_gone_at=Subquery(newest.values("withdrawn_at")[:1]))
            .annotate(item_gone_how=Subquery(newest.values("withdrawn_kind")[:1]))
            .values(
                "item__content_id",
                "kind",
                "version",
                "title",
                "released_at",
                "superseded_at",
                "withdrawn_at",
                "item_gone_at",
                "item_gone_how",
                "receipt",
            )
            .first()
        )
        if row is None:
            raise ReceiptNotFound
        self.tags = (f"item-{row['item__content_id']}", f"kind-{row['kind']}")
        return self.respond_with(request, _confirmation(fingerprint, row))


class OpenApi(PublicView):
    """The description of this API for programs."""

    schema = None
    tags = ("documentation",)

    def get(self, request: Request) -> HttpResponse:
        return self.respond_with(request, openapi.document())


class Documentation(PublicView):
    """The description of this API for people."""

    schema = None
    tags = ("documentation",)

    def get(self, request: Request) -> HttpResponse:
        # Without the request, so that nothing of the reader can get into the page.
        page = render_to_string("api/documentation.html", documentation.context())
        body = page.encode()
        return self.respond(
            request,
            lambda: body,
            etag=etag_of(body),
            content_type="text/html; charset=utf-8",
        )


class Nothing(PublicView):
    """Every other address below the API: a problem like any other, not a web page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Look at no parameter: none could make this address right."""

    def get(self, request: Request) -> NoReturn:
        _not_found(request)

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> NoReturn:
        _not_found(request)


def _not_found(request: HttpRequest) -> NoReturn:
    path = request.path.rstrip("/")
    if path != request.path and _leads_somewhere(path):
        raise NotFound(
            "Addresses of this API end without a slash: "
            f"{settings.PUBLIC_ORIGIN}{iri_to_uri(path)}"
        )
    raise NotFound(
        f"There is nothing at this address. {address('docs')} lists all of them."
    )


def _leads_somewhere(path: str) -> bool:
    try:
        return resolve(path).url_name != "nothing"
    except Resolver404:
        return False


def _withdrawn(content_id: UUID, row: Mapping[str, Any]) -> Problem:
    members: dict[str, Any] = {
        "content_id": str(content_id),
        "withdrawn_at": moment(row["withdrawn_at"]),
    }
    if row["withdrawn_kind"] == EXPIRED:
        return ItemExpired(**members)
    if row["withdrawn_note"]:
        members["note"] = row["withdrawn_note"]
    if row["withdrawn_class"]:
        members["reason"] = row["withdrawn_class"]
    if row["replaced"]:
        members["replacement"] = _reference(row["withdrawn_to"])
        return ItemWithdrawn(ItemWithdrawn.replaced_detail, **members)
    return ItemWithdrawn(**members)


def _reference(content_id: UUID) -> dict[str, str]:
    return {"content_id": str(content_id), "url": permalink(content_id)}


def _change(row: Change) -> dict[str, Any]:
    entry = {
        "number": row.number,
        "type": row.type,
        "content_id": str(row.content_id),
        "kind": row.kind,
        "version": row.version,
        "at": moment(row.at),
        "url": permalink(row.content_id),
    }
    if row.area:
        entry["area"] = row.area
    if getattr(row, "vanished", False):
        # That it is gone is all that anybody may learn: it is for somebody's safety.
        return entry
    if row.note:
        entry["note"] = row.note
    if row.reason:
        entry["reason"] = row.reason
    if row.replacement:
        entry["replacement"] = _reference(row.replacement)
    return entry


def _confirmation(fingerprint: str, row: Mapping[str, Any]) -> dict[str, Any]:
    gone_at = row["withdrawn_at"] or row["item_gone_at"]
    if gone_at:
        status = "expired" if row["item_gone_how"] == EXPIRED else "withdrawn"
    elif row["superseded_at"]:
        status = "superseded"
    else:
        status = "current"
    # A title can be the very thing that had to be taken back.
    shown = {"withdrawn_at": moment(gone_at)} if gone_at else {"title": row["title"]}
    return {
        "fingerprint": fingerprint,
        "content_id": str(row["item__content_id"]),
        "kind": row["kind"],
        "version": row["version"],
        **shown,
        "url": permalink(row["item__content_id"]),
        "status": status,
        "released_at": moment(row["released_at"]),
        "receipt": row["receipt"],
    }
