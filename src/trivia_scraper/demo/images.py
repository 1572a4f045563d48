"""The replica's picture files: painted when first asked for, with an ETag and a date, replaceable while it runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Final

from trivia_scraper.demo.picture_names import ReplicaPicture

Painter = Callable[[ReplicaPicture, str], bytes]
"""A picture and a seed → its file. Another seed gives other bytes."""

_FIRST_UPLOAD: Final = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)
_TYPES: Final = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".png": "image/png",
}


@dataclass(frozen=True, slots=True)
class ServedImage:
    """A file as it is now. `content_type` follows the name, as with real servers: it may be wrong (I3)."""

    body: bytes
    etag: str
    last_modified: dt.datetime
    content_type: str

    @property
    def last_modified_header(self) -> str:
        """The date as HTTP writes it."""
        return format_datetime(self.last_modified, usegmt=True)


@dataclass(frozen=True, slots=True)
class _Edition:
    version: int = 0
    retouched: int = 0


class Gallery:
    """Every picture of the replica by its decoded path, mount included.

    keeps_bodies  files stay in memory once painted; without, they are painted for each request and only the
                  ETag is remembered (the benchmark's thousands of files, whose painter is cheap)
    """

    def __init__(self, paint: Painter, *, keeps_bodies: bool) -> None:
        self.paint = paint
        self._keeps_bodies = keeps_bodies
        self._pictures: dict[str, ReplicaPicture] = {}
        self._painters: dict[str, Painter] = {}
        self._editions: dict[str, _Edition] = {}
        self._bodies: dict[tuple[str, int], bytes] = {}
        self._etags: dict[tuple[str, int], str] = {}
        self._painting = asyncio.Lock()

    def add(self, path: str, picture: ReplicaPicture, painter: Painter | None = None) -> None:
        """Hang a picture, painted by a painter of its own if there is one; a path that is taken keeps what it has."""
        if path not in self._pictures:
            self._pictures[path] = picture
            self._painters[path] = painter or self.paint

    def __contains__(self, path: str) -> bool:
        return path in self._pictures

    @property
    def paths(self) -> Iterable[str]:
        """All paths, in no promised order."""
        return self._pictures.keys()

    def version(self, path: str) -> int:
        """How often the bytes were changed."""
        return self._edition(path).version

    def change_image(self, path: str) -> None:
        """New bytes under the same address: new ETag, later date."""
        edition = self._edition(path)
        self._editions[path] = _Edition(edition.version + 1, edition.retouched)

    def renew_etag(self, path: str) -> None:
        """The same bytes under a new ETag and a later date."""
        edition = self._edition(path)
        self._editions[path] = _Edition(edition.version, edition.retouched + 1)

    def reset(self) -> None:
        """Every picture as it was first."""
        self._editions.clear()

    async def current(self, path: str) -> ServedImage:
        """The file under `path` now. Raises KeyError when there is none."""
        picture, edition = self._pictures[path], self._edition(path)
        body = await self._body(path, picture, edition.version)
        tag = self._etags.setdefault((path, edition.version), sha256(body).hexdigest()[:32])
        suffix = f"-{edition.retouched}" if edition.retouched else ""
        return ServedImage(
            body=body,
            etag=f'"{tag}{suffix}"',
            last_modified=_FIRST_UPLOAD + dt.timedelta(days=edition.version, hours=edition.retouched),
            content_type=_TYPES.get(PurePosixPath(path).suffix.lower(), "application/octet-stream"),
        )

    def _edition(self, path: str) -> _Edition:
        return self._editions.get(path, _Edition())

    async def _body(self, path: str, picture: ReplicaPicture, version: int) -> bytes:
        seed, paint = f"{path}#{version}", self._painters[path]
        if not self._keeps_bodies:
            return paint(picture, seed)
        async with self._painting:
            if (path, version) not in self._bodies:
                self._bodies[path, version] = await asyncio.to_thread(paint, picture, seed)
        return self._bodies[path, version]
