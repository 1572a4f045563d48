"""How large, how long, how many: the limits that a picture must keep (safety.md 6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImagingSettings:
    """Limits of one inspector.

    min_bytes                bodies of this many bytes or fewer are no pictures we keep (images.md 4.1)
    max_bytes                larger bodies are refused unread
    max_pixels, max_side     of the header, before anything is decoded
    max_frames               of an animation
    decode_timeout_seconds   for one picture in one worker, then the worker is killed
    thumbnail                edge of the square thumbnail in pixels, 0 = none
    """

    min_bytes: int = 100
    max_bytes: int = 10 * 1024 * 1024
    max_pixels: int = 50_000_000
    max_side: int = 20_000
    max_frames: int = 500
    decode_timeout_seconds: float = 10.0
    thumbnail: int = 300
