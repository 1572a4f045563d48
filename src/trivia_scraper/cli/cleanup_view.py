"""What `cleanup` shows: the plan of a dry run, what was done, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from trivia_scraper.cli.output import human_bytes, note, stamp
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.cleaning import (
    CleanupAction,
    CleanupReport,
    CleanupRunView,
    HistoryReport,
    OwnerCleanup,
    ScanReport,
    ScheduledRun,
)
from trivia_scraper.domain.file_sweeps import Loss, SweepReport, UndoReport

SHOWN: Final = 20
"""Owners or files that a plan shows one by one; --json has them all."""

_ACTIONS: Final = {
    CleanupAction.QUEUE: "queue a recovery",
    CleanupAction.CLOSE: "close",
    CleanupAction.LEAVE: "leave for review",
    CleanupAction.NOTHING: "-",
}


def show_report(report: CleanupReport, color_mode: str, *, to_stderr: bool = False) -> None:
    """What was done, or with a dry run the plan; remarks go to stderr."""
    lines = [*report_lines(report)]
    if to_stderr:
        for line in lines:
            note(line)
        return
    if report.dry_run:
        _show_plan(report, color_mode)
    for line in lines:
        say(line, color_mode)
    for line in _remarks(report):
        note(line)


def report_lines(report: CleanupReport) -> Iterator[str]:
    """A line for each part."""
    yield (
        f"plan of a cleanup ({report.elapsed_ms:,} ms)"
        if report.dry_run
        else (f"cleanup {report.run} ({report.elapsed_ms:,} ms)")
    )
    if report.scan is not None:
        yield f"  failed pictures  {_scan_line(report.scan, report.dry_run)}"
    if report.files is not None:
        yield f"  files            {_files_line(report.files, report.dry_run)}"
    if report.history is not None:
        yield f"  history          {_history_line(report.history, report.dry_run)}"
    for part, why in (report.failed_parts or {}).items():
        yield f"  {part:<15}  did not come to its end: {why}"


def _scan_line(scan: ScanReport, dry_run: bool) -> str:
    counted = scan.counters
    return (
        f"of {len(scan.owners):,} venues and performers:"
        f" {counted['transient_queued']:,} {'to queue' if dry_run else 'queued'} for recovery,"
        f" {counted['permanent_logged']:,} permanent, {counted['ambiguous_skipped']:,} left for review,"
        f" {counted['errors']:,} errors"
    )


def _files_line(files: SweepReport, dry_run: bool) -> str:
    done = [
        (files.quarantined, "without a row to set aside" if dry_run else "without a row set aside"),
        (files.requeued, "missing or damaged to download again" if dry_run else "missing or damaged queued again"),
        (files.brought_back, "brought back from the quarantine"),
        (files.thumbnails, "thumbnails to mend" if dry_run else "thumbnails mended"),
        (files.purged, "to delete after their time in quarantine" if dry_run else "deleted after their quarantine"),
        (files.settled, "interrupted moves to settle" if dry_run else "interrupted moves settled"),
        (files.placeholders, "new placeholder pictures"),
        (files.errors, "errors"),
    ]
    told = ", ".join(f"{number:,} {words}" for number, words in done if number) or "all in order"
    return f"{files.files:,} compared with {files.rows:,} pictures, {files.rehashed:,} read: {told}"


def _history_line(history: HistoryReport, dry_run: bool) -> str:
    verb = "to go" if dry_run else "gone"
    return (
        f"{history.attempts:,} attempts, {history.runs:,} runs, {history.recovery_requests:,} recoveries and"
        f" {history.provider_requests:,} provider requests {verb}; statistics {'to keep' if dry_run else 'kept'}"
    )


def _remarks(report: CleanupReport) -> Iterator[str]:
    files = report.files or SweepReport()
    for sentence in files.held:
        yield f"held: {sentence}"
    if files.held:
        yield "nothing of that was touched; once you have looked: `trivia-scraper cleanup --only files --accept-many`"
    if report.interrupted:
        yield "stopped on request: what was begun was finished, the next cleanup does the rest"
    if report.dry_run:
        yield "nothing was changed"
        return
    if report.counters["transient_queued"] or files.requeued:
        yield "`trivia-scraper retry --all-due` works the queue of recoveries"
    if report.counters["ambiguous_skipped"]:
        yield "what was left for review: `trivia-scraper review list`, or `retry --include-ambiguous` tries it again"
    if files.quarantined:
        yield f"`trivia-scraper cleanup undo {report.run}` brings the files back while their quarantine lasts"
    if report.counters["errors"] or files.errors or report.failed_parts:
        yield "the log says what went wrong; what was not done is found again by the next cleanup"


def _show_plan(report: CleanupReport, color_mode: str) -> None:
    if report.scan is not None and report.scan.owners:
        columns = (
            *map(Column, ("kind", "owner", "action")),
            *(Column(title, right=True) for title in ("transient", "permanent", "ambiguous")),
        )
        show(Table(columns, tuple(map(_owner_row, report.scan.owners[:SHOWN]))), color_mode)
        _note_rest(len(report.scan.owners))
    files = [*_planned_files(report)]
    if files:
        columns = (*map(Column, ("file", "what is done")), Column("size", right=True))
        rows = tuple((key, what, human_bytes(size)) for key, what, size in files[:SHOWN])
        show(Table(columns, rows), color_mode)
        _note_rest(len(files))


def _owner_row(owner: OwnerCleanup) -> tuple[str, ...]:
    counts = owner.counts
    action = _ACTIONS[owner.action] if owner.error is None else f"error: {owner.error}"
    return (
        owner.owner.kind.value, owner.slug, action, str(counts.transient), str(counts.permanent),
        str(counts.ambiguous),
    )  # fmt: skip


def _note_rest(number: int) -> None:
    if number > SHOWN:
        note(f"and {number - SHOWN:,} more; --json has them all")


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


def show_taken(taken: ScheduledRun, color_mode: str) -> None:
    """Who has done the cleanup of this day, and how to do it again."""
    ended = f"and ended {stamp(taken.finished_at)}" if taken.finished_at else "and has not ended"
    say(
        f"the cleanup of {stamp(taken.due_at)} UTC was begun {stamp(taken.started_at)} by {taken.holder} {ended}",
        color_mode,
    )
    note("`trivia-scraper cleanup --again` cleans up all the same")


def show_undo(undone: UndoReport, dry_run: bool, color_mode: str) -> None:
    """What came back, and what did not and why."""
    columns = (Column("file"), Column("what happened"))
    rows = [(key, "would come back" if dry_run else "brought back") for key in undone.restored]
    rows += [(key, "stays in quarantine: its key has another file") for key in undone.taken]
    rows += [(key, "is not in the quarantine any more") for key in undone.gone]
    rows += [(key, f"could not be brought back: {why}") for key, why in undone.errors.items()]
    if rows:
        show(Table(columns, tuple(rows)), color_mode)
    verb = "would come back" if dry_run else "brought back"
    say(f"cleanup {undone.run}: {len(undone.restored):,} of {len(rows):,} files {verb}", color_mode)


def show_cleanups(runs: Sequence[CleanupRunView], color_mode: str) -> None:
    """Past cleanups with their counters."""
    titles = ("queued", "permanent", "review", "errors", "ms", "set aside", "fetched again", "can be undone")
    columns = (Column("run", right=True), Column("started"), *(Column(title, right=True) for title in titles))
    show(Table(columns, tuple(map(_run_row, runs))), color_mode)
    note(f"{len(runs):,} cleanups")


def _run_row(run: CleanupRunView) -> tuple[str, ...]:
    report = run.report or {}
    counted, files = report.get("counters") or {}, report.get("files") or {}
    names = ("transient_queued", "permanent_logged", "ambiguous_skipped", "errors", "elapsed_ms")
    held = f"{run.held_files:,} ({human_bytes(run.held_bytes)})" if run.held_files else "-"
    return (
        str(run.run),
        stamp(run.started_at) if run.finished_at else f"{stamp(run.started_at)} (did not end)",
        *(str(counted.get(name, "-")) for name in names),
        str(files.get("quarantined", "-")),
        str(files.get("requeued", "-")),
        held,
    )
