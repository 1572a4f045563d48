"""The local image store: stage beside the target, hash while streaming, fsync, rename, fsync the directory.

Protocol of safety.md 9. Keys come from `policy.naming` and nowhere else. At most one executor hop a call, with a
limiter of its own: slow name look-ups in the default executor cannot stall the disk.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from trivia_scraper.domain.errors import StorageFull, StorageUnavailable
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.ports import Stage
from trivia_scraper.storage.folders import RootFolder, open_root
from trivia_scraper.storage.keys import is_own, public_address
from trivia_scraper.storage.staging import DISK_IS_FULL, STAGING_FOLDER, LocalStage

_Result = TypeVar("_Result")


@asynccontextmanager
async def open_file_store(root: Path, min_free_bytes: int, public_url: str = "") -> AsyncIterator[LocalFileStore]:
    """Open the store under `root`, proving that it can be written: write, sync, rename, remove.

    public_url  address under which the root is served; "" = it is not
    Raises StorageFull (exit 13) when it cannot, naming the path.
    """
    folder = await anyio.to_thread.run_sync(open_root, root)
    try:
        yield LocalFileStore(folder, min_free_bytes, public_url)
    finally:
        folder.close()


class LocalFileStore:
    """Permanent image storage in a directory. Implements `ports.FileStore`."""

    def __init__(self, folder: RootFolder, min_free_bytes: int, public_url: str) -> None:
        self._folder = folder
        self._min_free_bytes = min_free_bytes
        self._public_url = public_url
        self._limiter = anyio.CapacityLimiter(4)

    @property
    def place(self) -> str:
        """The store as an error names it."""
        return f"the folder {self._folder.path}"

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        """A place for one body; whatever was not adopted is removed on leaving."""
        stage = LocalStage(self._folder.path / STAGING_FOLDER)
        try:
            yield stage
        finally:
            with anyio.CancelScope(shield=True):
                await stage.discard()

    async def adopt(
        self,
        files: Sequence[tuple[str, Stage | bytes]],
        options: RefreshOptions,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Write, fsync, rename, fsync the directories: one executor hop for all of them."""
        del labels  # a folder has no place for them
        del options  # a forced run rewrites equal bytes too, which renaming into place always does (D8)
        bodies = [(key, item if isinstance(item, bytes) else item.body()) for key, item in files]
        await self._hop(lambda: self._folder.adopt(bodies))

    async def stat(self, key: str) -> StoredFile | None:
        """Size and modification time of a key, or None. No hop: it would cost ten times what looking costs."""
        with _translated():
            return self._folder.stat(key)

    async def missing(self, keys: Sequence[str]) -> Sequence[str]:
        """Which of these keys have no file."""
        return [key for key in keys if await self.stat(key) is None]

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """Regular files directly under the prefix, in name order."""
        files, _ = await self._hop(lambda: self._folder.entries(prefix.rstrip("/")))
        return files

    async def directory_exists(self, prefix: str) -> bool:
        """Whether the prefix is a directory."""
        return await self._hop(lambda: (self._folder.path / prefix).is_dir())

    async def all_files(self, prefix: str = "") -> AsyncIterator[StoredFile]:
        """Every file below a prefix, one hop a folder: looking through a large store holds nothing up."""
        folders = [prefix.rstrip("/")]
        while folders:
            folder = folders.pop()
            files, below = await self._hop(partial(self._folder.entries, folder))
            folders += [each for each in below if prefix or not is_own(each)]
            for file in files:
                if prefix or not is_own(file.key):
                    yield file

    async def read(self, key: str) -> bytes | None:
        """All bytes under a key, or None: for what is small."""
        return await self._hop(lambda: self._folder.read(key))

    async def prove_writable(self) -> None:
        """Write, sync and remove a file."""
        await self._hop(self._folder.prove_writable)

    async def write_own(self, key: str, body: bytes) -> None:
        """Write a file of the store's own, as carefully as a picture."""
        await self._hop(lambda: self._folder.adopt([(key, body)]))

    async def digest(self, key: str) -> str | None:
        """Hex sha256 of the bytes that lie there now."""
        return await self._hop(lambda: self._folder.digest(key))

    async def delete(self, key: str) -> bool:
        """Unlink one key; False when there was nothing."""
        return await self._hop(lambda: self._folder.delete(key))

    async def move(self, key: str, target: str) -> bool:
        """Rename within the root; False when there was nothing."""
        return await self._hop(lambda: self._folder.move(key, target))

    async def empty_staging(self) -> int:
        """Remove what an earlier process left half-written; returns how many files (startup recovery)."""
        return await self._hop(self._folder.empty_staging)

    async def has_room(self) -> bool:
        """Whether free space is above the limit."""
        return self._folder.free_bytes() >= self._min_free_bytes

    def url_of(self, key: str) -> str | None:
        """Where the file is served, or None."""
        return public_address(self._public_url, key)

    def path_of(self, key: str) -> Path | None:
        """Where the key lies on disk."""
        return self._folder.path / key

    async def _hop(self, work: Callable[[], _Result]) -> _Result:
        with _translated():
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise StorageFull(
                f"the image store cannot be written: {error.strerror}", reason=Reason.DISK_FULL
            ) from error
        raise StorageUnavailable(f"the image store refused: {error.strerror} ({error.filename})") from error
