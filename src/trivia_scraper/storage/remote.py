"""What stores without a disk have in common (safety.md 9): bodies wait on the local disk, then each is sent and
looked at again before anything may rely on it; a move is a copy and a deletion.

The one retry loop is `pipeline.attempts`: a store asks once and says what happened. Its trouble is never told as the
photo provider's (R125): every error carries `storage_error`.
"""

from __future__ import annotations

import asyncio
import secrets
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from hashlib import sha256
from pathlib import Path
from typing import Final

import anyio.to_thread

from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.images import ImageFormat, StoredFile
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.ports import Stage
from trivia_scraper.storage.files import LocalFileStore
from trivia_scraper.storage.keys import STORE_FOLDER, names_of, public_address

ASKED_AT_ONCE: Final = 8
CACHE_CONTROL: Final = "public, max-age=31536000, immutable"
"""New content has a new key (R217): what was fetched once never changes."""
NO_LABELS: Final[Mapping[str, str]] = {}

_MIME: Final = {each.value: each.mime for each in ImageFormat} | {"jpeg": ImageFormat.JPEG.mime, "txt": "text/plain"}


def mime_of(key: str) -> str:
    """The media type of a key's extension, which came from the decoded bytes (R121)."""
    return _MIME.get(key.rpartition(".")[2].lower(), "application/octet-stream")


class RemoteStore(ABC):
    """Implements most of `ports.FileStore` over a few requests that each kind of store knows how to make.

    local      where bodies are staged; whose free space counts
    served_at  public address of the store's root, or ""
    """

    place: str
    """The store as an error names it, without secrets."""

    def __init__(self, local: LocalFileStore, served_at: str) -> None:
        self._local = local
        self._served_at = served_at

    @abstractmethod
    async def send(self, key: str, body: bytes, labels: Mapping[str, str], *, forced: bool) -> None:
        """Put bytes under a key and make sure that they lie there."""

    @abstractmethod
    async def read(self, key: str) -> bytes | None:
        """All bytes under a key, or None."""

    @abstractmethod
    async def copy(self, key: str, target: str) -> bool:
        """The same bytes and labels under a second key; False when there was nothing."""

    @abstractmethod
    async def stat(self, key: str) -> StoredFile | None:
        """What lies under a key."""

    @abstractmethod
    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """Files directly under a folder, in name order."""

    @abstractmethod
    def all_files(self, prefix: str = "") -> AsyncIterator[StoredFile]:
        """Every file below a prefix."""

    @abstractmethod
    async def delete(self, key: str) -> bool:
        """Remove; False when there was nothing."""

    def stage(self) -> AbstractAsyncContextManager[Stage]:
        """A place on the local disk."""
        return self._local.stage()

    async def empty_staging(self) -> int:
        """What an earlier process left on the local disk."""
        return await self._local.empty_staging()

    async def has_room(self) -> bool:
        """Whether the local disk can take a staged body; the service's own limit is told when it refuses."""
        return await self._local.has_room()

    async def adopt(
        self,
        files: Sequence[tuple[str, Stage | bytes]],
        options: RefreshOptions,
        *,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        """Send each body and look at it again. What was sent before an error has its intent, and is collected."""
        for key, _ in files:
            names_of(key)
        for key, item in files:
            body = item if isinstance(item, bytes) else await _bytes_of(item)
            await self.send(key, body, labels or NO_LABELS, forced=options.force_refresh_images)

    async def write_own(self, key: str, body: bytes) -> None:
        """Write a file of the store's own, as carefully as a picture."""
        await self.send(key, body, NO_LABELS, forced=False)

    async def missing(self, keys: Sequence[str]) -> Sequence[str]:
        """Which of these keys have no file: a few questions at once."""
        lost: list[str] = []
        for start in range(0, len(keys), ASKED_AT_ONCE):
            asked = keys[start : start + ASKED_AT_ONCE]
            answers = await asyncio.gather(*map(self.stat, asked), return_exceptions=True)
            for key, answer in zip(asked, answers, strict=True):
                if isinstance(answer, BaseException):
                    raise answer
                if answer is None:
                    lost.append(key)
        return lost

    async def digest(self, key: str) -> str | None:
        """Hex sha256 of the bytes, read back."""
        body = await self.read(key)
        return None if body is None else sha256(body).hexdigest()

    async def move(self, key: str, target: str) -> bool:
        """Copy, then delete: a kill in between leaves both, never none."""
        if not await self.copy(key, target):
            return False
        await self.delete(key)
        return True

    async def directory_exists(self, prefix: str) -> bool:
        """Whether anything lies under the prefix: these stores have no empty folders."""
        return bool(await self.list_files(prefix))

    def url_of(self, key: str) -> str | None:
        """Where the file is served, or None."""
        return public_address(self._served_at, key)

    def path_of(self, key: str) -> Path | None:
        """No place on a disk."""
        del key
        return None

    async def prove_readable(self) -> None:
        """Look and list, writing nothing. Raises SetupError, CredentialsMissing, StorageUnavailable."""
        await self.list_files(f"{STORE_FOLDER}/")
        # Some services forbid to ask for what is not there unless listing is allowed.
        await self.stat(f"{STORE_FOLDER}/probe.txt")

    async def prove_writable(self) -> None:
        """Write, read and remove one small file: what does not work is told before any download.

        Raises as `prove_readable`, and StorageFull.
        """
        name = secrets.token_hex(8)
        key, body = f"{STORE_FOLDER}/probe-{name}.txt", f"probe {name}".encode()
        await self.send(key, body, NO_LABELS, forced=False)
        if await self.read(key) != body:
            raise StorageUnavailable(f"{self.place} does not give back what it was given")
        await self.delete(key)


async def _bytes_of(stage: Stage) -> bytes:
    body = stage.body()
    if isinstance(body, Path):
        return await anyio.to_thread.run_sync(body.read_bytes)
    return body
