"""Images as the public gets them: re-encoded, nameless, and never changed again."""

import hashlib
import io
import secrets
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models
from PIL import Image, ImageOps

MAX_EDGE = 1600


class FrozenImage(models.Model):
    """One version of a library image, under a random name, without metadata.

    Replacing the file in the library makes another row; a proof that holds this one
    keeps showing what was signed.
    """

    image = models.ForeignKey(
        "wagtailimages.Image", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    source_sha1 = models.CharField(max_length=40)
    name = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to="frozen/", max_length=200)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "source_sha1"], name="one_frozen_image_per_version"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        """The absolute address under which the image is served once released."""
        return f"{settings.PUBLIC_ORIGIN}/images/{self.name}"


def freeze_image(image: Any) -> FrozenImage:
    """Return the frozen form of a library image as its file is now."""
    with image.open_file() as source:
        data = source.read()
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    try:
        return FrozenImage.objects.get(image_id=image.pk, source_sha1=sha1)
    except FrozenImage.DoesNotExist:
        pass
    encoded, suffix, (width, height) = _reencode(data)
    # 128 random bits: the address of an image that is not released cannot be guessed.
    name = f"{secrets.token_urlsafe(16)}{suffix}"
    frozen = FrozenImage(
        image_id=image.pk,
        source_sha1=sha1,
        name=name,
        sha256=hashlib.sha256(encoded).hexdigest(),
        width=width,
        height=height,
    )
    frozen.file.save(name, ContentFile(encoded), save=False)
    frozen.save()
    return frozen


def _reencode(data: bytes) -> tuple[bytes, str, tuple[int, int]]:
    """Draw the pixels anew: turned upright, at most MAX_EDGE wide, nothing beside."""
    with Image.open(io.BytesIO(data)) as opened:
        upright = ImageOps.exif_transpose(opened)
        transparent = "A" in upright.getbands() or "transparency" in upright.info
        drawn = upright.convert("RGBA" if transparent else "RGB")
    drawn.thumbnail((MAX_EDGE, MAX_EDGE))
    # A new image has no EXIF, XMP, IPTC or colour profile to pass on.
    clean = Image.new(drawn.mode, drawn.size)
    clean.paste(drawn)
    out = io.BytesIO()
    if transparent:
        clean.save(out, "PNG", optimize=True)
    else:
        clean.save(out, "JPEG", quality=85, optimize=True)
    return out.getvalue(), ".png" if transparent else ".jpg", clean.size
