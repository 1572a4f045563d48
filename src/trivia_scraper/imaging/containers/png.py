"""PNG and APNG: a walk over chunks, each checked against its CRC (PNG 5.3; the decoder skips that of IDAT)."""

from __future__ import annotations

import struct
import zlib
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.container import Container

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_AROUND_BODY: Final = 12  # length, type, CRC


def read_png(data: bytes) -> Container:
    """Read a file that begins with the PNG signature. Frames: the larger of what is announced and what is there."""
    view = memoryview(data)
    width = height = announced = shown = 0
    position = len(SIGNATURE)
    while position + _AROUND_BODY <= len(data):
        length, kind = struct.unpack_from(">I4s", data, position)
        body, end = position + 8, position + _AROUND_BODY + length
        if kind == b"IHDR":
            width, height = struct.unpack_from(">II", data, body) if len(data) >= body + 8 else (0, 0)
        elif kind == b"acTL" and length >= 4:
            announced = int.from_bytes(data[body : body + 4])
        elif kind == b"fcTL":
            shown += 1
        flaw = _flaw(view, position, end)
        if flaw or kind == b"IEND":
            return Container(ImageFormat.PNG, width, height, max(1, announced, shown), None if flaw else end, flaw)
        position = end
    return Container(ImageFormat.PNG, width, height, max(1, announced, shown), None, "no IEND chunk")


def _flaw(view: memoryview, position: int, end: int) -> str:
    if end > len(view):
        return "a chunk runs past the end"
    expected = int.from_bytes(view[end - 4 : end])
    return "" if zlib.crc32(view[position + 4 : end - 4]) == expected else "wrong CRC"
