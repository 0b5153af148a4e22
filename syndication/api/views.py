"""The addresses of the partner API. They translate stored releases, nothing else."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.http import quote_etag

from syndication import changes, directory, encodings, search
from syndication.http import known_etags
from syndication.models import EXPIRED, Release, permalink
from syndication.receipts import moment
from syndication.rest import views
from syndication.rest.parameters import choice, whole
from syndication.rest.problems import InvalidParameter, NotFound, Problem
from syndication.rest.views import encode, etag_of

from . import (
    bodies,
    cursors,
    documentation,
    kept,
    openapi,
    operations,
    parameters,
    reading,
    selections,
)
from .problems import (
    ItemExpired,
    ItemNotFound,
    ItemWithdrawn,
    ReceiptNotFound,
    Resync,
    VersionNotFound,
    VersionWithdrawn,
)
from .public import PublicView, address
from .selections import Selection

# How many items the database is asked about at once, and read at once for an export.
AT_ONCE = 1000
LINES_AT_ONCE = 200


class ItemList(PublicView):
    """What is public now, page by page: all of it, or what was chosen."""

    known_parameters = (*selections.FILTERS, "q", "order", "view", "limit", "cursor")
    tags: tuple[str, ...] = ("list-items",)

    def limit_name(self) -> str:
        return "search" if "q" in self.given else ""

    @operations.items
    def get(self, request: HttpRequest) -> HttpResponse:
        is_brief = self.given.get("view") == selections.SUMMARY
        # Items are stored in pieces of a gzip stream. What is shorter is compressed now.
        coding = None if is_brief else encodings.chosen(request, [encodings.GZIP])
        # What a search leaves out, because it is long overdue, depends on the day.
        day = timezone.localdate() if "q" in self.given else None
        key = ("items", request.META.get("QUERY_STRING"), coding, day)
        if page := kept.pages.find(key):
            return self.answer(request, page, coding)
        page = self._read(coding)
        if page.number:
            kept.pages.keep(key, page)
        return self.answer(request, page, coding)

    def _read(self, coding: str | None) -> kept.Page:
        selection = selections.read(self.given)
        view = choice(self.given, "view", selections.VIEWS) or selections.FULL
        limit = parameters.limit(self.given)
        asked = self._asked()
        order = self._order(asked)
        bound = [*selection.bound, order, self.given.get("q")]
        after = None
        if "cursor" in self.given:
            after = cursors.read(self.given["cursor"], "items", bound=bound)
        body = "document_piece" if coding else "document"
        # One more than asked for tells whether there is a next page.
        rows = reading.READ[order](
            selection.releases(),
            asked,
            columns=("etag", "brief" if view == selections.SUMMARY else body),
            limit=limit + 1,
            after=after,
        )
        page, more = rows[:limit], rows[limit:]
        following = None
        if more:
            following = address(
                "items",
                **selection.given,
                **{
                    name: self.given[name]
                    for name in ("q", "order", "view", "limit")
                    if name in self.given
                },
                cursor=cursors.write(
                    "items", bound=bound, position=reading.place(order, page[-1])
                ),
            )
        tail = json.dumps(following).encode()
        etags = "".join(row[2] for row in page).encode()
        # The stored bytes as they are: what was signed is not written again.
        stored = [row[3] for row in page]
        return kept.Page(
            number=page[0][4] if page else None,
            body=_packed(stored, tail) if coding else _plain(stored, tail),
            etag=etag_of(etags + view.encode() + tail),
            tags=(*self.tags, *selection.tags),
            following=following,
        )

    def _asked(self) -> list[str]:
        """The words that are searched for; none where nothing is searched."""
        if "q" not in self.given:
            return []
        asked = search.words(self.given["q"])
        if not 1 <= len(asked) <= selections.MOST_WORDS:
            raise InvalidParameter(
                f"“q” must have 1 to {selections.MOST_WORDS} words.", parameter="q"
            )
        return asked

    def _order(self, asked: list[str]) -> str:
        order = choice(self.given, "order", selections.ORDERS)
        if order == selections.RELEVANCE and not asked:
            raise InvalidParameter(
                "“order=relevance” goes with “q”: give the words too.",
                parameter="order",
            )
        return order or (selections.RELEVANCE if asked else selections.NEWEST)


def _plain(items: list[bytes], following: bytes) -> bytes:
    # All at once: putting the ends on would copy all of it a second time.
    parts = [b'{"items":[']
    for item in items:
        parts += [item, b","]
    if items:
        parts.pop()
    return b"".join([*parts, b'],"next":', following, b"}"])


def _packed(pieces: list[bytes], following: bytes) -> bytes:
    """Return the same as ``_plain`` in gzip, of pieces."""
    stream = encodings.Gzip()
    parts = [encodings.HEAD, stream.plain(b'{"items":[')]
    for place, piece in enumerate(pieces):
        if place:
            parts.append(stream.plain(b","))
        parts.append(stream.packed(piece))
    parts += [stream.plain(b'],"next":' + following + b"}"), stream.end()]
    return b"".join(parts)


# How one item is stored for each coding, and what its bytes are made with.
STORED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "": ("document", bytes),
    encodings.GZIP: ("document_piece", encodings.gzip),
    encodings.BROTLI: ("document_brotli", bytes),
}


class ItemDetail(PublicView):
    """One item as it is public now, or the notice that it was taken back."""

    known_parameters = ("version",)

    @operations.item
    def get(self, request: HttpRequest, content_id: UUID) -> HttpResponse:
        coding = encodings.chosen(request)
        key = ("item", content_id, request.META.get("QUERY_STRING"), coding)
        page = kept.pages.find(key)
        if page is None:
            page = self._read(request, content_id, coding)
            # Without a body where the reader has it.
            if page.number and page.body:
                kept.pages.keep(key, page)
        return self.answer(request, page, coding)

    def _read(self, request: HttpRequest, content_id: UUID, coding: str) -> kept.Page:
        self.tags = (f"item-{content_id}",)
        version = whole(self.given, "version", least=1, most=selections.MOST_VERSIONS)
        column, made = STORED[coding]
        found = reading.newest(
            content_id, column=column, held=known_etags(request), version=version
        )
        if found is None:
            raise ItemNotFound
        self.tags += (f"kind-{found.kind}",)
        if found.withdrawn:
            raise _withdrawn(content_id, found.withdrawn)
        etag, body = found.etag, found.body
        if version is not None and version != found.version:
            etag, body = _earlier(content_id, version, column)
        return kept.Page(
            number=found.last,
            body=made(body) if body else b"",
            etag=quote_etag(etag),
            tags=self.tags,
        )


class ChangeList(PublicView):
    """The log of what became public, changed and was taken back, oldest first."""

    known_parameters = (*selections.FOLLOWED, "limit", "cursor")
    tags: tuple[str, ...] = ("list-changes",)

    @operations.changes
    def get(self, request: HttpRequest) -> HttpResponse:
        key = ("changes", request.META.get("QUERY_STRING"))
        page = kept.pages.find(key)
        if page is None:
            page = self._read()
            if page.number:
                kept.pages.keep(key, page)
        return self.answer(request, page)

    def _read(self) -> kept.Page:
        selection = selections.read(self.given, selections.FOLLOWED)
        limit = parameters.limit(self.given)
        since = timezone.now() - timedelta(days=settings.CHANGES_KEPT_DAYS)
        after = None
        if "cursor" in self.given:
            (after,) = cursors.read(
                self.given["cursor"], "changes", bound=selection.bound
            )
        rows = reading.told(selection.changes(), after=after, since=since, limit=limit)
        if after is not None and _is_forgotten(after, rows, selection, since):
            raise Resync(start=address("export", **selection.given))
        last = rows[-1].number if rows else after or 0
        following = changes_after(last, selection, limit=self.given.get("limit"))
        body = encode({"changes": [_change(row) for row in rows], "next": following})
        return kept.Page(
            number=rows[0].last if rows else None,
            body=body,
            etag=etag_of(body),
            tags=(*self.tags, *selection.tags),
            following=following,
        )


class Reconcile(PublicView):
    """Which of a partner's copies are no longer what is public."""

    http_method_names = ["post", "options"]
    headers_allowed = "Content-Type"
    limit = "reconcile"

    @operations.reconcile
    def post(self, request: HttpRequest) -> HttpResponse:
        copies = bodies.copies(request)
        newest = _newest_versions(copies)
        stale, withdrawn, unknown = [], [], []
        for content_id, version in copies.items():
            found = newest.get(content_id)
            if found is None:
                unknown.append({"content_id": str(content_id)})
            elif found[1]:
                withdrawn.append({"content_id": str(content_id)})
            elif found[0] != version:
                stale.append(
                    {
                        "content_id": str(content_id),
                        "version": found[0],
                        "url": address("item", content_id),
                    }
                )
        return HttpResponse(
            json.dumps(
                {
                    "current": len(copies) - len(stale) - len(withdrawn) - len(unknown),
                    "stale": stale,
                    "withdrawn": withdrawn,
                    "unknown": unknown,
                },
                separators=(",", ":"),
            ),
            content_type="application/json",
        )


class Export(PublicView):
    """Everything that is public now, a line each, and where to follow it from there."""

    known_parameters = selections.FOLLOWED
    tags: tuple[str, ...] = ("list-items",)
    limit = "export"

    @operations.export
    def get(self, request: HttpRequest) -> StreamingHttpResponse:
        selection = selections.read(self.given, selections.FOLLOWED)
        self.tags += selection.tags
        # Before anything is read: what changes from here on is in the log after it.
        last = changes.last_number()
        head = {
            "exported_at": moment(timezone.now()),
            "changes": changes_after(last, selection),
        }
        headers = self._headers(request)
        lines = _packed_lines if "Content-Encoding" in headers else _lines
        return StreamingHttpResponse(lines(head, selection), headers=headers)

    def head(self, request: HttpRequest) -> HttpResponse:
        """Answer what there is to say without a body: nothing is read for it."""
        return HttpResponse(headers=self._headers(request))

    def _headers(self, request: HttpRequest) -> dict[str, str]:
        headers = {
            "Content-Type": "application/x-ndjson",
            "Cache-Control": "no-store",
            "Vary": "Accept-Encoding",
        }
        if coding := encodings.chosen(request, [encodings.GZIP]):
            headers["Content-Encoding"] = coding
        return headers


class AreaList(PublicView):
    """The areas that content can be for."""

    tags = ("list-areas",)

    @operations.areas
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(request, {"items": directory.areas(), "next": None})


class ForumList(PublicView):
    """The parent carer forums that sign."""

    tags = ("list-forums",)

    @operations.forums
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(request, {"items": directory.forums(), "next": None})


class TopicList(PublicView):
    """The topics that content can be about."""

    tags = ("list-topics",)

    @operations.topics
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(request, {"items": directory.topics(), "next": None})


class TermList(PublicView):
    """The terms of our vocabularies that are in use."""

    tags = ("list-terms",)

    @operations.terms
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(request, {"items": directory.terms(), "next": None})


class ReceiptDetail(PublicView):
    """Whether forums signed the text with this fingerprint, and whether it stands."""

    @operations.receipt
    def get(self, request: HttpRequest, fingerprint: str) -> HttpResponse:
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

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.respond_with(
            request, openapi.document(origin=settings.PUBLIC_ORIGIN)
        )


class Documentation(PublicView):
    """The description of this API for people."""

    schema = None
    tags = ("documentation",)
    # A browser is to show it: it goes the usual way.
    guards: ClassVar[Mapping[str, str]] = {}

    def get(self, request: HttpRequest) -> HttpResponse:
        # Without the request, so that nothing of the reader can get into the page.
        page = render_to_string("api/documentation.html", documentation.context())
        body = page.encode()
        return self.respond(
            request,
            lambda: body,
            etag=etag_of(body),
            content_type="text/html; charset=utf-8",
        )


class Nothing(PublicView, views.Nothing):
    """Every other address below the API."""

    schema = None

    def get(self, request: HttpRequest) -> NoReturn:
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


def changes_after(last: int, selection: Selection, *, limit: str | None = None) -> str:
    """Return the address of what happens to a selection after a place in the log."""
    return address(
        "changes",
        **selection.given,
        limit=limit,
        cursor=cursors.write("changes", bound=selection.bound, position=[last]),
    )


def _is_forgotten(
    last: int, page: Sequence[reading.Told], selection: Selection, kept: datetime
) -> bool:
    """Whether what happened right after ``last`` is older than what is kept.

    Without filters that is the first row of the page. With them it may be a row that
    concerns others only: whoever is so late may still have missed rows of theirs.
    """
    first = page[0].at if page else None
    at = changes.moment_after(last) if selection.given else first
    return at is not None and at < kept


def _earlier(content_id: UUID, version: int, column: str) -> tuple[str, bytes]:
    """Return tag and bytes of an earlier version of what is public, unless something in it was taken back.

    Raises ``VersionNotFound`` and ``VersionWithdrawn``.
    """
    releases = Release.objects.known().filter(item__content_id=content_id)
    lessened = releases.filter(version__gt=OuterRef("version")).exclude(
        reduced_from=None, updated_from=None, withdrawn_at=None
    )
    row = (
        releases.filter(version=version)
        .annotate(
            lessened_at=Subquery(lessened.order_by("version").values("updated_at")[:1])
        )
        .values("etag", column, "withdrawn_at", "lessened_at")
        .first()
    )
    if row is None:
        raise VersionNotFound
    if gone_at := row["withdrawn_at"] or row["lessened_at"]:
        raise VersionWithdrawn(content_id=str(content_id), withdrawn_at=moment(gone_at))
    return row["etag"], bytes(row[column])


def _newest_versions(
    content_ids: Collection[UUID],
) -> dict[UUID, tuple[int, datetime | None]]:
    """Return the newest version of each item, and when it was withdrawn, if it was."""
    newest: dict[UUID, tuple[int, datetime | None]] = {}
    asked = list(content_ids)
    for start in range(0, len(asked), AT_ONCE):
        some = asked[start : start + AT_ONCE]
        rows = Release.objects.filter(item__content_id__in=some, superseded_at=None)
        for content_id, version, withdrawn_at in rows.values_list(
            "item__content_id", "version", "withdrawn_at"
        ).order_by("version"):
            newest[content_id] = version, withdrawn_at
    return newest


def _lines(head: dict[str, Any], selection: Selection) -> Iterator[bytes]:
    """Yield lines of JSON, reading a few releases at a time."""
    yield _first_line(head)
    for some in reading.stored("document", selection, at_once=LINES_AT_ONCE):
        yield b"\n".join([*some, b""])


def _packed_lines(head: dict[str, Any], selection: Selection) -> Iterator[bytes]:
    """Yield the same as ``_lines`` in gzip, of pieces."""
    stream = encodings.Gzip()
    yield encodings.HEAD + stream.plain(_first_line(head))
    for some in reading.stored("document_piece", selection, at_once=LINES_AT_ONCE):
        yield b"".join(stream.packed(piece) + stream.plain(b"\n") for piece in some)
    yield stream.end()


def _first_line(head: dict[str, Any]) -> bytes:
    return json.dumps(head, separators=(",", ":")).encode() + b"\n"


def _withdrawn(content_id: UUID, told: reading.Withdrawn) -> Problem:
    members: dict[str, Any] = {
        "content_id": str(content_id),
        "withdrawn_at": moment(told.withdrawn_at),
    }
    if told.withdrawn_kind == EXPIRED:
        return ItemExpired(**members)
    if told.withdrawn_note:
        members["note"] = told.withdrawn_note
    if told.withdrawn_class:
        members["reason"] = told.withdrawn_class
    if told.replaced and told.withdrawn_to:
        members["replacement"] = _reference(told.withdrawn_to)
        return ItemWithdrawn(ItemWithdrawn.replaced_detail, **members)
    return ItemWithdrawn(**members)


def _reference(content_id: UUID) -> dict[str, str]:
    return {"content_id": str(content_id), "url": permalink(content_id)}


def _change(row: reading.Told) -> dict[str, Any]:
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
    if row.topic:
        entry["topic"] = row.topic
    if row.vanished:
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
