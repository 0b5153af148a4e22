"""What stands beside a text, as the public gets it: nameless, and never changed again."""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models, transaction

from cms import attachments, pictures

MAX_EDGE = 1600


class FrozenQuerySet(models.QuerySet[Any]):
    def usable(self) -> Self:
        """Those that a new proof may show: their file is there and stays."""
        return self.filter(ended_at=None)


class FrozenFile(models.Model):
    """One version of a file of the library, under a random name.

    Replacing the file in the library makes another row; a proof that holds this one
    keeps showing what was signed. When nothing public shows it any more it is ended,
    and a worker removes the file; the row stays, and says so.
    """

    source_sha1 = models.CharField(max_length=40)
    name = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to="frozen/", max_length=200)
    sha256 = models.CharField(max_length=64)
    ended_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    objects = FrozenQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class FrozenImage(FrozenFile):
    """A picture of the library, drawn anew and at most ``MAX_EDGE`` wide or high."""

    image = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "source_sha1"],
                condition=models.Q(ended_at=None),
                name="one_frozen_image_per_version",
            )
        ]

    @property
    def url(self) -> str:
        """The absolute address under which the image is served once released."""
        return f"{settings.PUBLIC_ORIGIN}/images/{self.name}"


class FrozenAttachment(FrozenFile):
    """A document of the library, byte for byte."""

    document = models.ForeignKey(
        "wagtaildocs.Document", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "source_sha1"],
                condition=models.Q(ended_at=None),
                name="one_frozen_attachment_per_version",
            )
        ]

    @property
    def url(self) -> str:
        """The absolute address under which the file is served once released."""
        return f"{settings.PUBLIC_ORIGIN}/attachments/{self.name}"

    @property
    def kind(self) -> attachments.Kind:
        return attachments.KINDS[attachments.suffix_of(self.name)]


@dataclass(frozen=True)
class Together:
    """What was frozen at once for all blocks of a body, by the keys of the library."""

    images: dict[int, FrozenImage]
    documents: dict[int, FrozenAttachment]


_together: ContextVar[Together] = ContextVar("frozen_together")
_looking: ContextVar[bool] = ContextVar("frozen_looking", default=False)
Row = TypeVar("Row", FrozenImage, FrozenAttachment)


@contextmanager
def frozen_together(
    *, images: Iterable[Any] = (), documents: Iterable[Any] = ()
) -> Iterator[None]:
    """Freeze these at once; asked for one of them inside, no query is made."""
    token = _together.set(
        Together(
            _freeze(FrozenImage, "image", images, _draw),
            _freeze(FrozenAttachment, "document", documents, _take_over),
        )
    )
    try:
        yield
    finally:
        _together.reset(token)


@contextmanager
def looking() -> Iterator[None]:
    """Freeze nothing inside: a file is told as if it were, without an address.

    For whoever looks at a draft without sending it anywhere.
    """
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)


def freeze_image(image: Any) -> FrozenImage:
    """Return the frozen form of a library image as its file is now."""
    batch = _together.get(Together({}, {}))
    frozen = batch.images.get(image.pk)
    return frozen or _freeze(FrozenImage, "image", [image], _draw)[image.pk]


def freeze_document(document: Any) -> FrozenAttachment:
    """Return the frozen form of a library document as its file is now."""
    batch = _together.get(Together({}, {}))
    frozen = batch.documents.get(document.pk)
    return (
        frozen
        or _freeze(FrozenAttachment, "document", [document], _take_over)[document.pk]
    )


def _freeze(
    model: type[Row],
    key: str,
    sources: Iterable[Any],
    make: Callable[[Any, bytes], Row],
) -> dict[int, Row]:
    """Return a usable row of ``model`` for each source, made where there is none."""
    if _looking.get():
        return {source.pk: _as_if_frozen(model, source) for source in sources}
    contents = {source.pk: (source, _content(source)) for source in sources}
    if not contents:
        return {}
    rows = model.objects.usable().filter(**{f"{key}__in": list(contents)})
    if transaction.get_connection().in_atomic_block:
        # Whoever ends a file locks its row too, and looks for proofs after that.
        rows = rows.order_by("pk").select_for_update()
    known = {(getattr(row, f"{key}_id"), row.source_sha1): row for row in rows}
    found: dict[int, Row] = {}
    new: list[Row] = []
    for pk, (source, data) in contents.items():
        sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        row = known.get((pk, sha1))
        if row is None:
            row = make(source, data)
            row.source_sha1 = sha1
            new.append(row)
        found[pk] = row
    model.objects.bulk_create(new)
    return found


def _as_if_frozen(model: type[Row], source: Any) -> Row:
    row = model(name=source.file.name)
    if isinstance(row, FrozenImage):
        row.width, row.height = source.width, source.height
    else:
        row.size = 0
    return row


def _content(source: Any) -> bytes:
    with source.open_file() as opened:
        data: bytes = opened.read()
    return data


def _draw(image: Any, data: bytes) -> FrozenImage:
    drawn = pictures.redraw(data, longest_edge=MAX_EDGE)
    frozen = FrozenImage(image=image, width=drawn.width, height=drawn.height)
    _keep(frozen, drawn.data, drawn.suffix)
    return frozen


def _take_over(document: Any, data: bytes) -> FrozenAttachment:
    attachments.check(document.file.name, data)
    frozen = FrozenAttachment(document=document, size=len(data))
    _keep(frozen, data, f".{attachments.suffix_of(document.file.name)}")
    return frozen


def _keep(frozen: FrozenFile, data: bytes, suffix: str) -> None:
    # 128 random bits: the address of what is not released cannot be guessed.
    frozen.name = f"{secrets.token_urlsafe(16)}{suffix}"
    frozen.sha256 = hashlib.sha256(data).hexdigest()
    frozen.file.save(frozen.name, ContentFile(data), save=False)
