"""Files and rows compared both ways; nothing is changed by looking (safety.md 9 "Nightly scan").

A store may hold a million files: they come as a stream, their references are asked for in batches, and what stays in
memory are the differences and eight bytes a key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from trivia_scraper.domain.cleaning import CleanupRequest
from trivia_scraper.domain.errors import TriviaScraperError
from trivia_scraper.domain.file_sweeps import FileFindings, Loss, LostFile, StoredRow
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.key_sketch import KeySketch
from trivia_scraper.policy.naming import is_image_name
from trivia_scraper.policy.quarantining import is_old_enough, is_suspicious
from trivia_scraper.ports import Services

BATCH: Final = 1_000
MOST_UNREADABLE: Final = 5
"""Files that may refuse to be read; with more of them the store is at fault, and the survey ends."""


@dataclass(slots=True)
class _Looked:
    """What one look has found so far."""

    present: KeySketch = field(default_factory=KeySketch)
    rows: int = 0
    rehashed: int = 0
    orphans: list[StoredFile] = field(default_factory=list)
    lost: list[LostFile] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    thumbnails: list[StoredRow] = field(default_factory=list)


async def survey_files(request: CleanupRequest, services: Services) -> FileFindings:
    """Every difference that is old enough to be no work in progress. Raises StorageUnavailable."""
    looked, now = _Looked(), services.clock.now()
    await _look_at_files(looked, services)
    await _look_at_rows(looked, services)
    expired = await attempt_storing(
        lambda: services.quarantine.expired(now - services.settings.cleanup.quarantine), "reading the quarantine",
        services,
    )  # fmt: skip
    unfinished = await attempt_storing(services.quarantine.unfinished, "reading the quarantine", services)
    findings = FileFindings(
        files=len(looked.present),
        rows=looked.rows,
        rehashed=looked.rehashed,
        orphans=tuple(sorted(looked.orphans, key=lambda file: file.key)),
        lost=tuple(looked.lost),
        thumbnails=tuple(looked.thumbnails),
        expired=tuple(expired),
        unfinished=tuple(unfinished),
        unreadable=tuple(looked.unreadable),
    )
    return findings if request.accepts_many else _hold_back(findings, services.settings.vanished_ratio)


async def _look_at_files(looked: _Looked, services: Services) -> None:
    batch: list[StoredFile] = []
    async for file in services.files.all_files():
        batch.append(file)
        if len(batch) >= BATCH:
            await _look_for_rows(batch, looked, services)
            batch = []
    await _look_for_rows(batch, looked, services)


async def _look_for_rows(batch: Sequence[StoredFile], looked: _Looked, services: Services) -> None:
    keys, now = [file.key for file in batch], services.clock.now()
    looked.present.add(keys)
    orphans = set(
        await attempt_storing(lambda: services.quarantine.unreferenced(keys), "looking for references", services)
    )
    # What is no picture is not ours: a folder that is served may hold its owner's robots.txt (D1).
    looked.orphans += [
        file
        for file in batch
        if file.key in orphans and is_image_name(file.key) and is_old_enough(file.modified_at, now)
    ]


async def _look_at_rows(looked: _Looked, services: Services) -> None:
    now = services.clock.now()
    rows = await _rows_after(0, now, services)
    while rows:
        looked.rows += len(rows)
        await _look_for_files([row for row, is_old in rows if is_old], looked, services)
        rows = await _rows_after(rows[-1][0].image_id, now, services)


async def _rows_after(after: int, now: dt.datetime, services: Services) -> Sequence[tuple[StoredRow, bool]]:
    return await attempt_storing(
        lambda: services.quarantine.stored_rows(after, BATCH, now), "reading rows of files", services
    )


async def _look_for_files(rows: Sequence[StoredRow], looked: _Looked, services: Services) -> None:
    unseen = [
        key for row in rows for key in (row.storage_key, row.thumb_key) if key and not looked.present.may_hold(key)
    ]
    # Listed before the rows were read: what came since is asked for by name.
    missing = set(await attempt_storing(lambda: services.files.missing(unseen), "looking for files", services))
    for row in rows:
        if row.storage_key in missing:
            looked.lost.append(LostFile(row, Loss.MISSING))
        elif await _is_damaged(row, looked, services):
            looked.lost.append(LostFile(row, Loss.DAMAGED))
        elif row.thumb_key in missing:
            looked.thumbnails.append(row)


async def _is_damaged(row: StoredRow, looked: _Looked, services: Services) -> bool:
    """Read one file of the chosen share; one that cannot be read costs the others nothing."""
    if services.random() * 100 >= services.settings.cleanup.rehash_percent:
        return False
    looked.rehashed += 1
    try:
        digest = await attempt_storing(lambda: services.files.digest(row.storage_key), "reading a file", services)
    except TriviaScraperError as error:
        looked.unreadable.append(row.storage_key)
        if len(looked.unreadable) > MOST_UNREADABLE:
            raise
        services.log.error(LogEvent.FILE_REPAIR_FAILED, path=row.storage_key, exc_info=error)
        return False
    return digest is not None and digest != row.sha256


def _hold_back(findings: FileFindings, ratio: float) -> FileFindings:
    """Leave alone what differs too much to be believed, and with it what nobody could take back.

    Where anything is held, the store may be the wrong one or away: no quarantine is emptied, no move forgotten.
    """
    files, rows, rehashed = findings.files, findings.rows, findings.rehashed
    lost = {loss: [each for each in findings.lost if each.loss is loss] for loss in Loss}
    orphans, thumbnails, held = findings.orphans, findings.thumbnails, []
    if is_suspicious(len(orphans), files, ratio):
        held.append(f"{len(orphans)} of {files} files have no row: is this the database they belong to?")
        orphans = ()
    if is_suspicious(len(lost[Loss.MISSING]), rows, ratio):
        held.append(f"{len(lost[Loss.MISSING])} of {rows} pictures have no file: is the image store mounted?")
        lost[Loss.MISSING] = []
    if is_suspicious(len(lost[Loss.DAMAGED]), rehashed, ratio):
        held.append(f"{len(lost[Loss.DAMAGED])} of {rehashed} files that were read are damaged: is the disk sound?")
        lost[Loss.DAMAGED] = []
    if is_suspicious(len(thumbnails), rows, ratio):
        held.append(f"{len(thumbnails)} of {rows} pictures have no thumbnail file: did somebody delete them?")
        thumbnails = ()
    return replace(
        findings,
        orphans=orphans,
        lost=(*lost[Loss.MISSING], *lost[Loss.DAMAGED]),
        thumbnails=thumbnails,
        expired=() if held else findings.expired,
        unfinished=() if held else findings.unfinished,
        held=tuple(held),
    )
