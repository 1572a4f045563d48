"""Images one by one: galleries and recoveries. Implements `ports.PhotoLedger`.

Reads, and the transaction around a save; what a save writes is `photo_saving`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.errors import StorageUnavailable
from trivia_scraper.domain.failures import ErrorType, Reason
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.domain.photos import Gallery, KnownPhoto, PhotoSave, PhotoSaved
from trivia_scraper.policy.picture_hashes import PLACEHOLDER_BITS, PLACEHOLDER_OWNERS, telling_hash
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.ledger import signed
from trivia_scraper.storage.photo_saving import PhotoSaving, new_keys
from trivia_scraper.storage.saving import FilesMissing
from trivia_scraper.storage.sessions import Session


class PostgresPhotos:
    """`same_photo_bits`: two gallery photos whose hashes differ in no more bits are one."""

    def __init__(self, database: Database, epoch: int, files_missing: FilesMissing, same_photo_bits: int) -> None:
        self._database = database
        self._epoch = epoch
        self._files_missing = files_missing
        self._same_photo_bits = same_photo_bits

    async def gallery(self, venue_id: int) -> Gallery:
        """Rows, tombstones included, and the other names of their photos."""
        rows = await self._database.fetch("photos/gallery", venue_id)
        names = await self._database.fetch("photos/references", venue_id)
        return Gallery(
            photos=tuple(known_photo(row) for row in rows),
            references={row["identity"]: row["image_id"] for row in names},
        )

    async def owner_photos(self, kind: OwnerKind, owner_id: int) -> Sequence[KnownPhoto]:
        """Every living image of one owner."""
        return [known_photo(row) for row in await self._database.fetch("photos/of_owner", kind, owner_id)]

    async def photos(self, image_ids: Sequence[int]) -> Sequence[KnownPhoto]:
        """Images by id."""
        return [known_photo(row) for row in await self._database.fetch("photos/by_ids", list(image_ids))]

    async def oldest_verified(
        self, before: dt.datetime, providers: Sequence[str], limit: int, now: dt.datetime
    ) -> Sequence[KnownPhoto]:
        """Stored images that were asked for longest ago."""
        rows = await self._database.fetch("photos/oldest_verified", before, list(providers), limit, now)
        return [known_photo(row) for row in rows]

    async def is_placeholder(
        self, provider: str, source_sha256: str, dhash: int | None, kind: OwnerKind, owner_id: int
    ) -> bool:
        """Known as one, or shown by four other owners of this provider already (safety.md 6)."""
        found = await self._database.fetchval(
            "photos/is_placeholder", provider, source_sha256, signed(telling_hash(dhash)), PLACEHOLDER_BITS, kind,
            owner_id, PLACEHOLDER_OWNERS,
        )  # fmt: skip
        return bool(found)

    async def rank_gallery(self, venue_id: int) -> None:
        """Renew the positions of a gallery."""
        await self._database.execute("photos/rank", venue_id)

    async def save_photo(self, save: PhotoSave, run_id: UUID, at: dt.datetime, options: RefreshOptions) -> PhotoSaved:
        """Write one photo's outcome. Saying the same again, after a lost commit, changes nothing.

        at  the stamp of this very outcome: a repetition must bring the same one
        """
        del options  # decided what was fetched; what is written follows from the outcome alone
        async with self._database.transaction() as session:
            await self._lock_files(session, save)
            await session.execute("photos/lock_owner", save.owner.kind, save.owner.id)
            return await PhotoSaving(session, save, run_id, at, self._epoch, self._same_photo_bits).write()

    async def _lock_files(self, session: Session, save: PhotoSave) -> None:
        # Put and collect of a key exclude each other: from here to the commit nobody can take these files away.
        keys = new_keys(save)
        if keys:
            await session.execute("files/lock_keys", keys)
            missing = await self._files_missing(keys)
            if missing:
                raise StorageUnavailable(f"gone before its row was written: {', '.join(missing)}")


def known_photo(row: Row) -> KnownPhoto:
    """A row of the view `known_photos` as a value."""
    values = dict(row)
    values["owner_kind"] = OwnerKind(row["owner_kind"])
    values["role"] = ImageRole(row["role"])
    values["status"] = ImageStatus(row["status"])
    values["error_type"] = _listed(ErrorType, row["error_type"])
    values["reason"] = _listed(Reason, row["reason"])
    return KnownPhoto(**values)


def _listed(closed_set: type[StrEnum], text: str | None) -> StrEnum | None:
    """A stored word of a closed set. A word of another version of this program reads as None (ambiguous)."""
    return next((each for each in closed_set if each.value == text), None)
