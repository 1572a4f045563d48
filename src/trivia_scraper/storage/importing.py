"""Records of an older application into the ledger, batch by batch (images.md 3, R84, R222).

Each batch is one transaction: after a kill the same file again adds what is missing and changes nothing else.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.importing import (
    ImportedImage,
    ImportReport,
    OwnerName,
    ReadRecord,
    RejectReason,
)
from trivia_scraper.domain.models import ImageRole, ImageStatus, OwnerKind
from trivia_scraper.policy.identity import name_key
from trivia_scraper.policy.importing import (
    ExistingImage,
    KnownOwner,
    Place,
    Tally,
    Verdict,
    best_of_each,
    choose_owner,
    judge,
    place_of,
)
from trivia_scraper.storage.database import Database
from trivia_scraper.storage.sessions import Session

BATCH: Final = 500

_RESUMABLE: Final = "run the import again: what is in the directory stays, and the rest follows"
_FAILURES: Final = (ImageStatus.FAILED, ImageStatus.PERMANENTLY_FAILED)


class _OnlyLooked(Exception):
    """Ends the one transaction of a dry run without storing anything."""


async def import_images(
    database: Database, records: Iterable[ReadRecord], at: dt.datetime, *, dry_run: bool
) -> ImportReport:
    """Write the records' rows; a picture that has one keeps it as it is.

    at  when; the same for every row of this import
    A dry run does all of it in one transaction and rolls back: its counts are those of the real one. Raises
    StorageUnavailable, CommitUnknown and DatabaseUnreachable; another import of the same file finishes the work.
    """
    tally = Tally()
    try:
        await (_rehearse if dry_run else _import)(database, records, at, tally)
    except TriviaScraperError as error:
        error.hint = error.hint or _RESUMABLE
        raise
    return tally.report(dry_run=dry_run)


async def _import(database: Database, records: Iterable[ReadRecord], at: dt.datetime, tally: Tally) -> None:
    for batch in _batches(records):
        async with database.transaction() as session:
            await _Batch(session, batch, at, tally).write()


async def _rehearse(database: Database, records: Iterable[ReadRecord], at: dt.datetime, tally: Tally) -> None:
    try:
        async with database.transaction() as session:
            for batch in _batches(records):
                await _Batch(session, batch, at, tally).write()
            raise _OnlyLooked
    except _OnlyLooked:
        return


def _batches(records: Iterable[ReadRecord]) -> Iterator[list[ReadRecord]]:
    remaining = iter(records)
    while batch := list(islice(remaining, BATCH)):
        yield batch


class _Batch:
    """Some records in one transaction. A failure ends the import, so that its half-made sum is never told."""

    def __init__(self, session: Session, records: Sequence[ReadRecord], at: dt.datetime, tally: Tally) -> None:
        self._session = session
        self._records = records
        self._at = at
        self._tally = tally

    async def write(self) -> None:
        self._tally.note_read(self._records)
        # The lock of claims and merges: no venue becomes part of another one meanwhile.
        await self._session.execute("catalog/lock_identity")
        owned = await self._find_owners()
        best = best_of_each(owned)
        self._tally.known += len(owned) - len(best)
        existing = await self._existing(best)
        chosen: dict[Verdict, list[dict[str, Any]]] = defaultdict(list)
        for place, image in best.items():
            rows = existing.get(place, ())
            verdict = judge(image, rows)
            chosen[verdict].append(_columns(place, image, self._at, rows[0].id if rows else None))
        self._tally.known += len(chosen[Verdict.KNOWN])
        await self._add(chosen[Verdict.ADD])
        await self._improve(chosen[Verdict.IMPROVE])
        await self._rank([*chosen[Verdict.ADD], *chosen[Verdict.IMPROVE]])

    async def _find_owners(self) -> list[tuple[Place, ImportedImage]]:
        images = [(record.line, record.found) for record in self._records if isinstance(record.found, ImportedImage)]
        ids = await _owner_ids(self._session, {image.owner for _, image in images})
        owned = []
        for line, image in images:
            owner = ids[image.owner]
            if isinstance(owner, RejectReason):
                self._tally.reject(line, owner)
                self._tally.name_unknown(image.owner)
            else:
                owned.append((place_of(image, owner), image))
        return owned

    async def _existing(self, images: Mapping[Place, ImportedImage]) -> Mapping[Place, Sequence[ExistingImage]]:
        places = list(images)
        rows = await self._session.fetch(
            "importing/existing",
            [place.kind for place in places],
            [place.owner_id for place in places],
            [place.role for place in places],
            [image.provider for image in images.values()],
            [image.identity for image in images.values()],
        )
        found: dict[Place, list[ExistingImage]] = defaultdict(list)
        for row in rows:
            status = ImageStatus(row["status"])
            existing = ExistingImage(row["id"], status, row["quality_score"], row["fetched_at"], row["is_import"])
            found[places[row["place"] - 1]].append(existing)
        return found

    async def _add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        made = {tuple(row.values()) for row in await self._session.fetch("importing/add", rows)}
        for row in rows:
            if _name_of(row) in made:
                self._tally.imported[row["status"]] += 1
            else:
                self._tally.known += 1

    async def _improve(self, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            improved = await self._session.execute("importing/improve", rows)
            self._tally.improved += improved
            self._tally.known += len(rows) - improved

    async def _rank(self, rows: Sequence[Mapping[str, Any]]) -> None:
        galleries = {row["owner_id"] for row in rows if row["role"] is ImageRole.GALLERY}
        if galleries:
            await self._session.execute("importing/rank", sorted(galleries))


async def _owner_ids(session: Session, names: set[OwnerName]) -> Mapping[OwnerName, int | RejectReason]:
    known = await _known_owners(session, names)
    return {name: choose_owner(name, known.get(_look_up_key(name), ())) for name in names}


async def _known_owners(session: Session, names: set[OwnerName]) -> Mapping[object, Sequence[KnownOwner]]:
    """Owners by what they were looked up with."""
    venues = [name for name in names if name.kind is OwnerKind.VENUE]
    keys = [name_key(name.name) for name in venues if name.slug is None and name.name]
    rows = await session.fetch("importing/venues", [name.slug for name in venues if name.slug], keys)
    found: dict[object, list[KnownOwner]] = defaultdict(list)
    for row in rows:
        owner = KnownOwner(OwnerKind.VENUE, row["id"], row["slug"], row["number"], row["name"], row["city"])
        found[OwnerKind.VENUE, owner.slug].append(owner)
        if owner.name:
            found[name_key(owner.name)].append(owner)
    slugs = [name.slug for name in names if name.kind is OwnerKind.PERFORMER]
    for row in await session.fetch("importing/performers", slugs) if slugs else ():
        found[OwnerKind.PERFORMER, row["slug"]].append(KnownOwner(OwnerKind.PERFORMER, row["id"], row["slug"]))
    return found


def _look_up_key(name: OwnerName) -> object:
    return (name.kind, name.slug) if name.slug is not None else name_key(name.name or "")


def _name_of(row: Mapping[str, Any]) -> tuple[object, ...]:
    return row["owner_kind"], row["owner_id"], row["role"], row["provider"], row["identity"]


def _columns(place: Place, image: ImportedImage, at: dt.datetime, row_id: int | None) -> dict[str, Any]:
    """The row of `images` that this record is."""
    failure = image.failure
    closed = image.status is ImageStatus.PERMANENTLY_FAILED
    return {
        "id": row_id,
        "owner_kind": place.kind,
        "owner_id": place.owner_id,
        "role": place.role,
        "provider": image.provider,
        "provider_photo_id": image.photo_id,
        "identity": image.identity,
        "provider_url": image.url,
        "status": image.status,
        "width": image.width,
        "height": image.height,
        "quality_score": image.quality_score,
        "scoring_version": image.scoring_version,
        "attribution": image.attribution,
        "attribution_url": image.attribution_url,
        "fetched_at": _written(image.fetched_at),
        "retry_count": image.retry_count,
        "failure_streak": image.retry_count if image.status in _FAILURES else 0,
        "retried_at": _written(image.retried_at),
        "error_type": failure.error_type if failure else None,
        "error": failure.error if failure else None,
        "status_code": failure.status_code if failure else None,
        "error_at": _written(failure.at) if failure else None,
        "retry_attempt": failure.attempt if failure else None,
        "finalized_at": _written(image.finalized_at or at) if closed else None,
        "imported_at": _written(at),
    }


def _written(at: dt.datetime | None) -> str | None:
    return None if at is None else at.isoformat()
