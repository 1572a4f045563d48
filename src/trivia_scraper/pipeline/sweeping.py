"""What the comparison of files and rows found is repaired, one file at a time (safety.md 9, F26, F27).

A file without a row goes into the quarantine. A row without its file, or with a damaged one, lets go of it and is
downloaded again, unless its file lies in the quarantine. A file that cannot be dealt with is logged and counted; the
others go on, and the next cleanup finds it again.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any

from trivia_scraper.domain.errors import DatabaseUnreachable, ImageRejected
from trivia_scraper.domain.file_sweeps import FileFindings, Loss, LostFile, QuarantinedFile, StoredRow, SweepReport
from trivia_scraper.domain.images import StoredFile
from trivia_scraper.domain.log_events import LogEvent
from trivia_scraper.domain.options import RefreshOptions
from trivia_scraper.pipeline.attempts import attempt_storing
from trivia_scraper.policy.naming import thumbnail_key
from trivia_scraper.policy.quarantining import Settlement
from trivia_scraper.ports import Services


def plan_of(findings: FileFindings) -> SweepReport:
    """What a sweep would do about these findings."""
    return SweepReport(
        files=findings.files,
        rows=findings.rows,
        rehashed=findings.rehashed,
        quarantined=len(findings.orphans),
        quarantined_bytes=sum(file.bytes for file in findings.orphans),
        requeued=len(findings.lost),
        damaged=sum(each.loss is Loss.DAMAGED for each in findings.lost),
        thumbnails=len(findings.thumbnails),
        purged=len(findings.expired),
        settled=len(findings.unfinished),
        errors=len(findings.unreadable),
        held=findings.held,
    )


async def sweep_files(run: int, findings: FileFindings, options: RefreshOptions, services: Services) -> SweepReport:
    """Repair what was found: moves that a crash interrupted first, what nobody can take back last."""
    for sentence in findings.held:
        services.log.error(LogEvent.CLEANUP_HELD, why=sentence)
    sweep = _Sweep(run, len(findings.unreadable), options, services)
    for entry in findings.unfinished:
        await sweep.guard(entry.storage_key, sweep.settle(entry))
    for file in findings.orphans:
        await sweep.guard(file.key, sweep.set_aside(file))
    for lost in findings.lost:
        await sweep.guard(lost.row.storage_key, sweep.mend(lost))
    for row in findings.thumbnails:
        await sweep.guard(row.thumb_key or row.storage_key, sweep.mend_thumbnail(row))
    for entry in findings.expired:
        await sweep.guard(entry.quarantine_key, sweep.purge(entry))
    await sweep.guard("placeholders", sweep.mark_placeholders())
    return SweepReport(
        files=findings.files,
        rows=findings.rows,
        rehashed=findings.rehashed,
        held=findings.held,
        **sweep.done,
    )


class _Sweep:
    """One sweep at work, and what it has done so far."""

    def __init__(self, run: int, unreadable: int, options: RefreshOptions, services: Services) -> None:
        self._run = run
        self._options = options
        self._services = services
        self.done = dict.fromkeys(
            ("quarantined", "quarantined_bytes", "requeued", "damaged", "brought_back", "thumbnails", "purged",
             "settled", "placeholders", "errors"),
            0,
        )  # fmt: skip
        self.done["errors"] = unreadable

    async def guard(self, key: str, work: Coroutine[Any, Any, None]) -> None:
        """One file's fault costs the others nothing. Nothing is begun any more once somebody asked to stop.

        key  the file, or what else is looked at
        """
        if self._services.stopping():
            work.close()
            return
        try:
            await work
        except DatabaseUnreachable:
            raise
        except Exception as error:
            self.done["errors"] += 1
            self._services.log.error(LogEvent.FILE_REPAIR_FAILED, path=key, exc_info=error)

    async def settle(self, entry: QuarantinedFile) -> None:
        """A move that a crash interrupted ends now, one way or the other."""
        services, now = self._services, self._services.clock.now()
        settled = await attempt_storing(lambda: services.quarantine.settle(entry, now), "settling a move", services)
        self.done["settled"] += 1
        if settled is Settlement.RESTORE:
            services.log.warning(LogEvent.FILE_RESTORED, path=entry.storage_key, why="a row needs it")

    async def purge(self, entry: QuarantinedFile) -> None:
        """A file's time is over, unless a row needs it by now."""
        services, now = self._services, self._services.clock.now()
        if await attempt_storing(lambda: services.quarantine.purge(entry, now), "purging a file", services):
            self.done["purged"] += 1
            services.log.info(LogEvent.FILE_PURGED, path=entry.quarantine_key, bytes=entry.bytes)

    async def set_aside(self, file: StoredFile, *, however_young: bool = False) -> None:
        """A file that no row needs goes into the quarantine."""
        services, now = self._services, self._services.clock.now()
        moved = await attempt_storing(
            lambda: services.quarantine.set_aside(self._run, file, now, however_young=however_young),
            "setting a file aside",
            services,
        )
        if moved:
            self.done["quarantined"] += 1
            self.done["quarantined_bytes"] += file.bytes
            until = now + services.settings.cleanup.quarantine
            services.log.warning(LogEvent.FILE_QUARANTINED, path=file.key, cleanup=self._run, until=until.isoformat())

    async def mend(self, lost: LostFile) -> None:
        """A row whose file is missing or damaged gets it back from the quarantine, or is downloaded again."""
        row = lost.row
        async with self._services.locks.hold(row.owner.kind, row.owner.id):
            if lost.loss is Loss.MISSING and await self._bring_back(row):
                return
            if lost.loss is Loss.DAMAGED and await self._digest(row.storage_key) == row.sha256:
                return  # written anew since it was looked at
            await self._lose(lost)

    async def _lose(self, lost: LostFile) -> None:
        services, key, now = self._services, lost.row.storage_key, self._services.clock.now()
        meant = await attempt_storing(
            lambda: services.quarantine.lose_file(key, lost.loss, now, self._options), "marking a lost file", services
        )
        if not meant.images:
            await self._collect(meant.thumbnails)  # of deleted rows
            return
        self.done["requeued"] += len(meant.images)
        if lost.loss is Loss.MISSING:
            services.log.error(LogEvent.FILE_MISSING, path=key, images=list(meant.images))
        else:
            services.log.error(LogEvent.FILE_DAMAGED, path=key, images=list(meant.images))
            self.done["damaged"] += len(meant.images)
            stored = await self._stat(key)
            if stored is not None:
                await self.set_aside(stored, however_young=True)
        await self._collect(meant.thumbnails)

    async def _bring_back(self, row: StoredRow) -> bool:
        services, now = self._services, self._services.clock.now()
        copy = await attempt_storing(
            lambda: services.quarantine.held_copy(row.storage_key), "reading the quarantine", services
        )
        if copy is None or await self._digest(copy.quarantine_key) != row.sha256:
            return False
        how = await attempt_storing(lambda: services.quarantine.restore(copy, now), "restoring a file", services)
        if how != "restored":
            return False
        self.done["brought_back"] += 1
        services.log.warning(LogEvent.FILE_RESTORED, path=row.storage_key, why="a row needs it")
        return True

    async def mend_thumbnail(self, row: StoredRow) -> None:
        """A missing thumbnail is made anew where the picture can be read here, else its row forgets it."""
        services, now = self._services, self._services.clock.now()
        async with services.locks.hold(row.owner.kind, row.owner.id):
            if row.thumb_key is not None and await self._stat(row.thumb_key) is not None:
                return  # written anew since it was looked at
            if not await self._make_thumbnail(row):
                await attempt_storing(
                    lambda: services.quarantine.clear_thumbnail(row, now), "clearing a thumbnail", services
                )
        self.done["thumbnails"] += 1
        services.log.error(LogEvent.FILE_MISSING, path=row.thumb_key, images=[row.image_id])

    async def _make_thumbnail(self, row: StoredRow) -> bool:
        services, key = self._services, row.thumb_key
        path = services.files.path_of(row.storage_key)
        if path is None or key is None:
            return False
        try:
            picture = await services.inspector.inspect(path, self._options)
        except ImageRejected:
            return False
        if picture.thumbnail is None or picture.thumbnail_format is None:
            return False
        if thumbnail_key(row.storage_key, picture.thumbnail_format) != key:
            return False
        thumbnail = picture.thumbnail
        await attempt_storing(lambda: services.ledger.announce_files([key]), "announcing a file", services)
        await attempt_storing(lambda: services.files.adopt([(key, thumbnail)], self._options), "storing", services)
        await self._collect([key])
        return True

    async def _collect(self, keys: Sequence[str]) -> None:
        """Take back intents: files that a row refers to stay, others go."""
        services = self._services
        await attempt_storing(
            lambda: services.ledger.collect(keys, services.files.delete), "collecting files", services
        )

    async def mark_placeholders(self) -> None:
        """Pictures that stand for "no picture" are noted."""
        services, at = self._services, self._services.clock.now()
        marked = await attempt_storing(
            lambda: services.history.mark_placeholders(at), "marking placeholders", services
        )
        for each in marked:
            if each.is_new:
                self.done["placeholders"] += 1
                services.log.warning(
                    LogEvent.PLACEHOLDER_FOUND, provider=each.provider, sha256=each.source_sha256, owners=each.owners
                )

    async def _stat(self, key: str) -> StoredFile | None:
        services = self._services
        return await attempt_storing(lambda: services.files.stat(key), "looking at a file", services)

    async def _digest(self, key: str) -> str | None:
        services = self._services
        return await attempt_storing(lambda: services.files.digest(key), "reading a file", services)
