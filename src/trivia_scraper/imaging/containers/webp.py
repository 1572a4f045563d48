"""WebP: a walk over the chunks of one RIFF file (RFC 9649 2)."""

from __future__ import annotations

import struct
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.container import Container

_HEADER_BYTES: Final = 12


def read_webp(data: bytes) -> Container:
    """Read a file that begins with RIFF….WEBP."""
    end = 8 + int.from_bytes(data[4:8], "little")
    if end & 1 and data[end:] == b"\0":  # an odd length is padded, but not every writer pads
        end += 1
    width = height = frames = 0
    position = _HEADER_BYTES
    while position + 8 <= min(end, len(data)):
        kind, length = struct.unpack_from("<4sI", data, position)
        body = data[position + 8 : position + 18]
        claimed_width, claimed_height = _claim(kind, body)
        width, height = max(width, claimed_width), max(height, claimed_height)
        frames += kind == b"ANMF"
        position += 8 + length + (length & 1)
    whole = end <= len(data) and width > 0
    return Container(
        ImageFormat.WEBP, width, height, max(1, frames), end if whole else None, "" if whole else "RIFF cut short"
    )


def _claim(kind: bytes, body: bytes) -> tuple[int, int]:
    """Width and height that a chunk states, (0, 0) when it states none."""
    if len(body) < 10:
        return (0, 0)
    if kind == b"VP8X":
        return (1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little"))
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return (1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 ":
        return (int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF)
    return (0, 0)
