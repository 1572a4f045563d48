"""A venue with a gallery in a real database, and the ledger that writes it: for tests below the pipeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from support.house import make_options
from trivia_scraper.domain.catalog import ClaimedOwner, ImageFailure, NewBytes
from trivia_scraper.domain.failures import ErrorType
from trivia_scraper.domain.images import ImageFormat
from trivia_scraper.domain.models import ImageRole, OwnerKind
from trivia_scraper.domain.photos import AttemptKind, KnownPhoto, Photo, PhotoSave, PhotoSaved
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.photos import PostgresPhotos

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
RUN = UUID("5c0f8f2e-0000-4000-8000-000000000001")


def photo(photo_id: str = "a", **changes: Any) -> Photo:
    """A gallery photo as Google lists it."""
    provider = changes.pop("provider", "google_places")
    stated: dict[str, Any] = {
        "role": ImageRole.GALLERY,
        "provider": provider,
        "photo_id": photo_id,
        "identity": f"{provider}:id:{photo_id}",
        "url": f"https://{provider}.example/{photo_id}/media",
        "width": 1600,
        "height": 1200,
        "attribution": "Ann Other",
        "attribution_url": "https://photos.example/ann",
        "fetched_at": NOON,
    }
    return Photo(**{**stated, **changes})


def picture(content: str = "aa", **changes: Any) -> NewBytes:
    """Checked bytes; `content` stands for what they are: equal content, equal hashes."""
    digest = (content * 64)[:64]
    stated: dict[str, Any] = {
        "storage_key": f"venues/the-crown/gallery-{digest[:12]}.jpg",
        "thumb_key": f"venues/the-crown/gallery-{digest[:12]}-thumb.jpg",
        "sha256": digest,
        "source_sha256": digest,
        "bytes": 20_000,
        "format": ImageFormat.JPEG,
        "width": 1600,
        "height": 1200,
        "dhash": int(digest[:16], 16),
    }
    return NewBytes(**{**stated, **changes})


def failure(error_type: ErrorType = ErrorType.RATE_LIMITED, **changes: Any) -> ImageFailure:
    """A download that failed."""
    stated: dict[str, Any] = {
        "error_type": error_type,
        "reason": None,
        "status_code": 429,
        "message": "the image was answered with HTTP 429",
        "attempts": 3,
    }
    return ImageFailure(**{**stated, **changes})


class PhotoDesk:
    """The ledger of photos over a real database. Files are taken for present unless `absent` names them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.absent: set[str] = set()
        self.at = NOON
        self.ledger = PostgresPhotos(database, 1, self._missing, 4)
        self.venue = ClaimedOwner(OwnerKind.VENUE, 0, "the-crown", is_new=False)

    async def _missing(self, keys: Sequence[str]) -> Sequence[str]:
        return [key for key in keys if key in self.absent]

    async def open(self) -> PhotoDesk:
        """With one venue, saved."""
        self.venue = await self.add_venue("the-crown")
        return self

    async def add_venue(self, slug: str) -> ClaimedOwner:
        """One more venue."""
        [row] = await self.rows(
            "INSERT INTO venues (slug, name, name_key, country, timezone, fact_source, saved_at, created_at,"
            " updated_at) VALUES ($1, $1, $1, 'GB', 'Europe/London', 'question_one', $2, $2, $2) RETURNING id",
            slug, NOON,
        )  # fmt: skip
        return ClaimedOwner(OwnerKind.VENUE, row["id"], slug, is_new=False)

    async def rows(self, statement: str, *arguments: object) -> list[dict[str, Any]]:
        """Rows of a statement."""
        async with self.database.transaction() as session:
            return [dict(row) for row in await session.connection.fetch(statement, *arguments)]

    def save_of(self, of: Photo, known: KnownPhoto | None = None, **changes: Any) -> PhotoSave:
        """A save; tests say how it ended."""
        stated: dict[str, Any] = {
            "owner": self.venue, "photo": of, "known": known, "kind": AttemptKind.DOWNLOAD, "new": None,
            "failure": None, "closes": False, "next_retry_at": None, "retry_after_seconds": None, "etag": None,
            "last_modified": None, "status_code": 200, "attempts": 1, "duration_ms": 12, "bytes_received": 20_000,
        }  # fmt: skip
        return PhotoSave(**{**stated, **changes})

    async def write(self, save: PhotoSave, run: UUID | None = None) -> PhotoSaved:
        """Save it, a second later than the last one, as a run of its own."""
        self.at += dt.timedelta(seconds=1)
        return await self.ledger.save_photo(save, run or uuid4(), self.at, make_options())

    async def store(self, of: Photo, new: NewBytes, known: KnownPhoto | None = None, **changes: Any) -> PhotoSaved:
        """Its bytes arrived."""
        return await self.write(self.save_of(of, known, new=new, **changes))

    async def fail(
        self, of: Photo, failed: ImageFailure | None = None, known: KnownPhoto | None = None, **changes: Any
    ) -> PhotoSaved:
        """Its bytes did not arrive."""
        failed = failed or failure()
        return await self.write(self.save_of(of, known, failure=failed, attempts=failed.attempts, **changes))

    async def known(self, image_id: int | None) -> KnownPhoto:
        """A row that must be there."""
        assert image_id is not None
        [row] = await self.ledger.photos([image_id])
        return row

    async def living(self) -> list[KnownPhoto]:
        """The gallery as it is shown."""
        return list((await self.ledger.gallery(self.venue.id)).living)

    async def intents(self) -> dict[str, str]:
        """Key → kind of every open intent."""
        return {row["storage_key"]: row["kind"] for row in await self.rows("SELECT * FROM file_intents")}

    async def attempts(self, image_id: int | None) -> list[tuple[str, str]]:
        """(kind, outcome) of an image's attempts, oldest first."""
        rows = await self.rows("SELECT kind, outcome FROM image_attempts WHERE image_id = $1 ORDER BY id", image_id)
        return [(row["kind"], row["outcome"]) for row in rows]


def as_recovery(save: PhotoSave) -> PhotoSave:
    """The same, as a recovery attempt."""
    return replace(save, kind=AttemptKind.RECOVERY)
