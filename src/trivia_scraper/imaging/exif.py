"""The two EXIF facts that matter here: which way is up, and whether the picture says where it was taken.

Reads tag tables directly instead of through an EXIF library: every read is bounded by the block, so that
loops and huge counts (H075) cost nothing.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12
_BYTE_ORDERS: Final = {b"II": "<", b"MM": ">"}
# A pointer to a GPS directory, as it looks in either byte order and either pointer type. Searched for as
# bytes: it may hang on any directory, in any segment, behind any damage.
_GPS_POINTERS: Final = tuple(struct.pack(f"{order}HHI", 0x8825, kind, 1) for order in "<>" for kind in (4, 13))
_PREFIX: Final = b"Exif\0\0"


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """`orientation` 1 … 8 as EXIF counts them, 1 when unsaid; `has_gps` when a GPS directory is referred to."""

    orientation: int = 1
    has_gps: bool = False


def read_exif(block: bytes) -> ExifFacts:
    """The facts of an EXIF block, with or without its "Exif" prefix. Damage means the defaults."""
    tiff = block.removeprefix(_PREFIX)
    orientation = _orientation(tiff)
    return ExifFacts(orientation if 1 <= orientation <= 8 else 1, any(pointer in tiff for pointer in _GPS_POINTERS))


def _orientation(tiff: bytes) -> int:
    order = _BYTE_ORDERS.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return 1
    (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
    if directory + 2 > len(tiff):
        return 1
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    last = len(tiff) - _ENTRY_BYTES
    for entry in range(directory + 2, min(directory + 2 + count * _ENTRY_BYTES, last + 1), _ENTRY_BYTES):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, entry)
        if tag == _ORIENTATION and kind == _SHORT:
            return int(value)
    return 1
