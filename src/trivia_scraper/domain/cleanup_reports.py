"""What a cleanup comes to, as one JSON document: what `cleanup --json` prints and a request's outcome is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trivia_scraper.domain.cleaning import CleanupReport, ScheduledRun
from trivia_scraper.domain.file_sweeps import Loss


def cleanup_document(end: CleanupReport | ScheduledRun) -> dict[str, Any]:
    """The report, with a dry run its plan; or who has done the cleanup of this day.

    owners  how many venues and performers with failures were looked at; None = that part was not done
    """
    if isinstance(end, ScheduledRun):
        return {"ok": True, "done_already": taken_document(end)}
    owners = None if end.scan is None else len(end.scan.owners)
    return {"ok": end.ok, **end.document(), "owners": owners, **plan_document(end)}


def plan_document(report: CleanupReport) -> dict[str, Any]:
    """With a dry run, what the real one would do, one by one."""
    if not report.dry_run:
        return {}
    owners = report.scan.owners if report.scan is not None else ()
    return {
        "plan": {
            "owners": [
                {
                    "kind": owner.owner.kind.value, "slug": owner.slug, "action": owner.action.value,
                    "transient": owner.counts.transient, "permanent": owner.counts.permanent,
                    "ambiguous": owner.counts.ambiguous, "error": owner.error,
                }
                for owner in owners
            ],
            "files": [{"key": key, "action": what, "bytes": size} for key, what, size in _planned_files(report)],
        }
    }  # fmt: skip


def taken_document(taken: ScheduledRun) -> dict[str, Any]:
    """Who has done the cleanup of this day, for JSON."""
    return {
        "due_at": taken.due_at,
        "started_at": taken.started_at,
        "finished_at": taken.finished_at,
        "holder": taken.holder,
        "ok": taken.ok,
    }


def _planned_files(report: CleanupReport) -> Iterator[tuple[str, str, int | None]]:
    found = report.findings
    if found is None:
        return
    yield from ((file.key, "set aside", file.bytes) for file in found.orphans)
    for lost in found.lost:
        what = "missing" if lost.loss is Loss.MISSING else "damaged"
        yield lost.row.storage_key, f"{what}: download again", None
    yield from ((row.thumb_key or "", "make the thumbnail anew", None) for row in found.thumbnails)
    yield from ((entry.quarantine_key, "delete: its time is over", entry.bytes) for entry in found.expired)
    yield from ((entry.storage_key, "settle an interrupted move", entry.bytes) for entry in found.unfinished)
