"""Chooses the image store: a folder, a bucket, or ImageKit. All three keep the promises of `ports.FileStore`.

The folder is there in any case: bodies are staged in it, and the lock lies in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeAlias

from structlog.typing import FilteringBoundLogger

from trivia_scraper.domain.errors import SetupError
from trivia_scraper.ports import OperatorHttp
from trivia_scraper.storage.files import LocalFileStore, open_file_store
from trivia_scraper.storage.imagekit import open_imagekit
from trivia_scraper.storage.remote import RemoteStore
from trivia_scraper.storage.store_settings import BucketSettings, StoreSettings

ImageStore: TypeAlias = LocalFileStore | RemoteStore
OpenHttp: TypeAlias = Callable[[], AbstractAsyncContextManager[OperatorHttp]]


@asynccontextmanager
async def open_store(
    settings: StoreSettings, open_http: OpenHttp, log: FilteringBoundLogger
) -> AsyncIterator[ImageStore]:
    """The store that is configured, proved readable; nothing is written before it is known to be ours (`ownership`).

    open_http  the client for services that the configuration names; opened where the store needs it
    Raises StorageFull, StorageUnavailable, CredentialsMissing, SetupError: each names the place and what to do.
    """
    async with open_file_store(settings.folder, settings.min_free_bytes, settings.public_url) as local:
        if settings.bucket is not None:
            async with _open_bucket(settings.bucket, local, settings.served_at) as bucket:
                yield bucket
        elif settings.imagekit is not None:
            async with (
                open_http() as http,
                open_imagekit(settings.imagekit, http, local, settings.served_at, log) as imagekit,
            ):
                yield imagekit
        else:
            yield local


def _open_bucket(
    settings: BucketSettings, local: LocalFileStore, served_at: str
) -> AbstractAsyncContextManager[RemoteStore]:
    try:
        from trivia_scraper.storage.objects import open_bucket
    except ModuleNotFoundError as error:
        if error.name != "obstore":
            raise
        raise SetupError(
            'storage.kind = "s3" needs a library that is not installed', hint="pip install 'trivia-scraper[s3]'"
        ) from error
    return open_bucket(settings, local, served_at)
