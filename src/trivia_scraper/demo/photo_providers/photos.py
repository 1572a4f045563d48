"""One invented photo, and how its file is painted: equal looks of equal size are equal bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Annotated, Final

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from trivia_scraper.demo.picture_names import ReplicaPicture

PLACEHOLDER_LOOK: Final = "no photo yet"

_QUALITY: Final = 85
_SHRUNK_QUALITY: Final = 60
_SHRINKING: Final = 0.75
_SIZES: Final = ((1600, 1200), (1600, 1067), (1280, 960), (1200, 675), (1080, 1440), (1024, 768), (1440, 960))
_AUTHORS: Final = ("Katie Thornbury", "Sam O'Neill", "Żaneta Wójcik", "Quiz & Ale Club", "J. Ámbar")

Side = Annotated[int, Field(ge=16, le=1600)]


class ReplicaPhoto(BaseModel):
    """A photo as a provider lists it.

    id        unique at its provider
    look      what it shows: photos of one look and size have equal bytes; "" = its own
    shrunk    the same look at three quarters of the size, encoded again: nearly equal to the eye
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,200}$")]
    look: str = ""
    width: Side = 1600
    height: Side = 1200
    shrunk: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the file, in pixels, where the replica paints at full scale."""
        factor = _SHRINKING if self.shrunk else 1
        return round(self.width * factor), round(self.height * factor)

    @property
    def author(self) -> str:
        """Who took it."""
        return _AUTHORS[sum(self.id.encode()) % len(_AUTHORS)]


def placeholder(photo_id: str) -> ReplicaPhoto:
    """The picture that providers show where they have none: equal bytes under every id."""
    return ReplicaPhoto(id=photo_id, look=PLACEHOLDER_LOOK, width=600, height=400)


def derived_photo(photo_id: str, number: int) -> ReplicaPhoto:
    """The photo of this number, 1 upwards, of an invented place."""
    width, height = _SIZES[number % len(_SIZES)]
    return ReplicaPhoto(id=photo_id, width=width, height=height)


def photo_painter(
    photo: ReplicaPhoto, provider: str, paint: Callable[[ReplicaPicture, str], bytes]
) -> Callable[[ReplicaPicture, str], bytes]:
    """A painter for one photo's address: the look decides, not the address."""
    look = photo.look or f"{provider}/{photo.id}"

    def paint_photo(wanted: ReplicaPicture, seed: str) -> bytes:
        body = paint(wanted, f"{look}#{seed.rpartition('#')[2]}")
        return _shrunk(body) if photo.shrunk else body

    return paint_photo


def full_picture(photo: ReplicaPhoto, path: str) -> ReplicaPicture:
    """What the replica's gallery hangs."""
    return ReplicaPicture(path, "jpg", photo.width, photo.height, _QUALITY)


def _shrunk(body: bytes) -> bytes:
    encoded = io.BytesIO()
    with Image.open(io.BytesIO(body)) as full:
        size = round(full.width * _SHRINKING), round(full.height * _SHRINKING)
        full.resize(size, Image.Resampling.LANCZOS).save(encoded, "JPEG", quality=_SHRUNK_QUALITY)
    return encoded.getvalue()
