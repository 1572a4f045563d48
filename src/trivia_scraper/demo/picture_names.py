"""What the providers call their picture files: spaces, capitals, query strings, no extension at all (I2, I3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final, Literal
from urllib.parse import quote

PictureFormat = Literal["jpg", "webp", "avif", "png"]
PicturePlace = Callable[[int, str], str]

_WIDTHS: Final[dict[PictureFormat, tuple[int, int, int]]] = {
    # width, height, quality: photographs of several hundred kB as JPEG, smaller where the format is slow to write
    "jpg": (1600, 1067, 88),
    "webp": (1280, 853, 82),
    "avif": (960, 640, 60),
    "png": (480, 320, 0),
}


@dataclass(frozen=True, slots=True)
class ReplicaPicture:
    """A picture as a page refers to it.

    path    decoded, below the provider's mount, e.g. "/cdn/61f0/ab12_qld - the golden lion.jpg"
    query   appended to the address, e.g. "?v=1712"; the file does not depend on it
    is_raw  the page writes the path as it is, spaces and all, instead of percent-encoding it
    """

    path: str
    format: PictureFormat
    width: int
    height: int
    quality: int
    query: str = ""
    is_raw: bool = False

    def href(self, base: str) -> str:
        """The address in the page, before HTML escaping."""
        return base + (self.path if self.is_raw else quote(self.path)) + self.query


def hero_picture(place: PicturePlace, number: int, name: str, style: int) -> ReplicaPicture:
    """A venue's picture under a file name in one of ten styles."""
    pattern, file_format, query, is_raw = _STYLES[style % len(_STYLES)]
    dashed = name.replace(" ", "-")
    file_name = pattern.format(lower=name.lower(), dashed=dashed, slug=dashed.lower(), id=hex_id(name, 16))
    return replace(_picture(place(number, file_name), file_format), query=query, is_raw=is_raw)


def portrait_picture(place: PicturePlace, number: int, name: str) -> ReplicaPicture:
    """A host's picture: square, "Katie Thornbury.jpg"."""
    portrait = _picture(place(100_000 + number, f"{name}.jpg"), "jpg")
    return replace(portrait, width=900, height=900)


def moved(picture: ReplicaPicture, times: int) -> ReplicaPicture:
    """The same slot under another address: what a provider does when it uploads a new file."""
    path = PurePosixPath(picture.path)
    return replace(picture, path=str(path.with_name(f"{path.stem}-new{times}{path.suffix}")))


def hex_id(text: str, length: int = 24) -> str:
    """A made-up object id, the same for the same text."""
    return sha256(text.encode()).hexdigest()[:length]


def _picture(path: str, file_format: PictureFormat) -> ReplicaPicture:
    width, height, quality = _WIDTHS[file_format]
    return ReplicaPicture(path, file_format, width, height, quality)


_STYLES: Final[tuple[tuple[str, PictureFormat, str, bool], ...]] = (
    # file name, what the file is, query, written raw into the page
    ("{lower}.jpg", "jpg", "", False),
    ("{dashed}-FRONT-BAR.JPG", "jpg", "", False),
    ("{slug}-1200x800.webp", "webp", "", False),
    ("{slug}.jpg", "jpg", "?12345&w=1600", False),
    ("{slug}_29102020023205.avif", "avif", "", False),
    ("{lower} quiz night.jpg", "jpg", "", True),
    ("{id}", "jpg", "", False),
    ("Screenshot {dashed}.png", "png", "", False),
    ("{slug}-scaled.jpg", "webp", "", False),
    ("{slug}-p-1600.jpeg", "jpg", "", False),
)
