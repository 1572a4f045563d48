"""Pictures at ImageKit: uploaded under names of our own, overwritten where a key is written anew.

In place of fsync and rename (safety.md 9): upload, then ask for the file's details and read its original back from
the URL endpoint, which compares length and every byte. A forced refresh that writes an equal key anew asks the CDN
to forget it, so that only this run's bytes are served (R6).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Literal
from urllib.parse import quote

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import (
    CredentialsMissing,
    PermanentError,
    ServiceUnreachable,
    SetupError,
    StorageUnavailable,
    StoreBusy,
    TriviaScraperError,
)
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.ports import OperatorAnswer, OperatorHttp, OperatorRequest
from trivia_scraper.storage.files import LocalFileStore
from trivia_scraper.storage.imagekit_errors import imagekit_error
from trivia_scraper.storage.imagekit_files import ImageKitNames, KitFile, KitListing, read_file, read_listing
from trivia_scraper.storage.keys import is_own, split_key
from trivia_scraper.storage.remote import RemoteStore, mime_of
from trivia_scraper.storage.store_settings import ImageKitSettings

LISTED_AT_ONCE: Final = 1000
_ANSWER_BYTES: Final = 8 * 1024 * 1024
_PICTURE_BYTES: Final = 64 * 1024 * 1024


@asynccontextmanager
async def open_imagekit(
    settings: ImageKitSettings, http: OperatorHttp, local: LocalFileStore, served_at: str, log: FilteringBoundLogger
) -> AsyncIterator[ImageKitStore]:
    """The account's folder, proved readable.

    Raises CredentialsMissing (key missing or refused), StorageUnavailable.
    """
    if not settings.key:
        raise CredentialsMissing(
            "the private key of ImageKit is missing",
            error_type=ErrorType.STORAGE_ERROR,
            hint="set TRIVIA_IMAGEKIT_KEY, or TRIVIA_IMAGEKIT_KEY_FILE to the file that holds it",
        )
    store = ImageKitStore(settings, http, local, served_at, log)
    await store.prove_readable()
    yield store


class ImageKitStore(RemoteStore):
    """Implements `ports.FileStore` over one folder of an ImageKit account."""

    def __init__(
        self,
        settings: ImageKitSettings,
        http: OperatorHttp,
        local: LocalFileStore,
        served_at: str,
        log: FilteringBoundLogger,
    ) -> None:
        self._names = ImageKitNames(settings.folder)
        super().__init__(local, served_at)
        self.place = f"ImageKit's folder {self._names.root} at {settings.api_url}"
        self._settings = settings
        self._http = http
        self._log = log

    async def send(self, key: str, body: bytes, labels: Mapping[str, str], *, forced: bool) -> None:
        """Upload, compare, and after a forced rewrite purge."""
        was_there = forced and await self._find(key) is not None
        tags = ",".join(f"{name}:{label}" for name, label in sorted(labels.items()))
        uploaded = await self._upload(key, body, tags)
        await self._look_again(key, uploaded, body)
        if was_there:
            await self._purge(key)

    async def _upload(self, key: str, body: bytes, tags: str) -> KitFile:
        folder, name = self._names.place_of(key)
        form = {
            "fileName": name,
            "folder": folder,
            "useUniqueFileName": "false",
            "overwriteFile": "true",
            **({"tags": tags} if tags else {}),
        }
        request = OperatorRequest(
            "POST",
            f"{self._settings.upload_url}/api/v1/files/upload",
            form=form,
            file=(name, mime_of(key), body),
            user=self._settings.key,
        )
        return self._read(await self._ask(request, f"writing {key}"), f"writing {key}")

    async def _look_again(self, key: str, uploaded: KitFile, body: bytes) -> None:
        doing = f"writing {key}"
        request = self._api("GET", f"/v1/files/{quote(uploaded.id, safe='')}/details")
        answer = await self._ask(request, doing, accepted=(200, 404))
        if answer.status == 404:
            raise StorageUnavailable(f"{doing}: {self.place} took it, and does not have it")
        seen = self._read(answer, doing)
        if self._names.key_of(seen.path) != key:
            raise _wrong(f"{doing}: {self.place} put it under {seen.path}")
        if seen.size != len(body):
            raise StorageUnavailable(f"{doing}: {self.place} has {seen.size:,} bytes of {len(body):,} that were sent")
        if await self._original(key) != body:
            raise StorageUnavailable(f"{doing}: {self._settings.url} serves other bytes than were sent")

    async def _purge(self, key: str) -> None:
        # The bytes are stored and their address names their content: a purge that is refused spoils nothing.
        request = self._api("POST", "/v1/files/purge", document={"url": self._address(key)})
        try:
            await self._ask(request, f"purging {key}", accepted=(200, 201))
        except TriviaScraperError as error:
            self._log.warning(LogEvent.STORE_PURGE_REFUSED, path=key, error=str(error))

    async def read(self, key: str) -> bytes | None:
        """The original, past every cache."""
        return None if await self._find(key) is None else await self._original(key)

    async def _original(self, key: str) -> bytes | None:
        # A parameter that no cache has seen: what is compared is what lies there now.
        query = {"tr": "orig-true", "fresh": secrets.token_hex(6)}
        answer = await self._ask(
            OperatorRequest("GET", self._address(key), query=query),
            f"reading {key}",
            accepted=(200, 401, 403, 404),
            max_bytes=_PICTURE_BYTES,
        )
        if answer.status in (401, 403):
            raise SetupError(
                f"{self._settings.url} does not serve what was uploaded ({answer.status})",
                error_type=ErrorType.STORAGE_ERROR,
                hint="is storage.imagekit_url the URL endpoint of the same account, and may originals be read there?",
            )
        return answer.body if answer.status == 200 else None

    async def copy(self, key: str, target: str) -> bool:
        """Read and uploaded again: ImageKit's own move keeps the name, and its copy may lag behind."""
        found = await self._find(key)
        body = None if found is None else await self._original(key)
        if found is None or body is None:
            return False
        await self._look_again(target, await self._upload(target, body, ",".join(found.tags)), body)
        return True

    async def stat(self, key: str) -> StoredFile | None:
        """As the listing has it."""
        found = await self._find(key)
        return None if found is None else StoredFile(key, found.size, found.updated_at)

    async def missing(self, keys: Sequence[str]) -> Sequence[str]:
        """One listing for each folder, not one question for each key."""
        present: set[str] = set()
        for folder in sorted({split_key(key)[0] for key in keys}):
            present |= {file.key for file in await self.list_files(folder)}
        return [key for key in keys if key not in present]

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """One folder's files."""
        return sorted(self._stored((await self._list(prefix.rstrip("/"))).files), key=lambda file: file.key)

    async def all_files(self, prefix: str = "") -> AsyncIterator[StoredFile]:
        """Folder after folder: a folder is listed to its end before its files are handed out, so that what is
        deleted meanwhile moves no page."""
        folders = [prefix.rstrip("/")]
        while folders:
            listing = await self._list(folders.pop())
            below = [self._names.key_of(path) for path in listing.folders]
            folders += [key for key in below if prefix or not is_own(key)]
            for file in self._stored(listing.files):
                if prefix or not is_own(file.key):
                    yield file

    async def delete(self, key: str) -> bool:
        """By the id that the listing has."""
        found = await self._find(key)
        if found is None:
            return False
        request = self._api("DELETE", f"/v1/files/{quote(found.id, safe='')}")
        answer = await self._ask(request, f"deleting {key}", accepted=(200, 204, 404))
        return answer.status != 404

    async def _find(self, key: str) -> KitFile | None:
        folder, name = self._names.place_of(key)
        query = {"path": folder, "searchQuery": f'name = "{name}"', "limit": "10"}
        answer = await self._ask(self._api("GET", "/v1/files", query=query), f"looking at {key}")
        listing = self._listing(answer, f"looking at {key}")
        return next((file for file in listing.files if self._names.key_of(file.path) == key), None)

    async def _list(self, folder: str) -> KitListing:
        doing = f"listing {folder or 'everything'}"
        whole = KitListing((), ())
        while True:
            query = {
                "path": self._names.folder_of(folder),
                "type": "all",
                "sort": "ASC_CREATED",
                "skip": str(len(whole.files) + len(whole.folders)),
                "limit": str(LISTED_AT_ONCE),
            }
            answer = await self._ask(self._api("GET", "/v1/files", query=query), doing)
            page = self._listing(answer, doing)
            whole = KitListing(whole.files + page.files, whole.folders + page.folders)
            if len(page.files) + len(page.folders) < LISTED_AT_ONCE:
                return whole

    def _stored(self, files: Iterable[KitFile]) -> list[StoredFile]:
        return [StoredFile(self._names.key_of(each.path), each.size, each.updated_at) for each in files]

    def _address(self, key: str) -> str:
        folder, name = self._names.place_of(key)
        return f"{self._settings.url}{quote(folder)}{quote(name)}"

    def _api(
        self,
        method: Literal["GET", "POST", "DELETE"],
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        document: Mapping[str, object] | None = None,
    ) -> OperatorRequest:
        url = f"{self._settings.api_url}{path}"
        return OperatorRequest(method, url, query=query or {}, document=document, user=self._settings.key)

    async def _ask(
        self,
        request: OperatorRequest,
        doing: str,
        *,
        accepted: Sequence[int] = (200,),
        max_bytes: int = _ANSWER_BYTES,
    ) -> OperatorAnswer:
        try:
            answer = await self._http.send(request, max_bytes=max_bytes)
        except ServiceUnreachable as error:
            raise StoreBusy(f"{doing}: {self.place}: {error.message}") from error
        if answer.status in accepted:
            return answer
        raise imagekit_error(answer, doing, self.place)

    def _read(self, answer: OperatorAnswer, doing: str) -> KitFile:
        try:
            return read_file(_document(answer))
        except ValueError as error:
            raise _wrong(f"{doing}: {self.place} does not answer as ImageKit does: {error}") from error

    def _listing(self, answer: OperatorAnswer, doing: str) -> KitListing:
        try:
            return read_listing(_document(answer))
        except ValueError as error:
            raise _wrong(f"{doing}: {self.place} does not answer as ImageKit does: {error}") from error


def _document(answer: OperatorAnswer) -> Any:
    return json.loads(answer.body)


def _wrong(message: str) -> PermanentError:
    return PermanentError(message, error_type=ErrorType.STORAGE_ERROR)
