"""The image store's share of the settings, without the libraries that any kind of store needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from trivia_scraper.settings.sections import StorageSection
from trivia_scraper.storage.keys import public_address


@dataclass(frozen=True, slots=True)
class BucketSettings:
    """Where the bucket is and who we are there. `endpoint` "" = Amazon's, `prefix` "" = the whole bucket."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key_id: str = field(repr=False)
    secret: str = field(repr=False)
    timeout_seconds: float = 20.0

    @property
    def address(self) -> str:
        """Where the service answers."""
        return self.endpoint or f"https://s3.{self.region}.amazonaws.com"


@dataclass(frozen=True, slots=True)
class ImageKitSettings:
    """Addresses without a slash at the end; `url` is the URL endpoint that serves the pictures."""

    upload_url: str
    api_url: str
    url: str
    folder: str
    key: str = field(repr=False)

    @property
    def served_at(self) -> str:
        """Address of our folder."""
        return "/".join((self.url, *(name for name in self.folder.split("/") if name)))


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where pictures are kept: in `bucket`, in `imagekit`, or without either in the folder itself.

    folder          for staged files and the lock in any case
    min_free_bytes  of the folder's disk; downloads pause below it
    public_url      address under which the store's root is served; "" = not, or as ImageKit serves it
    """

    folder: Path
    min_free_bytes: int
    public_url: str = ""
    bucket: BucketSettings | None = None
    imagekit: ImageKitSettings | None = None

    @property
    def served_at(self) -> str:
        """Address of the store's root, or ""."""
        return self.public_url or (self.imagekit.served_at if self.imagekit else "")

    def url_of(self, key: str) -> str | None:
        """A picture's public address (R78), told without opening the store."""
        return public_address(self.served_at, key)

    def path_of(self, key: str) -> Path | None:
        """A picture's place on the disk, or None for a store without one."""
        return None if self.bucket or self.imagekit else self.folder / key


def store_settings(section: StorageSection, folder: Path) -> StoreSettings:
    """What `[storage]` says; `folder` is `storage.path`, resolved."""
    bucket = imagekit = None
    if section.kind == "s3":
        bucket = BucketSettings(
            bucket=section.s3_bucket,
            prefix=section.s3_prefix,
            endpoint=section.s3_endpoint,
            region=section.s3_region,
            key_id=section.s3_key_id.get_secret_value(),
            secret=section.s3_secret.get_secret_value(),
        )
    if section.kind == "imagekit":
        imagekit = ImageKitSettings(
            upload_url=section.imagekit_upload_url,
            api_url=section.imagekit_api_url,
            url=section.imagekit_url,
            folder=section.imagekit_folder,
            key=section.imagekit_key.get_secret_value(),
        )
    return StoreSettings(folder, section.min_free, section.public_url, bucket, imagekit)
