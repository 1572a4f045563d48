"""Pictures in an S3-compatible bucket, through obstore (extra `[s3]`).

In place of fsync and rename (safety.md 9): PUT, then HEAD compares length and checksum. A single-part PUT of bytes
that the service does not encrypt with a key of its own has their MD5 as its ETag; where it has not, they are read
back. The client's own retries are off (R138, R140), its time is bounded, and neither session tokens nor proxies of
the environment are used.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from hashlib import md5, sha256
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from trivia_scraper.domain.errors import CredentialsMissing, StorageUnavailable
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.storage.bucket_errors import bucket_error
from trivia_scraper.storage.files import LocalFileStore
from trivia_scraper.storage.keys import is_own, names_of
from trivia_scraper.storage.remote import CACHE_CONTROL, RemoteStore, mime_of
from trivia_scraper.storage.store_settings import BucketSettings

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Credential

LISTED_AT_ONCE: Final = 1000
_CONNECT_SECONDS: Final = 5.0
_NOWHERE: Final = "http://127.0.0.1:9"


@asynccontextmanager
async def open_bucket(settings: BucketSettings, local: LocalFileStore, served_at: str) -> AsyncIterator[S3FileStore]:
    """The bucket, proved readable.

    Raises SetupError (no such bucket), CredentialsMissing (keys missing or refused), StorageUnavailable.
    """
    if not settings.key_id or not settings.secret:
        raise CredentialsMissing(
            "the keys of the bucket are missing",
            error_type=ErrorType.STORAGE_ERROR,
            hint="set TRIVIA_S3_KEY_ID and TRIVIA_S3_SECRET, or with _FILE the files that hold them",
        )
    store = S3FileStore(settings, local, served_at)
    await store.prove_readable()
    yield store


class S3FileStore(RemoteStore):
    """Implements `ports.FileStore` over one bucket, below one prefix."""

    def __init__(self, settings: BucketSettings, local: LocalFileStore, served_at: str) -> None:
        super().__init__(local, served_at)
        below = f" below {settings.prefix!r}" if settings.prefix else ""
        self.place = f"the bucket {settings.bucket!r} at {settings.address}{below}"
        self._store = _client(settings)

    async def send(self, key: str, body: bytes, labels: Mapping[str, str], *, forced: bool) -> None:
        """PUT, then HEAD."""
        del forced  # a PUT always writes anew
        attributes = {name: quote(label, safe=" ") for name, label in labels.items()}
        with self._translated(f"writing {key}"):
            await obstore.put_async(
                self._store,
                key,
                body,
                attributes={**attributes, "Content-Type": mime_of(key), "Cache-Control": CACHE_CONTROL},
                use_multipart=False,
            )
        await self._look_again(key, body)

    async def _look_again(self, key: str, body: bytes) -> None:
        seen = await self._head(key)
        if seen is None:
            raise StorageUnavailable(f"writing {key}: {self.place} took it, and does not have it")
        if seen["size"] != len(body):
            raise StorageUnavailable(
                f"writing {key}: {self.place} has {seen['size']:,} bytes of {len(body):,} that were sent"
            )
        # The ETag guards against a damaged transfer, not against an attacker; the key's own digest is SHA-256.
        if (seen["e_tag"] or "").strip('"') == md5(body, usedforsecurity=False).hexdigest():
            return
        if await self.read(key) != body:
            raise StorageUnavailable(f"writing {key}: {self.place} has other bytes than were sent")

    async def read(self, key: str) -> bytes | None:
        """GET."""
        names_of(key)
        try:
            with self._translated(f"reading {key}"):
                answer = await obstore.get_async(self._store, key)
                return bytes(await answer.bytes_async())
        except FileNotFoundError:
            return None

    async def digest(self, key: str) -> str | None:
        """Hex sha256 of the object, read block by block: nobody knows how large a stranger's is."""
        names_of(key)
        hashed = sha256()
        try:
            with self._translated(f"reading {key}"):
                async for block in (await obstore.get_async(self._store, key)).stream():
                    hashed.update(block)
        except FileNotFoundError:
            return None
        return hashed.hexdigest()

    async def copy(self, key: str, target: str) -> bool:
        """A copy made by the service: type and labels go with it."""
        names_of(key), names_of(target)
        try:
            with self._translated(f"copying {key}"):
                await obstore.copy_async(self._store, key, target)
        except FileNotFoundError:
            return False
        return True

    async def stat(self, key: str) -> StoredFile | None:
        """HEAD."""
        seen = await self._head(key)
        return None if seen is None else _stored(seen)

    async def list_files(self, prefix: str) -> Sequence[StoredFile]:
        """One folder's objects."""
        with self._translated(f"listing {prefix}"):
            listed = await obstore.list_with_delimiter_async(self._store, prefix.rstrip("/"))
        return sorted(map(_stored, listed["objects"]), key=lambda file: file.key)

    async def all_files(self, prefix: str = "") -> AsyncIterator[StoredFile]:
        """A thousand objects a request; what is deleted meanwhile does not disturb the walk."""
        with self._translated(f"listing {prefix or 'everything'}"):
            pages = obstore.list(self._store, prefix.rstrip("/") or None, chunk_size=LISTED_AT_ONCE)
            async for page in pages:
                for seen in page:
                    if prefix or not is_own(seen["path"]):
                        yield _stored(seen)

    async def delete(self, key: str) -> bool:
        """HEAD tells whether there is something; DELETE would not."""
        if await self._head(key) is None:
            return False
        with self._translated(f"deleting {key}"):
            await obstore.delete_async(self._store, key)
        return True

    async def _head(self, key: str) -> ObjectMeta | None:
        names_of(key)
        try:
            with self._translated(f"looking at {key}"):
                return await obstore.head_async(self._store, key)
        except FileNotFoundError:
            return None

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            # The client says "not found" of an object and of a bucket alike; the service's code tells which.
            if "<Code>NoSuchBucket</Code>" in str(error) or doing.startswith(("writing", "listing")):
                raise bucket_error(str(error), doing, self.place) from error
            raise
        except (BaseError, OSError) as error:
            raise bucket_error(str(error), doing, self.place) from error


def _client(settings: BucketSettings) -> S3Store:
    endpoint = settings.address
    credential: S3Credential = {
        "access_key_id": settings.key_id,
        "secret_access_key": settings.secret,
        "expires_at": None,
    }
    host = urlsplit(endpoint).hostname or ""
    return S3Store(
        settings.bucket,
        prefix=settings.prefix.strip("/") or None,
        endpoint=endpoint,
        region=settings.region,
        # Handed over as a provider, so that no AWS_SESSION_TOKEN of the environment is added to them.
        credential_provider=lambda: credential,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "timeout": dt.timedelta(seconds=settings.timeout_seconds),
            "connect_timeout": dt.timedelta(seconds=min(_CONNECT_SECONDS, settings.timeout_seconds)),
            # A proxy that is configured and never used keeps the environment's from being used.
            "proxy_url": _NOWHERE,
            "proxy_excludes": host,
        },
        retry_config={"max_retries": 0, "retry_timeout": dt.timedelta(seconds=settings.timeout_seconds)},
    )


def _stored(seen: ObjectMeta) -> StoredFile:
    return StoredFile(seen["path"], seen["size"], seen["last_modified"])
