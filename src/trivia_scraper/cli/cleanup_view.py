"""What `cleanup` shows: the plan of a dry run, what was done, what comes next, from its document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from trivia_scraper.cli.output import human_bytes, note, stamp
from trivia_scraper.cli.tables import Column, Table, say, show
from trivia_scraper.domain.cleaning import CleanupAction, CleanupRunView
from trivia_scraper.domain.file_sweeps import UndoReport

SHOWN: Final = 20
"""Owners or files that a plan shows one by one; --json has them all."""

_ACTIONS: Final = {
    CleanupAction.QUEUE: "queue a recovery",
    CleanupAction.CLOSE: "close",
    CleanupAction.LEAVE: "leave for review",
    CleanupAction.NOTHING: "-",
}


def show_cleanup(document: Mapping[str, Any], color_mode: str, *, to_stderr: bool = False) -> None:
    """What was done, with a dry run the plan, or who did it already (`domain.cleanup_reports`); remarks to stderr."""
    if "done_already" in document:
        _show_taken(document["done_already"], color_mode)
        return
    lines = [*report_lines(document)]
    if to_stderr:
        for line in lines:
            note(line)
        return
    if document["dry_run"]:
        _show_plan(document["plan"], color_mode)
    for line in lines:
        say(line, color_mode)
    for line in _remarks(document):
        note(line)


def report_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """A line for each part."""
    dry_run, elapsed_ms = document["dry_run"], document["counters"]["elapsed_ms"]
    yield f"plan of a cleanup ({elapsed_ms:,} ms)" if dry_run else f"cleanup {document['run']} ({elapsed_ms:,} ms)"
    if document["owners"] is not None:
        yield f"  failed pictures  {_scan_line(document['owners'], document['counters'], dry_run)}"
    if document["files"] is not None:
        yield f"  files            {_files_line(document['files'], dry_run)}"
    if document["history"] is not None:
        yield f"  history          {_history_line(document['history'], dry_run)}"
    for part, why in document["failed_parts"].items():
        yield f"  {part:<15}  did not come to its end: {why}"


def _scan_line(owners: int, counted: Mapping[str, int], dry_run: bool) -> str:
    return (
        f"of {owners:,} venues and performers:"
        f" {counted['transient_queued']:,} {'to queue' if dry_run else 'queued'} for recovery,"
        f" {counted['permanent_logged']:,} permanent, {counted['ambiguous_skipped']:,} left for review,"
        f" {counted['errors']:,} errors"
    )


def _files_line(files: Mapping[str, int], dry_run: bool) -> str:
    done = [
        (files["quarantined"], "without a row to set aside" if dry_run else "without a row set aside"),
        (files["requeued"], "missing or damaged to download again" if dry_run else "missing or damaged queued again"),
        (files["brought_back"], "brought back from the quarantine"),
        (files["thumbnails"], "thumbnails to mend" if dry_run else "thumbnails mended"),
        (files["purged"], f"{'to delete after their time in' if dry_run else 'deleted after their'} quarantine"),
        (files["settled"], "interrupted moves to settle" if dry_run else "interrupted moves settled"),
        (files["placeholders"], "new placeholder pictures"),
        (files["errors"], "errors"),
    ]
    told = ", ".join(f"{number:,} {words}" for number, words in done if number) or "all in order"
    return f"{files['files']:,} compared with {files['rows']:,} pictures, {files['rehashed']:,} read: {told}"


def _history_line(history: Mapping[str, int], dry_run: bool) -> str:
    verb = "to go" if dry_run else "gone"
    return (
        f"{history['attempts']:,} attempts, {history['visits']:,} visits, {history['runs']:,} runs,"
        f" {history['recovery_requests']:,} recoveries and {history['provider_requests']:,} provider requests {verb};"
        f" statistics {'to keep' if dry_run else 'kept'}"
    )


def _remarks(document: Mapping[str, Any]) -> Iterator[str]:
    files, counted = document["files"] or {}, document["counters"]
    for sentence in files.get("held", ()):
        yield f"held: {sentence}"
    if files.get("held"):
        yield "nothing of that was touched; once you have looked: `trivia-scraper cleanup --only files --accept-many`"
    if document["interrupted"]:
        yield "stopped on request: what was begun was finished, the next cleanup does the rest"
    if document["dry_run"]:
        yield "nothing was changed"
        return
    if counted["transient_queued"] or files.get("requeued"):
        yield "`trivia-scraper retry --all-due` works the queue of recoveries"
    if counted["ambiguous_skipped"]:
        yield "what was left for review: `trivia-scraper review list`, or `retry --include-ambiguous` tries it again"
    if files.get("quarantined"):
        yield f"`trivia-scraper cleanup undo {document['run']}` brings the files back while their quarantine lasts"
    if counted["errors"] or files.get("errors") or document["failed_parts"]:
        yield "the log says what went wrong; what was not done is found again by the next cleanup"


def _show_plan(plan: Mapping[str, Any], color_mode: str) -> None:
    owners, files = plan["owners"], plan["files"]
    if owners:
        columns = (
            *map(Column, ("kind", "owner", "action")),
            *(Column(title, right=True) for title in ("transient", "permanent", "ambiguous")),
        )
        show(Table(columns, tuple(map(_owner_row, owners[:SHOWN]))), color_mode)
        _note_rest(len(owners))
    if files:
        columns = (*map(Column, ("file", "what is done")), Column("size", right=True))
        rows = tuple((file["key"], file["action"], human_bytes(file["bytes"])) for file in files[:SHOWN])
        show(Table(columns, rows), color_mode)
        _note_rest(len(files))


def _owner_row(owner: Mapping[str, Any]) -> tuple[str, ...]:
    action = _ACTIONS[CleanupAction(owner["action"])] if owner["error"] is None else f"error: {owner['error']}"
    counts = (str(owner[name]) for name in ("transient", "permanent", "ambiguous"))
    return (owner["kind"], owner["slug"], action, *counts)


def _note_rest(number: int) -> None:
    if number > SHOWN:
        note(f"and {number - SHOWN:,} more; --json has them all")


def _show_taken(taken: Mapping[str, Any], color_mode: str) -> None:
    """Who has done the cleanup of this day, and how to do it again."""
    due, started, finished = (_stamp(taken[name]) for name in ("due_at", "started_at", "finished_at"))
    ended = f"and ended {finished}" if taken["finished_at"] else "and has not ended"
    say(f"the cleanup of {due} UTC was begun {started} by {taken['holder']} {ended}", color_mode)
    note("`trivia-scraper cleanup --again` cleans up all the same")


def _stamp(time: str | None) -> str:
    return stamp(dt.datetime.fromisoformat(time) if time else None)


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
