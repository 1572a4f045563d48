"""GIF: a walk over blocks up to the trailer (GIF89a 17-27)."""

from __future__ import annotations

import struct
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.container import Container

_EXTENSION: Final = 0x21
_PICTURE: Final = 0x2C
_TRAILER: Final = 0x3B
_HEADER_BYTES: Final = 13
_DESCRIPTOR_BYTES: Final = 10


def read_gif(data: bytes) -> Container:
    """Read a file that begins with GIF87a or GIF89a. The size is that of the screen or of a larger frame."""
    if len(data) < _HEADER_BYTES:
        return Container(ImageFormat.GIF, 0, 0, 1, None, "no screen descriptor")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    position = _HEADER_BYTES + _colour_table_bytes(flags)
    frames = 0
    while position < len(data):
        kind = data[position]
        if kind == _TRAILER:
            return Container(ImageFormat.GIF, width, height, max(1, frames), position + 1)
        if kind == _PICTURE and position + _DESCRIPTOR_BYTES <= len(data):
            left, top, frame_width, frame_height, flags = struct.unpack_from("<HHHHB", data, position + 1)
            width, height = max(width, left + frame_width), max(height, top + frame_height)
            frames += 1
            position = _behind_sub_blocks(data, position + _DESCRIPTOR_BYTES + _colour_table_bytes(flags) + 1)
        elif kind == _EXTENSION:
            position = _behind_sub_blocks(data, position + 2)
        else:
            return Container(ImageFormat.GIF, width, height, max(1, frames), None, f"unknown block {kind:02x}")
    return Container(ImageFormat.GIF, width, height, max(1, frames), None, "no trailer")


def _colour_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_sub_blocks(data: bytes, position: int) -> int:
    while position < len(data) and data[position]:
        position += 1 + data[position]
    return position + 1
