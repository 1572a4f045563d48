"""JPEG: a walk over marker segments, up to the end-of-image marker (ITU T.81 B.1)."""

from __future__ import annotations

import re
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.container import Container

# A marker is FF and a byte that is neither a stuffed zero, a restart mark, nor one more fill byte. One
# search finds it behind entropy-coded data as well as behind padding.
_MARKER: Final = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
_START_OF_IMAGE: Final = 0xD8
_END_OF_IMAGE: Final = 0xD9
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_FIRST_ASSIGNED: Final = 0xC0


def read_jpeg(data: bytes) -> Container:
    """Read a file that begins with FF D8 FF. A marker that no standard assigns counts as damage."""
    width = height = 0
    position = 2
    while (found := _MARKER.search(data, position)) is not None:
        marker = found.group(1)[0]
        position = found.end()
        if marker == _END_OF_IMAGE:
            return Container(ImageFormat.JPEG, width, height, 1, position, "" if width else "no frame header")
        if marker < _FIRST_ASSIGNED or marker == _START_OF_IMAGE:
            return Container(ImageFormat.JPEG, width, height, 1, None, f"stray marker {marker:02x}")
        length = int.from_bytes(data[position : position + 2])
        if marker in _FRAME_HEADERS:
            height = max(height, int.from_bytes(data[position + 3 : position + 5]))
            width = max(width, int.from_bytes(data[position + 5 : position + 7]))
        position += length
    return Container(ImageFormat.JPEG, width, height, 1, None, "no end-of-image marker")
