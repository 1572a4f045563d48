"""What the image worker and the file store report."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


class ImageFormat(StrEnum):
    """The formats we keep. Extension and media type come from here only (safety.md 6), never from a header."""

    JPEG = "jpg"
    PNG = "png"
    WEBP = "webp"
    GIF = "gif"
    AVIF = "avif"

    @property
    def mime(self) -> str:
        """The media type, e.g. "image/jpeg"."""
        return "image/jpeg" if self is ImageFormat.JPEG else f"image/{self.value}"


@dataclass(frozen=True, slots=True)
class InspectedImage:
    """One picture, decoded and judged.

    width, height  pixels as stored, before EXIF rotation
    rewritten      the picture written anew when the download was not plain (tail behind the end, GPS), else None
    thumbnail      square, centre-cropped, upright, sRGB, no metadata; None when thumbnails are off
    dhash          64-bit difference hash of the upright picture
    force_refresh  the option's value as the worker process saw it
    is_blank       one colour, give or take what a codec adds
    """

    format: ImageFormat
    width: int
    height: int
    frames: int
    rewritten: bytes | None
    thumbnail: bytes | None
    thumbnail_format: ImageFormat | None
    dhash: int | None
    force_refresh: bool
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in permanent storage."""

    key: str
    bytes: int
    modified_at: dt.datetime
