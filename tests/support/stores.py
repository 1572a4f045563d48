"""The three kinds of image store, each with what a test may ask its other side."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import obstore
from obstore.store import S3Store
from structlog.testing import LogCapture

from support.house import capturing_log
from support.s3_server import S3Server
from trivia_scraper.demo.imagekit import ENDPOINT, MOUNT, PRIVATE_KEY, ImageKitAccount
from trivia_scraper.demo.server import Replica
from trivia_scraper.fetching.operator import open_operator_client
from trivia_scraper.storage.imagekit_files import ImageKitNames
from trivia_scraper.storage.remote import CACHE_CONTROL
from trivia_scraper.storage.store_settings import BucketSettings, ImageKitSettings, StoreSettings
from trivia_scraper.storage.stores import ImageStore, open_store

SECRET = "c4nary-of-the-store"
PUBLIC_URL = "https://pictures.example"


class StoreDesk(ABC):
    """One kind of store, empty, of the test's own.

    settings  how it is opened
    section   the same as `[storage]` of a whole house, all but its path
    """

    kind: str
    settings: StoreSettings
    section: Mapping[str, Any]

    def __init__(self) -> None:
        self.log, self.capture = capturing_log()

    @asynccontextmanager
    async def open(self, seconds: float = 20.0, **changes: Any) -> AsyncIterator[ImageStore]:
        """The store, opened as the program opens it."""
        settings = replace(self.settings, **changes)
        if settings.bucket is not None:
            settings = replace(settings, bucket=replace(settings.bucket, timeout_seconds=seconds))
        async with open_store(settings, lambda: self.open_http(seconds), self.log) as store:
            yield store

    @staticmethod
    def open_http(seconds: float) -> AbstractAsyncContextManager[Any]:
        return open_operator_client("0", seconds)

    @abstractmethod
    def told_of(self, key: str) -> tuple[str, dict[str, str]] | None:
        """Media type and labels that the service itself has of a key; None where a store keeps neither."""

    @abstractmethod
    def fill(self, folder: str, number: int) -> None:
        """So many small files in one folder, put there without the store."""


class LocalDesk(StoreDesk):
    kind = "local"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.settings = StoreSettings(folder, 1, PUBLIC_URL)
        self.section = {"kind": "local"}

    def told_of(self, key: str) -> None:
        del key

    def fill(self, folder: str, number: int) -> None:
        place = self.settings.folder / folder
        place.mkdir(parents=True)
        for each in range(number):
            (place / f"{each:05}.jpg").write_bytes(b"x")


class S3Desk(StoreDesk):
    kind = "s3"

    def __init__(self, folder: Path, server: S3Server, bucket: str) -> None:
        super().__init__()
        server.make_bucket(bucket)
        self.server = server
        self.bucket = BucketSettings(bucket, "inn", server.endpoint, "us-east-1", "key-id", SECRET)
        self.settings = StoreSettings(folder, 1, PUBLIC_URL, bucket=self.bucket)
        self.section = {
            "kind": "s3",
            "s3_bucket": bucket,
            "s3_prefix": "inn",
            "s3_endpoint": server.endpoint,
            "s3_key_id": "key-id",
            "s3_secret": SECRET,
        }

    def told_of(self, key: str) -> tuple[str, dict[str, str]]:
        client = S3Store(
            self.bucket.bucket, prefix="inn", endpoint=self.bucket.endpoint, region="us-east-1",
            access_key_id="key-id", secret_access_key=SECRET, client_options={"allow_http": True},
        )  # fmt: skip
        told = dict(obstore.get(client, key).attributes)
        assert told.pop("Cache-Control") == CACHE_CONTROL
        return str(told.pop("Content-Type")), {name: str(value) for name, value in told.items()}

    def fill(self, folder: str, number: int) -> None:
        for each in range(number):
            self.server.request("PUT", f"/{self.bucket.bucket}/inn/{folder}/{each:05}.jpg", b"x")


class ImageKitDesk(StoreDesk):
    kind = "imagekit"

    def __init__(self, folder: Path, replica: Replica) -> None:
        super().__init__()
        base = f"{replica.base_url}{MOUNT}"
        self.account: ImageKitAccount = replica.site.imagekit
        self.imagekit = ImageKitSettings(base, base, f"{replica.base_url}{ENDPOINT}", "inn", PRIVATE_KEY)
        self.settings = StoreSettings(folder, 1, imagekit=self.imagekit)
        self.section = {
            "kind": "imagekit",
            "imagekit_upload_url": base,
            "imagekit_api_url": base,
            "imagekit_url": f"{replica.base_url}{ENDPOINT}",
            "imagekit_folder": "inn",
            "imagekit_key": PRIVATE_KEY,
        }

    def told_of(self, key: str) -> tuple[str, dict[str, str]]:
        stored = self.account.objects["".join(ImageKitNames("inn").place_of(key))]
        tags = (tag.partition(":") for tag in stored.tags)
        return stored.media_type, {name: value for name, _, value in tags}

    def fill(self, folder: str, number: int) -> None:
        for each in range(number):
            self.account.store(f"/inn/{folder}/{each:05}.jpg", b"x", "image/jpeg", ())


def told(capture: LogCapture, event: str) -> list[dict[str, Any]]:
    """Log entries of one event."""
    return [dict(entry) for entry in capture.entries if entry["event"] == event]
