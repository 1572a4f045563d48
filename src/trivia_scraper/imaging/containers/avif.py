"""AVIF: a walk over ISO base media boxes, down to the size properties (ISO/IEC 14496-12, 23008-12)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.imaging.containers.container import Container

BRANDS: Final = frozenset({b"avif", b"avis"})
_TOP_LEVEL: Final = frozenset({b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid", b"moof"})
# Where sizes live: the boxes to descend through, and the bytes to skip before each one's children begin. A
# fixed path, because nesting of the file's own choosing would be recursion of its own choosing.
_PATH_TO_SIZES: Final = ((b"meta", 4), (b"iprp", 0), (b"ipco", 0))


def is_avif(data: bytes) -> bool:
    """Whether the file-type box names an AVIF brand, as its own brand or as a compatible one."""
    if data[4:8] != b"ftyp":
        return False
    stop = min(int.from_bytes(data[:4]), 256)
    brands = {data[8:12]} | {data[at : at + 4] for at in range(16, stop, 4)}
    return bool(brands & BRANDS)


def read_avif(data: bytes) -> Container:
    """Read a file that `is_avif`. Frames of a sequence are the decoder's to count."""
    width = height = end = 0
    for kind, body, box_end in _boxes(data, 0, len(data)):
        if kind not in _TOP_LEVEL:
            break
        if box_end > len(data):
            return Container(ImageFormat.AVIF, width, height, 1, None, f"box {kind.decode('latin-1')} cut short")
        for claimed_width, claimed_height in _sizes(data, kind, body, box_end):
            width, height = max(width, claimed_width), max(height, claimed_height)
        end = box_end
    return Container(ImageFormat.AVIF, width, height, 1, end if width else None, "" if width else "no size property")


def _sizes(data: bytes, kind: bytes, body: int, end: int, depth: int = 0) -> Iterator[tuple[int, int]]:
    if depth == len(_PATH_TO_SIZES):
        if kind == b"ispe" and end - body >= 12:
            yield struct.unpack_from(">II", data, body + 4)
        return
    parent, skipped = _PATH_TO_SIZES[depth]
    if kind == parent:
        for child, child_body, child_end in _boxes(data, body + skipped, end):
            yield from _sizes(data, child, child_body, min(child_end, end), depth + 1)


def _boxes(data: bytes, position: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, start of body and end of each box. A box may claim to end behind `stop`; it is the last then."""
    while position + 8 <= stop:
        size, kind = struct.unpack_from(">I4s", data, position)
        body = position + 8
        if size == 1 and position + 16 <= stop:
            size, body = int.from_bytes(data[body : body + 8]), position + 16
        end = stop if size == 0 else position + max(size, body - position)
        yield kind, body, end
        position = end
