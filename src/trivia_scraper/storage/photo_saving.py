"""What the ledger writes of one photo, inside the transaction of `photos`.

A photo's row is found by id, or by the names that it has: its identity, and those of its references (D2). The
transaction writes its outcome, its attempt and its references, takes the intents of its files out, and puts in those
of the files it lets go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record as Row

from trivia_scraper.domain.models import ImageRole, ImageStatus
from trivia_scraper.domain.photos import AttemptKind, Photo, PhotoOutcomeKind, PhotoSave, PhotoSaved
from trivia_scraper.policy.picture_hashes import telling_hash
from trivia_scraper.policy.quality import SCORING_VERSION, quality_score
from trivia_scraper.storage.ledger import signed
from trivia_scraper.storage.sessions import Session


class PhotoSaving:
    """One save at work. `at` is the stamp of this very outcome: a repetition brings the same one."""

    def __init__(
        self, session: Session, save: PhotoSave, run_id: UUID, at: dt.datetime, epoch: int, same_photo_bits: int
    ) -> None:
        self._session = session
        self._save = save
        self._run_id = run_id
        self._at = at
        self._epoch = epoch
        self._same_photo_bits = same_photo_bits

    async def write(self) -> PhotoSaved:
        """Write the outcome; saying the same again changes nothing and tells the same."""
        row = await self._row()
        if row is not None:
            told = await self._told_before(row)
            if told is not None:
                return told
        if self._has_gone(row):
            return self._vanished()
        if self._save.new is not None:
            return await self._switch(row)
        if self._save.unchanged is not None and row is not None:
            return await self._verify(row, self._save.unchanged)
        return await self._fail(row) if self._save.failure is not None else await self._skip(row)

    async def _row(self) -> Row | None:
        save = self._save
        row_id: int | None
        if save.known is not None:
            row_id = save.known.id
        else:
            row_id = await self._session.fetchval(
                "photos/find", save.owner.kind, save.owner.id, save.photo.role, save.photo.identity
            )
        return None if row_id is None else await self._session.fetchrow("photos/for_update", row_id)

    async def _told_before(self, row: Row) -> PhotoSaved | None:
        """What this very save did, where its commit worked and only the word of it was lost."""
        outcome = await self._session.fetchval("photos/told", row["id"], self._run_id, self._at)
        if outcome is None:
            return None
        entry_id = row["duplicate_of"] or row["id"]
        kept = await self._keys_of(entry_id)
        known, new = self._save.known, new_keys(self._save)
        old = [known.storage_key, known.thumb_key] if known is not None and new else []
        superseded = tuple(key for key in dict.fromkeys((*old, *new)) if key and key not in kept)
        kind = PhotoOutcomeKind(outcome)
        return PhotoSaved(kind, entry_id, superseded, row["retry_count"], row["next_retry_at"])

    def _has_gone(self, row: Row | None) -> bool:
        # A person deleted or changed it meanwhile, or it is another venue's by a merge: what they decided counts. No
        # listing brings a tombstone back.
        known = self._save.known
        if row is None:
            return known is not None
        is_changed = known is not None and row["version"] != known.version
        return is_changed or row["deleted_at"] is not None or row["owner_id"] != self._save.owner.id

    def _vanished(self) -> PhotoSaved:
        return PhotoSaved(PhotoOutcomeKind.VANISHED, None, tuple(new_keys(self._save)))

    @property
    def _is_recovery(self) -> bool:
        return self._save.kind is AttemptKind.RECOVERY

    def _count_after(self, row: Row | None) -> int:
        """The recoveries of a stored photo, this one included; a download by its listing begins anew."""
        return row["retry_count"] + 1 if row is not None and self._is_recovery else 0

    def _kind(self, row: Row | None) -> PhotoOutcomeKind:
        if row is not None and self._is_recovery:
            return PhotoOutcomeKind.RECOVERED
        return PhotoOutcomeKind.NEW if row is None or row["storage_key"] is None else PhotoOutcomeKind.REPLACED

    async def _switch(self, row: Row | None) -> PhotoSaved:
        other = await self._same_content(row)
        if other is not None:
            return await self._join(row, other["id"], is_equal=other["is_equal"])
        row_id = row["id"] if row is not None else await self._make("failed")
        if row_id is None:
            return self._vanished()
        if row is not None:
            await self._take_name(row)
        count = self._count_after(row)
        await self._point(row_id, count, self._save.photo.url)
        await self._note(row_id, self._kind(row))
        old = [] if row is None else [row["storage_key"], row["thumb_key"]]
        superseded = await self._let_go(old, kept=set(new_keys(self._save)))
        return PhotoSaved(self._kind(row), row_id, superseded, retry_count=count)

    async def _same_content(self, row: Row | None) -> Row | None:
        save, new = self._save, self._save.new
        assert new is not None
        if save.photo.role is not ImageRole.GALLERY:
            return None
        dhash = None if new.is_blank else telling_hash(new.dhash)
        return await self._session.fetchrow(
            "photos/same_content", save.owner.kind, save.owner.id, row["id"] if row is not None else None, new.sha256,
            new.source_sha256, signed(dhash), self._same_photo_bits, new.width, new.height,
        )  # fmt: skip

    async def _join(self, row: Row | None, other_id: int, *, is_equal: bool) -> PhotoSaved:
        """One file and one entry with two references: the better bytes stay, the entry that was there first too."""
        other = await self._session.fetchrow("photos/for_update", other_id)
        assert other is not None
        await self._note(row["id"] if row is not None else other_id, PhotoOutcomeKind.SAME_PHOTO)
        let_go = [] if row is None else [row["storage_key"], row["thumb_key"]]
        if row is not None:
            await self._session.execute("photos/bury", row["id"], other_id, self._is_recovery, self._run_id, self._at)
        let_go += await self._settle_bytes(other, row, is_equal=is_equal)
        superseded = await self._let_go(let_go, kept=await self._keys_of(other_id))
        return PhotoSaved(PhotoOutcomeKind.SAME_PHOTO, other_id, superseded, retry_count=self._count_after(row))

    async def _settle_bytes(self, other: Row, row: Row | None, *, is_equal: bool) -> list[str | None]:
        """Give the entry that stays the better bytes and the better name; returns keys that may have to go."""
        new, photo = self._save.new, self._save.photo
        assert new is not None
        newer_name = row is None and photo.provider == other["provider"]
        if not is_equal and quality_score(new.width, new.height) > (other["quality_score"] or 0.0):
            if row is None:
                await self._rename(other, photo, "its bytes were better")
            else:
                await self._refer(other["id"], photo, "the same photo")
            url = photo.url if row is None else other["provider_url"]
            await self._point(other["id"], other["retry_count"], url)
            return [other["storage_key"], other["thumb_key"]]
        if is_equal and newer_name:
            await self._rename(other, photo, "the provider names it anew")
        else:
            await self._refer(other["id"], photo, "equal bytes" if is_equal else "nearly equal")
        return [*new_keys(self._save)]

    async def _keys_of(self, row_id: int) -> set[str]:
        row = await self._session.fetchrow("photos/for_update", row_id)
        assert row is not None
        return {key for key in (row["storage_key"], row["thumb_key"]) if key}

    async def _rename(self, row: Row, photo: Photo, why: str) -> None:
        await self._session.execute(
            "photos/rename", row["id"], photo.identity, photo.provider, photo.photo_id, photo.url, photo.attribution,
            photo.attribution_url, self._at,
        )  # fmt: skip
        await self._session.execute(
            "photos/add_reference", row["owner_kind"], row["owner_id"], row["role"], row["identity"], row["id"],
            row["provider"], row["provider_photo_id"], row["provider_url"], row["attribution"],
            row["attribution_url"], why, self._at,
        )  # fmt: skip

    async def _refer(self, row_id: int, photo: Photo, why: str) -> None:
        owner = self._save.owner
        await self._session.execute(
            "photos/add_reference", owner.kind, owner.id, photo.role, photo.identity, row_id, photo.provider,
            photo.photo_id, photo.url, photo.attribution, photo.attribution_url, why, self._at,
        )  # fmt: skip

    async def _take_name(self, row: Row) -> None:
        """Bytes that came under another name of this photo: the row is called so from now on."""
        if row["identity"] != self._save.photo.identity:
            await self._rename(row, self._save.photo, "fetched under a newer name")

    async def _fail(self, row: Row | None) -> PhotoSaved:
        save, failure = self._save, self._save.failure
        assert failure is not None
        row_id = row["id"] if row is not None else await self._make("failed")
        if row_id is None:
            return self._vanished()
        # Under another of its names it failed there, and keeps the address that is its own.
        is_own_name = row is None or row["identity"] == save.photo.identity
        after = await self._session.fetchrow(
            "photos/fail", row_id, self._is_recovery, save.closes, failure.error_type, failure.reason,
            failure.message[:500], failure.status_code, failure.attempts, save.next_retry_at, self._run_id, self._at,
            save.photo.url if is_own_name else None,
        )  # fmt: skip
        assert after is not None
        await self._note(row_id, _failed_kind(after))
        return PhotoSaved(_failed_kind(after), row_id, (), after["retry_count"], after["next_retry_at"])

    async def _verify(self, row: Row, kind: PhotoOutcomeKind) -> PhotoSaved:
        save = self._save
        await self._session.execute("photos/verify", row["id"], save.etag, save.last_modified, self._run_id, self._at)
        await self._note(row["id"], kind)
        return PhotoSaved(kind, row["id"], (), row["retry_count"])

    async def _skip(self, row: Row | None) -> PhotoSaved:
        row_id = row["id"] if row is not None else await self._make("skipped")
        return self._vanished() if row_id is None else PhotoSaved(PhotoOutcomeKind.SKIPPED, row_id)

    async def _make(self, status: str) -> int | None:
        """A row for a photo nobody knew; None where its venue has just become part of another."""
        owner, photo = self._save.owner, self._save.photo
        score = quality_score(photo.width, photo.height)
        row_id: int | None = await self._session.fetchval(
            "photos/make", owner.kind, owner.id, photo.role, photo.provider, photo.photo_id, photo.identity,
            photo.url, status, photo.width, photo.height, score, SCORING_VERSION, photo.attribution,
            photo.attribution_url, photo.fetched_at, self._run_id, self._at,
        )  # fmt: skip
        return row_id

    async def _point(self, row_id: int, retry_count: int, url: str) -> None:
        """The switch: bytes, and the credit of whoever they are of. `url` is where the row's own name leads."""
        save, new = self._save, self._save.new
        assert new is not None
        await self._session.execute(
            "photos/switch", row_id, retry_count, new.storage_key, new.thumb_key, new.sha256,
            new.source_sha256, new.format.mime, new.bytes, new.width, new.height, signed(new.dhash), new.is_blank,
            quality_score(new.width, new.height), SCORING_VERSION, save.etag, save.last_modified,
            save.photo.fetched_at, self._run_id, self._at, self._at if self._is_recovery else None, url,
            save.photo.attribution, save.photo.attribution_url,
        )  # fmt: skip

    async def _note(self, row_id: int, kind: PhotoOutcomeKind) -> None:
        save, failure = self._save, self._save.failure
        await self._session.execute(
            "photos/attempt", row_id, self._run_id, save.kind, self._at, save.duration_ms, kind,
            failure.error_type if failure else None, failure.reason if failure else None,
            failure.status_code if failure else save.status_code, save.attempts, save.bytes_received,
            (failure.excerpt or None) if failure else None, save.retry_after_seconds,
        )  # fmt: skip

    async def _let_go(self, keys: Sequence[str | None], *, kept: set[str]) -> tuple[str, ...]:
        """The intents of what was adopted go; those of what no row needs any more come."""
        await self._session.execute("files/drop_intents", new_keys(self._save))
        superseded = [key for key in dict.fromkeys(keys) if key and key not in kept]
        if superseded:
            await self._session.execute("files/announce", superseded, "collect", self._epoch, self._at)
        return tuple(superseded)


def _failed_kind(row: Row) -> PhotoOutcomeKind:
    if row["status"] == ImageStatus.UPLOADED:
        return PhotoOutcomeKind.KEPT
    return PhotoOutcomeKind.CLOSED if row["status"] == ImageStatus.PERMANENTLY_FAILED else PhotoOutcomeKind.FAILED


def new_keys(save: PhotoSave) -> list[str]:
    """The keys of the bytes that a save brings."""
    new = save.new
    return [] if new is None else [key for key in (new.storage_key, new.thumb_key) if key]
