"""The local image store: stage beside the target, hash while streaming, fsync, rename, fsync the directory.

Protocol of safety.md 9. Keys come from `policy.naming` and nowhere else. Work is relative to directory
descriptors opened without following links, so nothing is ever written outside the root. At most one
executor hop a call, with a limiter of its own: slow name look-ups in the default executor cannot stall the disk.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from trivia_scraper.domain.errors import StorageFull, StorageUnavailable
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.ports import Stage
from trivia_scraper.storage.staging import DISK_IS_FULL, STAGING_FOLDER, LocalStage

STORE_FOLDER: Final = ".store"
"""Where the store keeps what is no picture: its lock, pages that could not be read."""

_Result = TypeVar("_Result")
_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


@asynccontextmanager
async def open_file_store(root: Path, min_free_bytes: int) -> AsyncIterator[LocalFileStore]:
    """Open the store under `root`, proving that it can be written: write, sync, rename, remove.

    Raises StorageFull (exit 13) when it cannot, naming the path.
    """
    store = await anyio.to_thread.run_sync(_open_root, root, min_free_bytes)
    try:
        yield store
    finally:
        store.close()


def _open_root(root: Path, min_free_bytes: int) -> LocalFileStore:
    with ExitStack() as opened, _refusing(root):
        (root / STAGING_FOLDER).mkdir(parents=True, exist_ok=True)
        root_fd = os.open(root, _OPEN_FOLDER)
        opened.callback(os.close, root_fd)
        staging_fd = os.open(STAGING_FOLDER, _OPEN_FOLDER, dir_fd=root_fd)
        opened.callback(os.close, staging_fd)
        if os.fstat(root_fd).st_dev != os.fstat(staging_fd).st_dev:
            raise StorageFull(
                f"{root / STAGING_FOLDER} is on another filesystem than {root}: no file could be renamed into place",
                hint="make both directories part of one filesystem",
            )
        store = LocalFileStore(root, root_fd, staging_fd, min_free_bytes)
        store.prove_writable()
        opened.pop_all()
        return store


@contextmanager
def _refusing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _not_writable(root, error) from error


def _not_writable(root: Path, error: OSError) -> StorageFull:
    return StorageFull(
        f"image storage {root} is not writable: {error.strerror}",
        reason=Reason.DISK_FULL if error.errno in DISK_IS_FULL else None,
        hint="set [storage] path to a directory that this user may write, or make room on its disk",
    )


class LocalFileStore:
    """Permanent image storage in a directory. Implements `ports.FileStore`."""

    def __init__(self, root: Path, root_fd: int, staging_fd: int, min_free_bytes: int) -> None:
        self.root = root
        self._root_fd = root_fd
        self._staging_fd = staging_fd
        self._min_free_bytes = min_free_bytes
        self._limiter = anyio.CapacityLimiter(4)

    def close(self) -> None:
        """Let go of the directory descriptors."""
        os.close(self._staging_fd)
        os.close(self._root_fd)

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[Stage]:
        """A place for one body; whatever was not adopted is removed on leaving."""
        stage = LocalStage(self.root / STAGING_FOLDER)
        try:
            yield stage
        finally:
            with anyio.CancelScope(shield=True):
                await stage.discard()

    async def adopt(self, files: Sequence[tuple[str, Stage | bytes]], options: RefreshOptions) -> None:
        """Write, fsync, rename, fsync the directories: one executor hop for all of them."""
        del options  # a forced run rewrites equal bytes too, which renaming into place always does (D8)
        bodies = [(key, item if isinstance(item, bytes) else item.body()) for key, item in files]
        await self._hop(lambda: self._adopt(bodies))

    async def stat(self, key: str) -> StoredFile | None:
        """Size and modification time of a key, or None. No hop: it would cost ten times what looking costs."""
        with _translated():
            return self._stat(key)

    async def missing(self, keys: Sequence[str]) -> Sequence[str]:
        """Which of these keys have no file."""
        return [key for key in keys if await self.stat(key) is None]

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """Regular files directly under the prefix, in name order."""
        return await self._hop(lambda: self._list(prefix))

    async def directory_exists(self, prefix: str) -> bool:
        """Whether the prefix is a directory."""
        return await self._hop(lambda: (self.root / prefix).is_dir())

    async def delete(self, key: str) -> bool:
        """Unlink one key; False when there was nothing."""
        return await self._hop(lambda: self._delete(key))

    async def has_room(self) -> bool:
        """Whether free space is above the limit."""
        usage = os.fstatvfs(self._root_fd)
        return usage.f_bavail * usage.f_frsize >= self._min_free_bytes

    def path_of(self, key: str) -> Path | None:
        """Where the key lies on disk."""
        return self.root / key

    async def empty_staging(self) -> int:
        """Remove what an earlier process left half-written; returns how many files (startup recovery)."""
        return await self._hop(self._empty_staging)

    async def all_keys(self) -> Sequence[str]:
        """Every file in the store but staged ones: for the invariants, not for daily work."""
        return await self._hop(lambda: sorted(self._walk()))

    def prove_writable(self) -> None:
        """Write, sync and remove one file, so that a read-only store is found out before any download."""
        name = f"probe-{secrets.token_hex(8)}"
        self._write_staged(name, b"probe")
        os.unlink(name, dir_fd=self._staging_fd)

    async def _hop(self, work: Callable[[], _Result]) -> _Result:
        with _translated():
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    def _adopt(self, bodies: Sequence[tuple[str, bytes | Path]]) -> None:
        self._refuse_a_moved_root()
        staged: list[tuple[str, str]] = []
        try:
            for key, body in bodies:
                staged.append((key, self._write_or_sync(body)))
            for folder in sorted({key.rpartition("/")[0] for key, _ in staged}):
                self._rename_into(folder, [(key, name) for key, name in staged if key.rpartition("/")[0] == folder])
        except OSError:
            self._unlink_quietly([name for _, name in staged])
            raise

    def _write_or_sync(self, body: bytes | Path) -> str:
        if isinstance(body, Path):
            self._sync_staged(body.name)
            return body.name
        name = secrets.token_hex(16)
        self._write_staged(name, body)
        return name

    def _write_staged(self, name: str, body: bytes) -> None:
        fd = os.open(name, _CREATE, 0o640, dir_fd=self._staging_fd)
        try:
            view = memoryview(body)
            while view:
                view = view[os.write(fd, view) :]
            os.fsync(fd)
        except OSError:
            # A file that failed its fsync is dead: never synced again, downloaded anew (F20).
            os.unlink(name, dir_fd=self._staging_fd)
            raise
        finally:
            os.close(fd)

    def _sync_staged(self, name: str) -> None:
        fd = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=self._staging_fd)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _rename_into(self, folder: str, files: Sequence[tuple[str, str]]) -> None:
        with self._folder(folder, create=True) as folder_fd:
            for key, staged_name in files:
                target = key.rpartition("/")[2]
                os.rename(staged_name, target, src_dir_fd=self._staging_fd, dst_dir_fd=folder_fd)
            os.fsync(folder_fd)

    @contextmanager
    def _folder(self, folder: str, *, create: bool) -> Iterator[int]:
        fd = os.dup(self._root_fd)
        try:
            for part in folder.split("/"):
                if part in ("", ".", ".."):
                    raise ValueError(f"{folder!r} is no folder of this store")
                child = self._child(fd, part, create=create)
                os.close(fd)
                fd = child
            yield fd
        finally:
            os.close(fd)

    def _child(self, parent_fd: int, name: str, *, create: bool) -> int:
        try:
            return os.open(name, _OPEN_FOLDER, dir_fd=parent_fd)
        except FileNotFoundError:
            if not create:
                raise
        with suppress(FileExistsError):  # another thread adopts into the same directory
            os.mkdir(name, 0o750, dir_fd=parent_fd)
        os.fsync(parent_fd)
        return os.open(name, _OPEN_FOLDER, dir_fd=parent_fd)

    def _refuse_a_moved_root(self) -> None:
        here, opened = os.stat(self.root), os.fstat(self._root_fd)
        if (here.st_dev, here.st_ino) != (opened.st_dev, opened.st_ino):
            raise StorageFull(f"image storage {self.root} was replaced while the program ran; nothing is written")

    def _stat(self, key: str) -> StoredFile | None:
        folder, _, name = key.rpartition("/")
        try:
            with self._folder(folder, create=False) as folder_fd:
                return _stored(key, os.stat(name, dir_fd=folder_fd, follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _list(self, prefix: str) -> list[StoredFile]:
        folder = prefix.rstrip("/")
        try:
            with self._folder(folder, create=False) as folder_fd, os.scandir(folder_fd) as entries:
                files = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
                return sorted(
                    (_stored(f"{folder}/{entry.name}", entry.stat()) for entry in files), key=lambda f: f.key
                )
        except FileNotFoundError:
            return []

    def _delete(self, key: str) -> bool:
        folder, _, name = key.rpartition("/")
        try:
            with self._folder(folder, create=False) as folder_fd:
                os.unlink(name, dir_fd=folder_fd)
                os.fsync(folder_fd)
        except FileNotFoundError:
            return False
        return True

    def _empty_staging(self) -> int:
        names = os.listdir(self._staging_fd)
        for name in names:
            os.unlink(name, dir_fd=self._staging_fd)
        return len(names)

    def _unlink_quietly(self, names: Sequence[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._staging_fd)

    def _walk(self) -> Iterator[str]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in (STAGING_FOLDER, STORE_FOLDER)]
            for name in names:
                yield str((Path(folder) / name).relative_to(self.root))


def _stored(key: str, status: os.stat_result) -> StoredFile:
    return StoredFile(key, status.st_size, dt.datetime.fromtimestamp(status.st_mtime, dt.UTC))


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
