"""A body on its way in: in memory up to 1 MiB (nearly all), else in a staged file written in 1 MiB blocks."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from pathlib import Path
from typing import Final

import aiofiles
from aiofiles.threadpool.binary import AsyncBufferedIOBase

from trivia_scraper.domain.errors import StorageFull, StorageUnavailable
from trivia_scraper.domain.failures import Reason

STAGING_FOLDER: Final = ".tmp"
MEMORY_LIMIT: Final = 1024 * 1024
DISK_IS_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS})


class LocalStage:
    """Implements `ports.Stage`. Never a disk hop per network chunk: one per full block (safety.md 9)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self._size = 0
        self._path: Path | None = None
        self._file: AsyncBufferedIOBase | None = None

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._size

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes written so far."""
        return self._hash.hexdigest()

    def body(self) -> bytes | Path:
        """The bytes in memory, or the staged file once they exceeded the limit."""
        return bytes(self._buffer) if self._path is None else self._path

    async def write(self, chunk: bytes) -> None:
        """Append; a full block goes to disk."""
        self._hash.update(chunk)
        self._size += len(chunk)
        self._buffer += chunk
        if len(self._buffer) > MEMORY_LIMIT:
            await self._spill()

    async def complete(self) -> None:
        """No more chunks come: what is left of a spilled body goes to disk."""
        if self._path is not None:
            await self._spill()
            await self._close()

    async def restart(self) -> None:
        """Another attempt begins: forget everything."""
        await self.discard()
        self._buffer.clear()
        self._hash = hashlib.sha256()
        self._size = 0

    async def discard(self) -> None:
        """Close and remove the staged file, if there is one and nobody adopted it."""
        await self._close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None

    async def _spill(self) -> None:
        try:
            if self._file is None:
                self._path = self._folder / secrets.token_hex(16)
                self._file = await aiofiles.open(self._path, "xb", buffering=0, opener=_opener)  # type: ignore[assignment]
            assert self._file is not None
            left = memoryview(bytes(self._buffer))
            while left:  # a raw file may take less than it is given
                left = left[await self._file.write(left) :]
        except OSError as error:
            if error.errno in DISK_IS_FULL:
                raise StorageFull(f"no room to stage an image: {error.strerror}", reason=Reason.DISK_FULL) from error
            raise StorageUnavailable(f"an image cannot be staged: {error.strerror}") from error
        self._buffer.clear()

    async def _close(self) -> None:
        if self._file is not None:
            await self._file.close()
            self._file = None


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
