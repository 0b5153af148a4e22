"""Pictures drawn anew: nothing but pixels is left of what somebody uploaded.

A photograph tells where and when it was taken, by which telephone and, in a small
copy of itself, what was cut away. None of that is ever stored.
"""

import contextlib
import io
import struct
import zlib
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps
from pillow_heif import register_heif_opener

from .errors import NotAPicture

# What a telephone, a scanner and a drawing program make. Never SVG: it can hold a
# program. What somebody calls their file is compared with these as well.
FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "HEIF", "AVIF"]
NAMED = {
    ".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".gif": "GIF", ".webp": "WEBP",
    ".heic": "HEIF", ".avif": "AVIF",
}  # fmt: skip
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
# Drawing a pixel of WebP takes 15 bytes of memory and one of JPEG 7: its decoder holds
# the picture three times. So neither takes more than about 300 MB.
MOST_PIXELS_OF_WEBP = 20_000_000
# What begins a program or a document. Cameras append films and maps to their
# photographs, so that something follows a picture is no reason to refuse it.
FOREIGN = (b"<script", b"<?php", b"<html", b"<!doctype", b"<svg", b"%pdf-")
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Decoders fail in many ways over a damaged file, and Pillow hands all of them on.
DAMAGED = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, OverflowError,
    RuntimeError, AttributeError, struct.error, zlib.error, MemoryError,
    # Where warnings are errors.
    UserWarning,
)  # fmt: skip

TOO_LARGE = (
    "This file is larger than 10 MB. Save the picture smaller, for example 2,000 "
    "pixels wide, and choose it again."
)
TOO_MANY_PIXELS = (
    "This picture has more than 40 million pixels. Save it smaller, for example 2,000 "
    "pixels wide, and choose it again."
)
TOO_MANY_PIXELS_OF_WEBP = (
    "This WebP has more than 20 million pixels. Save it as JPEG, or smaller, for "
    "example 2,000 pixels wide, and choose it again."
)
UNREADABLE = (
    "This is not a picture that we can read, or part of it is missing. Save it as JPEG "
    "or PNG and choose it again."
)
WRONG_KIND = (
    "Pictures can be JPEG, PNG, WebP, GIF, HEIC or AVIF. Save it as JPEG or PNG and "
    "choose it again."
)
NOT_WHAT_IT_SAYS = (
    "This file is not the kind of picture that the end of its name says. Open it in a "
    "program for pictures, save it as JPEG or PNG and choose it again."
)
MOVES = (
    "This picture moves, and moving pictures make some people ill. Save one still of "
    "it, or show it as a film."
)
MORE_THAN_A_PICTURE = (
    "This file holds something else besides a picture. Open it in a program for "
    "pictures, save it as a new JPEG or PNG, and choose that one."
)

Image.init()
register_heif_opener()


@dataclass(frozen=True)
class Drawn:
    """A picture as its pixels alone, upright."""

    data: bytes
    suffix: str
    width: int
    height: int


def redraw(
    data: bytes, *, suffix: str | None = None, longest_edge: int | None = None
) -> Drawn:
    """Return the picture in ``data`` drawn anew, in the colours that screens show.

    Turned upright, without EXIF, XMP, IPTC, comments, thumbnails or colour profile.
    JPEG stays JPEG, and so become HEIC and AVIF; PNG, GIF and whatever is see-through
    become PNG. ``suffix`` is how its name ends, where that has to fit. Size is read from
    the header first: what would be too large is never decoded. Raises ``NotAPicture`` with a sentence for whoever chose the file.
    """
    if len(data) > MOST_BYTES:
        raise NotAPicture(TOO_LARGE)
    if suffix is not None and suffix.lower() not in NAMED:
        raise NotAPicture(WRONG_KIND)
    if _holds_more_than_a_picture(data):
        raise NotAPicture(MORE_THAN_A_PICTURE)
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            # A photograph that comes with others of it (MPO) is a JPEG, too.
            kind = "JPEG" if opened.format == "MPO" else opened.format
            if suffix is not None and NAMED[suffix.lower()] != kind:
                raise NotAPicture(NOT_WHAT_IT_SAYS)
            return _draw(opened, longest_edge)
    # Pillow warns of half a bomb and refuses a whole one; our limit is lower.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise NotAPicture(TOO_MANY_PIXELS) from bomb
    except DAMAGED as damage:
        raise NotAPicture(UNREADABLE) from damage


def _draw(opened: Image.Image, longest_edge: int | None) -> Drawn:
    if opened.width * opened.height > MOST_PIXELS:
        raise NotAPicture(TOO_MANY_PIXELS)
    if opened.format == "WEBP" and opened.width * opened.height > MOST_PIXELS_OF_WEBP:
        raise NotAPicture(TOO_MANY_PIXELS_OF_WEBP)
    # A photograph may come with others of it (MPO, HEIC); a film is something else.
    if opened.format in ("GIF", "PNG", "WEBP") and getattr(opened, "n_frames", 1) > 1:
        raise NotAPicture(MOVES)
    kind = opened.format
    # In place: forty million pixels twice are a quarter of a gigabyte.
    ImageOps.exif_transpose(opened, in_place=True)
    see_through = opened.has_transparency_data
    drawn = _as_screens_show_it(opened, "RGBA" if see_through else "RGB")
    if longest_edge:
        drawn.thumbnail((longest_edge, longest_edge))
    # From here Pillow would write on: a comment, a profile, a resolution.
    drawn.info.clear()
    out = io.BytesIO()
    if see_through or kind in ("PNG", "GIF"):
        drawn.save(out, "PNG", optimize=longest_edge is not None)
        suffix = ".png"
    else:
        quality = 85 if longest_edge else 92
        drawn.save(out, "JPEG", quality=quality, optimize=True)
        suffix = ".jpg"
    return Drawn(out.getvalue(), suffix, *drawn.size)


def _as_screens_show_it(picture: Image.Image, mode: str) -> Image.Image:
    """Return the picture in sRGB, which is what is meant where no profile says more."""
    profile = picture.info.get("icc_profile")
    if profile:
        # A profile that makes no sense is as good as none.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            if picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
                picture = picture.convert(mode)
            if picture.mode in ("RGB", "CMYK"):
                converted = ImageCms.profileToProfile(
                    picture, source, target, outputMode="RGB"
                )
                picture = converted or picture
            elif picture.mode == mode:
                ImageCms.profileToProfile(picture, source, target, inPlace=True)
    return picture.convert(mode) if picture.mode != mode else picture


def _holds_more_than_a_picture(data: bytes) -> bool:
    """Whether a browser, a reader of PDF or an unpacker could take it for its own."""
    lower = data.lower()
    if any(mark in lower for mark in FOREIGN):
        return True
    if all(mark in data for mark in ZIP):
        return True
    # No camera makes GIF, so nothing has to follow its last byte.
    return data.startswith(b"GIF8") and not data.rstrip(b"\0").endswith(b";")
