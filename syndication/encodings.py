"""Answers in fewer bytes: compressed once when written, and joined as they are.

Content codings as in RFC 9110 (8.4.1). A list in gzip is made of stored pieces: each ends
on a byte and refers to nothing before it (RFC 1951, 3.2.4), so pieces in a row, with plain
bytes between them, are one stream. Brotli cannot be joined like that.
"""

import math
import struct
import zlib
from collections.abc import Sequence

import brotli
from django.http import HttpRequest

# In the order in which we like them.
BROTLI, GZIP = "br", "gzip"
# As small as it gets, because it is done once; and quickly, while a reader waits.
ONCE, WAITING = {BROTLI: 11, GZIP: 9}, {BROTLI: 4, GZIP: 5}
# Of a piece: checksum and length of what it holds, and what the length does to a checksum.
PIECE = struct.Struct("<III")
# RFC 1952, 2.3: no name, no time, no system, so that the same text has the same bytes.
HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
# An empty last block.
END = b"\x03\x00"
# RFC 1951, 3.2.4: the most that a block of plain bytes holds.
BLOCK = 65_535
# CRC-32 of RFC 1952 (8), the lowest power last.
POLYNOMIAL = 0xEDB88320
ONE = 1 << 31


def chosen(request: HttpRequest, offered: Sequence[str] = (BROTLI, GZIP)) -> str:
    """Return the coding of ``offered`` that a reader likes best; "" for none.

    ``Accept-Encoding`` of RFC 9110 (12.5.3). What cannot be read counts as not accepted:
    plain bytes are right for everybody.
    """
    accepted = request.META.get("HTTP_ACCEPT_ENCODING")
    if not accepted:
        return ""
    liked = {}
    for one in accepted.lower().split(","):
        name, _, parameter = one.partition(";")
        liked[name.strip()] = _quality(parameter.strip())
    best = max(offered, key=lambda coding: liked.get(coding, liked.get("*", 0.0)))
    return best if liked.get(best, liked.get("*", 0.0)) > 0 else ""


def encode(data: bytes, coding: str, quality: dict[str, int] = WAITING) -> bytes:
    """Return ``data`` in a coding, or as it is for ""."""
    if coding == BROTLI:
        return bytes(brotli.compress(data, quality=quality[BROTLI]))
    if coding == GZIP:
        engine = zlib.compressobj(quality[GZIP], zlib.DEFLATED, 31)
        return engine.compress(data) + engine.flush()
    return data


def pack(data: bytes) -> bytes:
    """Compress ``data`` into a piece for ``Gzip``, for good."""
    engine = zlib.compressobj(ONCE[GZIP], zlib.DEFLATED, -15)
    squeezed = engine.compress(data) + engine.flush(zlib.Z_FULL_FLUSH)
    return PIECE.pack(zlib.crc32(data), len(data), _shift(len(data))) + squeezed


def unpack(piece: bytes) -> bytes:
    """Return what a piece holds. Raises ``zlib.error`` if it is none."""
    return zlib.decompressobj(31).decompress(gzip(piece))


def gzip(*pieces: bytes) -> bytes:
    """Return what some pieces hold, one after the other, as gzip."""
    stream = Gzip()
    return b"".join([HEAD, *map(stream.packed, pieces), stream.end()])


class Gzip:
    """A gzip stream of pieces and plain bytes: ``HEAD``, any of both, ``end``."""

    def __init__(self) -> None:
        self.checksum = 0
        self.length = 0

    def packed(self, piece: bytes) -> bytes:
        """Put a piece in: its bytes are not looked at."""
        checksum, length, shift = PIECE.unpack_from(piece)
        # As zlib's crc32_combine: the checksum of two texts from those of each.
        self.checksum = _times(shift, self.checksum) ^ checksum
        self.length += length
        return piece[PIECE.size :]

    def plain(self, data: bytes) -> bytes:
        """Put bytes in that are not compressed, such as what stands between pieces."""
        self.checksum = zlib.crc32(data, self.checksum)
        self.length += len(data)
        return b"".join(
            struct.pack("<BHH", 0, len(some), len(some) ^ 0xFFFF) + some
            for some in (data[at : at + BLOCK] for at in range(0, len(data), BLOCK))
        )

    def end(self) -> bytes:
        """Return how the stream ends."""
        return END + struct.pack("<II", self.checksum, self.length & 0xFFFFFFFF)


def _quality(parameter: str) -> float:
    if not parameter:
        return 1.0
    name, _, value = parameter.partition("=")
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    is_quality = name.strip() == "q" and math.isfinite(quality)
    return quality if is_quality else 0.0


def _shift(length: int) -> int:
    """Return x to the power of eight times ``length``, modulo the polynomial."""
    power, square = ONE, ONE >> 8
    while length:
        if length & 1:
            power = _times(square, power)
        square = _times(square, square)
        length >>= 1
    return power


def _times(one: int, other: int) -> int:
    """Multiply two polynomials over two elements, modulo the polynomial."""
    product = 0
    while one:
        if one & ONE:
            product ^= other
        one = (one << 1) & 0xFFFFFFFF
        other = (other >> 1) ^ (POLYNOMIAL if other & 1 else 0)
    return product
