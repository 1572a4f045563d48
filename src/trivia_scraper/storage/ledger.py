"""What is known of every image, and of every file on its way in or out. Implements `ports.Ledger`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.catalog import ImageFailure, ImageSave, ImageSlot, KnownImage, NewBytes, StoredImage
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.ports import Clock
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session


class PostgresLedger:
    """Reads for planning, intents, and the collection of files that no row needs."""

    def __init__(self, database: Database, epoch: int, clock: Clock) -> None:
        self._database = database
        self._epoch = epoch
        self._clock = clock

    async def known_images(self, slots: Sequence[ImageSlot]) -> Mapping[ImageSlot, KnownImage]:
        """The rows of these slots, in one query."""
        if not slots:
            return {}
        kinds, owners, providers, roles = zip(*slots, strict=True)
        rows = await self._database.fetch("ledger/known_slots", kinds, owners, providers, roles)
        return {_slot(row): _known(row) for row in rows}

    async def stored_images(self, venue_slug: str) -> Sequence[StoredImage]:
        """Rows with files."""
        return [StoredImage(**dict(row)) for row in await self._database.fetch("ledger/stored_images", venue_slug)]

    async def announce_files(self, keys: Sequence[str]) -> None:
        """Intents before anything appears under a final name."""
        await self._database.execute("files/announce", list(keys), "put", self._epoch, self._clock.now())

    async def clear_image(self, image_id: int, at: dt.datetime, options: RefreshOptions) -> Sequence[str]:
        """{reference out, intents in}, one transaction; the caller then collects the keys."""
        assert options.clean_first
        async with self._database.transaction() as connection:
            row = await connection.fetchrow("ledger/clear_image", image_id, at)
            keys = [key for key in (row["storage_key"], row["thumb_key"]) if key] if row else []
            await connection.execute("files/announce", keys, "collect", self._epoch, at)
            return keys

    async def collect(
        self, keys: Sequence[str], delete: Callable[[str], Awaitable[bool]]
    ) -> Sequence[tuple[str, str]]:
        """Each key under its own lock: unlinked if no row refers to it, its intent dropped."""
        return [(key, await self._collect_one(key, delete)) for key in keys]

    async def _collect_one(self, key: str, delete: Callable[[str], Awaitable[bool]]) -> str:
        async with self._database.transaction() as connection:
            await connection.execute("files/lock_keys", [key])
            if await connection.fetchval("files/is_referenced", key):
                fate = "kept"
            else:
                try:
                    fate = "deleted" if await delete(key) else "absent"
                except TriviaScraperError as error:
                    # The intent stays: the next start tries again (R36).
                    return str(error)
            await connection.execute("files/drop_intents", [key])
            return fate

    async def referenced_keys(self, prefix: str) -> frozenset[str]:
        """Keys under a prefix that rows refer to, or are about to."""
        return frozenset(row["key"] for row in await self._database.fetch("files/referenced_under", prefix))

    async def intents_of_the_gone(self) -> Sequence[str]:
        """Keys whose fate a crash left open (startup recovery); what a living worker announced is its own."""
        return [row["storage_key"] for row in await self._database.fetch("files/intents_of_the_gone")]


async def save_image(connection: Session, image: ImageSave, run_id: UUID, at: dt.datetime) -> tuple[str, ...]:
    """Write one image's outcome and its line in the attempt log; returns the keys that its row lets go."""
    if image.new is not None:
        return await _switch(connection, image, image.new, run_id, at)
    if image.failure is not None:
        await _fail(connection, image, image.failure, run_id, at)
    else:
        await connection.execute(
            "ledger/verify_image", *image.slot, image.etag, image.last_modified, run_id, at, image.outcome,
            image.status_code, image.attempts, image.duration_ms, image.bytes_received,
        )  # fmt: skip
    return ()


async def _switch(
    connection: Session, image: ImageSave, new: NewBytes, run_id: UUID, at: dt.datetime
) -> tuple[str, ...]:
    old = await connection.fetchrow(
        "ledger/switch_image", *image.slot, image.identity, image.provider_url, image.ref.photo_id, image.listing_key,
        new.storage_key, new.thumb_key, new.sha256, new.source_sha256, new.format.mime, new.bytes, new.width,
        new.height, signed(new.dhash), image.etag, image.last_modified, run_id, at, image.outcome, image.status_code,
        image.attempts, image.duration_ms, image.bytes_received, new.is_blank,
    )  # fmt: skip
    kept = {new.storage_key, new.thumb_key}
    return () if old is None else tuple(key for key in old.values() if key and key not in kept)


async def _fail(connection: Session, image: ImageSave, failure: ImageFailure, run_id: UUID, at: dt.datetime) -> None:
    await connection.execute(
        "ledger/fail_image", *image.slot, image.identity, image.provider_url, image.ref.photo_id, image.listing_key,
        image.closes, failure.error_type, failure.reason, failure.message[:500], image.next_retry_at, run_id, at,
        image.outcome, failure.status_code, failure.attempts, image.duration_ms, image.bytes_received,
        failure.excerpt or None,
    )  # fmt: skip


def signed(bits: int | None) -> int | None:
    # Postgres has no unsigned 64-bit integer: the same bits, read as two's complement.
    return bits - 2**64 if bits is not None and bits >= 2**63 else bits


def _slot(row: Row) -> ImageSlot:
    return ImageSlot(OwnerKind(row["owner_kind"]), row["owner_id"], row["provider"], ImageRole(row["role"]))


def _known(row: Row) -> KnownImage:
    return KnownImage(
        id=row["id"],
        status=ImageStatus(row["status"]),
        provider_url=row["provider_url"],
        identity=row["identity"],
        storage_key=row["storage_key"],
        thumb_key=row["thumb_key"],
        sha256=row["sha256"],
        source_sha256=row["source_sha256"],
        bytes=row["bytes"],
        etag=row["etag"],
        last_modified=row["last_modified"],
        fetched_at=row["fetched_at"],
        verified_at=row["verified_at"],
        refresh_failed_at=row["refresh_failed_at"],
        retry_count=row["retry_count"],
        next_retry_at=row["next_retry_at"],
        last_run_id=row["last_run_id"],
        listing_key=row["listing_key"],
        version=row["version"],
        width=row["width"],
        height=row["height"],
        is_blank=row["is_blank"],
        is_deleted=row["is_deleted"],
    )
