"""Whether downloaded bytes may be kept as they are (safety.md 6, "What is kept")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from trivia_scraper.imaging.containers.container import Container

_RAW_PROFILE: Final = "Raw profile type"


def is_plain(container: Container, size: int, has_gps: bool, notes: Mapping[Any, Any]) -> bool:
    """Plain: the container ends at the last byte, and nothing inside says where the picture was taken.

    `notes` is the decoder's metadata. XMP that mentions GPS, and the hexadecimal profiles in which some
    PNG writers hide EXIF, count as a position.
    """
    return container.end == size and not has_gps and not _hides_position(notes)


def _hides_position(notes: Mapping[Any, Any]) -> bool:
    if any(isinstance(key, str) and key.startswith(_RAW_PROFILE) for key in notes):
        return True
    packets = (notes.get("xmp"), notes.get("XML:com.adobe.xmp"))
    return any(b"GPS" in (packet.encode() if isinstance(packet, str) else packet) for packet in packets if packet)
