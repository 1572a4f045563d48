"""The disk under the local store: every call blocks, and is made in a thread by `storage.files`.

Work is relative to directory descriptors opened without following links, so nothing is ever read or written
outside the root (safety.md 9, F25).
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Final

from trivia_scraper.domain.errors import StorageFull
from trivia_scraper.domain.failures import Reason
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.storage.keys import names_of, split_key
from trivia_scraper.storage.staging import DISK_IS_FULL, STAGING_FOLDER

_OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_READ_BYTES: Final = 1024 * 1024


def open_root(root: Path) -> RootFolder:
    """Open the folder and its staging place, proving that both can be written. Raises StorageFull (exit 13)."""
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
        folder = RootFolder(root, root_fd, staging_fd)
        folder.prove_writable()
        opened.pop_all()
        return folder


@contextmanager
def _refusing(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFull(
            f"image storage {root} is not writable: {error.strerror}",
            reason=Reason.DISK_FULL if error.errno in DISK_IS_FULL else None,
            hint="set [storage] path to a directory that this user may write, or make room on its disk",
        ) from error


class RootFolder:
    """The store's folder, open. Paths are keys; every error is an OSError."""

    def __init__(self, path: Path, root_fd: int, staging_fd: int) -> None:
        self.path = path
        self._root_fd = root_fd
        self._staging_fd = staging_fd

    def close(self) -> None:
        """Let go of the directory descriptors."""
        os.close(self._staging_fd)
        os.close(self._root_fd)

    def free_bytes(self) -> int:
        """What an ordinary user may still write."""
        usage = os.fstatvfs(self._root_fd)
        return usage.f_bavail * usage.f_frsize

    def prove_writable(self) -> None:
        """Write, sync and remove one file, so that a read-only store is found out before any download."""
        name = f"probe-{secrets.token_hex(8)}"
        self._write_staged(name, b"probe")
        os.unlink(name, dir_fd=self._staging_fd)

    def adopt(self, bodies: Sequence[tuple[str, bytes | Path]]) -> None:
        """Write and sync each body beside its target, then rename folder by folder and sync the folders."""
        self._refuse_a_moved_root()
        for key, _ in bodies:
            names_of(key)
        staged: list[tuple[str, str]] = []
        try:
            for key, body in bodies:
                staged.append((key, self._write_or_sync(body)))
            for folder in sorted({key.rpartition("/")[0] for key, _ in staged}):
                self._rename_into(folder, [(key, name) for key, name in staged if key.rpartition("/")[0] == folder])
        except OSError:
            self._unlink_quietly([name for _, name in staged])
            raise

    def stat(self, key: str) -> StoredFile | None:
        """What lies under the key itself; a link is not followed."""
        folder, name = split_key(key)
        try:
            with self._folder(folder, create=False) as folder_fd:
                return _stored(key, os.stat(name, dir_fd=folder_fd, follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def entries(self, folder: str) -> tuple[list[StoredFile], list[str]]:
        """Regular files directly in a folder ("" = the root) in name order, and the folders in it.

        What vanishes while it is looked at was not there. Links are neither. No folder: nothing.
        """
        files: list[StoredFile] = []
        folders: list[str] = []
        try:
            with self._folder(folder, create=False) as folder_fd, os.scandir(folder_fd) as entries:
                for entry in entries:
                    path = f"{folder}/{entry.name}" if folder else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(path)
                    elif entry.is_file(follow_symlinks=False):
                        with suppress(FileNotFoundError):
                            files.append(_stored(path, entry.stat(follow_symlinks=False)))
        except FileNotFoundError:
            return [], []
        return sorted(files, key=lambda file: file.key), sorted(folders)

    def read(self, key: str) -> bytes | None:
        """All bytes of a file, or None when there is none."""
        try:
            return b"".join(self._blocks(key))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def digest(self, key: str) -> str | None:
        """Hex sha256 of the bytes on disk, or None."""
        hashed = sha256()
        try:
            for block in self._blocks(key):
                hashed.update(block)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return hashed.hexdigest()

    def delete(self, key: str) -> bool:
        """Unlink and sync the folder; False when there was nothing."""
        folder, name = split_key(key)
        try:
            with self._folder(folder, create=False) as folder_fd:
                os.unlink(name, dir_fd=folder_fd)
                os.fsync(folder_fd)
        except FileNotFoundError:
            return False
        return True

    def move(self, key: str, target: str) -> bool:
        """Rename within the root, the target's folder made if need be; both folders reach the disk."""
        self._refuse_a_moved_root()
        (folder, name), (target_folder, target_name) = split_key(key), split_key(target)
        if self.stat(key) is None:
            return False
        with (
            self._folder(folder, create=False) as folder_fd,
            self._folder(target_folder, create=True) as target_fd,
        ):
            os.rename(name, target_name, src_dir_fd=folder_fd, dst_dir_fd=target_fd)
            os.fsync(target_fd)
            os.fsync(folder_fd)
        return True

    def empty_staging(self) -> int:
        """Remove every staged file; returns how many there were."""
        names = os.listdir(self._staging_fd)
        for name in names:
            os.unlink(name, dir_fd=self._staging_fd)
        return len(names)

    def _blocks(self, key: str) -> Iterator[bytes]:
        folder, name = split_key(key)
        with self._folder(folder, create=False) as folder_fd:
            fd = os.open(name, _OPEN_FILE, dir_fd=folder_fd)
        try:
            while block := os.read(fd, _READ_BYTES):
                yield block
        finally:
            os.close(fd)

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
        fd = os.open(name, _OPEN_FILE, dir_fd=self._staging_fd)
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
            for part in names_of(folder) if folder else ():
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
        here, opened = os.stat(self.path), os.fstat(self._root_fd)
        if (here.st_dev, here.st_ino) != (opened.st_dev, opened.st_ino):
            raise StorageFull(f"image storage {self.path} was replaced while the program ran; nothing is written")

    def _unlink_quietly(self, names: Sequence[str]) -> None:
        for name in names:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self._staging_fd)


def _stored(key: str, status: os.stat_result) -> StoredFile:
    return StoredFile(key, status.st_size, dt.datetime.fromtimestamp(status.st_mtime, dt.UTC))
