"""EXIF: which way is up, and whether it says where."""

from __future__ import annotations

import struct

import pytest
from PIL import Image

from support import bombs
from trivia_scraper.imaging.exif import ExifFacts, read_exif


def from_pillow(**tags: int) -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "A maker of cameras"
    exif[0x0112] = tags.get("orientation", 1)
    if "gps" in tags:
        exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_as_others_write_it(orientation: int) -> None:
    assert read_exif(from_pillow(orientation=orientation)) == ExifFacts(orientation, has_gps=False)
    assert read_exif(bombs.exif_orientation(orientation)) == ExifFacts(orientation, has_gps=False)


def test_h088_gps_as_others_write_it() -> None:
    assert read_exif(from_pillow(orientation=6, gps=1)) == ExifFacts(6, has_gps=True)
    assert read_exif(bombs.GPS_EXIF).has_gps


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"Exif\0\0",
        b"Exif\0\0II*\0",
        b"II*\0" + struct.pack("<I", 0xFFFFFFF0),
        b"II*\0\x08\0\0\0\xff\xff",
        b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, 9, 0),
        b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 4, 1, 0, 6),
        b"XX\0*\0\0\0\x08\0\x01",
    ],
)
def test_h075_damage_means_upright_and_nowhere(block: bytes) -> None:
    assert read_exif(block) == ExifFacts(1, has_gps=False)
