"""Thousands of different JPEGs for the benchmark without encoding thousands: bands of a few photographs, restacked.

Each of the pool's photographs is encoded with a restart marker at the end of every band. Between two such
markers a JPEG's scan depends on nothing before it, so bands of different photographs, one at each height, make
a valid picture: other bytes and another look (the check for placeholders compares looks) at the price of a join.
"""

from __future__ import annotations

import io
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from trivia_scraper.demo.picture_names import ReplicaPicture
from trivia_scraper.demo.pictures import picture as paint_picture

POOL_SIZE: Final = 40
WIDTH: Final = 1024
HEIGHT: Final = 768
QUALITY: Final = 72
_BAND_UNITS: Final = 6  # 4:2:0 codes rows of 16 pixels: bands of 96, so eight of them, like a dHash's rows
_START_OF_SCAN: Final = b"\xff\xda"
_COMMENT: Final = b"\xff\xfe"
_END: Final = b"\xff\xd9"
_RESTART: Final = re.compile(rb"\xff[\xd0-\xd7]")


class BenchPainter:
    """A `Painter`: the seed picks the bands; the wanted size is not looked at. Making one takes a second."""

    def __init__(self) -> None:
        self._pool = [_banded(number) for number in range(POOL_SIZE)]

    def __call__(self, _wanted: ReplicaPicture, seed: str) -> bytes:
        """A plain JPEG that ends at its last byte; distinct for distinct seeds."""
        chance = random.Random(seed)
        bands = [chance.choice(self._pool).bands[height] for height in range(len(self._pool[0].bands))]
        return stack(self._pool[0], bands, seed.encode())


@dataclass(frozen=True, slots=True)
class BandedJpeg:
    """A JPEG taken apart: tables and frame header, the header of its scan, and the scan band by band."""

    tables: bytes
    scan_header: bytes
    bands: tuple[bytes, ...]


def split(body: bytes) -> BandedJpeg:
    """Take a one-scan JPEG with restart markers apart."""
    start = body.index(_START_OF_SCAN)
    first = start + 2 + int.from_bytes(body[start + 2 : start + 4])
    # Within a scan 0xFF is followed by 0x00 unless it begins a marker, so this splits at markers only.
    bands = _RESTART.split(body[first : -len(_END)])
    return BandedJpeg(body[:start], body[start:first], tuple(bands))


def stack(frame: BandedJpeg, bands: Sequence[bytes], comment: bytes) -> bytes:
    """One JPEG of `bands`, top to bottom. The comment makes it one of its kind even if bands should repeat."""
    length = (len(comment) + 2).to_bytes(2)
    parts = [frame.tables, _COMMENT, length, comment, frame.scan_header, bands[0]]
    for number, band in enumerate(bands[1:]):
        parts += (bytes((0xFF, 0xD0 + number % 8)), band)
    return b"".join((*parts, _END))


def _banded(number: int) -> BandedJpeg:
    painted = paint_picture(f"bench:{number}", format="jpg", width=WIDTH, height=HEIGHT, quality=95)
    encoded = io.BytesIO()
    # Standard Huffman tables and one quality for all: bands of different pictures then mean the same.
    with Image.open(io.BytesIO(painted)) as image:
        image.save(encoded, "JPEG", quality=QUALITY, subsampling="4:2:0", restart_marker_rows=_BAND_UNITS)
    return split(encoded.getvalue())
